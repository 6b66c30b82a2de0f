-- A scan that was given up.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, last_write,
    time_outs, given_up_at)
VALUES ('given-up', 'else/Thing', 'Thing', 'semgrep', 'https://github.com/else/thing', 'TIMED_OUT', 90, 91, 'w6', 3, 91);
