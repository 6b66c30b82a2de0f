-- Two standing entries whose names differ in case alone, one of which has evidence; a scan with criticals that no
-- entry rests on.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at,
    last_write, critical_count, high_count, medium_count, low_count, score, criticals, entry_id)
VALUES ('case', 'o/Case', 'Case', 'njsscan', 'https://github.com/o/case', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'FAIL',
    110, 110, 'w7', 1, 0, 0, 0, 75, '["d1"]', 'e-case'),
    ('taints', 'o/Case', 'Case', 'trufflehog', 'https://github.com/o/case', 'cccccccccccccccccccccccccccccccccccccccc', 'FAIL',
    111, 111, 'w8', 3, 0, 0, 0, 25, '["d2","d3","d4"]', NULL);
INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
    evidence_urls, discovered_by, commit_sha, discovered_at, updated_at, last_write)
VALUES ('e-hand', 'o/case', 'case', 'https://github.com/o/case', 'active', 'malware', 'high', 'by hand', '{}',
    '["https://why.example"]', 'admin', NULL, 112, 112, 't0'),
    ('e-case', 'o/Case', 'Case', 'https://github.com/o/case', 'active', 'external-sast', 'critical', '',
    '{"njsscan":{"scanId":"case","commitSha":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","criticalCount":1}}', '[]',
    'external-scan', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 113, 113, 't1');
