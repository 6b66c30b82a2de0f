//! Scans as they are read, and what a scanner's report changes.

use super::text::generated;

/// What [`crate::store::ScanRow`] is read from: all but the bulky columns.
macro_rules! scan_columns {
    () => {
        "SELECT seq, id, skill_name, provider, repo_url, commit_sha, status, created_at, updated_at, write_token, \
         attempt, keyed_attempt, dispatch_error, dispatch_due_at, deadline_at, claimed_by, claim_expires_at, given_up_at, skill_path, \
         started_at, completed_at, critical_count, high_count, medium_count, low_count, score, content_digest, error, \
         tool, duration_ms, unsolicited, thinned_at, findings IS NOT NULL AS has_findings \
         FROM external_scan_result"
    };
}

/// One scan.
pub(in crate::store) const SELECT_SCAN: &str = concat!(scan_columns!(), " WHERE id = :id");

/// The row of an unsolicited result.
pub(in crate::store) const SELECT_UNSOLICITED: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = :skill AND provider = :provider AND content_digest = :digest AND unsolicited = 1"
);

/// The active scan, else the newest: an older one that timed out was given up when a newer one was made.
pub(in crate::store) const SELECT_SCAN_OF: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = :skill AND provider = :provider AND unsolicited = 0
ORDER BY status IN ('PENDING', 'RUNNING') DESC, seq DESC LIMIT 1"
);

/// The newest scan of each provider.
pub(in crate::store) const SELECT_NEWEST_SCANS: &str = generated!(concat!(
    scan_columns!(),
    " WHERE seq IN (
    [[(SELECT max(seq) FROM external_scan_result WHERE skill_name = :skill AND provider = '{provider}' AND unsolicited = 0)|,
    ]])"
));

/// The newest scan of each provider of each of `:names`, a JSON list of full names.
pub(in crate::store) const SELECT_NEWEST_SCANS_NAMED: &str = generated!(concat!(
    scan_columns!(),
    " WHERE seq IN (
    SELECT (SELECT max(seq) FROM external_scan_result WHERE skill_name = j.value AND provider = p.value AND unsolicited = 0)
    FROM json_each(:names) j, json_each('[ [[\"{provider}\"|,]] ]') p)"
));

/// Every scan of a skill before the one numbered `:before`, newest first.
pub(in crate::store) const SELECT_HISTORY: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = :skill AND seq < :before ORDER BY seq DESC LIMIT :limit"
);

/// The bulky columns.
pub(in crate::store) const SELECT_SCAN_DETAIL: &str = "\
SELECT findings, findings_truncated, coverage, tool, worker_host, isolation, duration_ms, github_run_url, error,
       auto_run, auto_run_truncated
FROM external_scan_result WHERE id = :id";

/// A sign of life brings back what had timed out, unless that is given up. `:was` and `:attempt` are what the scan
/// is expected to have; its claim lasts until `:until`.
pub(in crate::store) const MARK_STARTED: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', started_at = ifnull(started_at, :now), deadline_at = :deadline, claim_expires_at = :until,
    dispatch_due_at = NULL, updated_at = :now, write_token = :token
WHERE id = :id AND status = :was AND attempt = :attempt AND given_up_at IS NULL";

/// A scan learnt nothing. `:was` and `:attempt` are what it is expected to have.
pub(in crate::store) const MARK_FAILED: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = :error, worker_host = :host, content_digest = :digest, tool = :tool,
    github_run_id = ifnull(:run_id, github_run_id), github_run_url = ifnull(:run_url, github_run_url),
    completed_at = :now, deadline_at = NULL, dispatch_due_at = NULL, updated_at = :now, write_token = :token
WHERE id = :id AND status = :was AND attempt = :attempt";

/// Stores a result. `:was` and `:attempt` are what the scan is expected to have; `:criticals` are the digests of
/// the criticals that it lists.
pub(in crate::store) const STORE_RESULT: &str = "\
UPDATE external_scan_result
SET status = :status, commit_sha = :commit, critical_count = :critical, high_count = :high, medium_count = :medium, low_count = :low,
    score = :score, findings = :findings, findings_truncated = :truncated, coverage = :coverage, tool = :tool, worker_host = :host,
    isolation = :isolation, duration_ms = :duration, github_run_id = ifnull(:run_id, github_run_id), github_run_url = ifnull(:run_url, github_run_url),
    error = :error, content_digest = :digest, criticals = :criticals, auto_run = :auto_run, auto_run_truncated = :auto_run_truncated,
    completed_at = :now, deadline_at = NULL, dispatch_due_at = NULL, updated_at = :now, write_token = :token, thinned_at = NULL
WHERE id = :id AND status = :was AND attempt = :attempt AND (commit_sha IS NULL OR commit_sha = :commit)";

/// A row of its own for a result at another commit, to be filled by [`STORE_RESULT`]. It is unsolicited: neither
/// what is current nor what is under way hides behind it. It is of the puller of the scan `:meant`. It stands as TIMED_OUT for a moment only, inside one
/// batch.
pub(in crate::store) const NEW_UNSOLICITED_RESULT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited, created_at, updated_at, write_token, attempt_by)
SELECT :id, :skill, :bare, :provider, :repo, :commit, 'TIMED_OUT', 1, :now, :now, :id,
    (SELECT attempt_by FROM external_scan_result WHERE id = :meant)
WHERE NOT EXISTS (SELECT 1 FROM external_scan_result
                  WHERE skill_name = :skill AND provider = :provider AND content_digest = :digest AND unsolicited = 1)";
