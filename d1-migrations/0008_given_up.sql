-- Which scans can have read what is published, and which nobody sends any more.

-- The last publish call. The head that a scanner was sent for before that may have moved since.
ALTER TABLE skill ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;

CREATE INDEX scan_given_up ON external_scan_result (given_up_at)
    WHERE status = 'TIMED_OUT' AND given_up_at IS NOT NULL AND newest = 1 AND stray = 0;
