-- The list has changed before its changes were noted.
UPDATE blocklist_revision SET revision = 41, changed_at = 100;
