//! The queue that scanners pull from.

use super::dispatch::turns;

/// Whether a scanner may claim the scan `w`, of the owner and queue of a row of [`turns`]: PENDING, RUNNING without a
/// sign of life, TIMED_OUT and not given up; without what its next time-out gives up.
macro_rules! offered {
    ($turn:literal) => {
        concat!(
            "w.rescan = ", $turn, ".lap / 2 AND w.source_owner = ", $turn, ".owner
      AND w.status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND w.given_up_at IS NULL AND w.unsolicited = 0
      AND (w.status <> 'RUNNING' OR (w.time_outs < 2 AND (w.claim_expires_at IS NULL OR w.claim_expires_at <= :now)))
      AND (w.status = 'TIMED_OUT' OR w.deadline_at IS NULL OR w.deadline_at > :now OR w.time_outs < 2)"
        )
    };
}

/// What a scanner may claim, in turns of the source owners: first scans before re-scans, of one owner the oldest first.
/// Of many owners not all of their scans.
pub(in crate::store) const SELECT_OFFERED: &str = concat!(
    "WITH RECURSIVE ",
    turns!(
        "w.status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND w.given_up_at IS NULL AND w.unsolicited = 0",
        concat!("EXISTS (SELECT 1 FROM external_scan_result w WHERE ", offered!("t"), ")"),
        ":limit"
    ),
    ",
chosen AS MATERIALIZED (
    SELECT place, was_lap AS lap, was AS owner FROM turns WHERE served LIMIT :limit)
SELECT r.id, r.skill_name, r.provider, r.repo_url, r.skill_path, r.commit_sha, r.attempt, r.dispatched_at
FROM chosen c CROSS JOIN external_scan_result r ON r.seq IN (
    SELECT w.seq FROM external_scan_result w WHERE ",
    offered!("c"),
    "
    ORDER BY w.seq LIMIT (SELECT cast(1 + 2 * :limit / count(*) AS INTEGER) FROM chosen))
ORDER BY r.rescan, row_number() OVER (PARTITION BY c.place ORDER BY r.seq), c.place LIMIT :limit"
);

/// A claim that lasts until `:until`. Exactly one of many racing claims finds the `:attempt` that it expects. A
/// claim that went silent counts as a time-out: what ends each scanner that takes it up is given up like all else.
/// What was handed back keeps its start: claiming it again must not make more of its `:longest` milliseconds.
pub(in crate::store) const CLAIM: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', attempt = attempt + 1, keyed_attempt = attempt + 1, time_outs = time_outs + (status = 'RUNNING'), claimed_by = :claimant, attempt_by = :claimant, claim_expires_at = :until,
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

/// The claim of `:token` was its owner's turn. It takes nothing of the hour's budget.
pub(in crate::store) const TAKE_TURN: &str = "\
INSERT INTO dispatch (scan_id, attempt, sent_at, counts_against_budget, source_owner)
SELECT id, attempt, :now, 0, source_owner FROM external_scan_result WHERE id = :id AND write_token = :token";

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
