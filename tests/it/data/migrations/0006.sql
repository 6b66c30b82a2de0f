-- An unsolicited result, a scan of another provider that a newer one has replaced, an entry that is only proposed.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, stray, created_at, updated_at, last_write)
VALUES ('unasked', 'Own_er/a.b/tool-x', 'tool-x', 'njsscan', 'https://github.com/own/x', 'ERROR', 1, 70, 70, 'w3'),
    ('older', 'Own_er/a.b/tool-x', 'tool-x', 'njsscan', 'https://github.com/own/x', 'ERROR', 0, 71, 71, 'w4'),
    ('newer', 'Own_er/a.b/tool-x', 'tool-x', 'njsscan', 'https://github.com/own/x', 'ERROR', 0, 72, 72, 'w5');
INSERT INTO blocklist_entry (id, skill_name, bare_name, state, threat_type, severity, reason, evidence, evidence_urls,
    discovered_by, discovered_at, updated_at)
VALUES ('e-waits', 'else/thing', 'thing', 'proposed', 'malware', 'high', 'by hand', '{}', '[]', 'admin', 73, 73);
