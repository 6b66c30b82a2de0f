-- Runs on GitHub Actions: one request starts the scans of a skill together, and GitHub may refuse.

-- 1: the row stands for a request, and takes a unit of the hour's budget. 0: its scan went along in
-- another row's request.
ALTER TABLE dispatch ADD COLUMN leads INTEGER NOT NULL DEFAULT 1 CONSTRAINT dispatch_leads CHECK (leads IN (0, 1));

DROP INDEX dispatch_by_time;
CREATE INDEX dispatch_by_time ON dispatch (sent_at, leads);

-- Nothing is sent to GitHub before `closed_until`: its limit is reached, or it refused what no retry
-- mends. There while the last request was refused; of other settings, it holds nothing up.
CREATE TABLE closed_outlet (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,                        -- digest of the settings with which it was refused
    url TEXT NOT NULL,
    failures INTEGER NOT NULL,                     -- in a row
    error TEXT NOT NULL,                           -- the last one
    failed_at INTEGER NOT NULL,
    closed_until INTEGER NOT NULL
) STRICT;

-- What the token keys of an OpenID provider are asked for: so many times in the minute that began then.
CREATE TABLE key_fetch (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    began_at INTEGER NOT NULL,
    fetches INTEGER NOT NULL
) STRICT;
INSERT INTO key_fetch (id, began_at, fetches) VALUES (1, 0, 0);
