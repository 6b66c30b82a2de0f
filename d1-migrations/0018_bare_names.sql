-- What a question for a bare name costs does not grow with the skills of that name, nor with criticals that were lifted.

-- 1: an active entry is about the skill. Triggers keep it; nothing else writes it.
ALTER TABLE skill ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
CREATE VIEW skill_is_blocked AS SELECT s.name, EXISTS (
    SELECT 1 FROM blocklist_entry e
    WHERE e.skill_name COLLATE NOCASE IN (s.name, s.bare_name) AND ifnull(e.source_url, '') IN ('', s.repo_url)
      AND e.state IN ('proposed', 'active') AND e.state = 'active') AS blocked
FROM skill s;
UPDATE skill SET blocked = 1 WHERE name IN (SELECT name FROM skill_is_blocked WHERE blocked = 1);

-- The skills that an entry may be about, once for entries that are added and for those that change.
CREATE VIEW entry_standing AS SELECT skill_name, bare_name, source_url FROM blocklist_entry;
CREATE TRIGGER entry_standing_applies INSTEAD OF INSERT ON entry_standing
BEGIN UPDATE skill SET blocked = (SELECT v.blocked FROM skill_is_blocked v WHERE v.name = skill.name)
    WHERE name IN (SELECT name FROM skill WHERE name = NEW.skill_name COLLATE NOCASE
                   UNION ALL SELECT name FROM skill
                   WHERE NEW.skill_name = NEW.bare_name AND bare_name = NEW.bare_name COLLATE NOCASE)
      AND (NEW.source_url IS NULL OR repo_url = NEW.source_url);
END;
CREATE TRIGGER active_entry_blocks_skills AFTER INSERT ON blocklist_entry WHEN NEW.state = 'active'
BEGIN INSERT INTO entry_standing (skill_name, bare_name, source_url) VALUES (NEW.skill_name, NEW.bare_name, NEW.source_url); END;
CREATE TRIGGER changed_entry_blocks_skills AFTER UPDATE OF state ON blocklist_entry
WHEN (OLD.state = 'active') <> (NEW.state = 'active')
BEGIN INSERT INTO entry_standing (skill_name, bare_name, source_url) VALUES (NEW.skill_name, NEW.bare_name, NEW.source_url); END;
CREATE TRIGGER skill_is_blocked_at_once AFTER INSERT ON skill
BEGIN UPDATE skill SET blocked = 1
    WHERE name = NEW.name AND (SELECT v.blocked FROM skill_is_blocked v WHERE v.name = NEW.name) = 1;
END;
CREATE TRIGGER moved_skill_is_blocked_anew AFTER UPDATE OF repo_url ON skill WHEN OLD.repo_url <> NEW.repo_url
BEGIN UPDATE skill SET blocked = (SELECT v.blocked FROM skill_is_blocked v WHERE v.name = NEW.name) WHERE name = NEW.name; END;
-- The first skills of a name in its own case, and in any.
DROP INDEX skill_by_bare_name;
CREATE INDEX skill_by_bare_name ON skill (bare_name COLLATE NOCASE, name);
CREATE INDEX skill_by_bare_name_in_case ON skill (bare_name, name);
CREATE INDEX skill_not_blocked ON skill (bare_name COLLATE NOCASE, bare_name) WHERE blocked = 0;

-- Criticals that taint: neither lifted nor cleared. A lift clears what its skill has; of a result that comes after it and
-- says the same, this is found out once, when it is stored. What was lifted stays lifted, since no entry goes back.
CREATE VIEW lifted_criticals AS SELECT r.seq FROM external_scan_result r
WHERE r.critical_count > 0 AND r.entry_id IS NULL AND r.cleared = 0
  AND NOT EXISTS (
    SELECT found.value FROM json_each(ifnull(r.criticals, '[]')) found
    EXCEPT
    SELECT known.value
    FROM external_scan_result p JOIN blocklist_entry w ON w.id = p.entry_id, json_each(ifnull(p.criticals, '[]')) known
    WHERE p.entry_id IS NOT NULL AND w.state = 'withdrawn' AND p.skill_name = r.skill_name
      AND p.provider = r.provider AND p.repo_url = r.repo_url AND p.commit_sha = r.commit_sha)
  AND (json_array_length(ifnull(r.criticals, '[]')) >= r.critical_count
    OR r.critical_count <= ifnull((
        SELECT max(p.critical_count)
        FROM external_scan_result p JOIN blocklist_entry w ON w.id = p.entry_id
        WHERE p.entry_id IS NOT NULL AND w.state = 'withdrawn' AND p.skill_name = r.skill_name
          AND p.provider = r.provider AND p.repo_url = r.repo_url AND p.commit_sha = r.commit_sha), -1));
UPDATE external_scan_result SET cleared = 1 WHERE seq IN (SELECT seq FROM lifted_criticals);
CREATE TRIGGER lifted_criticals_taint_no_more AFTER UPDATE OF critical_count ON external_scan_result WHEN NEW.critical_count > 0
BEGIN UPDATE external_scan_result SET cleared = 1
    WHERE seq = NEW.seq AND EXISTS (SELECT 1 FROM lifted_criticals v WHERE v.seq = NEW.seq);
END;
CREATE INDEX scan_that_taints ON external_scan_result (bare_name COLLATE NOCASE, seq)
    WHERE critical_count > 0 AND entry_id IS NULL AND cleared = 0;
