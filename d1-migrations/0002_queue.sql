-- The pull queue, time-outs that are offered again, and scanners that fail.

-- How often silence has ended it; at the third time it is given up.
ALTER TABLE external_scan_result ADD COLUMN time_outs INTEGER NOT NULL DEFAULT 0;
-- When a TIMED_OUT scan was given up: offered three times, or a newer scan has taken its place.
ALTER TABLE external_scan_result ADD COLUMN given_up_at INTEGER;

-- `claim_expires_at`: without another sign of life, any scanner may claim the scan from then on.

DROP INDEX scan_to_send;
CREATE INDEX scan_to_send ON external_scan_result (dispatch_due_at) WHERE dispatch_due_at IS NOT NULL;
CREATE INDEX scan_offered ON external_scan_result (seq)
    WHERE status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND stray = 0;
CREATE INDEX scan_timed_out ON external_scan_result (skill_name, provider)
    WHERE status = 'TIMED_OUT' AND given_up_at IS NULL;

-- A scanner that did not take what it was sent; a row goes once it takes something again.
CREATE TABLE failing_scanner (
    url TEXT NOT NULL PRIMARY KEY,                 -- as in SCANNER_WORKERS
    failures INTEGER NOT NULL,                     -- in a row
    error TEXT NOT NULL,                           -- the last one
    failed_at INTEGER NOT NULL,
    skip_until INTEGER NOT NULL                    -- others are tried first until then
) STRICT, WITHOUT ROWID;
