//! New scans, and sending them.

/// A scan that is sent at `:due`. Only for a skill that stands as published, and only where no scan is active.
pub(in crate::store) const NEW_SCAN: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, write_token, dispatch_due_at, deadline_at)
SELECT :id, s.name, :bare, :provider, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', :now, :now, :id, :due, :deadline
FROM skill s
WHERE s.name = :skill AND s.repo_url = :repo
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = :skill AND a.provider = :provider AND a.status IN ('PENDING', 'RUNNING'))";

/// The published commit, or the folder in it, moved under a scan: the new one is scanned, under `:id`, as soon as
/// the old one, `:ended` by the write of `:token`, ends.
pub(in crate::store) const FOLLOW_MOVED_COMMIT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, write_token, dispatch_due_at, deadline_at)
SELECT :id, s.name, s.bare_name, r.provider, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', :now, :now, :id, :due, :deadline
FROM external_scan_result r JOIN skill s ON s.name = r.skill_name
WHERE r.id = :ended AND r.write_token = :token
  AND (s.repo_url <> r.repo_url OR s.commit_sha IS NOT r.commit_sha OR s.skill_path IS NOT r.skill_path)
  AND r.seq = (SELECT max(n.seq) FROM external_scan_result n WHERE n.skill_name = r.skill_name AND n.provider = r.provider AND n.unsolicited = 0)
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = s.name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))";

/// An admin wants a new scan whatever runs; not where [`NEW_SCAN`] would make none.
pub(in crate::store) const SUPERSEDE: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = 'superseded', completed_at = :now, deadline_at = NULL, dispatch_due_at = NULL,
    updated_at = :now, write_token = :token
WHERE skill_name = :skill AND provider = :provider AND status IN ('PENDING', 'RUNNING')
  AND EXISTS (SELECT 1 FROM skill WHERE name = :skill AND repo_url = :repo)";

/// The source owners that scans wait of, one row for each, in the order of their turns: those with a first scan of a
/// commit (`lap` 0 and 1), then those with re-scans (2 and 3), each from the owner after the one who had the last turn.
/// A lap ends in a row without owner. `$waits` is the condition of the partial index whose first columns are `rescan` and
/// `source_owner`. A row also tells of the one before it, `was_lap` and `was`, whether it `served` the turn, by the condition
/// `$takes` on `t`: the walk goes on until `$most` did, past owners of whom nothing is to be had. It costs a few rows of indices for each of these, however many
/// scans an owner has, and ends after 5,000. Every owner is before `~`.
macro_rules! turns {
    ($waits:literal, $takes:expr, $most:literal) => {
        concat!(
            "last AS MATERIALIZED (SELECT ifnull((SELECT source_owner FROM dispatch WHERE seq > 0 ORDER BY seq DESC LIMIT 1), '') AS owner),
turns(place, lap, owner, was_lap, was, served, found) AS (
    SELECT 0, -1, NULL, NULL, NULL, 0, 0
    UNION ALL
    SELECT t.place + 1, t.lap + (t.owner IS NULL), (
        SELECT w.source_owner FROM external_scan_result w
        WHERE w.rescan = (t.lap + (t.owner IS NULL)) / 2 AND ", $waits, "
          AND w.source_owner > coalesce(t.owner, iif(t.lap % 2 = 0, '', l.owner))
          AND w.source_owner <= iif((t.lap + (t.owner IS NULL)) % 2 = 0, '~', l.owner)
        ORDER BY w.source_owner LIMIT 1),
        t.lap, t.owner, t.owner IS NOT NULL AND ", $takes, ", t.found + t.served
    FROM turns t, last l WHERE t.place < 5000 AND t.found + t.served < ", $most, " AND (t.lap < 3 OR t.owner IS NOT NULL))"
        )
    };
}
pub(super) use turns;

/// Whether the scan `w`, of the owner and queue of the row `$turn` of [`turns`], is to be sent now.
macro_rules! due {
    ($turn:literal) => {
        concat!(
            "w.rescan = ", $turn, ".lap / 2 AND w.source_owner = ", $turn, ".owner AND w.dispatch_due_at IS NOT NULL AND w.dispatch_due_at <= :now
      AND (w.status = 'PENDING' OR (w.status = 'TIMED_OUT' AND w.given_up_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM external_scan_result a
          WHERE a.skill_name = w.skill_name AND a.provider = w.provider AND a.status IN ('PENDING', 'RUNNING'))))"
        )
    };
}

/// Whether nothing was sent of the owner `$owner` since `:hour_ago`.
macro_rules! is_fresh {
    ($owner:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM dispatch d WHERE d.source_owner = ",
            $owner,
            " AND d.sent_at > :hour_ago AND d.counts_against_budget = 1)"
        )
    };
}

/// Takes what is due, as far as the hour's budget of requests goes; with a `:skill`, which may be NULL, only if
/// that one stands as published from `:repo`. One request starts at most `:scans_per_request`: 1, or one for each
/// provider. Of a skill's scans that share commit and attempt the first counts against the budget, and the others
/// are sent in its request. At most 6 requests a batch, which is what a Worker has open at once; none while the
/// circuit of `:settings` (their digest, or NULL without GitHub) is open, one while it is half-open.
///
/// Owners take turns of one request, and first scans go before re-scans. The last `:reserve` requests of the budget
/// are for the first request of an owner in an hour.
pub(in crate::store) const TAKE_BUDGET: &str = concat!(
    "\
WITH RECURSIVE free AS MATERIALIZED (
    SELECT max(0, min(unsent, ifnull((
        SELECT iif(open_until > :now, 0, 1) FROM dispatch_circuit WHERE id = 1 AND settings_digest = :settings), 6))) AS requests,
        unsent - :reserve AS shared
    FROM (SELECT :budget - count(*) AS unsent FROM dispatch WHERE sent_at > :hour_ago AND counts_against_budget = 1)),
",
    turns!(
        "w.dispatch_due_at IS NOT NULL",
        concat!(
            "EXISTS (SELECT 1 FROM external_scan_result w WHERE ",
            due!("t"),
            ") AND ((SELECT shared FROM free) > 0 OR ",
            is_fresh!("t.owner"),
            ")"
        ),
        "iif((SELECT requests FROM free) > 0, 6, 0)"
    ),
    ",
chosen AS MATERIALIZED (
    SELECT t.place, t.was_lap AS lap, t.was AS owner, ",
    is_fresh!("t.was"),
    " AS fresh
    FROM turns t
    WHERE t.served AND (:skill IS NULL OR EXISTS (SELECT 1 FROM skill WHERE name = :skill AND repo_url = :repo)) LIMIT 6),
due AS MATERIALIZED (
    SELECT c.place, c.lap, c.owner, c.fresh, r.id, r.seq, r.attempt, r.dispatch_due_at,
        first_value(r.seq) OVER (PARTITION BY iif(:scans_per_request = 1, r.id, ''), r.skill_name, r.repo_url, r.skill_path, r.commit_sha, r.attempt
                                 ORDER BY c.lap / 2, r.dispatch_due_at, r.seq) AS leader
    FROM chosen c CROSS JOIN external_scan_result r ON r.seq IN (
        SELECT w.seq FROM external_scan_result w WHERE ",
    due!("c"),
    "
        ORDER BY w.dispatch_due_at, w.seq LIMIT 6 * :scans_per_request)),
ordered AS (
    SELECT leader, fresh, row_number() OVER (ORDER BY rescan, round, place) AS turn FROM (
        SELECT leader, place, lap / 2 AS rescan, row_number() OVER (PARTITION BY place ORDER BY dispatch_due_at, seq) AS round,
            fresh AND row_number() OVER (PARTITION BY owner ORDER BY place, dispatch_due_at, seq) = 1 AS fresh
        FROM due WHERE seq = leader)),
taken AS (
    SELECT leader, row_number() OVER (ORDER BY turn) AS request FROM ordered WHERE fresh OR turn <= (SELECT shared FROM free))
INSERT INTO dispatch (scan_id, attempt, sent_at, counts_against_budget, source_owner)
SELECT d.id, d.attempt + 1, :now, d.seq = d.leader, d.owner FROM taken t JOIN due d ON d.leader = t.leader
WHERE t.request <= (SELECT requests FROM free)
ORDER BY t.request, d.dispatch_due_at, d.seq"
);

/// What timed out and is taken again changes what is shown.
pub(in crate::store) const REVISE_RETAKEN: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = :now
WHERE name IN (SELECT r.skill_name FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id
               WHERE d.sent_at = :now AND d.attempt = r.attempt + 1 AND r.status = 'TIMED_OUT')";

/// The audit lines of what [`REVISE_RETAKEN`] is about.
pub(in crate::store) const AUDIT_RETAKEN: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'worker', 'scan.dispatched_again', r.skill_name, r.id, json_object('provider', r.provider, 'timeOuts', r.time_outs)
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id
WHERE d.sent_at = :now AND d.attempt = r.attempt + 1 AND r.status = 'TIMED_OUT'";

/// Leases what was taken by [`TAKE_BUDGET`], until `:until`. The clock does not start before a scanner has the
/// scan.
pub(in crate::store) const LEASE_TAKEN: &str = "\
UPDATE external_scan_result
SET status = 'PENDING', attempt = attempt + 1, keyed_attempt = attempt + 1, attempt_by = NULL, dispatched_at = :now, started_at = NULL, deadline_at = NULL, dispatch_due_at = :until,
    updated_at = :now, write_token = :token
WHERE seq IN (SELECT r.seq FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id
              WHERE d.sent_at = :now AND d.attempt = r.attempt + 1 AND r.status IN ('PENDING', 'TIMED_OUT'))";

/// What this batch leased, with the number that picks the scanner.
pub(in crate::store) const SELECT_LEASED: &str = "\
SELECT r.id, r.skill_name, r.provider, r.repo_url, r.skill_path, r.commit_sha, r.attempt,
       r.dispatch_failures AS failures, d.seq AS turn
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id AND r.attempt = d.attempt
WHERE d.sent_at = :now AND r.write_token = :token AND r.status = 'PENDING'
ORDER BY d.seq";

/// Accepted: nothing more to send, and the clock runs, unless the scanner has spoken already. `:run_id` and
/// `:run_url` may be NULL.
pub(in crate::store) const SENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, dispatch_error = NULL, dispatch_failures = 0, updated_at = :now,
    github_run_id = CASE status WHEN 'PENDING' THEN :run_id ELSE ifnull(github_run_id, :run_id) END,
    github_run_url = CASE status WHEN 'PENDING' THEN :run_url ELSE ifnull(github_run_url, :run_url) END,
    deadline_at = CASE status WHEN 'PENDING' THEN :deadline ELSE deadline_at END
WHERE id = :id AND attempt = :attempt";

/// No scanner has it, so no clock runs: it may have to wait for the next hour's budget. `:spent` is 1 if it brings
/// the scan nearer to its end, else 0.
pub(in crate::store) const SEND_FAILED: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = :again, deadline_at = NULL, dispatch_error = :error, dispatch_failures = dispatch_failures + :spent, updated_at = :now
WHERE id = :id AND attempt = :attempt AND status = 'PENDING'";

/// A send that found no room takes nothing of the hour's budget.
pub(in crate::store) const GIVE_BACK_BUDGET: &str =
    "UPDATE dispatch SET counts_against_budget = 0 WHERE scan_id = :id AND attempt = :attempt";

/// Nobody takes it, and enough was tried.
pub(in crate::store) const SEND_GIVEN_UP: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = :error, dispatch_error = :error, dispatch_failures = dispatch_failures + 1, completed_at = :now,
    deadline_at = NULL, dispatch_due_at = NULL, updated_at = :now, write_token = :token
WHERE id = :id AND attempt = :attempt AND status = 'PENDING'";

/// The scanners that did not accept their last request, and GitHub, if the circuit of `:settings` (their digest, or
/// NULL without GitHub) is not closed.
pub(in crate::store) const SELECT_FAILING_SCANNERS: &str = "\
SELECT url, failures, error, failed_at, open_until AS ejected_until FROM dispatch_circuit WHERE id = 1 AND settings_digest = :settings
UNION ALL
SELECT url, failures, error, failed_at, ejected_until FROM (
    SELECT url, failures, error, failed_at, ejected_until FROM failing_scanner WHERE url >= '' ORDER BY url LIMIT 100)";

/// GitHub refused `:failures` requests in a row: the circuit is open until `:until`. `:settings` is their digest.
pub(in crate::store) const TRIP_CIRCUIT: &str = "\
INSERT INTO dispatch_circuit (id, settings_digest, url, failures, error, failed_at, open_until) VALUES (1, :settings, :url, :failures, :error, :now, :until)
ON CONFLICT (id) DO UPDATE SET
    settings_digest = excluded.settings_digest, url = excluded.url, failures = excluded.failures, error = excluded.error,
    failed_at = excluded.failed_at, open_until = excluded.open_until";

/// GitHub accepted a request, or the settings have changed: the circuit is closed.
pub(in crate::store) const RESET_CIRCUIT: &str = "DELETE FROM dispatch_circuit WHERE id = 1";

/// A scanner failed `:failures` times in a row: it is ejected until `:until`.
pub(in crate::store) const SCANNER_FAILED: &str = "\
INSERT INTO failing_scanner (url, failures, error, failed_at, ejected_until) VALUES (:url, :failures, :error, :now, :until)
ON CONFLICT (url) DO UPDATE SET
    failures = excluded.failures, error = excluded.error, failed_at = excluded.failed_at, ejected_until = excluded.ejected_until";

/// The scanner accepted a request again.
pub(in crate::store) const SCANNER_WORKS: &str = "DELETE FROM failing_scanner WHERE url = :url";

/// What waits to be sent, or to be sent again; the oldest first.
pub(in crate::store) const SELECT_UNSENT: &str = "\
SELECT id, skill_name, provider, status, attempt, dispatch_failures AS failures, dispatch_error, dispatch_due_at,
       dispatched_at, created_at
FROM external_scan_result WHERE dispatch_due_at IS NOT NULL AND created_at >= 0 ORDER BY created_at, seq LIMIT 100";

/// When the oldest scan was created that waits to be sent, and the oldest that has not begun.
pub(in crate::store) const SELECT_OLDEST_WAITING: &str = "\
SELECT (SELECT min(created_at) FROM external_scan_result WHERE dispatch_due_at IS NOT NULL) AS unsent,
       (SELECT min(created_at) FROM external_scan_result
        WHERE status IN ('PENDING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0) AS pending";

/// Where scanners pull: what was to be sent before that setting was made.
pub(in crate::store) const OFFER_UNSENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, deadline_at = CASE status WHEN 'PENDING' THEN ifnull(deadline_at, :deadline) END
WHERE dispatch_due_at IS NOT NULL AND created_at >= 0 AND status IN ('PENDING', 'TIMED_OUT')";

/// Where scans are sent: what timed out while scanners pulled is sent at `:again`.
pub(in crate::store) const SEND_OFFERED: &str = "\
UPDATE external_scan_result SET dispatch_due_at = :again
WHERE skill_name > '' AND status = 'TIMED_OUT' AND given_up_at IS NULL AND unsolicited = 0 AND dispatch_due_at IS NULL";

/// Takes one of the fetches of a minute, if there is one left.
pub(in crate::store) const TAKE_JWKS_FETCH: &str = "\
UPDATE jwks_fetch SET window_started_at = iif(window_started_at <= :minute_ago, :now, window_started_at), fetches = iif(window_started_at <= :minute_ago, 1, fetches + 1)
WHERE id = 1 AND (window_started_at <= :minute_ago OR fetches < :most_per_minute)
RETURNING fetches";
