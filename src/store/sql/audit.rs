//! Audit lines.

/// ?1 now, ?2 actor, ?3 action, ?4 skill, ?5 scan id, ?6 detail.
pub(in crate::store) const AUDIT: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// ?1 now, ?2 actor, ?3 action, ?4 skill, ?5 scan id, ?6 detail, ?7 token: only if that write was applied.
pub(in crate::store) const AUDIT_WRITE: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, ?2, ?3, ?4, ?5, ?6
WHERE EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?5 AND write_token = ?7)";

/// ?1 now, ?2 action, ?3 skill, ?4 repo, ?5 detail: only if the skill stands as published.
pub(in crate::store) const AUDIT_PUBLISH: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'admin', ?2, ?3, NULL, ?5 WHERE EXISTS (SELECT 1 FROM skill WHERE name = ?3 AND repo_url = ?4)";

/// ?1 now, ?2 skill, ?3 provider, ?4 repo. Before [`super::SUPERSEDE`], in the same batch.
pub(in crate::store) const AUDIT_SUPERSEDED: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'admin', 'scan.superseded', skill_name, id, json_object('provider', provider, 'was', status)
FROM external_scan_result WHERE skill_name = ?2 AND provider = ?3 AND status IN ('PENDING', 'RUNNING')
  AND EXISTS (SELECT 1 FROM skill WHERE name = ?2 AND repo_url = ?4)";

/// ?1 now, ?2 actor, ?3 JSON list of ids that were drawn for this batch. One line for each scan that the batch
/// created under one of them.
pub(in crate::store) const AUDIT_CREATED: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, ?2, 'scan.created', skill_name, id, json_object('provider', provider, 'commitSha', commit_sha)
FROM external_scan_result WHERE id IN (SELECT value FROM json_each(?3))";
