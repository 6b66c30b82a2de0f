-- What one puller's reports may block in an hour has a limit of its own.

-- The puller that claimed the attempt, which alone has its key; NULL: it was sent. Unlike `claimed_by` it stays where the
-- claim is given back or runs out, since the key reports then too.
ALTER TABLE external_scan_result ADD COLUMN attempt_by TEXT;
UPDATE external_scan_result INDEXED BY scan_offered SET attempt_by = claimed_by
WHERE status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0 AND claimed_by IS NOT NULL;

-- The puller that claimed the scan whose criticals made the entry; NULL: it was sent, or the entry was added by hand.
ALTER TABLE blocklist_entry ADD COLUMN reported_by TEXT;
CREATE INDEX entry_counted_of_puller ON blocklist_entry (reported_by, limit_counted_at)
    WHERE reported_by IS NOT NULL AND limit_counted_at IS NOT NULL;

-- What waits of each puller, the oldest first.
CREATE INDEX entry_proposed_of_puller ON blocklist_entry (ifnull(reported_by, ''), discovered_at) WHERE state = 'proposed';
