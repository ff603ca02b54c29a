DROP TABLE runs;
DROP TABLE slots;
DROP TABLE schedules;
DROP TABLE case_notes;
-- Messages of report runs have no place in the table as it was.
DELETE FROM outbox WHERE rma_id IS NULL;
DROP INDEX outbox_waiting;
ALTER TABLE outbox DROP CONSTRAINT outbox_run;
ALTER TABLE outbox
    DROP COLUMN run_id, DROP COLUMN attempts, DROP COLUMN token, DROP COLUMN next_at, DROP COLUMN lease_until,
    DROP COLUMN sent_at, DROP COLUMN error;
ALTER TABLE outbox ALTER COLUMN rma_id SET NOT NULL;
