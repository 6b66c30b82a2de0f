//! Scans that nothing was heard of in time.

/// One audit line for each overdue scan of a skill.
pub(in crate::store) const AUDIT_TIME_OUTS: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'worker', 'scan.timed_out', skill_name, id, json_object('provider', provider, 'was', status, 'timeOuts', time_outs + 1)
FROM external_scan_result
WHERE skill_name = :skill AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= :now";

/// Before [`PROMOTE_TIME_OUTS`], in the same batch.
pub(in crate::store) const REVISE_TIMED_OUT_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = :now
WHERE name = :skill AND EXISTS (
    SELECT 1 FROM external_scan_result
    WHERE skill_name = :skill AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= :now)";

/// Overdue scans are TIMED_OUT and sent again at `:again`, NULL where scanners pull. At its third time-out a scan
/// is given up.
pub(in crate::store) const PROMOTE_TIME_OUTS: &str = "\
UPDATE external_scan_result
SET status = 'TIMED_OUT', time_outs = time_outs + 1,
    given_up_at = CASE WHEN time_outs >= 2 THEN :now END,
    dispatch_due_at = CASE WHEN time_outs < 2 THEN :again END,
    claimed_by = NULL, claim_expires_at = NULL, deadline_at = NULL, updated_at = :now, write_token = :token
WHERE skill_name = :skill AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= :now";

/// What timed out and has a newer scan beside it is offered no more.
pub(in crate::store) const GIVE_UP_REPLACED: &str = "\
UPDATE external_scan_result SET given_up_at = :now, dispatch_due_at = NULL, updated_at = :now
WHERE skill_name = :skill AND status = 'TIMED_OUT' AND given_up_at IS NULL AND unsolicited = 0
  AND EXISTS (SELECT 1 FROM external_scan_result n
              WHERE n.skill_name = external_scan_result.skill_name AND n.provider = external_scan_result.provider
                AND n.unsolicited = 0 AND n.seq > external_scan_result.seq)";

/// As [`FOLLOW_MOVED_COMMIT`]: a time-out is an end too. `:token` is that of [`PROMOTE_TIME_OUTS`]; the new ids are
/// made of it.
pub(in crate::store) const FOLLOW_TIMED_OUT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, write_token, dispatch_due_at, deadline_at)
SELECT :token || '-' || r.provider, s.name, s.bare_name, r.provider, s.repo_url, s.skill_path, s.commit_sha,
       'PENDING', :now, :now, :token || '-' || r.provider, :due, :deadline
FROM external_scan_result r JOIN skill s ON s.name = r.skill_name
WHERE r.skill_name = :skill AND r.status = 'TIMED_OUT' AND r.write_token = :token
  AND (s.repo_url <> r.repo_url OR s.commit_sha IS NOT r.commit_sha OR s.skill_path IS NOT r.skill_path)
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = s.name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))";

/// Skills with overdue scans that nobody reads.
pub(in crate::store) const SELECT_OVERDUE_SKILLS: &str = "\
SELECT DISTINCT skill_name AS name FROM external_scan_result
WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= :now LIMIT 30";

/// Current scans that nobody sends any more, given up after `:since`; a hundred stand for more.
pub(in crate::store) const COUNT_GIVEN_UP: &str = "\
SELECT count(*) AS waiting FROM (
    SELECT 1 FROM external_scan_result
    WHERE status = 'TIMED_OUT' AND given_up_at > :since AND newest = 1 AND unsolicited = 0 LIMIT 100)";
