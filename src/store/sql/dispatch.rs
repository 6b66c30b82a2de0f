//! New scans, and sending them.

/// ?1 scan id, ?2 skill, ?3 bare, ?4 provider, ?5 repo, ?6 now, ?7 when to send, ?8 deadline.
/// Only for a skill that stands as published, and only where no scan is active.
pub(in crate::store) const NEW_SCAN: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, last_write, dispatch_due_at, deadline_at)
SELECT ?1, s.name, ?3, ?4, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', ?6, ?6, ?1, ?7, ?8
FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?5
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = ?2 AND a.provider = ?4 AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 new scan id, ?2 now, ?3 when to send, ?4 deadline, ?5 id of the scan that ended, ?6 its token.
/// The published commit moved under a scan: the new one is scanned as soon as the old one ends.
pub(in crate::store) const FOLLOW_MOVED_COMMIT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, last_write, dispatch_due_at, deadline_at)
SELECT ?1, s.name, s.bare_name, r.provider, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', ?2, ?2, ?1, ?3, ?4
FROM external_scan_result r JOIN skill s ON s.name = r.skill_name
WHERE r.id = ?5 AND r.last_write = ?6
  AND (s.repo_url <> r.repo_url OR s.commit_sha IS NOT r.commit_sha)
  AND r.seq = (SELECT max(n.seq) FROM external_scan_result n WHERE n.skill_name = r.skill_name AND n.provider = r.provider AND n.stray = 0)
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = s.name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 now, ?2 an hour ago, ?3 budget, ?4 skill or NULL, ?5 repo. Takes what is due, as far as the
/// hour's budget goes; with a skill, only if that one stands as published.
pub(in crate::store) const TAKE_BUDGET: &str = "\
INSERT INTO dispatch (scan_id, attempt, sent_at)
SELECT id, attempt + 1, ?1 FROM external_scan_result
WHERE status = 'PENDING' AND dispatch_due_at IS NOT NULL AND dispatch_due_at <= ?1
  AND (?4 IS NULL OR EXISTS (SELECT 1 FROM skill WHERE name = ?4 AND repo_url = ?5))
ORDER BY dispatch_due_at
LIMIT max(0, min(6, ?3 - (SELECT count(*) FROM dispatch WHERE sent_at > ?2)))";

/// ?1 now, ?2 end of the lease, ?3 token. Leases what was taken by [`TAKE_BUDGET`]. The clock does
/// not start before a scanner has the scan.
pub(in crate::store) const LEASE_TAKEN: &str = "\
UPDATE external_scan_result
SET attempt = attempt + 1, dispatched_at = ?1, deadline_at = NULL, dispatch_due_at = ?2, updated_at = ?1, last_write = ?3
WHERE status = 'PENDING' AND dispatch_due_at IS NOT NULL AND dispatch_due_at <= ?1
  AND EXISTS (SELECT 1 FROM dispatch d
              WHERE d.scan_id = external_scan_result.id AND d.attempt = external_scan_result.attempt + 1)";

/// ?1 now, ?2 token. What this batch leased, with the number that picks the scanner.
pub(in crate::store) const SELECT_LEASED: &str = "\
SELECT r.id, r.skill_name, r.provider, r.repo_url, r.skill_path, r.commit_sha, r.attempt, d.seq AS turn
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id AND r.attempt = d.attempt
WHERE d.sent_at = ?1 AND r.last_write = ?2
ORDER BY d.seq";

/// ?1 id, ?2 attempt, ?3 now, ?4 deadline. Accepted: nothing more to send, and the clock runs, unless
/// the scanner has spoken already.
pub(in crate::store) const SENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, dispatch_error = NULL, dispatch_failures = 0, updated_at = ?3,
    deadline_at = CASE status WHEN 'PENDING' THEN ?4 ELSE deadline_at END
WHERE id = ?1 AND attempt = ?2";

/// ?1 id, ?2 attempt, ?3 now, ?4 when again, ?5 error. No scanner has it, so no clock runs: it may
/// have to wait for the next hour's budget.
pub(in crate::store) const SEND_FAILED: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = ?4, deadline_at = NULL, dispatch_error = ?5, dispatch_failures = dispatch_failures + 1, updated_at = ?3
WHERE id = ?1 AND attempt = ?2 AND status = 'PENDING'";
