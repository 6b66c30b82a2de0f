-- What one puller's reports may block in an hour has a limit of its own.

-- The puller that claimed the scan whose criticals made the entry; NULL: it was sent, or the entry was added by hand.
ALTER TABLE blocklist_entry ADD COLUMN reported_by TEXT;
CREATE INDEX entry_counted_of_puller ON blocklist_entry (reported_by, limit_counted_at)
    WHERE reported_by IS NOT NULL AND limit_counted_at IS NOT NULL;
