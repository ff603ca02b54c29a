CREATE TABLE rma_events_old (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (rma_id, sequence)
) WITHOUT ROWID;
INSERT INTO rma_events_old
SELECT rma_id, sequence, kind, occurred_at, recorded_at, actor, source, payload, hash
FROM rma_events;
DROP TABLE rma_events;
ALTER TABLE rma_events_old RENAME TO rma_events;
ALTER TABLE rmas DROP COLUMN terms_sequence;
ALTER TABLE rmas DROP COLUMN state;
