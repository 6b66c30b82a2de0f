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

/// Takes what is due, as far as the hour's budget of requests goes; with a `:skill`, which may be NULL, only if
/// that one stands as published from `:repo`. One request starts at most `:scans_per_request`: 1, or one for each
/// provider. Of a skill's scans that share commit and attempt the first counts against the budget, and the others
/// are sent in its request. At most 6 requests a batch, which is what a Worker has open at once; none while the
/// circuit of `:settings` (their digest, or NULL without GitHub) is open, one while it is half-open.
pub(in crate::store) const TAKE_BUDGET: &str = "\
WITH free AS MATERIALIZED (
    SELECT max(0, min(:budget - count(*), ifnull((
        SELECT iif(open_until > :now, 0, 1) FROM dispatch_circuit WHERE id = 1 AND settings_digest = :settings), 6))) AS requests
    FROM dispatch WHERE sent_at > :hour_ago AND counts_against_budget = 1),
due AS (
    SELECT r.id, r.seq, r.attempt, r.dispatch_due_at, r.skill_name, r.repo_url, r.skill_path, r.commit_sha
    FROM external_scan_result r
    WHERE r.dispatch_due_at IS NOT NULL AND r.dispatch_due_at <= :now
      AND (r.status = 'PENDING' OR (r.status = 'TIMED_OUT' AND r.given_up_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM external_scan_result a
          WHERE a.skill_name = r.skill_name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))))
      AND (:skill IS NULL OR EXISTS (SELECT 1 FROM skill WHERE name = :skill AND repo_url = :repo))
    ORDER BY r.dispatch_due_at, r.seq
    LIMIT (SELECT requests * :scans_per_request FROM free)),
grouped AS (
    SELECT id, seq, attempt, dispatch_due_at,
        row_number() OVER (PARTITION BY iif(:scans_per_request = 1, id, ''), skill_name, repo_url, skill_path, commit_sha, attempt
                           ORDER BY dispatch_due_at, seq) = 1 AS counts_against_budget
    FROM due),
counted AS (
    SELECT id, seq, attempt, dispatch_due_at, counts_against_budget, sum(counts_against_budget) OVER (ORDER BY dispatch_due_at, seq) AS request
    FROM grouped)
INSERT INTO dispatch (scan_id, attempt, sent_at, counts_against_budget)
SELECT id, attempt + 1, :now, counts_against_budget FROM counted
WHERE request <= (SELECT requests FROM free)
ORDER BY dispatch_due_at, seq";

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
SET status = 'PENDING', attempt = attempt + 1, keyed_attempt = attempt + 1, dispatched_at = :now, started_at = NULL, deadline_at = NULL, dispatch_due_at = :until,
    updated_at = :now, write_token = :token
WHERE dispatch_due_at IS NOT NULL AND dispatch_due_at <= :now AND status IN ('PENDING', 'TIMED_OUT')
  AND EXISTS (SELECT 1 FROM dispatch d
              WHERE d.scan_id = external_scan_result.id AND d.attempt = external_scan_result.attempt + 1)";

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

/// What waits to be sent, or to be sent again; the longest due first.
pub(in crate::store) const SELECT_UNSENT: &str = "\
SELECT id, skill_name, provider, status, attempt, dispatch_failures AS failures, dispatch_error, dispatch_due_at,
       dispatched_at, created_at
FROM external_scan_result WHERE dispatch_due_at IS NOT NULL ORDER BY dispatch_due_at LIMIT 100";

/// Whether the oldest scan that is to be sent has waited since before `:since`.
pub(in crate::store) const COUNT_UNSENT: &str = "\
SELECT count(*) AS waiting FROM (
    SELECT created_at FROM external_scan_result
    WHERE seq > 0 AND status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0
      AND dispatch_due_at IS NOT NULL
    ORDER BY seq LIMIT 1) WHERE created_at < :since";

/// Where scanners pull: what was to be sent before that setting was made.
pub(in crate::store) const OFFER_UNSENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, deadline_at = CASE status WHEN 'PENDING' THEN ifnull(deadline_at, :deadline) END
WHERE dispatch_due_at >= 0 AND status IN ('PENDING', 'TIMED_OUT')";

/// Where scans are sent: what timed out while scanners pulled is sent at `:again`.
pub(in crate::store) const SEND_OFFERED: &str = "\
UPDATE external_scan_result SET dispatch_due_at = :again
WHERE skill_name > '' AND status = 'TIMED_OUT' AND given_up_at IS NULL AND unsolicited = 0 AND dispatch_due_at IS NULL";

/// Takes one of the fetches of a minute, if there is one left.
pub(in crate::store) const TAKE_JWKS_FETCH: &str = "\
UPDATE jwks_fetch SET window_started_at = iif(window_started_at <= :minute_ago, :now, window_started_at), fetches = iif(window_started_at <= :minute_ago, 1, fetches + 1)
WHERE id = 1 AND (window_started_at <= :minute_ago OR fetches < :most_per_minute)
RETURNING fetches";
