//! What stops an installation: automatic entries, the public list, and what is tainted without one.

/// What [`crate::store::EntryRow`] is read from.
macro_rules! entry_columns {
    () => {
        "SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, \
         commit_sha, discovered_at, updated_at FROM blocklist_entry"
    };
}

/// Whether all the criticals of the scan `r` were lifted: an admin has withdrawn the entries that
/// the same findings of the same provider at the same commit were evidence of. Of findings that
/// are not listed only the number is known: it must not be larger than what was lifted.
macro_rules! lifted {
    () => {
        "NOT EXISTS (
        SELECT found.value FROM json_each(ifnull(r.criticals, '[]')) found
        EXCEPT
        SELECT known.value
        FROM external_scan_result p JOIN blocklist_entry w ON w.id = p.entry_id, json_each(ifnull(p.criticals, '[]')) known
        WHERE p.entry_id IS NOT NULL AND w.state = 'withdrawn' AND p.skill_name = r.skill_name
          AND p.provider = r.provider AND p.repo_url = r.repo_url AND p.commit_sha = r.commit_sha)
    AND (json_array_length(ifnull(r.criticals, '[]')) >= r.critical_count
        OR r.critical_count <= ifnull((
            SELECT max(p.critical_count)
            FROM external_scan_result p JOIN blocklist_entry w ON w.id = p.entry_id
            WHERE p.entry_id IS NOT NULL AND w.state = 'withdrawn' AND p.skill_name = r.skill_name
              AND p.provider = r.provider AND p.repo_url = r.repo_url AND p.commit_sha = r.commit_sha), -1))"
    };
}

/// ?1 scan id, ?2 token, ?3 digests. Which criticals a result lists: before [`BLOCK`], in the same batch.
pub(in crate::store) const NOTE_CRITICALS: &str =
    "UPDATE external_scan_result SET criticals = ?3 WHERE id = ?1 AND last_write = ?2";

/// ?1 scan id, ?2 token, ?3 now, ?4 an hour ago, ?5 automatic entries an hour.
/// Only for the published commit, and folder, of the repository that was scanned, and only where not
/// all of it was lifted before. Of which folder a stray result is, nobody knows. Evidence is merged by
/// provider; at one commit the larger count stays. Past the hour's number, or past one in a hundred
/// skills of a large catalogue, a new entry is only proposed; whatever became of the hour's entries
/// since, they count.
pub(in crate::store) const BLOCK: &str = concat!(
    "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at, last_write)
SELECT r.id, s.name, s.bare_name, s.repo_url,
    CASE WHEN (SELECT count(*) FROM (SELECT 1 FROM blocklist_entry
                                     WHERE discovered_by = 'external-scan' AND discovered_at > ?4 LIMIT ?5))
              >= (SELECT CASE WHEN skills >= 10000 THEN min(?5, skills / 100) ELSE ?5 END FROM catalogue WHERE id = 1)
         THEN 'proposed' ELSE 'active' END,
    'external-sast', 'critical', '',
    json_object(r.provider, json_object('scanId', r.id, 'commitSha', r.commit_sha, 'criticalCount', r.critical_count)),
    '[]', 'external-scan', r.commit_sha, ?3, ?3, ?2
FROM external_scan_result r
JOIN skill s ON s.name = r.skill_name AND s.repo_url = r.repo_url AND s.commit_sha = r.commit_sha
    AND (r.stray = 1 OR s.skill_path IS r.skill_path)
WHERE r.id = ?1 AND r.last_write = ?2 AND r.critical_count > 0 AND NOT (",
    lifted!(),
    ")
ON CONFLICT (skill_name, ifnull(source_url, '')) WHERE state IN ('proposed', 'active') DO UPDATE SET
    severity = 'critical', commit_sha = excluded.commit_sha, updated_at = excluded.updated_at,
    last_write = excluded.last_write,
    evidence = CASE
        WHEN EXISTS (SELECT 1 FROM json_each(blocklist_entry.evidence) was JOIN json_each(excluded.evidence) new ON new.key = was.key
                     WHERE json_extract(was.value, '$.commitSha') = json_extract(new.value, '$.commitSha')
                       AND json_extract(was.value, '$.criticalCount') >= json_extract(new.value, '$.criticalCount'))
        THEN blocklist_entry.evidence
        ELSE json_patch(blocklist_entry.evidence, excluded.evidence) END"
);

/// ?1 scan id, ?2 token. The scan is evidence of the entry that [`BLOCK`] wrote, in the same batch.
pub(in crate::store) const CHARGE: &str = "\
UPDATE external_scan_result SET entry_id = (
    SELECT e.id FROM blocklist_entry e
    WHERE e.skill_name = external_scan_result.skill_name AND e.source_url = external_scan_result.repo_url
      AND e.last_write = ?2)
WHERE id = ?1 AND last_write = ?2";

/// ?1 scan id, ?2 token, ?3 now. The audit line of [`BLOCK`], behind [`CHARGE`].
pub(in crate::store) const AUDIT_BLOCK: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?3, 'worker',
    CASE WHEN e.id <> r.id THEN 'blocklist.evidence' WHEN e.state = 'proposed' THEN 'blocklist.proposed'
         ELSE 'blocklist.blocked' END,
    e.skill_name, r.id,
    json_object('entryId', e.id, 'sourceUrl', e.source_url, 'provider', r.provider, 'commitSha', r.commit_sha,
                'criticalCount', r.critical_count)
FROM external_scan_result r JOIN blocklist_entry e ON e.id = r.entry_id
WHERE r.id = ?1 AND r.last_write = ?2";

/// ?1 bare name, ?2 source or NULL.
pub(in crate::store) const SELECT_ENTRIES_BY_BARE_NAME: &str = concat!(
    entry_columns!(),
    "
WHERE bare_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100"
);

/// ?1 full name, ?2 source or NULL.
pub(in crate::store) const SELECT_ENTRIES_BY_NAME: &str = concat!(
    entry_columns!(),
    "
WHERE skill_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100"
);

/// ?1 bare name, ?2 full name or NULL, ?3 source or NULL. Scans with criticals, newest first, to tell
/// what is tainted without being blocked. What an admin has lifted taints no more.
pub(in crate::store) const SELECT_CRITICALS_BY_BARE_NAME: &str = concat!(
    "\
SELECT r.skill_name, r.repo_url, r.provider, r.commit_sha, r.critical_count FROM external_scan_result r
WHERE r.bare_name = ?1 AND r.critical_count > 0
  AND (?2 IS NULL OR r.skill_name = ?2) AND (?3 IS NULL OR r.repo_url = ?3)
  AND NOT EXISTS (SELECT 1 FROM blocklist_entry o WHERE o.id = r.entry_id AND o.state = 'withdrawn')
  AND NOT (",
    lifted!(),
    ")
ORDER BY r.seq DESC LIMIT 20"
);

/// ?1 time and ?2 id of the entry before, ?3 how many. Active entries, oldest first.
pub(in crate::store) const SELECT_ACTIVE_ENTRIES: &str = concat!(
    entry_columns!(),
    "
WHERE state = 'active' AND (discovered_at, id) > (?1, ?2) ORDER BY discovered_at, id LIMIT ?3"
);

/// ?1 the revision of a copy, or NULL. How often the list has changed, and when last; since when the
/// copy lacks a change.
pub(in crate::store) const SELECT_BLOCKLIST_REVISION: &str =
    "SELECT revision, changed_at, (SELECT at FROM blocklist_change WHERE revision = ?1 + 1) AS lacks_since
FROM blocklist_revision WHERE id = 1";

/// How many entries wait for an admin; a hundred stand for more.
pub(in crate::store) const COUNT_PROPOSED: &str = "SELECT count(*) AS waiting FROM (SELECT 1 FROM blocklist_entry WHERE state = 'proposed' LIMIT 100)";
