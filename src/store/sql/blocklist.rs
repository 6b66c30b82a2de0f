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

/// How an entry `$e` is told to be about a skill `$s`, in SQL: by the whole name, or by the last segment
/// where it has no more, and of the skill's source where it names one; without regard to case.
macro_rules! standing {
    () => {
        "(SELECT min(e.state) FROM blocklist_entry e \
          WHERE e.skill_name COLLATE NOCASE IN (s.name, s.bare_name) AND e.state IN ('proposed', 'active') \
            AND ifnull(e.source_url, '') IN ('', s.repo_url)) AS standing"
    };
}
pub(super) use standing;

/// The scans `r` that know of criticals in what the skill `s`, `:skill`, is published as. Of which folder an
/// unsolicited result is, nobody knows. Not what an entry rests on already, nor what was lifted.
macro_rules! known {
    () => {
        concat!(
            "s.name = :skill AND r.bare_name = s.bare_name COLLATE NOCASE AND r.skill_name = s.name COLLATE NOCASE
  AND r.repo_url = s.repo_url AND r.commit_sha = s.commit_sha AND (r.unsolicited = 1 OR r.skill_path IS s.skill_path)
  AND r.critical_count > 0 AND r.entry_id IS NULL AND NOT (",
            lifted!(),
            ")"
        )
    };
}

/// Whether an entry of the owner `$owner` used a unit of the hourly limit since `:hour_ago`, whatever happened to it
/// since: further entries of that owner need none.
macro_rules! is_counted {
    ($owner:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM blocklist_entry c WHERE c.source_owner = ",
            $owner,
            " AND c.limit_counted_at > :hour_ago)"
        )
    };
}

/// Whether the hourly limit has a unit left: `:most_per_hour`, or one in a hundred skills of a large catalogue; and of
/// these the puller `$puller`, which may be NULL, has not taken `:most_per_puller`.
macro_rules! has_room {
    ($puller:literal) => {
        concat!(
            "((SELECT count(*) FROM (SELECT 1 FROM blocklist_entry WHERE limit_counted_at > :hour_ago LIMIT :most_per_hour))
         < (SELECT CASE WHEN skills >= 10000 THEN min(:most_per_hour, skills / 100) ELSE :most_per_hour END FROM catalogue WHERE id = 1)
         AND (SELECT count(*) FROM (SELECT 1 FROM blocklist_entry c WHERE c.reported_by = ",
            $puller,
            " AND c.limit_counted_at > :hour_ago LIMIT :most_per_puller)) < :most_per_puller)"
        )
    };
}

/// Whatever is known of the published commit, by whichever result: wherever one of both changes. Without a guard:
/// what it finds is to block, whoever comes across it. Evidence is merged by provider; at one commit the larger
/// count stays. Where the hourly limit has no room, a new entry is only proposed; of a proposed one, new criticals
/// ask for room again.
pub(in crate::store) const BLOCK: &str = concat!(
    "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at, write_token, reported_by, limit_counted_at)
SELECT r.id, s.name, s.bare_name, s.repo_url, iif(",
    is_counted!("r.source_owner"),
    " OR ",
    has_room!("r.attempt_by"),
    ", 'active', 'proposed'), 'external-sast', 'critical', '',
    json_object(r.provider, json_object('scanId', r.id, 'commitSha', r.commit_sha, 'criticalCount', r.critical_count)),
    '[]', 'external-scan', r.commit_sha, :now, :now, :token, r.attempt_by, iif(NOT ",
    is_counted!("r.source_owner"),
    " AND ",
    has_room!("r.attempt_by"),
    ", :now, NULL)
FROM skill s CROSS JOIN external_scan_result r
WHERE ",
    known!(),
    "
ORDER BY r.seq
ON CONFLICT (skill_name COLLATE NOCASE, ifnull(source_url, '')) WHERE state IN ('proposed', 'active') DO UPDATE SET
    state = min(blocklist_entry.state, excluded.state),
    limit_counted_at = iif(blocklist_entry.state > excluded.state, excluded.limit_counted_at, blocklist_entry.limit_counted_at),
    reported_by = iif(blocklist_entry.state > excluded.state, excluded.reported_by, blocklist_entry.reported_by),
    severity = 'critical', commit_sha = excluded.commit_sha, updated_at = excluded.updated_at,
    write_token = excluded.write_token,
    evidence = CASE
        WHEN EXISTS (SELECT 1 FROM json_each(blocklist_entry.evidence) was JOIN json_each(excluded.evidence) new ON new.key = was.key
                     WHERE json_extract(was.value, '$.commitSha') = json_extract(new.value, '$.commitSha')
                       AND json_extract(was.value, '$.criticalCount') >= json_extract(new.value, '$.criticalCount'))
        THEN blocklist_entry.evidence
        ELSE json_patch(blocklist_entry.evidence, excluded.evidence) END"
);

/// The scans are evidence of the entry that [`BLOCK`] wrote under `:token`, in the same batch; the audit lines
/// follow by a trigger. Gives a row for each: whether it made the entry, and only proposed it; the source's owner
/// and the rule of its worst finding.
pub(in crate::store) const LINK_EVIDENCE: &str = concat!(
    "\
UPDATE external_scan_result SET entry_id = (
    SELECT e.id FROM blocklist_entry e
    WHERE e.bare_name = external_scan_result.bare_name COLLATE NOCASE AND e.state IN ('proposed', 'active')
      AND e.skill_name = external_scan_result.skill_name COLLATE NOCASE
      AND e.source_url = external_scan_result.repo_url AND e.write_token = :token)
WHERE seq IN (SELECT r.seq FROM skill s CROSS JOIN external_scan_result r WHERE ",
    known!(),
    ")
RETURNING EXISTS (SELECT 1 FROM blocklist_entry e WHERE e.id = entry_id AND e.id = external_scan_result.id AND e.state = 'proposed') AS waiting,
    attempt_by AS puller, source_owner AS owner, json_extract(findings, '$[0].rule') AS rule"
);

/// What stands against a name; `:full` and `:source` may be NULL. Of an entry by its last segment, a question for a
/// full name without a source means where that skill is published. Of an entry by a whole name without a source, a
/// question for the last segment means no other skill that the source has.
pub(in crate::store) const SELECT_BLOCKLIST_MATCHES: &str = concat!(
    entry_columns!(),
    "
WHERE bare_name = :bare COLLATE NOCASE AND state IN ('proposed', 'active')
  AND (:source IS NULL OR source_url IS NULL OR source_url = :source)
  AND (:full IS NULL OR skill_name = :full COLLATE NOCASE OR (skill_name = bare_name AND (:source IS NOT NULL OR source_url IS NULL
      OR EXISTS (SELECT 1 FROM skill s WHERE s.name = :full COLLATE NOCASE AND s.repo_url = source_url))))
  AND (:full IS NOT NULL OR source_url IS NOT NULL OR skill_name = bare_name OR ifnull((
      SELECT max(s.name = skill_name COLLATE NOCASE) FROM skill s WHERE s.bare_name = :bare COLLATE NOCASE AND s.repo_url = :source), 1))
ORDER BY state = 'active' DESC, source_url IS NULL DESC, discovered_at, id LIMIT 100"
);

/// Scans with criticals, newest first, to tell what is tainted without being blocked: no entry rests on them.
/// `:full` and `:source` may be NULL. What an admin has lifted is cleared: by a trigger, so that the index leaves it out.
pub(in crate::store) const SELECT_CRITICALS_BY_BARE_NAME: &str = "\
SELECT r.skill_name, r.repo_url, r.provider, r.commit_sha, r.critical_count, EXISTS (
    SELECT 1 FROM skill s WHERE s.name = r.skill_name AND s.repo_url = r.repo_url AND s.commit_sha = r.commit_sha) AS published
FROM external_scan_result r INDEXED BY scan_that_taints
WHERE r.bare_name = :bare COLLATE NOCASE AND r.critical_count > 0 AND r.entry_id IS NULL AND r.cleared = 0
  AND (:full IS NULL OR r.skill_name = :full COLLATE NOCASE) AND (:source IS NULL OR r.repo_url = :source)
ORDER BY r.seq DESC LIMIT 20";

/// Gives a row where a published skill of this bare name is not blocked: of just this case, if there is one.
pub(in crate::store) const SELECT_NOT_BLOCKED: &str = "\
SELECT 1 FROM skill INDEXED BY skill_not_blocked WHERE bare_name = :bare COLLATE NOCASE AND bare_name = :bare AND blocked = 0
UNION ALL
SELECT 1 FROM skill INDEXED BY skill_not_blocked WHERE bare_name = :bare COLLATE NOCASE AND blocked = 0
  AND NOT EXISTS (SELECT 1 FROM skill INDEXED BY skill_by_bare_name_in_case WHERE bare_name = :bare)
LIMIT 1";

/// Active entries, oldest first, behind the one of `:at` and `:id`.
pub(in crate::store) const SELECT_ACTIVE_ENTRIES: &str = concat!(
    entry_columns!(),
    "
WHERE state = 'active' AND (discovered_at, id) > (:at, :id) ORDER BY discovered_at, id LIMIT :limit"
);

/// How often the list has changed, and when last; since when the copy of revision `:copy`, which may be NULL, lacks
/// a change.
pub(in crate::store) const SELECT_BLOCKLIST_REVISION: &str =
    "SELECT revision, changed_at, (SELECT at FROM blocklist_change WHERE revision = :copy + 1) AS lacks_since
FROM blocklist_revision WHERE id = 1";

/// How many entries wait for an admin; a hundred stand for more. Of the oldest, the owner of the source, the puller and the rule
/// of its first scan's worst finding.
pub(in crate::store) const COUNT_PROPOSED: &str = "\
SELECT count(*) AS waiting, owner, puller, json_extract((SELECT findings FROM external_scan_result r WHERE r.id = first), '$[0].rule') AS rule
FROM (SELECT id AS first, source_owner AS owner, reported_by AS puller FROM blocklist_entry WHERE state = 'proposed' ORDER BY discovered_at LIMIT 100)";

/// The oldest proposed entry that the hourly limit has room for becomes active: of those of each puller, which `''` stands for where
/// there is none, the oldest; of a hundred that wait, those that need no room. Pullers come in the order of their oldest entries, which
/// no name changes. While there is room at all, fewer than `:most_per_hour` of them have none. Gives a row where one did.
pub(in crate::store) const JUDGE_PROPOSED: &str = concat!(
    "\
UPDATE blocklist_entry SET state = 'active', updated_at = :now, write_token = :token, limit_counted_at = iif(",
    is_counted!("blocklist_entry.source_owner"),
    ", NULL, :now)
WHERE id = (
    SELECT id FROM (
        SELECT id, discovered_at FROM (SELECT puller FROM puller_waiting ORDER BY since LIMIT :most_per_hour) pullers
        CROSS JOIN blocklist_entry e ON e.id = (
            SELECT id FROM blocklist_entry WHERE state = 'proposed' AND ifnull(reported_by, '') = puller ORDER BY discovered_at LIMIT 1)
        WHERE ",
    has_room!("nullif(puller, '')"),
    "
        UNION ALL
        SELECT id, discovered_at FROM (
            SELECT id, source_owner, discovered_at FROM blocklist_entry WHERE state = 'proposed' ORDER BY discovered_at LIMIT 100) oldest
        WHERE ",
    is_counted!("oldest.source_owner"),
    ")
    ORDER BY discovered_at LIMIT 1)
RETURNING 1 AS waiting"
);
