-- The last attempt that was given a signing key of its own. Earlier releases derive one key from the scan's id for
-- all its attempts, and leave 0 here: such a key is believed for what they sent, and for nothing sent since.
ALTER TABLE external_scan_result ADD COLUMN keyed_attempt INTEGER NOT NULL DEFAULT 0;
