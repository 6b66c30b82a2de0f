-- Since when a copy of the public list lacks something.

-- The last thousand changes of the list: one that made revision n + 1 is what a copy of revision n lacks first.
CREATE TABLE blocklist_change (
    revision INTEGER PRIMARY KEY,
    at INTEGER
) STRICT;
CREATE TRIGGER blocklist_change_noted AFTER UPDATE OF revision ON blocklist_revision
BEGIN
    INSERT OR REPLACE INTO blocklist_change (revision, at) VALUES (NEW.revision, NEW.changed_at);
    DELETE FROM blocklist_change WHERE revision = NEW.revision - 1000;
END;
