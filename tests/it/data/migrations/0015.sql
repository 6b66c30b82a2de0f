-- A scan that a release with one key for all attempts has sent.
UPDATE external_scan_result SET attempt = 2 WHERE id = 'waits';
-- Scans of which a release has kept the start of the first attempt: one that runs, one that timed out, one that waits
-- to be sent again; and one of which only one attempt was made.
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, write_token,
    attempt, dispatched_at, started_at)
VALUES ('runs-again', 'own/again', 'again', 'semgrep', 'https://github.com/own/again', 'RUNNING', 140, 144, 'w11', 2, 143, 141),
    ('silent-again', 'own/again', 'again', 'njsscan', 'https://github.com/own/again', 'TIMED_OUT', 140, 144, 'w12', 2, 143, 141),
    ('waits-again', 'own/again', 'again', 'trufflehog', 'https://github.com/own/again', 'PENDING', 140, 144, 'w13', 2, 143, 141),
    ('runs-first', 'own/first', 'first', 'semgrep', 'https://github.com/own/first', 'RUNNING', 140, 144, 'w14', 1, 141, 142);
