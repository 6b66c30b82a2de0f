-- An automatic entry that waits, one that blocks and one that an admin has lifted, as they are before owners count.
INSERT INTO blocklist_entry
    (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
     discovered_by, commit_sha, discovered_at, updated_at, withdrawn_at, withdrawn_reason, write_token)
VALUES
    ('auto-waits', 'own/waits', 'waits', 'https://github.com/own/waits', 'proposed', 'external-sast', 'critical', '', '{}', '[]', 'external-scan', NULL, 150, 150, NULL, NULL, 't2'),
    ('auto-blocks', 'own/blocks', 'blocks', 'https://github.com/own/blocks', 'active', 'external-sast', 'critical', '', '{}', '[]', 'external-scan', NULL, 151, 151, NULL, NULL, 't3'),
    ('auto-lifted', 'own/lifted', 'lifted', 'https://git.example/Own/lifted', 'withdrawn', 'external-sast', 'critical', '', '{}', '[]', 'external-scan', NULL, 152, 152, 153, 'honest', 't4');
