//! Every SQL text of the worker.
//!
//! Each is one statement of a batch, and a batch is one transaction. A statement that belongs to
//! a change carries a guard: it does nothing unless the batch's first statement changed its row,
//! which that row's `last_write` token tells.

/// ?1 name, ?2 bare, ?3 repo, ?4 commit, ?5 version, ?6 path, ?7 now, ?8 may move (0/1).
/// A known name stays with its repository unless it may move.
pub(super) const PUBLISH_SKILL: &str = "\
INSERT INTO skill (name, bare_name, repo_url, commit_sha, version, skill_path, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
ON CONFLICT (name) DO UPDATE SET
    repo_url = excluded.repo_url, commit_sha = excluded.commit_sha, version = excluded.version,
    skill_path = excluded.skill_path, updated_at = excluded.updated_at, revision = skill.revision + 1
WHERE skill.repo_url = excluded.repo_url OR ?8 = 1";

/// ?1 scan id, ?2 skill, ?3 bare, ?4 provider, ?5 repo, ?6 now, ?7 when to send, ?8 deadline.
/// Only for a skill that stands as published, and only where no scan is active.
pub(super) const NEW_SCAN: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, last_write, dispatch_due_at, deadline_at)
SELECT ?1, s.name, ?3, ?4, s.repo_url, s.skill_path, s.commit_sha, 'PENDING', ?6, ?6, ?1, ?7, ?8
FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?5
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = ?2 AND a.provider = ?4 AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 now, ?2 an hour ago, ?3 budget, ?4 skill or NULL, ?5 repo. Takes what is due, as far as the
/// hour's budget goes; with a skill, only if that one stands as published.
pub(super) const TAKE_BUDGET: &str = "\
INSERT INTO dispatch (scan_id, attempt, sent_at)
SELECT id, attempt + 1, ?1 FROM external_scan_result
WHERE status = 'PENDING' AND dispatch_due_at IS NOT NULL AND dispatch_due_at <= ?1
  AND (?4 IS NULL OR EXISTS (SELECT 1 FROM skill WHERE name = ?4 AND repo_url = ?5))
ORDER BY dispatch_due_at
LIMIT max(0, min(6, ?3 - (SELECT count(*) FROM dispatch WHERE sent_at > ?2)))";

/// ?1 now, ?2 end of the lease, ?3 token. Leases what was taken by [`TAKE_BUDGET`]. The clock does
/// not start before a scanner has the scan.
pub(super) const LEASE_TAKEN: &str = "\
UPDATE external_scan_result
SET attempt = attempt + 1, dispatched_at = ?1, deadline_at = NULL, dispatch_due_at = ?2, updated_at = ?1, last_write = ?3
WHERE status = 'PENDING' AND dispatch_due_at IS NOT NULL AND dispatch_due_at <= ?1
  AND EXISTS (SELECT 1 FROM dispatch d
              WHERE d.scan_id = external_scan_result.id AND d.attempt = external_scan_result.attempt + 1)";

/// ?1 now, ?2 token. What this batch leased, with the number that picks the scanner.
pub(super) const SELECT_LEASED: &str = "\
SELECT r.id, r.skill_name, r.provider, r.repo_url, r.skill_path, r.commit_sha, r.attempt, d.seq AS turn
FROM dispatch d JOIN external_scan_result r ON r.id = d.scan_id AND r.attempt = d.attempt
WHERE d.sent_at = ?1 AND r.last_write = ?2
ORDER BY d.seq";

/// ?1 id, ?2 attempt, ?3 now, ?4 deadline. Accepted: nothing more to send, and the clock runs, unless
/// the scanner has spoken already.
pub(super) const SENT: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = NULL, dispatch_error = NULL, dispatch_failures = 0, updated_at = ?3,
    deadline_at = CASE status WHEN 'PENDING' THEN ?4 ELSE deadline_at END
WHERE id = ?1 AND attempt = ?2";

/// ?1 id, ?2 attempt, ?3 now, ?4 when again, ?5 error. No scanner has it, so no clock runs: it may
/// have to wait for the next hour's budget.
pub(super) const SEND_FAILED: &str = "\
UPDATE external_scan_result
SET dispatch_due_at = ?4, deadline_at = NULL, dispatch_error = ?5, dispatch_failures = dispatch_failures + 1, updated_at = ?3
WHERE id = ?1 AND attempt = ?2 AND status = 'PENDING'";

/// What [`super::rows::ScanRow`] is read from: all but the bulky columns.
macro_rules! scan_columns {
    () => {
        "SELECT seq, id, skill_name, provider, repo_url, commit_sha, status, created_at, updated_at, last_write, \
         attempt, dispatch_error, dispatch_due_at, deadline_at, started_at, completed_at, critical_count, \
         high_count, medium_count, low_count, score, content_digest, error, tool, coverage, duration_ms \
         FROM external_scan_result"
    };
}

/// ?1 full name.
pub(super) const SELECT_SKILL: &str = "\
SELECT name, repo_url, commit_sha, version, skill_path, updated_at, revision, kv_revision FROM skill WHERE name = ?1";

/// ?1 bare name. At most 20: an installer cannot choose among more anyway.
pub(super) const SELECT_SKILLS_BY_BARE_NAME: &str = "\
SELECT name, repo_url, commit_sha, version, skill_path, updated_at, revision, kv_revision FROM skill
WHERE bare_name = ?1 ORDER BY name LIMIT 20";

/// ?1 scan id.
pub(super) const SELECT_SCAN: &str = concat!(scan_columns!(), " WHERE id = ?1");

/// ?1 skill, ?2 provider. The active scan, else the newest: an older one that timed out was given
/// up when a newer one was made.
pub(super) const SELECT_SCAN_OF: &str = concat!(
    scan_columns!(),
    " WHERE skill_name = ?1 AND provider = ?2 AND stray = 0
ORDER BY status IN ('PENDING', 'RUNNING') DESC, seq DESC LIMIT 1"
);

/// ?1 skill. The newest scan of each provider.
pub(super) const SELECT_NEWEST_SCANS: &str = concat!(
    scan_columns!(),
    " WHERE seq IN (
    (SELECT max(seq) FROM external_scan_result WHERE skill_name = ?1 AND provider = 'semgrep' AND stray = 0),
    (SELECT max(seq) FROM external_scan_result WHERE skill_name = ?1 AND provider = 'njsscan' AND stray = 0),
    (SELECT max(seq) FROM external_scan_result WHERE skill_name = ?1 AND provider = 'trufflehog' AND stray = 0))"
);

/// ?1 scan id. The bulky columns.
pub(super) const SELECT_SCAN_DETAIL: &str = "\
SELECT findings, findings_truncated, coverage, tool, worker_host, isolation, duration_ms, github_run_url, error
FROM external_scan_result WHERE id = ?1";

/// ?1 now, ?2 skill. One audit line for each overdue scan of a skill.
pub(super) const AUDIT_TIME_OUTS: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'worker', 'scan.timed_out', skill_name, id, json_object('provider', provider, 'was', status)
FROM external_scan_result
WHERE skill_name = ?2 AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= ?1";

/// ?1 now, ?2 skill. Before [`PROMOTE_TIME_OUTS`], in the same batch.
pub(super) const REVISE_TIMED_OUT_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = ?1
WHERE name = ?2 AND EXISTS (
    SELECT 1 FROM external_scan_result
    WHERE skill_name = ?2 AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= ?1)";

/// ?1 now, ?2 skill, ?3 token.
pub(super) const PROMOTE_TIME_OUTS: &str = "\
UPDATE external_scan_result
SET status = 'TIMED_OUT', dispatch_due_at = NULL, updated_at = ?1, last_write = ?3
WHERE skill_name = ?2 AND status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= ?1";

/// ?1 skill, ?2 token of [`PROMOTE_TIME_OUTS`], ?3 now, ?4 when to send, ?5 deadline. As
/// [`FOLLOW_MOVED_COMMIT`]: a time-out is an end too. The new ids are made of the token.
pub(super) const FOLLOW_TIMED_OUT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status,
     created_at, updated_at, last_write, dispatch_due_at, deadline_at)
SELECT ?2 || '-' || r.provider, s.name, s.bare_name, r.provider, s.repo_url, s.skill_path, s.commit_sha,
       'PENDING', ?3, ?3, ?2 || '-' || r.provider, ?4, ?5
FROM external_scan_result r JOIN skill s ON s.name = r.skill_name
WHERE r.skill_name = ?1 AND r.status = 'TIMED_OUT' AND r.last_write = ?2
  AND (s.repo_url <> r.repo_url OR s.commit_sha IS NOT r.commit_sha)
  AND NOT EXISTS (SELECT 1 FROM external_scan_result a
                  WHERE a.skill_name = s.name AND a.provider = r.provider AND a.status IN ('PENDING', 'RUNNING'))";

/// ?1 now. Skills with overdue scans that nobody reads.
pub(super) const SELECT_OVERDUE_SKILLS: &str = "\
SELECT DISTINCT skill_name AS name FROM external_scan_result
WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL AND deadline_at <= ?1 LIMIT 50";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 deadline.
pub(super) const MARK_STARTED: &str = "\
UPDATE external_scan_result
SET status = 'RUNNING', started_at = ifnull(started_at, ?4), deadline_at = ?6, dispatch_due_at = NULL,
    updated_at = ?4, last_write = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 error, ?7 host, ?8 digest,
/// ?9 run id, ?10 run URL.
pub(super) const MARK_FAILED: &str = "\
UPDATE external_scan_result
SET status = 'ERROR', error = ?6, worker_host = ?7, content_digest = ?8, github_run_id = ?9, github_run_url = ?10,
    completed_at = ?4, deadline_at = NULL, dispatch_due_at = NULL, updated_at = ?4, last_write = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3";

/// ?1 id, ?2 expected status, ?3 expected attempt, ?4 now, ?5 token, ?6 status, ?7 commit,
/// ?8 to ?11 counts, ?12 score, ?13 findings, ?14 truncated, ?15 coverage, ?16 tool, ?17 host,
/// ?18 isolation, ?19 duration, ?20 run id, ?21 run URL, ?22 error, ?23 digest.
pub(super) const STORE_RESULT: &str = "\
UPDATE external_scan_result
SET status = ?6, commit_sha = ?7, critical_count = ?8, high_count = ?9, medium_count = ?10, low_count = ?11,
    score = ?12, findings = ?13, findings_truncated = ?14, coverage = ?15, tool = ?16, worker_host = ?17,
    isolation = ?18, duration_ms = ?19, github_run_id = ?20, github_run_url = ?21, error = ?22, content_digest = ?23,
    completed_at = ?4, deadline_at = NULL, dispatch_due_at = NULL, updated_at = ?4, last_write = ?5
WHERE id = ?1 AND status = ?2 AND attempt = ?3 AND (commit_sha IS NULL OR commit_sha = ?7)";

/// ?1 scan id, ?2 skill, ?3 bare, ?4 provider, ?5 repo, ?6 commit, ?7 now, ?8 content digest.
/// A row of its own for a result at another commit, to be filled by [`STORE_RESULT`]. It is stray:
/// neither what is current nor what is under way hides behind it. It stands as TIMED_OUT for a
/// moment only, inside one batch.
pub(super) const NEW_FOREIGN_RESULT: &str = "\
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, stray, created_at, updated_at, last_write)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'TIMED_OUT', 1, ?7, ?7, ?1
WHERE NOT EXISTS (SELECT 1 FROM external_scan_result
                  WHERE skill_name = ?2 AND provider = ?4 AND content_digest = ?8 AND stray = 1)";

/// ?1 skill, ?2 repo, ?3 commit, ?4 scan id, ?5 token. The first scanner's HEAD becomes the published commit.
pub(super) const RESOLVE_COMMIT: &str = "\
UPDATE skill SET commit_sha = ?3
WHERE name = ?1 AND repo_url = ?2 AND commit_sha IS NULL
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?4 AND last_write = ?5)";

/// ?1 skill, ?2 now, ?3 scan id, ?4 token.
pub(super) const REVISE_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = ?2
WHERE name = ?1 AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?3 AND last_write = ?4)";

/// ?1 entry id, ?2 skill, ?3 bare, ?4 evidence, ?5 now, ?6 repo, ?7 commit, ?8 scan id, ?9 token.
/// Only for the published commit of the repository that was scanned. Evidence is merged by provider.
pub(super) const BLOCK: &str = "\
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at)
SELECT ?1, s.name, ?3, s.repo_url, 'active', 'external-sast', 'critical', '', ?4, '[]', 'external-scan', ?7, ?5, ?5
FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?6 AND s.commit_sha = ?7
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?8 AND last_write = ?9)
ON CONFLICT (skill_name, ifnull(source_url, '')) WHERE state IN ('proposed', 'active') DO UPDATE SET
    severity = 'critical', evidence = json_patch(blocklist_entry.evidence, excluded.evidence),
    commit_sha = excluded.commit_sha, updated_at = excluded.updated_at";

/// ?1 now, ?2 scan id, ?3 token. Under the conditions of [`BLOCK`], in the same batch.
pub(super) const REVISE_BLOCKLIST: &str = "\
UPDATE blocklist_revision SET revision = revision + 1, changed_at = ?1
WHERE id = 1 AND EXISTS (
    SELECT 1 FROM external_scan_result r
    JOIN skill s ON s.name = r.skill_name AND s.repo_url = r.repo_url AND s.commit_sha = r.commit_sha
    WHERE r.id = ?2 AND r.last_write = ?3)";

/// ?1 new scan id, ?2 now, ?3 when to send, ?4 deadline, ?5 id of the scan that ended, ?6 its token.
/// The published commit moved under a scan: the new one is scanned as soon as the old one ends.
pub(super) const FOLLOW_MOVED_COMMIT: &str = "\
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

/// ?1 now, ?2 skill, ?3 repo, ?4 commit, ?5 scan id, ?6 token, ?7 evidence. The audit line of [`BLOCK`].
pub(super) const AUDIT_BLOCK: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'worker', 'blocklist.blocked', s.name, ?5, ?7 FROM skill s
WHERE s.name = ?2 AND s.repo_url = ?3 AND s.commit_sha = ?4
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?5 AND last_write = ?6)";

/// ?1 now, ?2 actor, ?3 action, ?4 skill, ?5 scan id, ?6 detail.
pub(super) const AUDIT: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// ?1 now, ?2 actor, ?3 action, ?4 skill, ?5 scan id, ?6 detail, ?7 token: only if that write took place.
pub(super) const AUDIT_WRITE: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, ?2, ?3, ?4, ?5, ?6
WHERE EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?5 AND last_write = ?7)";

/// ?1 now, ?2 action, ?3 skill, ?4 repo, ?5 detail: only if the skill stands as published.
pub(super) const AUDIT_PUBLISH: &str = "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?1, 'admin', ?2, ?3, NULL, ?5 WHERE EXISTS (SELECT 1 FROM skill WHERE name = ?3 AND repo_url = ?4)";

/// ?1 skill, ?2 the revision that KV now holds.
pub(super) const KV_HOLDS: &str =
    "UPDATE skill SET kv_revision = ?2 WHERE name = ?1 AND kv_revision < ?2";

/// ?1 skill. What KV holds is not known.
pub(super) const KV_UNKNOWN: &str = "UPDATE skill SET kv_revision = 0 WHERE name = ?1";

/// Skills of which KV is behind.
pub(super) const SELECT_BEHIND_IN_KV: &str =
    "SELECT name FROM skill WHERE kv_revision < revision ORDER BY updated_at LIMIT 50";

/// ?1 bare name, ?2 source or NULL.
pub(super) const SELECT_ENTRIES_BY_BARE_NAME: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry
WHERE bare_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100";

/// ?1 full name, ?2 source or NULL.
pub(super) const SELECT_ENTRIES_BY_NAME: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry
WHERE skill_name = ?1 AND state IN ('proposed', 'active') AND (?2 IS NULL OR source_url IS NULL OR source_url = ?2)
ORDER BY state = 'active' DESC, discovered_at, id LIMIT 100";

/// ?1 bare name, ?2 full name or NULL, ?3 source or NULL. Scans with criticals, newest first, to tell
/// what is tainted without being blocked. What an admin has lifted at that commit taints no more.
pub(super) const SELECT_CRITICALS_BY_BARE_NAME: &str = "\
SELECT skill_name, repo_url, provider, commit_sha, critical_count FROM external_scan_result r
WHERE bare_name = ?1 AND critical_count > 0
  AND (?2 IS NULL OR skill_name = ?2) AND (?3 IS NULL OR repo_url = ?3)
  AND NOT EXISTS (SELECT 1 FROM blocklist_entry e
                  WHERE e.skill_name = r.skill_name AND e.source_url = r.repo_url
                    AND e.state = 'withdrawn' AND e.commit_sha = r.commit_sha)
ORDER BY seq DESC LIMIT 20";

/// Every active entry, oldest first.
pub(super) const SELECT_ACTIVE_ENTRIES: &str = "\
SELECT id, skill_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls, commit_sha,
       discovered_at, updated_at
FROM blocklist_entry WHERE state = 'active' ORDER BY discovered_at, id";

/// How often the list has changed, and when last.
pub(super) const SELECT_BLOCKLIST_REVISION: &str =
    "SELECT revision, changed_at FROM blocklist_revision WHERE id = 1";

/// Whether the database answers.
pub(super) const PING: &str = "SELECT 1 AS one";
