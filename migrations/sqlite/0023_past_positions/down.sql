CREATE TABLE owed_positions_old (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    recorded_from TIMESTAMP NOT NULL,
    recorded_to TIMESTAMP,
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
INSERT INTO owed_positions_old
SELECT rma_id, sequence, recorded_from, recorded_to, status, issued_on, delivered_on, anchor, due_on, rule,
    calendar, exposure, charged_minor, reminders_sent, last_event_at
FROM owed_positions;
INSERT INTO owed_positions_old
SELECT id, version, last_event_at, NULL, CASE WHEN is_open THEN 'Open' ELSE 'Closed' END, issued_on,
    delivered_on, anchor, due_on, due_rule, due_calendar, exposure, charged_minor - credited_minor,
    reminders_sent, last_event_at
FROM rmas
WHERE is_owed;
DROP TABLE owed_positions;
ALTER TABLE owed_positions_old RENAME TO owed_positions;
CREATE INDEX owed_now ON owed_positions (rma_id) WHERE recorded_to IS NULL;
DROP INDEX rmas_owed;
ALTER TABLE rmas DROP COLUMN is_owed;
