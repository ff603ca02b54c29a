-- The state that an RMA's events fold to, written with them, so that a command and a look read one row
-- and not a history. NULL in rows of older programs: it is folded then. `terms_sequence` is the event
-- of issue, in which the terms stand.
ALTER TABLE rmas ADD COLUMN state TEXT;
ALTER TABLE rmas ADD COLUMN terms_sequence BIGINT;

-- Events are too long for a table WITHOUT ROWID: its inner pages hold whole rows, and each step of a
-- search reads one from its overflow page.
CREATE TABLE rma_events_new (
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
);
INSERT INTO rma_events_new
SELECT rma_id, sequence, kind, occurred_at, recorded_at, actor, source, payload, hash
FROM rma_events
ORDER BY rma_id, sequence;
DROP TABLE rma_events;
ALTER TABLE rma_events_new RENAME TO rma_events;
