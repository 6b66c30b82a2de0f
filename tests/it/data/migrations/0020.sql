-- Findings of scans that are replaced, not asked for, and current; a proposed entry of a puller.
UPDATE external_scan_result SET findings = '[]', auto_run = '["é"]' WHERE id = 'lifts';
UPDATE external_scan_result SET findings = '[]' WHERE id IN ('says-more', 'turn-done');
UPDATE blocklist_entry SET reported_by = 'p1' WHERE id = 'auto-waits';
