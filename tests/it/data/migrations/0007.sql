-- A skill that nobody has installed.
INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at)
VALUES ('else/Thing', 'Thing', 'https://github.com/else/thing', 80, 80);
