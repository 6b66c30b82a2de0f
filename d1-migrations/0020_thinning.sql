-- What a scan found and read goes some time after the scan was replaced, and what is kept of one source owner has a quota.

-- The bytes of what a scan found and read.
ALTER TABLE external_scan_result ADD COLUMN bulky_bytes INTEGER GENERATED ALWAYS AS (
    length(CAST(ifnull(findings, '') AS BLOB)) + length(CAST(ifnull(coverage, '') AS BLOB))
    + length(CAST(ifnull(auto_run, '') AS BLOB))) VIRTUAL;
-- From then on what it found may go: since it was replaced, or was stored without being current. NULL: it stays, or is gone.
ALTER TABLE external_scan_result ADD COLUMN thin_after INTEGER;
-- When what it found was removed, or cut because its owner's quota was used up.
ALTER TABLE external_scan_result ADD COLUMN thinned_at INTEGER;

UPDATE external_scan_result SET thin_after = updated_at
WHERE findings IS NOT NULL AND (newest = 0 OR unsolicited = 1);

CREATE INDEX scan_to_thin ON external_scan_result (thin_after) WHERE thin_after IS NOT NULL;
CREATE INDEX scan_to_thin_of_owner ON external_scan_result (source_owner, thin_after) WHERE thin_after IS NOT NULL;
CREATE INDEX scan_with_findings ON external_scan_result (skill_name, provider, seq)
    WHERE findings IS NOT NULL AND unsolicited = 0;

DROP TRIGGER scan_replaces;
CREATE TRIGGER scan_replaces AFTER INSERT ON external_scan_result WHEN NEW.unsolicited = 0
BEGIN UPDATE external_scan_result SET newest = 0, thin_after = iif(findings IS NULL, NULL, NEW.created_at) WHERE seq = (
    SELECT max(seq) FROM external_scan_result
    WHERE skill_name = NEW.skill_name AND provider = NEW.provider AND unsolicited = 0 AND seq < NEW.seq);
END;
-- A result that comes after its scan was replaced, or that nobody asked for.
CREATE TRIGGER late_result_is_thinned AFTER UPDATE OF findings ON external_scan_result
WHEN OLD.findings IS NULL AND NEW.findings IS NOT NULL AND (NEW.newest = 0 OR NEW.unsolicited = 1)
BEGIN UPDATE external_scan_result SET thin_after = NEW.updated_at WHERE seq = NEW.seq; END;

-- The bytes that are kept of each source owner. A trigger keeps them; nothing else writes them.
CREATE TABLE owner_storage (
    source_owner TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO owner_storage (source_owner, bytes)
SELECT source_owner, sum(bulky_bytes) FROM external_scan_result WHERE findings IS NOT NULL GROUP BY source_owner;
CREATE INDEX owner_storage_by_size ON owner_storage (bytes DESC);
CREATE TRIGGER owner_storage_counts AFTER UPDATE OF findings, coverage, auto_run ON external_scan_result
WHEN NEW.bulky_bytes <> OLD.bulky_bytes
BEGIN INSERT INTO owner_storage (source_owner, bytes) VALUES (NEW.source_owner, NEW.bulky_bytes)
    ON CONFLICT (source_owner) DO UPDATE SET bytes = bytes + NEW.bulky_bytes - OLD.bulky_bytes;
END;

-- The pullers that proposed entries wait of, `''` where there is none, by their oldest one: an order that no name changes.
CREATE TABLE puller_waiting (
    puller TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO puller_waiting (puller, since)
SELECT ifnull(reported_by, ''), min(discovered_at) FROM blocklist_entry WHERE state = 'proposed' GROUP BY ifnull(reported_by, '');
CREATE INDEX puller_waiting_by_time ON puller_waiting (since);
CREATE TRIGGER proposed_entry_waits AFTER INSERT ON blocklist_entry WHEN NEW.state = 'proposed'
BEGIN INSERT INTO puller_waiting (puller, since) VALUES (ifnull(NEW.reported_by, ''), NEW.discovered_at)
    ON CONFLICT (puller) DO UPDATE SET since = min(since, excluded.since);
END;
CREATE TRIGGER proposed_entry_waits_no_more AFTER UPDATE OF state ON blocklist_entry
WHEN OLD.state = 'proposed' AND NEW.state <> 'proposed'
BEGIN
    DELETE FROM puller_waiting WHERE puller = ifnull(OLD.reported_by, '');
    INSERT INTO puller_waiting (puller, since)
    SELECT ifnull(OLD.reported_by, ''), discovered_at FROM blocklist_entry
    WHERE state = 'proposed' AND ifnull(reported_by, '') = ifnull(OLD.reported_by, '') ORDER BY discovered_at LIMIT 1;
END;
