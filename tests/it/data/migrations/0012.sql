-- A scan with a value in every column.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, skill_path, commit_sha, status, stray, newest,
    created_at, updated_at, last_write, attempt, dispatch_due_at, dispatched_at, dispatch_failures, dispatch_error,
    deadline_at, claimed_by, claim_expires_at, time_outs, given_up_at, started_at, completed_at, critical_count,
    high_count, medium_count, low_count, score, findings, findings_truncated, coverage, tool, worker_host, isolation,
    duration_ms, github_run_id, github_run_url, error, content_digest, criticals, entry_id, cleared)
VALUES ('whole', 'own/whole', 'whole', 'semgrep', 'https://github.com/own/whole', 'a/b',
    'dddddddddddddddddddddddddddddddddddddddd', 'INCOMPLETE', 1, 1, 120, 121, 'w9', 4, 122, 123, 2, 'no room', 124, 'vps-1', 125,
    1, 126, 127, 128, 5, 6, 7, 8, 9, '[{}]', 1, '{"complete":false}', '{"name":"semgrep"}', 'host', 'none', 129, 'run', 'https://run.example',
    'half', 'digest', '["d5"]', NULL, 1);
