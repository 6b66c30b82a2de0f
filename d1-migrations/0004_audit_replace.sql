-- REPLACE takes the place of a row without the row's DELETE trigger. No seq of its own is -1 here.
CREATE TRIGGER audit_event_replaces BEFORE INSERT ON audit_event
WHEN EXISTS (SELECT 1 FROM audit_event WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
