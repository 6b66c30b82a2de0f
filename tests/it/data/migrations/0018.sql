-- A skill of one segment beside the entry of another that has its name as the last segment, and criticals that say what was
-- lifted before.
INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at) VALUES ('blocks', 'blocks', 'https://github.com/short/blocks', 160, 160);
INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at) VALUES ('own/blocks', 'blocks', 'https://github.com/own/blocks', 160, 160);
INSERT INTO external_scan_result
    (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at, write_token, completed_at,
     critical_count, high_count, medium_count, low_count, score, criticals, entry_id)
VALUES
    ('lifts', 'own/lifted', 'lifted', 'semgrep', 'https://git.example/Own/lifted', 'cccccccccccccccccccccccccccccccccccccccc', 'FAIL', 161, 161, 'w15', 161, 1, 0, 0, 0, 75, '["d1"]', 'auto-lifted'),
    ('lifted-again', 'own/lifted', 'lifted', 'semgrep', 'https://git.example/Own/lifted', 'cccccccccccccccccccccccccccccccccccccccc', 'FAIL', 162, 162, 'w16', 162, 1, 0, 0, 0, 75, '["d1"]', NULL),
    ('says-more', 'own/lifted', 'lifted', 'semgrep', 'https://git.example/Own/lifted', 'cccccccccccccccccccccccccccccccccccccccc', 'FAIL', 163, 163, 'w17', 163, 1, 0, 0, 0, 75, '["d2"]', NULL);
