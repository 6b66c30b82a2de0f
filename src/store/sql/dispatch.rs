//! New scans, and sending them.

/// ?1 scan id, ?2 skill, ?3 bare, ?4 provider, ?5 repo, ?6 now, ?7 when to send, ?8 deadline.
/// Only for a skill that stands as published, and only where no scan is active.
pub(in crate::store) const NEW_SCAN: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, write_token, dispatch_due_at, deadline_at)
SELECT ?1, s.name, ?3, ?4, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', ?6, ?6, ?1, ?7, ?8
FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?5
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = ?2 AND a.provider = ?4 AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 new scan id, ?2 now, ?3 when to send, ?4 deadline, ?5 id of the scan that ended, ?6 its token.
/// The published commit, or the folder in it, moved under a scan: the new one is scanned as soon as
/// the old one ends.
pub(in crate::store) const FOLLOW_MOVED_COMMIT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, write_token, dispatch_due_at, deadline_at)
SELECT ?1, s.name, s.bare_name, r.provider, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', ?2, ?2, ?1, ?3, ?4
FROM external_scan_result r JOIN skill s ON s.name = r.skill_name
WHERE r.id = ?5 AND r.write_token = ?6
  AND (s.repo_url <> r.repo_url OR s.commit_sha IS NOT r.commit_sha OR s.skill_path IS NOT r.skill_path)
  AND r.seq = (SELECT max(n.seq) FROM external_scan_result n WHERE n.skill_name = r.skill_name AND n.provider = r.provider AND n.unsolicited = 0)
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = s.name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 skill, ?2 provider, ?3 now, ?4 token, ?5 repo. An admin wants a new scan whatever runs; not
/// where [`NEW_SCAN`] would make none.
pub(in crate::store) const SUPERSEDE: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = 'superseded', completed_at = ?3, deadline_at = NULL, dispatch_due_at = NULL,
    updated_at = ?3, write_token = ?4
WHERE skill_name = ?1 AND provider = ?2 AND status IN ('PENDING', 'RUNNING')
  AND EXISTS (SELECT 1 FROM skill WHERE name = ?1 AND repo_url = ?5)";

/// ?1 now, ?2 an hour ago, ?3 budget, ?4 skill or NULL, ?5 repo, ?6 digest of the settings of dispatch to GitHub
/// or NULL, ?7 how many scans one request starts at most: 1, or one for each provider. Takes what is due, as
/// far as the hour's budget of requests goes; with a skill, only if that one stands as published. Of a
/// skill's scans that share commit and attempt the first counts against the budget, and the others are
/// sent in its request. At most 6 requests a batch, which is what a Worker has open at once; none while the circuit is
/// open, one while it is half-open.
pub(in crate::store) const TAKE_BUDGET: &str = "\
WITH free AS MATERIALIZED (
    SELECT max(0, min(?3 - count(*), ifnull((
        SELECT iif(open_until > ?1, 0, 1) FROM dispatch_circuit WHERE id = 1 AND settings_digest = ?6), 6))) AS requests
    FROM dispatch WHERE sent_at > ?2 AND counts_against_budget = 1),
due AS (
    SELECT r.id, r.seq, r.attempt, r.dispatch_due_at, r.skill_name, r.repo_url, r.skill_path, r.commit_sha
    FROM external_scan_result r
    WHERE r.dispatch_due_at IS NOT NULL AND r.dispatch_due_at <= ?1
      AND (r.status = 'PENDING' OR (r.status = 'TIMED_OUT' AND r.given_up_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM external_scan_result a
          WHERE a.skill_name = r.skill_name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))))
      AND (?4 IS NULL OR EXISTS (SELECT 1 FROM skill WHERE name = ?4 AND repo_url = ?5))
    ORDER BY r.dispatch_due_at, r.seq
    LIMIT (SELECT requests * ?7 FROM free)),
grouped AS (
    SELECT id, seq, attempt, dispatch_due_at,
        row_number() OVER (PARTITION BY iif(?7 = 1, id, ''), skill_name, repo_url, skill_path, commit_sha, attempt
                           ORDER BY dispatch_due_at, seq) = 1 AS counts_against_budget
    FROM due),
counted AS (
    SELECT id, seq, attempt, dispatch_due_at, counts_against_budget, sum(counts_against_budget) OVER (ORDER BY dispatch_due_at, seq) AS request
    FROM grouped)
INSERT INTO dispatch (scan_id, attempt, sent_at, counts_against_budget)
SELECT id, attempt + 1, ?1, counts_against_budget FROM counted
WHERE request <= (SELECT requests FROM free)
ORDER BY dispatch_due_at, seq";

/// ?1 now. What timed out and is taken again changes what is shown.
pub(in crate::store) const REVISE_RETAKEN: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = ?1
WHERE name IN (SELECT r.skill_name FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id
               WHERE d.sent_at = ?1 AND d.attempt = r.attempt + 1 AND r.status = 'TIMED_OUT')";

/// ?1 now. The audit lines of what [`REVISE_RETAKEN`] is about.
pub(in crate::store) const AUDIT_RETAKEN: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'worker', 'scan.dispatched_again', r.skill_name, r.id, json_object('provider', r.provider, 'timeOuts', r.time_outs)
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id
WHERE d.sent_at = ?1 AND d.attempt = r.attempt + 1 AND r.status = 'TIMED_OUT'";

/// ?1 now, ?2 end of the lease, ?3 token. Leases what was taken by [`TAKE_BUDGET`]. The clock does
/// not start before a scanner has the scan.
pub(in crate::store) const LEASE_TAKEN: &str = "\
UPDATE external_scan_result
SET status = 'PENDING', attempt = attempt + 1, dispatched_at = ?1, deadline_at = NULL, dispatch_due_at = ?2,
    updated_at = ?1, write_token = ?3
WHERE dispatch_due_at IS NOT NULL AND dispatch_due_at <= ?1 AND status IN ('PENDING', 'TIMED_OUT')
  AND EXISTS (SELECT 1 FROM dispatch d
              WHERE d.scan_id = external_scan_result.id AND d.attempt = external_scan_result.attempt + 1)";

/// ?1 now, ?2 token. What this batch leased, with the number that picks the scanner.
pub(in crate::store) const SELECT_LEASED: &str = "\
SELECT r.id, r.skill_name, r.provider, r.repo_url, r.skill_path, r.commit_sha, r.attempt,
       r.dispatch_failures AS failures, d.seq AS turn
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id AND r.attempt = d.attempt
WHERE d.sent_at = ?1 AND r.write_token = ?2 AND r.status = 'PENDING'
ORDER BY d.seq";

/// ?1 id, ?2 attempt, ?3 now, ?4 deadline, ?5 run id, ?6 run URL. Accepted: nothing more to send, and
/// the clock runs, unless the scanner has spoken already.
pub(in crate::store) const SENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, dispatch_error = NULL, dispatch_failures = 0, updated_at = ?3,
    github_run_id = CASE status WHEN 'PENDING' THEN ?5 ELSE ifnull(github_run_id, ?5) END,
    github_run_url = CASE status WHEN 'PENDING' THEN ?6 ELSE ifnull(github_run_url, ?6) END,
    deadline_at = CASE status WHEN 'PENDING' THEN ?4 ELSE deadline_at END
WHERE id = ?1 AND attempt = ?2";

/// ?1 id, ?2 attempt, ?3 now, ?4 when again, ?5 error, ?6 1 if it brings the scan nearer to its end.
/// No scanner has it, so no clock runs: it may have to wait for the next hour's budget.
pub(in crate::store) const SEND_FAILED: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = ?4, deadline_at = NULL, dispatch_error = ?5, dispatch_failures = dispatch_failures + ?6, updated_at = ?3
WHERE id = ?1 AND attempt = ?2 AND status = 'PENDING'";

/// ?1 id, ?2 attempt. A send that found no room takes nothing of the hour's budget.
pub(in crate::store) const GIVE_BACK_BUDGET: &str =
    "UPDATE dispatch SET counts_against_budget = 0 WHERE scan_id = ?1 AND attempt = ?2";

/// ?1 id, ?2 attempt, ?3 now, ?4 token, ?5 error. Nobody takes it, and enough was tried.
pub(in crate::store) const SEND_GIVEN_UP: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = ?5, dispatch_error = ?5, dispatch_failures = dispatch_failures + 1, completed_at = ?3,
    deadline_at = NULL, dispatch_due_at = NULL, updated_at = ?3, write_token = ?4
WHERE id = ?1 AND attempt = ?2 AND status = 'PENDING'";

/// ?1 digest of the settings of dispatch to GitHub or NULL. The scanners that did not accept their last request,
/// and GitHub, if its circuit is not closed.
pub(in crate::store) const SELECT_FAILING_SCANNERS: &str = "\
SELECT url, failures, error, failed_at, open_until AS ejected_until FROM dispatch_circuit WHERE id = 1 AND settings_digest = ?1
UNION ALL
SELECT url, failures, error, failed_at, ejected_until FROM (
    SELECT url, failures, error, failed_at, ejected_until FROM failing_scanner WHERE url >= '' ORDER BY url LIMIT 100)";

/// ?1 digest of the settings, ?2 URL, ?3 failures in a row, ?4 error, ?5 now, ?6 open until.
pub(in crate::store) const TRIP_CIRCUIT: &str = "\
INSERT INTO dispatch_circuit (id, settings_digest, url, failures, error, failed_at, open_until) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET
    settings_digest = excluded.settings_digest, url = excluded.url, failures = excluded.failures, error = excluded.error,
    failed_at = excluded.failed_at, open_until = excluded.open_until";

/// GitHub accepted a request, or the settings have changed: the circuit is closed.
pub(in crate::store) const RESET_CIRCUIT: &str = "DELETE FROM dispatch_circuit WHERE id = 1";

/// ?1 URL, ?2 failures in a row, ?3 error, ?4 now, ?5 ejected until.
pub(in crate::store) const SCANNER_FAILED: &str = "\
INSERT INTO failing_scanner (url, failures, error, failed_at, ejected_until) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (url) DO UPDATE SET
    failures = excluded.failures, error = excluded.error, failed_at = excluded.failed_at, ejected_until = excluded.ejected_until";

/// ?1 URL. The scanner accepted a request again.
pub(in crate::store) const SCANNER_WORKS: &str = "DELETE FROM failing_scanner WHERE url = ?1";

/// What waits to be sent, or to be sent again; the longest due first.
pub(in crate::store) const SELECT_UNSENT: &str = "\
SELECT id, skill_name, provider, status, attempt, dispatch_failures AS failures, dispatch_error, dispatch_due_at,
       dispatched_at, created_at
FROM external_scan_result WHERE dispatch_due_at IS NOT NULL ORDER BY dispatch_due_at LIMIT 100";

/// ?1 since when. Whether the oldest scan that is to be sent has waited for longer.
pub(in crate::store) const COUNT_UNSENT: &str = "\
SELECT count(*) AS waiting FROM (
    SELECT created_at FROM external_scan_result
    WHERE seq > 0 AND status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0
      AND dispatch_due_at IS NOT NULL
    ORDER BY seq LIMIT 1) WHERE created_at < ?1";

/// ?1 deadline. Where scanners pull: what was to be sent before that setting was made.
pub(in crate::store) const OFFER_UNSENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, deadline_at = CASE status WHEN 'PENDING' THEN ifnull(deadline_at, ?1) END
WHERE dispatch_due_at >= 0 AND status IN ('PENDING', 'TIMED_OUT')";

/// ?1 when. Where scans are sent: what timed out while scanners pulled.
pub(in crate::store) const SEND_OFFERED: &str = "\
UPDATE external_scan_result SET dispatch_due_at = ?1
WHERE skill_name > '' AND status = 'TIMED_OUT' AND given_up_at IS NULL AND unsolicited = 0 AND dispatch_due_at IS NULL";

/// ?1 now, ?2 a minute ago, ?3 how many in a minute. Takes one of them, if there is one left.
pub(in crate::store) const TAKE_JWKS_FETCH: &str = "\
UPDATE jwks_fetch SET window_started_at = iif(window_started_at <= ?2, ?1, window_started_at), fetches = iif(window_started_at <= ?2, 1, fetches + 1)
WHERE id = 1 AND (window_started_at <= ?2 OR fetches < ?3)
RETURNING fetches";
