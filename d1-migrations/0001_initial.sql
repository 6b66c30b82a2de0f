-- The whole of what Skillgate knows. D1 is the truth; KV is a copy of parts of it.
-- Times are integer milliseconds since the Unix epoch. JSON columns hold what is answered verbatim.

-- A published skill.
CREATE TABLE skill (
    name TEXT NOT NULL PRIMARY KEY,                -- full name, 1 to 3 segments
    bare_name TEXT NOT NULL,                       -- last segment: what the installer asks by
    repo_url TEXT NOT NULL,                        -- normalised
    commit_sha TEXT,                               -- the published commit; NULL until one is known
    version TEXT,                                  -- the registry's own word for the release
    skill_path TEXT,                               -- folder in a repository of many; NULL is all of it
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,           -- raised by every batch that changes what a summary shows
    kv_revision INTEGER NOT NULL DEFAULT 0,        -- the revision that KV holds; below `revision` means KV is behind
    CONSTRAINT skill_commit CHECK (commit_sha IS NULL OR length(commit_sha) = 40)
) STRICT, WITHOUT ROWID;

CREATE INDEX skill_by_bare_name ON skill (bare_name);
CREATE INDEX skill_behind_in_kv ON skill (updated_at) WHERE kv_revision < revision;

-- One run of one provider on one skill at one commit; kept for ever.
CREATE TABLE external_scan_result (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,         -- the newest of (skill, provider) that is not stray is the current one
    id TEXT NOT NULL UNIQUE,                       -- the scan id
    skill_name TEXT NOT NULL,
    bare_name TEXT NOT NULL,
    provider TEXT NOT NULL,
    repo_url TEXT NOT NULL,
    skill_path TEXT,
    commit_sha TEXT,                               -- asked for, then scanned; NULL until a scanner says it
    status TEXT NOT NULL,
    stray INTEGER NOT NULL DEFAULT 0,              -- 1: a result that nobody asked for, at another commit: kept, never current
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_write TEXT NOT NULL,                      -- token of the change that the row last went through: the rest of its batch runs only if it did

    -- dispatch
    attempt INTEGER NOT NULL DEFAULT 0,            -- fencing: the number of sends and claims so far
    dispatch_due_at INTEGER,                       -- when to send it (again); NULL: nothing to send
    dispatched_at INTEGER,                         -- the last send
    dispatch_failures INTEGER NOT NULL DEFAULT 0,
    dispatch_error TEXT,                           -- why the last send failed
    deadline_at INTEGER,                           -- silence until then reads TIMED_OUT; NULL: the clock has not started
    claimed_by TEXT,                               -- the scanner that pulled it
    claim_expires_at INTEGER,

    -- what the callback said
    started_at INTEGER,
    completed_at INTEGER,
    critical_count INTEGER,
    high_count INTEGER,
    medium_count INTEGER,
    low_count INTEGER,
    score INTEGER,
    findings TEXT,                                 -- JSON, worst first, at most 100 and 512 KiB
    findings_truncated INTEGER NOT NULL DEFAULT 0,
    coverage TEXT,                                 -- JSON
    tool TEXT,                                     -- JSON
    worker_host TEXT,
    isolation TEXT,
    duration_ms INTEGER,
    github_run_id TEXT,
    github_run_url TEXT,
    error TEXT,
    content_digest TEXT,                           -- of the callback that was applied: knows its exact repeat

    CONSTRAINT scan_provider CHECK (provider IN ('semgrep', 'njsscan', 'trufflehog')),
    CONSTRAINT scan_status CHECK (status IN ('PENDING', 'RUNNING', 'PASS', 'FAIL', 'INCOMPLETE', 'ERROR', 'TIMED_OUT')),
    CONSTRAINT scan_commit CHECK (commit_sha IS NULL OR length(commit_sha) = 40),
    CONSTRAINT scan_result_has_counts CHECK (status NOT IN ('PASS', 'FAIL', 'INCOMPLETE')
        OR (critical_count IS NOT NULL AND high_count IS NOT NULL AND medium_count IS NOT NULL
            AND low_count IS NOT NULL AND score IS NOT NULL AND commit_sha IS NOT NULL)),
    CONSTRAINT scan_pass_is_clean CHECK (status <> 'PASS' OR (critical_count = 0 AND score >= 50))
) STRICT;

-- No double scan, whatever arrives at once.
CREATE UNIQUE INDEX scan_one_active ON external_scan_result (skill_name, provider)
    WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX scan_newest ON external_scan_result (skill_name, provider, stray, seq);
CREATE INDEX scan_stray ON external_scan_result (skill_name, provider, content_digest) WHERE stray = 1;
CREATE INDEX scan_to_send ON external_scan_result (dispatch_due_at)
    WHERE status = 'PENDING' AND dispatch_due_at IS NOT NULL;
CREATE INDEX scan_deadline ON external_scan_result (deadline_at)
    WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL;
CREATE INDEX scan_with_criticals ON external_scan_result (bare_name, seq) WHERE critical_count > 0;

-- One row per request sent: the hour's budget is a count over it. Its number picks the scanner.
CREATE TABLE dispatch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    UNIQUE (scan_id, attempt)
) STRICT;

CREATE INDEX dispatch_by_time ON dispatch (sent_at);

-- What stops an installation. Never deleted: an entry ends as withdrawn.
CREATE TABLE blocklist_entry (
    id TEXT NOT NULL PRIMARY KEY,
    skill_name TEXT NOT NULL,                      -- full name
    bare_name TEXT NOT NULL,
    source_url TEXT,                               -- normalised; NULL blocks the name wherever it comes from
    state TEXT NOT NULL,
    threat_type TEXT NOT NULL,
    severity TEXT NOT NULL,
    reason TEXT NOT NULL,                          -- by hand; an automatic entry's sentence comes from its evidence
    evidence TEXT NOT NULL,                        -- JSON: provider -> {scanId, commitSha, criticalCount}
    evidence_urls TEXT NOT NULL,                   -- JSON list, by hand
    discovered_by TEXT NOT NULL,
    commit_sha TEXT,
    discovered_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_reason TEXT,
    CONSTRAINT entry_state CHECK (state IN ('proposed', 'active', 'withdrawn')),
    CONSTRAINT entry_severity CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT entry_withdrawn CHECK (state <> 'withdrawn' OR (withdrawn_at IS NOT NULL AND withdrawn_reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX entry_one_standing ON blocklist_entry (skill_name, ifnull(source_url, ''))
    WHERE state IN ('proposed', 'active');
CREATE INDEX entry_by_skill ON blocklist_entry (skill_name, source_url);
CREATE INDEX entry_by_bare_name ON blocklist_entry (bare_name) WHERE state IN ('proposed', 'active');
CREATE INDEX entry_active ON blocklist_entry (discovered_at, id) WHERE state = 'active';

-- How often the public blocklist has changed: tells whether the copy in KV is the whole truth.
CREATE TABLE blocklist_revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    changed_at INTEGER
) STRICT;
INSERT INTO blocklist_revision (id, revision, changed_at) VALUES (1, 0, NULL);

-- What happened, and who did it. Nothing here is ever changed.
CREATE TABLE audit_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,                           -- admin, scanner, worker
    action TEXT NOT NULL,
    skill_name TEXT,
    scan_id TEXT,
    detail TEXT NOT NULL                           -- JSON
) STRICT;

CREATE INDEX audit_by_skill ON audit_event (skill_name, seq);

CREATE TRIGGER audit_event_keeps BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;
CREATE TRIGGER blocklist_entry_stays BEFORE DELETE ON blocklist_entry
BEGIN SELECT RAISE(ABORT, 'blocklist entries are withdrawn, never deleted'); END;
