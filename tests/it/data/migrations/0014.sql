-- A scan with a result, of a scanner that knows nothing of what runs by itself.
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited, created_at, updated_at, write_token,
     critical_count, high_count, medium_count, low_count, score, findings, completed_at)
VALUES ('old-sender', 'else/Thing', 'Thing', 'semgrep', 'https://github.com/else/repo', '0123456789abcdef0123456789abcdef01234567',
        'PASS', 1, 140, 141, 'w10', 0, 0, 0, 0, 100, '[]', 141);
