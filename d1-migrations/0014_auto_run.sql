-- What agents run by themselves in the skill, as a JSON list; NULL where the scanner did not look. And 1 where more
-- runs by itself than is listed.

ALTER TABLE external_scan_result ADD COLUMN auto_run TEXT;
ALTER TABLE external_scan_result ADD COLUMN auto_run_truncated INTEGER NOT NULL DEFAULT 0;
