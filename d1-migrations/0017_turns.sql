-- Scans are sent, and offered, in turns of their source owners. What waits for the first result of its commit goes
-- before what has one.

-- 1: an earlier scan of the same skill, tool, commit and folder has a result.
ALTER TABLE external_scan_result ADD COLUMN rescan INTEGER NOT NULL DEFAULT 0;
CREATE INDEX scan_with_result ON external_scan_result (skill_name, provider, commit_sha)
    WHERE status IN ('PASS', 'FAIL', 'INCOMPLETE') AND unsolicited = 0;
CREATE TRIGGER scan_is_rescan AFTER INSERT ON external_scan_result WHEN NEW.unsolicited = 0 AND NEW.commit_sha IS NOT NULL
BEGIN UPDATE external_scan_result SET rescan = 1 WHERE seq = NEW.seq AND EXISTS (
    SELECT 1 FROM external_scan_result p
    WHERE p.skill_name = NEW.skill_name AND p.provider = NEW.provider AND p.commit_sha = NEW.commit_sha
      AND p.status IN ('PASS', 'FAIL', 'INCOMPLETE') AND p.unsolicited = 0
      AND p.repo_url = NEW.repo_url AND p.skill_path IS NEW.skill_path);
END;

-- Whose turn it was: the owner of the newest row had the last one. NULL before this migration.
ALTER TABLE dispatch ADD COLUMN source_owner TEXT;
CREATE INDEX dispatch_of_owner ON dispatch (source_owner, sent_at) WHERE counts_against_budget = 1;

-- The queues of each owner: of what is sent, and of what scanners pull.
CREATE INDEX scan_turn ON external_scan_result (rescan, source_owner, dispatch_due_at) WHERE dispatch_due_at IS NOT NULL;
DROP INDEX scan_offered;
CREATE INDEX scan_offered ON external_scan_result (rescan, source_owner, seq)
    WHERE status IN ('PENDING', 'RUNNING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0;

-- The age of what waits: to be sent, and to begin.
DROP INDEX scan_to_send;
CREATE INDEX scan_to_send ON external_scan_result (created_at) WHERE dispatch_due_at IS NOT NULL;
CREATE INDEX scan_waiting ON external_scan_result (created_at)
    WHERE status IN ('PENDING', 'TIMED_OUT') AND given_up_at IS NULL AND unsolicited = 0;
