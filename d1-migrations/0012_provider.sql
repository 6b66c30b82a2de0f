-- Providers are rows of a table instead of words in a CHECK and in triggers.

-- Each tool that scans skills. A new provider is one more row, with the next rank.
CREATE TABLE provider (
    name TEXT NOT NULL PRIMARY KEY,                -- as in Provider::ALL of the contract crate
    rank INTEGER NOT NULL UNIQUE                   -- place in answers and pages; the smaller wins a tie
) STRICT, WITHOUT ROWID;
INSERT INTO provider (name, rank) VALUES ('semgrep', 1), ('njsscan', 2), ('trufflehog', 3);

-- SQLite drops a CHECK only by copying the table (https://sqlite.org/lang_altertable.html, section 7). D1 allows
-- that inside of a migration:
-- - D1 runs a migration as one transaction and does not let it turn foreign keys off. No foreign key refers to this
--   table, so DROP TABLE has nothing to check, and `PRAGMA defer_foreign_keys` is not needed.
-- - ALTER TABLE ... RENAME TO fails where a trigger names a table that is not there. `lift_clears_taints` does,
--   between DROP and RENAME, so it is dropped first and made again at the end.
-- - Rows are never deleted, so the copy leaves AUTOINCREMENT at the same number.
-- The copy has to end within D1's 30 seconds for a statement, and needs as much free space as the table takes.
DROP TRIGGER lift_clears_taints;

CREATE TABLE scan_copy (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,         -- the newest of (skill, provider) that is not unsolicited is the current one
    id TEXT NOT NULL UNIQUE,                       -- the scan id
    skill_name TEXT NOT NULL,
    bare_name TEXT NOT NULL,
    provider TEXT NOT NULL CONSTRAINT scan_provider REFERENCES provider (name),
    repo_url TEXT NOT NULL,
    skill_path TEXT,
    commit_sha TEXT,                               -- asked for, then scanned; NULL until a scanner says it
    status TEXT NOT NULL,
    unsolicited INTEGER NOT NULL DEFAULT 0,        -- 1: a result at a commit that no scan was asked for: kept, never current
    newest INTEGER NOT NULL DEFAULT 1,             -- 0 once a newer scan of the same skill and provider exists
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    write_token TEXT NOT NULL,                     -- names the batch that last changed the row; later statements of that batch check it

    -- dispatch
    attempt INTEGER NOT NULL DEFAULT 0,            -- fencing token: the number of sends and claims so far
    dispatch_due_at INTEGER,                       -- when to send it (again); NULL: nothing to send
    dispatched_at INTEGER,                         -- the last send
    dispatch_failures INTEGER NOT NULL DEFAULT 0,
    dispatch_error TEXT,                           -- why the last send failed
    deadline_at INTEGER,                           -- without a callback until then it is TIMED_OUT; NULL: the clock has not started
    claimed_by TEXT,                               -- the scanner that pulled it
    claim_expires_at INTEGER,                      -- from then on any scanner may claim it
    time_outs INTEGER NOT NULL DEFAULT 0,          -- how often it timed out; after the third time it is given up
    given_up_at INTEGER,                           -- when it timed out for the third time, or a newer scan replaced it

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
    content_digest TEXT,                           -- of the callback that was applied: recognises its exact repeat

    -- blocklist
    criticals TEXT,                                -- JSON list: a fingerprint of each critical finding that is listed
    entry_id TEXT,                                 -- the entry that its criticals are evidence of; lifted once that is withdrawn
    cleared INTEGER NOT NULL DEFAULT 0,            -- 1: an entry of the skill was lifted since; its criticals taint no more

    CONSTRAINT scan_status CHECK (status IN ('PENDING', 'RUNNING', 'PASS', 'FAIL', 'INCOMPLETE', 'ERROR', 'TIMED_OUT')),
    CONSTRAINT scan_commit CHECK (commit_sha IS NULL OR length(commit_sha) = 40),
    CONSTRAINT scan_result_has_counts CHECK (status NOT IN ('PASS', 'FAIL', 'INCOMPLETE')
        OR (critical_count IS NOT NULL AND high_count IS NOT NULL AND medium_count IS NOT NULL
            AND low_count IS NOT NULL AND score IS NOT NULL AND commit_sha IS NOT NULL)),
    CONSTRAINT scan_pass_is_clean CHECK (status <> 'PASS' OR (critical_count = 0 AND score >= 50))
) STRICT;

INSERT INTO scan_copy
    (seq, id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status, unsolicited, newest,
     created_at, updated_at, write_token, attempt, dispatch_due_at, dispatched_at, dispatch_failures, dispatch_error,
     deadline_at, claimed_by, claim_expires_at, time_outs, given_up_at, started_at, completed_at, critical_count,
     high_count, medium_count, low_count, score, findings, findings_truncated, coverage, tool, worker_host, isolation,
     duration_ms, github_run_id, github_run_url, error, content_digest, criticals, entry_id, cleared)
SELECT seq, id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status, stray, newest,
     created_at, updated_at, last_write, attempt, dispatch_due_at, dispatched_at, dispatch_failures, dispatch_error,
     deadline_at, claimed_by, claim_expires_at, time_outs, given_up_at, started_at, completed_at, critical_count,
     high_count, medium_count, low_count, score, findings, findings_truncated, coverage, tool, worker_host, isolation,
     duration_ms, github_run_id, github_run_url, error, content_digest, criticals, entry_id, cleared
FROM external_scan_result ORDER BY seq;
DROP TABLE external_scan_result;
ALTER TABLE scan_copy RENAME TO external_scan_result;

-- At most one active scan of a skill and provider, whatever arrives at once.
CREATE UNIQUE INDEX scan_one_active ON external_scan_result (skill_name, provider)
    WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX scan_newest ON external_scan_result (skill_name, provider, unsolicited, seq);
CREATE INDEX scan_unsolicited ON external_scan_result (skill_name, provider, content_digest) WHERE unsolicited = 1;
CREATE INDEX scan_to_send ON external_scan_result (dispatch_due_at) WHERE dispatch_due_at IS NOT NULL;
CREATE INDEX scan_deadline ON external_scan_result (deadline_at)
    WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL;
CREATE INDEX scan_offered ON external_scan_result (seq)
    WHERE status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0;
CREATE INDEX scan_timed_out ON external_scan_result (skill_name, provider)
    WHERE status = 'TIMED_OUT' AND given_up_at IS NULL;
CREATE INDEX scan_given_up ON external_scan_result (given_up_at)
    WHERE status = 'TIMED_OUT' AND given_up_at IS NOT NULL AND newest = 1 AND unsolicited = 0;
CREATE INDEX scan_by_skill ON external_scan_result (skill_name, seq);
CREATE INDEX scan_clean ON external_scan_result (skill_name, seq) WHERE status = 'PASS';
CREATE INDEX scan_latest ON external_scan_result (provider, seq) WHERE newest = 1 AND unsolicited = 0;
CREATE INDEX scan_latest_by_status ON external_scan_result (provider, status, seq) WHERE newest = 1 AND unsolicited = 0;
CREATE INDEX scan_by_evidence ON external_scan_result (skill_name, provider, repo_url, commit_sha)
    WHERE entry_id IS NOT NULL;
CREATE INDEX scan_by_entry ON external_scan_result (entry_id, seq) WHERE entry_id IS NOT NULL;
-- Criticals that are evidence of no entry: few scans, read by each `check` and each publish.
CREATE INDEX scan_without_entry ON external_scan_result (bare_name COLLATE NOCASE, seq)
    WHERE critical_count > 0 AND entry_id IS NULL;

CREATE TRIGGER scan_replaces AFTER INSERT ON external_scan_result WHEN NEW.unsolicited = 0
BEGIN UPDATE external_scan_result SET newest = 0 WHERE seq = (
    SELECT max(seq) FROM external_scan_result
    WHERE skill_name = NEW.skill_name AND provider = NEW.provider AND unsolicited = 0 AND seq < NEW.seq);
END;
-- The audit line of a scan that has become evidence of an entry.
CREATE TRIGGER scan_becomes_evidence AFTER UPDATE OF entry_id ON external_scan_result
WHEN OLD.entry_id IS NULL AND NEW.entry_id IS NOT NULL
BEGIN INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
    SELECT e.updated_at, 'worker',
        CASE WHEN e.id <> NEW.id THEN 'blocklist.evidence' WHEN e.state = 'proposed' THEN 'blocklist.proposed'
             ELSE 'blocklist.blocked' END,
        e.skill_name, NEW.id,
        json_object('entryId', e.id, 'sourceUrl', e.source_url, 'provider', NEW.provider, 'commitSha', NEW.commit_sha,
                    'criticalCount', NEW.critical_count)
    FROM blocklist_entry e WHERE e.id = NEW.entry_id;
END;
CREATE TRIGGER lift_clears_taints AFTER UPDATE OF state ON blocklist_entry
WHEN OLD.state <> 'withdrawn' AND NEW.state = 'withdrawn'
BEGIN UPDATE external_scan_result SET cleared = 1
    WHERE bare_name = NEW.bare_name COLLATE NOCASE AND critical_count > 0 AND entry_id IS NULL
      AND (NEW.source_url IS NULL OR repo_url = NEW.source_url)
      AND (skill_name = NEW.skill_name COLLATE NOCASE OR NEW.skill_name = NEW.bare_name);
END;

-- With evidence, the list shows the provider that found most, of equals the one of the smallest rank, and its
-- count instead of the reason.
DROP TRIGGER blocklist_changes;
CREATE TRIGGER blocklist_changes AFTER UPDATE ON blocklist_entry
WHEN (OLD.state = 'active') <> (NEW.state = 'active')
    OR (NEW.state = 'active'
        AND (OLD.threat_type <> NEW.threat_type OR OLD.severity <> NEW.severity
            OR OLD.evidence_urls <> NEW.evidence_urls OR OLD.commit_sha IS NOT NEW.commit_sha
            OR ifnull((SELECT key || json_extract(value, '$.criticalCount') FROM json_each(OLD.evidence)
                       ORDER BY json_extract(value, '$.criticalCount') DESC,
                           (SELECT rank FROM provider WHERE name = key) LIMIT 1), ' ' || OLD.reason)
            <> ifnull((SELECT key || json_extract(value, '$.criticalCount') FROM json_each(NEW.evidence)
                       ORDER BY json_extract(value, '$.criticalCount') DESC,
                           (SELECT rank FROM provider WHERE name = key) LIMIT 1), ' ' || NEW.reason)))
BEGIN UPDATE blocklist_revision SET revision = revision + 1, changed_at = NEW.updated_at WHERE id = 1; END;
