-- An entry of before pullers are counted stays nobody's.
UPDATE blocklist_entry SET evidence = '{}' WHERE id = 'auto-blocks';
