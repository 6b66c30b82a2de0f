//! Scans as they are read, and what a scanner's report changes.

use super::text::generated;

/// What [`crate::store::ScanRow`] is read from: all but the bulky columns.
macro_rules! scan_columns {
    () => {
        "SELECT seq, id, skill_name, provider, repo_url, commit_sha, status, created_at, updated_at, write_token, \
         attempt, dispatch_error, dispatch_due_at, deadline_at, claimed_by, claim_expires_at, given_up_at, skill_path, \
         started_at, completed_at, critical_count, high_count, medium_count, low_count, score, content_digest, error, \
         tool, duration_ms, unsolicited \
         FROM external_scan_result"
    };
}

/// ?1 scan id.
pub(in crate::store) const SELECT_SCAN: &str = concat!(scan_columns!(), " WHERE id = ?1");

/// ?1 skill, ?2 provider, ?3 content digest. The row of an unsolicited result.
pub(in crate::store) const SELECT_UNSOLICITED: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = ?1 AND provider = ?2 AND content_digest = ?3 AND unsolicited = 1"
);

/// ?1 skill, ?2 provider. The active scan, else the newest: an older one that timed out was given
/// up when a newer one was made.
pub(in crate::store) const SELECT_SCAN_OF: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = ?1 AND provider = ?2 AND unsolicited = 0
ORDER BY status IN ('PENDING', 'RUNNING') DESC, seq DESC LIMIT 1"
);

/// ?1 skill. The newest scan of each provider.
pub(in crate::store) const SELECT_NEWEST_SCANS: &str = generated!(concat!(
    scan_columns!(),
    " WHERE seq IN (
    [[(SELECT max(seq) FROM external_scan_result WHERE skill_name = ?1 AND provider = '{provider}' AND unsolicited = 0)|,
    ]])"
));

/// ?1 JSON list of full names. The newest scan of each provider of each.
pub(in crate::store) const SELECT_NEWEST_SCANS_NAMED: &str = generated!(concat!(
    scan_columns!(),
    " WHERE seq IN (
    SELECT (SELECT max(seq) FROM external_scan_result WHERE skill_name = j.value AND provider = p.value AND unsolicited = 0)
    FROM json_each(?1) j, json_each('[ [[\"{provider}\"|,]] ]') p)"
));

/// ?1 skill, ?2 the scan before, ?3 how many. Every scan of a skill, newest first.
pub(in crate::store) const SELECT_HISTORY: &str =
    concat!(scan_columns!(), " WHERE skill_name = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");

/// ?1 scan id. The bulky columns.
pub(in crate::store) const SELECT_SCAN_DETAIL: &str = "\
SELECT findings, findings_truncated, coverage, tool, worker_host, isolation, duration_ms, github_run_url, error
FROM external_scan_result WHERE id = ?1";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 deadline, ?7 end of the claim.
/// A sign of life brings back what had timed out, unless that is given up.
pub(in crate::store) const MARK_STARTED: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', started_at = ifnull(started_at, ?4), deadline_at = ?6, claim_expires_at = ?7,
    dispatch_due_at = NULL, updated_at = ?4, write_token = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3 AND given_up_at IS NULL";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 error, ?7 host, ?8 digest,
/// ?9 run id, ?10 run URL, ?11 tool.
pub(in crate::store) const MARK_FAILED: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = ?6, worker_host = ?7, content_digest = ?8, tool = ?11,
    github_run_id = ifnull(?9, github_run_id), github_run_url = ifnull(?10, github_run_url),
    completed_at = ?4, deadline_at = NULL, dispatch_due_at = NULL, updated_at = ?4, write_token = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 status, ?7 commit,
/// ?8 to ?11 counts, ?12 score, ?13 findings, ?14 truncated, ?15 coverage, ?16 tool, ?17 host,
/// ?18 isolation, ?19 duration, ?20 run id, ?21 run URL, ?22 error, ?23 digest,
/// ?24 digests of the criticals that it lists.
pub(in crate::store) const STORE_RESULT: &str = "\
UPDATE external_scan_result
SET status = ?6, commit_sha = ?7, critical_count = ?8, high_count = ?9, medium_count = ?10, low_count = ?11,
    score = ?12, findings = ?13, findings_truncated = ?14, coverage = ?15, tool = ?16, worker_host = ?17,
    isolation = ?18, duration_ms = ?19, github_run_id = ifnull(?20, github_run_id), github_run_url = ifnull(?21, github_run_url),
    error = ?22, content_digest = ?23, criticals = ?24,
    completed_at = ?4, deadline_at = NULL, dispatch_due_at = NULL, updated_at = ?4, write_token = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3 AND (commit_sha IS NULL OR commit_sha = ?7)";

/// ?1 scan id, ?2 skill, ?3 bare, ?4 provider, ?5 repo, ?6 commit, ?7 now, ?8 content digest.
/// A row of its own for a result at another commit, to be filled by [`STORE_RESULT`]. It is unsolicited:
/// neither what is current nor what is under way hides behind it. It stands as TIMED_OUT for a
/// moment only, inside one batch.
pub(in crate::store) const NEW_UNSOLICITED_RESULT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited, created_at, updated_at, write_token)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'TIMED_OUT', 1, ?7, ?7, ?1
WHERE NOT EXISTS (SELECT 1 FROM external_scan_result
                  WHERE skill_name = ?2 AND provider = ?4 AND content_digest = ?8 AND unsolicited = 1)";
