-- What is owed now stands in the RMA's own row: `owed_positions` holds what was owed before, and a command
-- adds one row to it where it ended one and added another. No index needs to tell the two apart.
ALTER TABLE rmas ADD COLUMN is_owed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE rmas SET is_owed = TRUE
WHERE id IN (SELECT rma_id FROM owed_positions WHERE recorded_to IS NULL);
CREATE INDEX rmas_owed ON rmas (id) WHERE is_owed;

CREATE TABLE owed_positions_new (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    recorded_from TIMESTAMP NOT NULL,
    recorded_to TIMESTAMP NOT NULL,
    status TEXT NOT NULL,
    issued_on DATE,
    delivered_on DATE,
    anchor TEXT NOT NULL,
    due_on DATE NOT NULL,
    rule TEXT NOT NULL,
    calendar TEXT NOT NULL,
    exposure TEXT NOT NULL,
    charged_minor BIGINT NOT NULL,
    reminders_sent INTEGER NOT NULL,
    last_event_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rma_id, sequence)
) WITHOUT ROWID;
INSERT INTO owed_positions_new
SELECT rma_id, sequence, recorded_from, recorded_to, status, issued_on, delivered_on, anchor, due_on, rule,
    calendar, exposure, charged_minor, reminders_sent, last_event_at
FROM owed_positions
WHERE recorded_to > recorded_from
ORDER BY rma_id, sequence;
DROP TABLE owed_positions;
ALTER TABLE owed_positions_new RENAME TO owed_positions;
