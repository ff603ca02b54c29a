DROP TABLE runs;
DROP TABLE slots;
DROP TABLE schedules;
DROP TABLE case_notes;
-- Messages of report runs have no place in the table as it was.
DELETE FROM outbox WHERE rma_id IS NULL;
CREATE TABLE outbox_old (
    id INTEGER PRIMARY KEY NOT NULL,
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (rma_id, sequence, kind)
);
INSERT INTO outbox_old (id, rma_id, sequence, kind, recipient, payload, state, created_at) SELECT id, rma_id, sequence, kind, recipient, payload, state, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_old RENAME TO outbox;
