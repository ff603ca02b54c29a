-- What is owed now stands in the RMA's own row: `owed_positions` holds what was owed before, and a command
-- adds one row to it where it ended one and added another. No index needs to tell the two apart.
ALTER TABLE rmas ADD COLUMN is_owed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE rmas SET is_owed = TRUE
WHERE id IN (SELECT rma_id FROM owed_positions WHERE recorded_to IS NULL);
CREATE INDEX rmas_owed ON rmas (id) WHERE is_owed;

DELETE FROM owed_positions WHERE recorded_to IS NULL OR recorded_to <= recorded_from;
DROP INDEX owed_now;
ALTER TABLE owed_positions ALTER COLUMN recorded_to SET NOT NULL;
