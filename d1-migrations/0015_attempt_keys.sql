-- The last attempt that was given a signing key of its own. Earlier releases derive one key from the scan's id for
-- all its attempts, and leave 0 here: such a key is believed for what they sent, and for nothing sent since.
ALTER TABLE external_scan_result ADD COLUMN keyed_attempt INTEGER NOT NULL DEFAULT 0;

-- The time limit of an attempt counts from `started_at`, which earlier releases keep over all attempts of a scan. Reads
-- the scans that are not over, through their index.
UPDATE external_scan_result INDEXED BY scan_offered
SET started_at = CASE status WHEN 'PENDING' THEN NULL ELSE dispatched_at END
WHERE status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0
  AND started_at < dispatched_at;
