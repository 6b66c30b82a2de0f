-- Tables and columns get the standard terms of the field. No value changes.

ALTER TABLE blocklist_entry RENAME COLUMN last_write TO write_token;

-- 1: the row counts against the hourly dispatch budget. 0: its scan was sent in another row's request.
ALTER TABLE dispatch RENAME COLUMN leads TO counts_against_budget;

-- The circuit breaker of dispatch to GitHub. The row exists while the circuit is open or half-open: nothing is sent
-- before `open_until`, then one request tries. Other settings than those of the digest find the circuit closed.
ALTER TABLE closed_outlet RENAME TO dispatch_circuit;
ALTER TABLE dispatch_circuit RENAME COLUMN settings TO settings_digest;
ALTER TABLE dispatch_circuit RENAME COLUMN closed_until TO open_until;

-- A scanner is not sent to before `ejected_until`, unless the others fail too.
ALTER TABLE failing_scanner RENAME COLUMN skip_until TO ejected_until;

-- The rate limit of JWKS fetches: a fixed window of a minute.
ALTER TABLE key_fetch RENAME TO jwks_fetch;
ALTER TABLE jwks_fetch RENAME COLUMN began_at TO window_started_at;

-- When the lease of the worker that writes the skill to KV expires; 0: nobody writes.
ALTER TABLE skill RENAME COLUMN kv_lease_until TO kv_write_lease_until;
-- Skills whose KV projection is stale.
DROP INDEX skill_behind_in_kv;
CREATE INDEX skill_stale_in_kv ON skill (updated_at) WHERE kv_revision < revision;

-- A standing entry is spelt as the skill that it is about: once for new skills and for skills that move. Writing to
-- this view runs its trigger; SQLite has no trigger for both INSERT and UPDATE.
DROP TRIGGER skill_spells_entries;
DROP TRIGGER moved_skill_spells_entries;
CREATE VIEW skill_spelling AS SELECT name, bare_name, repo_url FROM skill;
CREATE TRIGGER skill_spelling_applies INSTEAD OF INSERT ON skill_spelling
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
CREATE TRIGGER skill_spells_entries AFTER INSERT ON skill
BEGIN INSERT INTO skill_spelling (name, bare_name, repo_url) VALUES (NEW.name, NEW.bare_name, NEW.repo_url); END;
CREATE TRIGGER moved_skill_spells_entries AFTER UPDATE OF repo_url ON skill
BEGIN INSERT INTO skill_spelling (name, bare_name, repo_url) VALUES (NEW.name, NEW.bare_name, NEW.repo_url); END;
