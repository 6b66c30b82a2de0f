-- An audit line.
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
VALUES (31, 'scanner', 'scan.result', 'Own_er/a.b/tool-x', 'bad', '{"was":"RUNNING"}');
