//! What scans found and read: removed some time after they were replaced, and cut where their owner's quota is used up.

/// Replaced scans whose time has come, the oldest first.
macro_rules! aged {
    () => {
        "SELECT seq FROM external_scan_result WHERE thin_after <= :before ORDER BY thin_after LIMIT 20"
    };
}

/// Replaced scans of owners of whom more than `:most` bytes are kept, those of most first; of one owner the oldest first.
/// The size of the database bounds the number of such owners.
macro_rules! of_large_owners {
    () => {
        "SELECT c.seq FROM owner_storage o CROSS JOIN external_scan_result c INDEXED BY scan_to_thin_of_owner
    WHERE o.bytes > :most AND c.source_owner = o.source_owner AND c.thin_after <= :now LIMIT 20"
    };
}

/// Whether the scan `r` keeps what it found: an entry that is not withdrawn stands on it, or it is among the `$newest`
/// newest of its skill and tool that have what they found.
macro_rules! stays {
    ($newest:literal) => {
        concat!(
            "(EXISTS (
        SELECT 1 FROM blocklist_entry e WHERE e.id = r.entry_id AND e.state <> 'withdrawn'
          AND (e.id = r.id OR EXISTS (SELECT 1 FROM json_each(e.evidence) p WHERE json_extract(p.value, '$.scanId') = r.id)))
    OR (r.unsolicited = 0 AND (SELECT count(*) FROM (
        SELECT 1 FROM external_scan_result n INDEXED BY scan_with_findings
        WHERE n.skill_name = r.skill_name AND n.provider = r.provider AND n.unsolicited = 0 AND n.findings IS NOT NULL
          AND n.seq > r.seq LIMIT ",
            $newest,
            ")) < ",
            $newest,
            "))"
        )
    };
}

/// What stays is looked at again `$then`, and holds up nothing behind it.
macro_rules! put_off {
    ($candidates:expr, $newest:literal, $then:literal) => {
        concat!(
            "UPDATE external_scan_result AS r SET thin_after = ",
            $then,
            "\nWHERE r.seq IN (",
            $candidates,
            ") AND ",
            stays!($newest)
        )
    };
}

/// Counts, digests, commit, status, times and provider stay.
macro_rules! thin {
    ($candidates:expr, $newest:literal) => {
        concat!(
            "UPDATE external_scan_result AS r
SET findings = NULL, coverage = NULL, tool = NULL, auto_run = NULL, thin_after = NULL, thinned_at = :now
WHERE r.seq IN (",
            $candidates,
            ") AND NOT ",
            stays!($newest)
        )
    };
}

/// Before [`THIN_AGED`], in the same batch. `:before` is the time of replacement that is long enough ago; of each skill and
/// tool the newest `:scans` stay.
pub(in crate::store) const PUT_OFF_AGED: &str = put_off!(aged!(), ":scans", ":now");

/// Removes what replaced scans found.
pub(in crate::store) const THIN_AGED: &str = thin!(aged!(), ":scans");

/// Before [`THIN_OF_LARGE_OWNERS`], in the same batch. Looked at again at `:later`.
pub(in crate::store) const PUT_OFF_OF_LARGE_OWNERS: &str =
    put_off!(of_large_owners!(), "1", ":later");

/// Of owners of whom more than `:most` bytes are kept, all replaced scans go, whatever their age.
pub(in crate::store) const THIN_OF_LARGE_OWNERS: &str = thin!(of_large_owners!(), "1");

/// The result that [`super::STORE_RESULT`] has stored under `:token` is cut where more than `:quota` bytes are kept of its
/// owner: to the three worst findings with rule, severity and place, and to three of each list. Status, counts and the
/// digests of all criticals stay as they are.
pub(in crate::store) const CUT_TO_QUOTA: &str = "\
UPDATE external_scan_result AS r
SET findings = (SELECT json_group_array(json_set(json_remove(value, '$.chain'), '$.message', '', '$.code', ''))
                FROM (SELECT value FROM json_each(r.findings) ORDER BY key LIMIT 3)),
    findings_truncated = max(findings_truncated, ifnull(json_array_length(findings), 0) > 3),
    coverage = iif(coverage IS NULL, NULL, json_set(coverage, '$.textRulesOnly', json('[]'), '$.unscanned', json((
        SELECT json_group_array(iif(type = 'object', json(value), value))
        FROM (SELECT type, value FROM json_each(r.coverage, '$.unscanned') ORDER BY key LIMIT 3))))),
    auto_run_truncated = max(auto_run_truncated, ifnull(json_array_length(auto_run), 0) > 3),
    auto_run = iif(auto_run IS NULL, NULL, (
        SELECT json_group_array(iif(type = 'object', json(value), value)) FROM (SELECT type, value FROM json_each(r.auto_run) ORDER BY key LIMIT 3))),
    thinned_at = :now
WHERE r.id = :id AND r.write_token = :token AND r.bulky_bytes > 8192
  AND (SELECT bytes FROM owner_storage o WHERE o.source_owner = r.source_owner) > :quota";
