-- A re-scan that waits to be sent, and what was sent before the turns of owners were counted.
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at, write_token, dispatch_due_at,
     completed_at, critical_count, high_count, medium_count, low_count, score)
VALUES
    ('turn-done', 'own/turn', 'turn', 'semgrep', 'https://github.com/Own/turn', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'PASS', 160, 160, 'w15', NULL, 161, 0, 0, 0, 0, 100),
    ('turn-waits', 'own/turn', 'turn', 'semgrep', 'https://github.com/Own/turn', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'PENDING', 162, 162, 'w16', 162, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO dispatch (scan_id, attempt, sent_at) VALUES ('turn-done', 1, 160);
