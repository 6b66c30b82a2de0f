//! Audit lines.

/// One audit line.
pub(in crate::store) const AUDIT: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail) VALUES (:now, :actor, :action, :skill, :scan, :detail)";

/// One audit line, only if the write of `:token` was applied to the scan.
pub(in crate::store) const AUDIT_WRITE: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, :actor, :action, :skill, :scan, :detail
WHERE EXISTS (SELECT 1 FROM external_scan_result WHERE id = :scan AND write_token = :token)";

/// One audit line of an admin, only if the skill stands as published.
pub(in crate::store) const AUDIT_PUBLISH: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'admin', :action, :skill, NULL, :detail WHERE EXISTS (SELECT 1 FROM skill WHERE name = :skill AND repo_url = :repo)";

/// Before [`super::SUPERSEDE`], in the same batch.
pub(in crate::store) const AUDIT_SUPERSEDED: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'admin', 'scan.superseded', skill_name, id, json_object('provider', provider, 'was', status)
FROM external_scan_result WHERE skill_name = :skill AND provider = :provider AND status IN ('PENDING', 'RUNNING')
  AND EXISTS (SELECT 1 FROM skill WHERE name = :skill AND repo_url = :repo)";

/// One line for each scan that the batch created under one of `:ids`, a JSON list of ids that were drawn for it.
pub(in crate::store) const AUDIT_CREATED: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, :actor, 'scan.created', skill_name, id, json_object('provider', provider, 'commitSha', commit_sha)
FROM external_scan_result WHERE id IN (SELECT value FROM json_each(:ids))";
