-- An automatic entry, its evidence, and a scanner that does not answer.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at,
    last_write, critical_count, high_count, medium_count, low_count, score, findings, time_outs)
VALUES ('bad', 'Own_er/a.b/tool-x', 'tool-x', 'semgrep', 'https://github.com/own/x',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'FAIL', 30, 31, 'w2', 2, 0, 0, 0, 50, '[]', 1);
INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
    evidence_urls, discovered_by, commit_sha, discovered_at, updated_at)
VALUES ('e-auto', 'Own_er/a.b/tool-x', 'tool-x', 'https://github.com/own/x', 'active', 'external-sast', 'critical', '',
    '{"semgrep":{"scanId":"bad","commitSha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","criticalCount":2}}', '[]',
    'external-scan', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 31, 31);
INSERT INTO failing_scanner (url, failures, error, failed_at, skip_until) VALUES ('http://a.example', 3, 'refused', 40, 50);
