-- The life of a blocklist entry: proposed, active, withdrawn; never back, and never deleted.

-- Token of the change that the entry last went through; an admin's list shows it as `version`.
ALTER TABLE blocklist_entry ADD COLUMN last_write TEXT NOT NULL DEFAULT '';

-- JSON list: a digest of rule, file and code for each critical finding that is listed.
ALTER TABLE external_scan_result ADD COLUMN criticals TEXT;
-- The entry that the scan's criticals are evidence of. Once it is withdrawn, they are lifted.
ALTER TABLE external_scan_result ADD COLUMN entry_id TEXT;

UPDATE external_scan_result SET entry_id = (
    SELECT e.id FROM blocklist_entry e, json_each(e.evidence) part
    WHERE e.skill_name = external_scan_result.skill_name
      AND json_extract(part.value, '$.scanId') = external_scan_result.id)
WHERE critical_count > 0;

CREATE INDEX scan_by_skill ON external_scan_result (skill_name, seq);
CREATE INDEX scan_clean ON external_scan_result (skill_name, seq) WHERE status = 'PASS';
CREATE INDEX scan_charged ON external_scan_result (skill_name, provider, repo_url, commit_sha)
    WHERE entry_id IS NOT NULL;
CREATE INDEX scan_by_entry ON external_scan_result (entry_id, seq) WHERE entry_id IS NOT NULL;
CREATE INDEX entry_by_time ON blocklist_entry (discovered_at, id);
CREATE INDEX entry_automatic ON blocklist_entry (discovered_at) WHERE discovered_by = 'external-scan';
CREATE INDEX entry_proposed ON blocklist_entry (discovered_at) WHERE state = 'proposed';
CREATE INDEX audit_by_action ON audit_event (action, seq);
CREATE INDEX audit_by_scan ON audit_event (scan_id, seq) WHERE scan_id IS NOT NULL;

-- How many skills there are: the brake on automatic entries asks with every one of them.
CREATE TABLE catalogue (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    skills INTEGER NOT NULL
) STRICT;
INSERT INTO catalogue (id, skills) SELECT 1, count(*) FROM skill;
CREATE TRIGGER catalogue_grows AFTER INSERT ON skill
BEGIN UPDATE catalogue SET skills = skills + 1 WHERE id = 1; END;
CREATE TRIGGER catalogue_shrinks AFTER DELETE ON skill
BEGIN UPDATE catalogue SET skills = skills - 1 WHERE id = 1; END;

CREATE TRIGGER blocklist_entry_ends BEFORE UPDATE ON blocklist_entry WHEN OLD.state = 'withdrawn'
BEGIN SELECT RAISE(ABORT, 'withdrawn entries are never changed'); END;
CREATE TRIGGER blocklist_entry_stands BEFORE UPDATE ON blocklist_entry
WHEN OLD.state = 'active' AND NEW.state = 'proposed'
BEGIN SELECT RAISE(ABORT, 'an active entry is withdrawn, never proposed again'); END;
CREATE TRIGGER blocklist_entry_identity BEFORE UPDATE ON blocklist_entry
WHEN OLD.id <> NEW.id OR OLD.skill_name <> NEW.skill_name OR OLD.bare_name <> NEW.bare_name
    OR OLD.source_url IS NOT NEW.source_url OR OLD.discovered_by <> NEW.discovered_by
    OR OLD.discovered_at <> NEW.discovered_at
BEGIN SELECT RAISE(ABORT, 'what an entry is about is never changed'); END;
-- The place of a word in this line is its rank.
CREATE TRIGGER blocklist_entry_severity BEFORE UPDATE ON blocklist_entry
WHEN instr('low medium high critical', NEW.severity) BETWEEN 1 AND instr('low medium high critical', OLD.severity) - 1
BEGIN SELECT RAISE(ABORT, 'the severity of an entry only rises'); END;

-- The revision rises with every change of what the public list shows, and with nothing else,
-- whichever statement makes it.
CREATE TRIGGER blocklist_gains AFTER INSERT ON blocklist_entry WHEN NEW.state = 'active'
BEGIN UPDATE blocklist_revision SET revision = revision + 1, changed_at = NEW.updated_at WHERE id = 1; END;
-- With evidence, the list shows the provider that found most and its count instead of the reason.
CREATE TRIGGER blocklist_changes AFTER UPDATE ON blocklist_entry
WHEN (OLD.state = 'active') <> (NEW.state = 'active')
    OR (NEW.state = 'active'
        AND (OLD.threat_type <> NEW.threat_type OR OLD.severity <> NEW.severity
            OR OLD.evidence_urls <> NEW.evidence_urls OR OLD.commit_sha IS NOT NEW.commit_sha
            OR ifnull((SELECT key || json_extract(value, '$.criticalCount') FROM json_each(OLD.evidence)
                       ORDER BY json_extract(value, '$.criticalCount') DESC,
                           instr('semgrep njsscan trufflehog', key) LIMIT 1), ' ' || OLD.reason)
            <> ifnull((SELECT key || json_extract(value, '$.criticalCount') FROM json_each(NEW.evidence)
                       ORDER BY json_extract(value, '$.criticalCount') DESC,
                           instr('semgrep njsscan trufflehog', key) LIMIT 1), ' ' || NEW.reason)))
BEGIN UPDATE blocklist_revision SET revision = revision + 1, changed_at = NEW.updated_at WHERE id = 1; END;
