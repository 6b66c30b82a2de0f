-- The hourly limit of automatic entries counts each source owner once, and judges a proposed entry again.

-- Host and owner of a repository's URL, which has a scheme of 8 characters: `https://github.com/owner`. In lower
-- case on every host: most know no other, and two owners that only one unit is counted for cost less than one owner
-- who can take a unit for each way to write his name.
ALTER TABLE external_scan_result ADD COLUMN source_owner TEXT GENERATED ALWAYS AS (
    lower(substr(repo_url, 1, 7 + instr(substr(repo_url, 9), '/')
                          + instr(substr(repo_url, 9 + instr(substr(repo_url, 9), '/')), '/')))) VIRTUAL;
ALTER TABLE blocklist_entry ADD COLUMN source_owner TEXT GENERATED ALWAYS AS (
    lower(substr(source_url, 1, 7 + instr(substr(source_url, 9), '/')
                            + instr(substr(source_url, 9 + instr(substr(source_url, 9), '/')), '/')))) VIRTUAL;

-- When an automatic entry took a unit of the hourly limit; NULL: it is only proposed, was added by hand, or an entry of
-- the same owner had taken one within the hour before. Of the entries so far the newest active one of each owner has;
-- entries that are withdrawn by now cannot be changed any more.
ALTER TABLE blocklist_entry ADD COLUMN limit_counted_at INTEGER;
UPDATE blocklist_entry SET limit_counted_at = discovered_at WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY source_owner ORDER BY discovered_at DESC, id DESC) AS turn
        FROM blocklist_entry WHERE discovered_by = 'external-scan' AND state = 'active')
    WHERE turn = 1);

DROP INDEX entry_automatic;
CREATE INDEX entry_counted ON blocklist_entry (limit_counted_at) WHERE limit_counted_at IS NOT NULL;
CREATE INDEX entry_counted_of_owner ON blocklist_entry (source_owner, limit_counted_at) WHERE limit_counted_at IS NOT NULL;

-- The audit line of a proposed entry that there is room for now. One by hand has a reason, and its own line.
CREATE TRIGGER proposed_entry_blocks AFTER UPDATE OF state ON blocklist_entry
WHEN OLD.state = 'proposed' AND NEW.state = 'active' AND NEW.reason = ''
BEGIN INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
    VALUES (NEW.updated_at, 'worker', 'blocklist.blocked', NEW.skill_name, NULL,
            json_object('entryId', NEW.id, 'sourceUrl', NEW.source_url, 'was', 'proposed'));
END;
