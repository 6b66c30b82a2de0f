//! The queue that scanners pull from.

/// ?1 now, ?2 limit. What a scanner may claim, oldest first: PENDING, RUNNING without a sign of
/// life, TIMED_OUT and not given up; without what its next time-out gives up.
pub(in crate::store) const SELECT_OFFERED: &str = "\
SELECT id, skill_name, provider, repo_url, skill_path, commit_sha, attempt, dispatched_at
FROM external_scan_result
WHERE seq > 0 AND status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0
  AND (status <> 'RUNNING' OR (time_outs < 2 AND (claim_expires_at IS NULL OR claim_expires_at <= ?1)))
  AND (status = 'TIMED_OUT' OR deadline_at IS NULL OR deadline_at > ?1 OR time_outs < 2)
ORDER BY seq LIMIT ?2";

/// ?1 id, ?2 expected attempt, ?3 now, ?4 token, ?5 claimant, ?6 end of the claim, ?7 deadline.
/// Exactly one of many racing claims finds the attempt that it expects. A claim that went silent counts
/// as a time-out: what ends each scanner that takes it up is given up like all else.
pub(in crate::store) const CLAIM: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', attempt = attempt + 1, time_outs = time_outs + (status = 'RUNNING'), claimed_by = ?5, claim_expires_at = ?6, deadline_at = ?7,
    dispatched_at = ?3, started_at = ifnull(started_at, ?3), dispatch_due_at = NULL, dispatch_error = NULL,
    dispatch_failures = 0, updated_at = ?3, write_token = ?4
WHERE id = ?1 AND attempt = ?2 AND unsolicited = 0 AND (
    status = 'PENDING'
    OR (status = 'RUNNING' AND time_outs < 2 AND (claim_expires_at IS NULL OR claim_expires_at <= ?3))
    OR (status = 'TIMED_OUT' AND given_up_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM external_scan_result a
        WHERE a.skill_name = external_scan_result.skill_name AND a.provider = external_scan_result.provider
          AND a.status IN ('PENDING', 'RUNNING'))))";

/// ?1 id, ?2 claimant, ?3 now, ?4 end of the claim, ?5 deadline.
pub(in crate::store) const EXTEND_CLAIM: &str = "\
UPDATE external_scan_result SET claim_expires_at = ?4, deadline_at = ?5, updated_at = ?3
WHERE id = ?1 AND status = 'RUNNING' AND claimed_by = ?2";

/// ?1 id, ?2 claimant, ?3 now, ?4 token, ?5 when to send, ?6 deadline.
pub(in crate::store) const RELEASE_CLAIM: &str = "\
UPDATE external_scan_result
SET status = 'PENDING', claimed_by = NULL, claim_expires_at = NULL, dispatch_due_at = ?5, deadline_at = ?6,
    updated_at = ?3, write_token = ?4
WHERE id = ?1 AND status = 'RUNNING' AND claimed_by = ?2";
