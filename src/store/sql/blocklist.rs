//! Entries, and what is tainted without one.

/// ?1 entry id, ?2 skill, ?3 bare, ?4 evidence, ?5 now, ?6 repo, ?7 commit, ?8 scan id, ?9 token.
/// Only for the published commit of the repository that was scanned. Evidence is merged by provider.
pub(in crate::store) const BLOCK: &str = "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at)
SELECT ?1, s.name, ?3, s.repo_url, 'active', 'external-sast', 'critical', '', ?4, '[]', 'external-scan', ?7, ?5, ?5
FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?6 AND s.commit_sha = ?7
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?8 AND last_write = ?9)
ON CONFLICT (skill_name, ifnull(source_url, '')) WHERE state IN ('proposed', 'active') DO UPDATE SET
    severity = 'critical', evidence = json_patch(blocklist_entry.evidence, excluded.evidence),
    commit_sha = excluded.commit_sha, updated_at = excluded.updated_at";

/// ?1 now, ?2 scan id, ?3 token. Under the conditions of [`BLOCK`], in the same batch.
pub(in crate::store) const REVISE_BLOCKLIST: &str = "\
UPDATE blocklist_revision SET revision = revision + 1, changed_at = ?1
WHERE id = 1 AND EXISTS (
    SELECT 1 FROM external_scan_result r
    JOIN skill s ON s.name = r.skill_name AND s.repo_url = r.repo_url AND s.commit_sha = r.commit_sha
    WHERE r.id = ?2 AND r.last_write = ?3)";

/// ?1 now, ?2 skill, ?3 repo, ?4 commit, ?5 scan id, ?6 token, ?7 evidence. The audit line of [`BLOCK`].
pub(in crate::store) const AUDIT_BLOCK: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'worker', 'blocklist.blocked', s.name, ?5, ?7 FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?3 AND s.commit_sha = ?4
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?5 AND last_write = ?6)";

/// ?1 bare name, ?2 source or NULL.
pub(in crate::store) const SELECT_ENTRIES_BY_BARE_NAME: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry
WHERE bare_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100";

/// ?1 full name, ?2 source or NULL.
pub(in crate::store) const SELECT_ENTRIES_BY_NAME: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry
WHERE skill_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100";

/// ?1 bare name, ?2 full name or NULL, ?3 source or NULL. Scans with criticals, newest first, to tell
/// what is tainted without being blocked. What an admin has lifted at that commit taints no more.
pub(in crate::store) const SELECT_CRITICALS_BY_BARE_NAME: &str = "\
SELECT skill_name, repo_url, provider, commit_sha, critical_count FROM external_scan_result r
WHERE bare_name = ?1 AND critical_count > 0
  AND (?2 IS NULL OR skill_name = ?2) AND (?3 IS NULL OR repo_url = ?3)
  AND NOT EXISTS (SELECT 1 FROM blocklist_entry e
                  WHERE e.skill_name = r.skill_name AND e.source_url = r.repo_url
                    AND e.state = 'withdrawn' AND e.commit_sha = r.commit_sha)
ORDER BY seq DESC LIMIT 20";

/// Every active entry, oldest first.
pub(in crate::store) const SELECT_ACTIVE_ENTRIES: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry WHERE state = 'active' ORDER BY discovered_at, id";

/// How often the list has changed, and when last.
pub(in crate::store) const SELECT_BLOCKLIST_REVISION: &str =
    "SELECT revision, changed_at FROM blocklist_revision WHERE id = 1";
