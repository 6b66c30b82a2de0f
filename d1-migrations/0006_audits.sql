-- Lists over all skills: the newest scans, a search by name, totals.

-- 0 once a newer scan of the same skill and provider stands in its place.
ALTER TABLE external_scan_result ADD COLUMN newest INTEGER NOT NULL DEFAULT 1;
UPDATE external_scan_result SET newest = 0 WHERE EXISTS (
    SELECT 1 FROM external_scan_result n
    WHERE n.skill_name = external_scan_result.skill_name AND n.provider = external_scan_result.provider
      AND n.stray = 0 AND n.seq > external_scan_result.seq);
CREATE TRIGGER scan_replaces AFTER INSERT ON external_scan_result WHEN NEW.stray = 0
BEGIN UPDATE external_scan_result SET newest = 0 WHERE seq = (
    SELECT max(seq) FROM external_scan_result
    WHERE skill_name = NEW.skill_name AND provider = NEW.provider AND stray = 0 AND seq < NEW.seq);
END;
CREATE INDEX scan_latest ON external_scan_result (provider, seq) WHERE newest = 1 AND stray = 0;
CREATE INDEX scan_latest_by_status ON external_scan_result (provider, status, seq) WHERE newest = 1 AND stray = 0;

-- The words of each skill's name in lower case, as `/`, `.`, `_` and `-` divide it. A name has no
-- character that JSON would escape.
CREATE TABLE skill_word (
    word TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (word, name)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO skill_word (word, name)
SELECT j.value, s.name FROM skill s, json_each('["' ||
    replace(replace(replace(replace(lower(s.name), '/', '","'), '.', '","'), '_', '","'), '-', '","') || '"]') j
WHERE j.value <> '';
CREATE TRIGGER skill_gets_words AFTER INSERT ON skill
BEGIN INSERT OR IGNORE INTO skill_word (word, name) SELECT j.value, NEW.name FROM json_each('["' ||
    replace(replace(replace(replace(lower(NEW.name), '/', '","'), '.', '","'), '_', '","'), '-', '","') || '"]') j
WHERE j.value <> '';
END;
CREATE TRIGGER skill_loses_words AFTER DELETE ON skill
BEGIN DELETE FROM skill_word WHERE name = OLD.name AND word IN (SELECT j.value FROM json_each('["' ||
    replace(replace(replace(replace(lower(OLD.name), '/', '","'), '.', '","'), '_', '","'), '-', '","') || '"]') j);
END;

-- How many entries block.
ALTER TABLE catalogue ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
UPDATE catalogue SET blocked = (SELECT count(*) FROM blocklist_entry WHERE state = 'active');
CREATE TRIGGER catalogue_blocks AFTER INSERT ON blocklist_entry WHEN NEW.state = 'active'
BEGIN UPDATE catalogue SET blocked = blocked + 1 WHERE id = 1; END;
CREATE TRIGGER catalogue_reblocks AFTER UPDATE ON blocklist_entry WHEN (OLD.state = 'active') <> (NEW.state = 'active')
BEGIN UPDATE catalogue SET blocked = blocked + iif(NEW.state = 'active', 1, -1) WHERE id = 1; END;
