//! What an admin does to entries, and reads of them and of the audit log.

/// What [`crate::store::AdminEntryRow`] is read from. `clean_commit`: the newest commit that a
/// scan, made after those that the entry rests on, found clean: then an admin should look again. Of the
/// very commit, only the tool that has found something there says anything new: a rule was repaired.
macro_rules! admin_columns {
    () => {
        "SELECT e.id, e.skill_name, e.source_url, e.state, e.threat_type, e.severity, e.reason, e.evidence, \
         e.evidence_urls, e.commit_sha, e.discovered_at, e.updated_at, e.discovered_by, e.withdrawn_at, \
         e.withdrawn_reason, e.write_token, \
         (SELECT r.commit_sha FROM external_scan_result r \
          WHERE e.state <> 'withdrawn' AND r.skill_name = e.skill_name AND r.status = 'PASS' \
            AND r.repo_url = e.source_url AND r.unsolicited = 0 AND (r.commit_sha <> e.commit_sha \
             OR r.commit_sha = json_extract(e.evidence, '$.' || r.provider || '.commitSha')) \
            AND r.seq > (SELECT max(p.seq) FROM external_scan_result p WHERE p.entry_id = e.id) \
          ORDER BY r.seq DESC LIMIT 1) AS clean_commit \
         FROM blocklist_entry e"
    };
}

/// ?1 now, ?2 skill, ?3 source or NULL, ?4 detail, ?5 id of a new entry. The audit line of
/// [`ADD_ENTRY`], before it: what stands there then tells what it will do.
pub(in crate::store) const AUDIT_ADD: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'admin',
    CASE e.state WHEN 'proposed' THEN 'blocklist.confirmed' WHEN 'active' THEN 'blocklist.merged' ELSE 'blocklist.added' END,
    ?2, NULL, json_set(?4, '$.entryId', ifnull(e.id, ?5))
FROM (SELECT 1) LEFT JOIN blocklist_entry e
    ON e.skill_name = ?2 COLLATE NOCASE AND ifnull(e.source_url, '') = ifnull(?3, '') AND e.state IN ('proposed', 'active')";

/// ?1 id, ?2 skill, ?3 bare, ?4 source or NULL, ?5 threat, ?6 severity, ?7 reason, ?8 evidence URLs,
/// ?9 now, ?10 token. Makes an entry, or joins the one that stands: that one is then active, its
/// severity never lower, and no evidence is lost. The place of a severity in the line is its rank.
pub(in crate::store) const ADD_ENTRY: &str = "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at, write_token)
VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?6, ?7, '{}', ?8, 'admin', NULL, ?9, ?9, ?10)
ON CONFLICT (skill_name COLLATE NOCASE, ifnull(source_url, '')) WHERE state IN ('proposed', 'active') DO UPDATE SET
    state = 'active', reason = excluded.reason, updated_at = excluded.updated_at, write_token = excluded.write_token,
    threat_type = iif(instr('low medium high critical', excluded.severity) > instr('low medium high critical', blocklist_entry.severity),
                      excluded.threat_type, blocklist_entry.threat_type),
    severity = iif(instr('low medium high critical', excluded.severity) > instr('low medium high critical', blocklist_entry.severity),
                   excluded.severity, blocklist_entry.severity),
    evidence_urls = (
        SELECT json_group_array(url) FROM (
            SELECT value AS url FROM (
                SELECT 0 AS later, key, value FROM json_each(blocklist_entry.evidence_urls)
                UNION ALL
                SELECT 1, key, value FROM json_each(excluded.evidence_urls)
                WHERE value NOT IN (SELECT value FROM json_each(blocklist_entry.evidence_urls)))
            ORDER BY later, key LIMIT 50))";

/// ?1 bare name, ?2 token of the write.
pub(in crate::store) const SELECT_ENTRY_WRITTEN: &str = concat!(
    admin_columns!(),
    " WHERE e.bare_name = ?1 COLLATE NOCASE AND e.state IN ('proposed', 'active') AND e.write_token = ?2"
);

/// ?1 now, ?2 id, ?3 version or NULL, ?4 reason. The audit line of [`LIFT_ENTRY`], before it.
pub(in crate::store) const AUDIT_LIFT: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'admin', iif(state = 'proposed', 'blocklist.dropped', 'blocklist.lifted'), skill_name, NULL,
    json_object('entryId', id, 'sourceUrl', source_url, 'reason', ?4, 'evidence', json(evidence))
FROM blocklist_entry
WHERE id = ?2 AND state IN ('proposed', 'active') AND (?3 IS NULL OR write_token = ?3)";

/// ?1 now, ?2 id, ?3 version or NULL, ?4 reason, ?5 token.
pub(in crate::store) const LIFT_ENTRY: &str = "\
UPDATE blocklist_entry
SET state = 'withdrawn', withdrawn_at = ?1, withdrawn_reason = ?4, updated_at = ?1, write_token = ?5
WHERE id = ?2 AND state IN ('proposed', 'active') AND (?3 IS NULL OR write_token = ?3)";

/// ?1 id.
pub(in crate::store) const SELECT_ENTRY: &str = concat!(admin_columns!(), " WHERE e.id = ?1");

/// ?1 time and ?2 id of the entry before, ?3 how many. Entries in every state, newest first.
pub(in crate::store) const SELECT_ENTRIES: &str = concat!(
    admin_columns!(),
    " WHERE (e.discovered_at, e.id) < (?1, ?2) ORDER BY e.discovered_at DESC, e.id DESC LIMIT ?3"
);

/// What [`crate::store::AuditRow`] is read from, newest first; ?1 the event before, ?2 how many,
/// ?3 skill, ?4 action, ?5 scan id, each or NULL.
macro_rules! audit_events {
    ($filter:literal) => {
        concat!(
            "SELECT seq, at, actor, action, skill_name, scan_id, detail FROM audit_event
WHERE seq < ?1 AND ",
            $filter,
            " ORDER BY seq DESC LIMIT ?2"
        )
    };
}

/// The whole log.
pub(in crate::store) const SELECT_AUDIT: &str =
    audit_events!("?3 IS NULL AND ?4 IS NULL AND ?5 IS NULL");

/// Of one skill.
pub(in crate::store) const SELECT_AUDIT_BY_SKILL: &str =
    audit_events!("skill_name = ?3 AND (?4 IS NULL OR action = ?4) AND ?5 IS NULL");

/// Of one action.
pub(in crate::store) const SELECT_AUDIT_BY_ACTION: &str =
    audit_events!("?3 IS NULL AND action = ?4 AND ?5 IS NULL");

/// Of one scan.
pub(in crate::store) const SELECT_AUDIT_BY_SCAN: &str = audit_events!(
    "(?3 IS NULL OR skill_name = ?3) AND (?4 IS NULL OR action = ?4) AND scan_id = ?5"
);
