-- Counting installs.

ALTER TABLE skill ADD COLUMN installs INTEGER NOT NULL DEFAULT 0;      -- that installers told of
ALTER TABLE skill ADD COLUMN installed_at INTEGER NOT NULL DEFAULT 0;  -- the last one that was counted: one a second at most
