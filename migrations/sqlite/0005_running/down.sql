DROP INDEX outbox_sent;
DROP INDEX runs_outcomes;
DROP INDEX runs_reports;
ALTER TABLE runs DROP COLUMN as_of;
ALTER TABLE slots DROP COLUMN asked_by;
ALTER TABLE slots DROP COLUMN as_of;
ALTER TABLE slots DROP COLUMN asked;
