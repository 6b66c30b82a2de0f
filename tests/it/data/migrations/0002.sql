-- Rows as version 0001 wrote them: a scan that waits, one that timed out, one request.
INSERT INTO skill (name, bare_name, repo_url, commit_sha, version, skill_path, created_at, updated_at, revision, kv_revision)
VALUES ('Own_er/a.b/tool-x', 'tool-x', 'https://github.com/own/x', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '1.0', 'skills/x', 1, 2, 3, 3);
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, last_write,
    attempt, dispatch_due_at)
VALUES ('waits', 'Own_er/a.b/tool-x', 'tool-x', 'trufflehog', 'https://github.com/own/x', 'PENDING', 10, 10, 'w0', 1, 11);
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, last_write)
VALUES ('silent', 'Own_er/a.b/tool-x', 'tool-x', 'semgrep', 'https://github.com/own/x', 'TIMED_OUT', 10, 20, 'w1');
INSERT INTO dispatch (scan_id, attempt, sent_at) VALUES ('waits', 1, 10);
