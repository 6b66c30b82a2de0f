-- One writer of KV at a time for each skill.

-- Until when a drain that is at work keeps others away; 0: none is. One that is cut off ends with its lease.
ALTER TABLE skill ADD COLUMN kv_lease_until INTEGER NOT NULL DEFAULT 0;
