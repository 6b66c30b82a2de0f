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

/// The audit line of [`ADD_ENTRY`], before it: what stands there then tells what it will do. `:source` may be NULL;
/// `:new_id` is the id of a new entry.
pub(in crate::store) const AUDIT_ADD: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'admin',
    CASE e.state WHEN 'proposed' THEN 'blocklist.confirmed' WHEN 'active' THEN 'blocklist.merged' ELSE 'blocklist.added' END,
    :skill, NULL, json_set(:detail, '$.entryId', ifnull(e.id, :new_id))
FROM (SELECT 1) LEFT JOIN blocklist_entry e
    ON e.skill_name = :skill COLLATE NOCASE AND ifnull(e.source_url, '') = ifnull(:source, '') AND e.state IN ('proposed', 'active')";

/// Makes an entry, or joins the one that stands: that one is then active, its severity never lower, and no evidence
/// is lost. `:source` may be NULL, `:evidence_urls` is a JSON list. The place of a severity in the line is its
/// rank.
pub(in crate::store) const ADD_ENTRY: &str = "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at, write_token)
VALUES (:id, :skill, :bare, :source, 'active', :threat, :severity, :reason, '{}', :evidence_urls, 'admin', NULL, :now, :now, :token)
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

/// The entry that the write of `:token` left.
pub(in crate::store) const SELECT_ENTRY_WRITTEN: &str = concat!(
    admin_columns!(),
    " WHERE e.bare_name = :bare COLLATE NOCASE AND e.state IN ('proposed', 'active') AND e.write_token = :token"
);

/// The audit line of [`LIFT_ENTRY`], before it. `:version` is NULL where any version may be lifted.
pub(in crate::store) const AUDIT_LIFT: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'admin', iif(state = 'proposed', 'blocklist.dropped', 'blocklist.lifted'), skill_name, NULL,
    json_object('entryId', id, 'sourceUrl', source_url, 'reason', :reason, 'evidence', json(evidence))
FROM blocklist_entry
WHERE id = :id AND state IN ('proposed', 'active') AND (:version IS NULL OR write_token = :version)";

/// Withdraws an entry. `:version` is NULL where any version may be lifted.
pub(in crate::store) const LIFT_ENTRY: &str = "\
UPDATE blocklist_entry
SET state = 'withdrawn', withdrawn_at = :now, withdrawn_reason = :reason, updated_at = :now, write_token = :token
WHERE id = :id AND state IN ('proposed', 'active') AND (:version IS NULL OR write_token = :version)";

/// One entry, in whichever state.
pub(in crate::store) const SELECT_ENTRY: &str = concat!(admin_columns!(), " WHERE e.id = :id");

/// Entries in every state, newest first, behind the one of `:at` and `:id`.
pub(in crate::store) const SELECT_ENTRIES: &str = concat!(
    admin_columns!(),
    " WHERE (e.discovered_at, e.id) < (:at, :id) ORDER BY e.discovered_at DESC, e.id DESC LIMIT :limit"
);

/// What [`crate::store::AuditRow`] is read from, newest first, from before the event `:before`; `:skill`, `:action`
/// and `:scan` may be NULL.
macro_rules! audit_events {
    ($filter:literal) => {
        concat!(
            "SELECT seq, at, actor, action, skill_name, scan_id, detail FROM audit_event
WHERE seq < :before AND ",
            $filter,
            " ORDER BY seq DESC LIMIT :limit"
        )
    };
}

/// The whole log.
pub(in crate::store) const SELECT_AUDIT: &str =
    audit_events!(":skill IS NULL AND :action IS NULL AND :scan IS NULL");

/// Of one skill.
pub(in crate::store) const SELECT_AUDIT_BY_SKILL: &str = audit_events!(
    "skill_name = :skill AND (:action IS NULL OR action = :action) AND :scan IS NULL"
);

/// Of one action.
pub(in crate::store) const SELECT_AUDIT_BY_ACTION: &str =
    audit_events!(":skill IS NULL AND action = :action AND :scan IS NULL");

/// Of one scan.
pub(in crate::store) const SELECT_AUDIT_BY_SCAN: &str = audit_events!(
    "(:skill IS NULL OR skill_name = :skill) AND (:action IS NULL OR action = :action) AND scan_id = :scan"
);
