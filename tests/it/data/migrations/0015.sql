-- A scan that a release with one key for all attempts has sent.
UPDATE external_scan_result SET attempt = 2 WHERE id = 'waits';
