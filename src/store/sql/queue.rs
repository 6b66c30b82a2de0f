//! The queue that scanners pull from.

/// What a scanner may claim, oldest first: PENDING, RUNNING without a sign of life, TIMED_OUT and not given up;
/// without what its next time-out gives up.
pub(in crate::store) const SELECT_OFFERED: &str = "\
SELECT id, skill_name, provider, repo_url, skill_path, commit_sha, attempt, dispatched_at
FROM external_scan_result
WHERE seq > 0 AND status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0
  AND (status <> 'RUNNING' OR (time_outs < 2 AND (claim_expires_at IS NULL OR claim_expires_at <= :now)))
  AND (status = 'TIMED_OUT' OR deadline_at IS NULL OR deadline_at > :now OR time_outs < 2)
ORDER BY seq LIMIT :limit";

/// A claim that lasts until `:until`. Exactly one of many racing claims finds the `:attempt` that it expects. A
/// claim that went silent counts as a time-out: what ends each scanner that takes it up is given up like all else.
/// What was handed back keeps its start: claiming it again must not make more of its `:longest` milliseconds.
pub(in crate::store) const CLAIM: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', attempt = attempt + 1, keyed_attempt = attempt + 1, time_outs = time_outs + (status = 'RUNNING'), claimed_by = :claimant, claim_expires_at = :until,
    deadline_at = min(:deadline, CASE status WHEN 'PENDING' THEN ifnull(started_at, :now) ELSE :now END + :longest),
    dispatched_at = :now, started_at = CASE status WHEN 'PENDING' THEN ifnull(started_at, :now) ELSE :now END, dispatch_due_at = NULL, dispatch_error = NULL,
    dispatch_failures = 0, updated_at = :now, write_token = :token
WHERE id = :id AND attempt = :attempt AND unsolicited = 0 AND (
    status = 'PENDING'
    OR (status = 'RUNNING' AND time_outs < 2 AND (claim_expires_at IS NULL OR claim_expires_at <= :now))
    OR (status = 'TIMED_OUT' AND given_up_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM external_scan_result a
        WHERE a.skill_name = external_scan_result.skill_name AND a.provider = external_scan_result.provider
          AND a.status IN ('PENDING', 'RUNNING'))))";

/// A claim lasts until `:until`, and an attempt `:longest` milliseconds.
pub(in crate::store) const EXTEND_CLAIM: &str = "\
UPDATE external_scan_result SET claim_expires_at = :until, deadline_at = min(:deadline, ifnull(started_at, :now) + :longest), updated_at = :now
WHERE id = :id AND status = 'RUNNING' AND claimed_by = :claimant";

/// A claimant hands a scan back. It is sent at `:due`, NULL where scanners pull: there it is waited for until
/// `:deadline`, at most `:longest` milliseconds from its start.
pub(in crate::store) const RELEASE_CLAIM: &str = "\
UPDATE external_scan_result
SET status = 'PENDING', claimed_by = NULL, claim_expires_at = NULL, dispatch_due_at = :due,
    deadline_at = min(:deadline, ifnull(started_at, :now) + :longest), updated_at = :now, write_token = :token
WHERE id = :id AND status = 'RUNNING' AND claimed_by = :claimant";
