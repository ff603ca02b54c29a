-- Messages: leased, tried, laid aside. `token` counts the leases: who marks a message names the lease it
-- was held under. `attempts` counts the tries since it was stored or retried. A message of a report run has no RMA.
CREATE TABLE outbox_new (
    id INTEGER PRIMARY KEY NOT NULL,
    rma_id BIGINT REFERENCES rmas (id),
    run_id BIGINT,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    token INTEGER NOT NULL DEFAULT 0,
    next_at TIMESTAMP,
    lease_until TIMESTAMP,
    sent_at TIMESTAMP,
    error TEXT,
    UNIQUE (rma_id, sequence, kind),
    UNIQUE (run_id, recipient)
);
INSERT INTO outbox_new (id, rma_id, sequence, kind, recipient, payload, state, created_at) SELECT id, rma_id, sequence, kind, recipient, payload, state, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_waiting ON outbox (id) WHERE state <> 'sent';

-- What was said to a customer, as it was said; and what people note on a case.
CREATE TABLE case_notes (
    id INTEGER PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    rma_id BIGINT REFERENCES rmas (id),
    outbox_id BIGINT UNIQUE,
    author TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    noted_at TIMESTAMP NOT NULL
);
CREATE INDEX case_notes_case ON case_notes (case_id, id);

-- Schedules as last seen: slots are reckoned from `since` or the last one known.
CREATE TABLE schedules (
    name TEXT PRIMARY KEY NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    since TIMESTAMP NOT NULL
);

-- One row a slot of a schedule; `token` and `attempts` as in the outbox.
CREATE TABLE slots (
    id INTEGER PRIMARY KEY NOT NULL,
    schedule TEXT NOT NULL,
    slot TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    token INTEGER NOT NULL,
    next_at TIMESTAMP,
    lease_until TIMESTAMP,
    UNIQUE (schedule, slot)
);
CREATE INDEX slots_open ON slots (schedule, slot) WHERE state <> 'done' AND state <> 'coalesced';

-- Every attempt at a slot, and what it came to.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY NOT NULL,
    slot_id BIGINT NOT NULL REFERENCES slots (id),
    schedule TEXT NOT NULL,
    slot TIMESTAMP NOT NULL,
    token INTEGER NOT NULL,
    instance TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    duration_ms BIGINT,
    row_count BIGINT,
    file TEXT,
    sha256 TEXT,
    summary TEXT,
    error TEXT,
    UNIQUE (slot_id, token)
);
CREATE INDEX runs_schedule ON runs (schedule, id);
