-- Finding skills by the beginning of their last segment, and counting installs.

ALTER TABLE skill ADD COLUMN installs INTEGER NOT NULL DEFAULT 0;      -- that installers told of
ALTER TABLE skill ADD COLUMN installed_at INTEGER NOT NULL DEFAULT 0;  -- the last one that was counted: one a second at most

CREATE INDEX skill_by_bare_name_nocase ON skill (bare_name COLLATE NOCASE, name);
