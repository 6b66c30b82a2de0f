-- A row in each table whose columns get other names: an open circuit, a lease of KV, fetches of keys, a scan that was
-- sent in another's request.
INSERT INTO dispatch (scan_id, attempt, sent_at, leads) VALUES ('whole', 4, 130, 0);
INSERT INTO closed_outlet (id, settings, url, failures, error, failed_at, closed_until)
VALUES (1, '0011223344556677', 'https://api.github.com', 2, '403', 131, 132);
UPDATE key_fetch SET began_at = 133, fetches = 4;
UPDATE skill SET kv_lease_until = 134 WHERE name = 'else/Thing';
