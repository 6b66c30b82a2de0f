-- A second request.
INSERT INTO dispatch (scan_id, attempt, sent_at) VALUES ('waits', 2, 60);
