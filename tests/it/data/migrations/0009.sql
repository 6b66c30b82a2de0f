-- A skill whose copy in KV is stale.
UPDATE skill SET revision = 7, kv_revision = 5 WHERE name = 'else/Thing';
