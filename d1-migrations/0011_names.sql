-- Names are compared without ASCII case, and what is known of a commit counts when it is published.

-- Of standing entries of one source whose names differ in case alone, one stays: one that blocks, of them
-- the worst, of them the oldest. It takes over what the others say, and the scans behind them are charged to
-- it, so that nothing counts as lifted.
CREATE TABLE joined_entry AS
SELECT e.id, (
    SELECT k.id FROM blocklist_entry k
    WHERE k.state IN ('proposed', 'active') AND lower(k.skill_name) = lower(e.skill_name) AND k.source_url IS e.source_url
    ORDER BY k.state = 'active' DESC, instr('low medium high critical', k.severity) DESC, k.discovered_at, k.id LIMIT 1) AS kept
FROM blocklist_entry e WHERE e.state IN ('proposed', 'active');
DELETE FROM joined_entry WHERE kept NOT IN (SELECT kept FROM joined_entry WHERE id <> kept);
UPDATE blocklist_entry SET
    severity = (
        SELECT e.severity FROM joined_entry j JOIN blocklist_entry e ON e.id = j.id WHERE j.kept = blocklist_entry.id
        ORDER BY instr('low medium high critical', e.severity) DESC LIMIT 1),
    commit_sha = ifnull(commit_sha, (
        SELECT max(e.commit_sha) FROM joined_entry j JOIN blocklist_entry e ON e.id = j.id WHERE j.kept = blocklist_entry.id)),
    evidence = (
        SELECT json_group_object(provider, json(worst)) FROM (
            SELECT w.key AS provider, w.value AS worst, max(json_extract(w.value, '$.criticalCount'))
            FROM joined_entry j JOIN blocklist_entry e ON e.id = j.id, json_each(e.evidence) w
            WHERE j.kept = blocklist_entry.id GROUP BY w.key)),
    evidence_urls = (
        SELECT json_group_array(url) FROM (
            SELECT u.value AS url
            FROM joined_entry j JOIN blocklist_entry e ON e.id = j.id, json_each(e.evidence_urls) u
            WHERE j.kept = blocklist_entry.id GROUP BY u.value ORDER BY max(j.id = j.kept) DESC, min(u.key) LIMIT 50))
WHERE id IN (SELECT kept FROM joined_entry);
DELETE FROM joined_entry WHERE id = kept;
UPDATE external_scan_result SET entry_id = (SELECT kept FROM joined_entry WHERE id = entry_id)
WHERE entry_id IN (SELECT id FROM joined_entry);
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT e.updated_at, 'worker', 'blocklist.merged', e.skill_name, NULL, json_object('entryId', j.kept, 'was', e.id)
FROM joined_entry j JOIN blocklist_entry e ON e.id = j.id;
UPDATE blocklist_entry
SET state = 'withdrawn', withdrawn_at = updated_at,
    withdrawn_reason = 'one with ' || (SELECT kept FROM joined_entry j WHERE j.id = blocklist_entry.id)
WHERE id IN (SELECT id FROM joined_entry);
DROP TABLE joined_entry;

DROP INDEX skill_by_bare_name;
CREATE INDEX skill_by_bare_name ON skill (bare_name COLLATE NOCASE);
CREATE INDEX skill_by_name ON skill (name COLLATE NOCASE);
DROP INDEX entry_one_standing;
CREATE UNIQUE INDEX entry_one_standing ON blocklist_entry (skill_name COLLATE NOCASE, ifnull(source_url, ''))
    WHERE state IN ('proposed', 'active');
DROP INDEX entry_by_skill;
DROP INDEX entry_by_bare_name;
CREATE INDEX entry_by_bare_name ON blocklist_entry (bare_name COLLATE NOCASE, state);

-- An entry is about the same skill in whatever case its name is written.
DROP TRIGGER blocklist_entry_identity;
CREATE TRIGGER blocklist_entry_identity BEFORE UPDATE ON blocklist_entry
WHEN OLD.id <> NEW.id OR lower(OLD.skill_name) <> lower(NEW.skill_name) OR lower(OLD.bare_name) <> lower(NEW.bare_name)
    OR OLD.source_url IS NOT NEW.source_url OR OLD.discovered_by <> NEW.discovered_by
    OR OLD.discovered_at <> NEW.discovered_at
BEGIN SELECT RAISE(ABORT, 'what an entry is about is never changed'); END;
CREATE TRIGGER blocklist_respelt AFTER UPDATE OF bare_name ON blocklist_entry
WHEN NEW.state = 'active' AND (OLD.bare_name <> NEW.bare_name OR OLD.skill_name <> NEW.skill_name)
BEGIN UPDATE blocklist_revision SET revision = revision + 1 WHERE id = 1; END;

-- The installer compares the name in the public list with `===`: a standing entry is written as the
-- skill is that it is about, unless one of just this case is published too.
CREATE TRIGGER skill_spells_entries AFTER INSERT ON skill
BEGIN UPDATE blocklist_entry
    SET skill_name = iif(skill_name = bare_name, NEW.bare_name, NEW.name), bare_name = NEW.bare_name
    WHERE bare_name = NEW.bare_name COLLATE NOCASE AND state IN ('proposed', 'active')
      AND (source_url IS NULL OR source_url = NEW.repo_url)
      AND (skill_name = NEW.name COLLATE NOCASE OR skill_name = bare_name)
      AND NOT EXISTS (SELECT 1 FROM skill s
                      WHERE s.bare_name = blocklist_entry.bare_name COLLATE NOCASE
                        AND blocklist_entry.skill_name IN (s.name, s.bare_name)
                        AND (blocklist_entry.source_url IS NULL OR blocklist_entry.source_url = s.repo_url));
END;
CREATE TRIGGER moved_skill_spells_entries AFTER UPDATE OF repo_url ON skill
BEGIN UPDATE blocklist_entry
    SET skill_name = iif(skill_name = bare_name, NEW.bare_name, NEW.name), bare_name = NEW.bare_name
    WHERE bare_name = NEW.bare_name COLLATE NOCASE AND state IN ('proposed', 'active')
      AND (source_url IS NULL OR source_url = NEW.repo_url)
      AND (skill_name = NEW.name COLLATE NOCASE OR skill_name = bare_name)
      AND NOT EXISTS (SELECT 1 FROM skill s
                      WHERE s.bare_name = blocklist_entry.bare_name COLLATE NOCASE
                        AND blocklist_entry.skill_name IN (s.name, s.bare_name)
                        AND (blocklist_entry.source_url IS NULL OR blocklist_entry.source_url = s.repo_url));
END;
-- The same for what is there.
UPDATE skill SET repo_url = repo_url;
-- The list's copy in KV has an entry a line from now on: it is built anew.
UPDATE blocklist_revision SET revision = revision + 1 WHERE revision > 0;

-- 1: an admin has lifted an entry of the skill since: its criticals taint no more. They still block, should
-- their commit be published, until the same findings are lifted.
ALTER TABLE external_scan_result ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER lift_clears_taints AFTER UPDATE OF state ON blocklist_entry
WHEN OLD.state <> 'withdrawn' AND NEW.state = 'withdrawn'
BEGIN UPDATE external_scan_result SET cleared = 1
    WHERE bare_name = NEW.bare_name COLLATE NOCASE AND critical_count > 0 AND entry_id IS NULL
      AND (NEW.source_url IS NULL OR repo_url = NEW.source_url)
      AND (skill_name = NEW.skill_name COLLATE NOCASE OR NEW.skill_name = NEW.bare_name);
END;

-- Criticals that no entry rests on: few scans, asked for by each `check` and each publish.
DROP INDEX scan_with_criticals;
CREATE INDEX scan_uncharged ON external_scan_result (bare_name COLLATE NOCASE, seq)
    WHERE critical_count > 0 AND entry_id IS NULL;

-- The audit line of a scan that has become evidence of an entry.
CREATE TRIGGER scan_is_charged AFTER UPDATE OF entry_id ON external_scan_result
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
