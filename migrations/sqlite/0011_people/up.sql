-- The family of a product, which chooses the questionnaire (SYS-5).
ALTER TABLE products ADD COLUMN family TEXT;

-- The versions of a family's questionnaire, beside those that come with the program.
CREATE TABLE questionnaires (
    id INTEGER PRIMARY KEY NOT NULL,
    family TEXT NOT NULL,
    version TEXT NOT NULL,
    effective_on DATE NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (family, version)
);

-- A questionnaire being answered, or answered, for a unit on a case: its version, the answers, the
-- verdict as it was given.
CREATE TABLE interviews (
    id INTEGER PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    family TEXT,
    version TEXT,
    state TEXT NOT NULL,
    answers TEXT NOT NULL,
    verdict TEXT,
    rma_id BIGINT REFERENCES rmas (id),
    started_by TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX interviews_case ON interviews (case_id, id);

-- What waits for a person: a queue each for engineers and for customer care.
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY NOT NULL,
    queue TEXT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    rma_id BIGINT REFERENCES rmas (id),
    interview_id BIGINT REFERENCES interviews (id),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    settled_by TEXT,
    settled_at TIMESTAMP,
    answer TEXT
);
CREATE INDEX tasks_open ON tasks (queue, id) WHERE settled_at IS NULL;
CREATE INDEX tasks_case ON tasks (case_id);

-- What a case is for, how it came in (AMB-9, AMB-10), and where somebody set that rule aside.
ALTER TABLE cases ADD COLUMN kind TEXT NOT NULL DEFAULT 'rma';
ALTER TABLE cases ADD COLUMN channel TEXT NOT NULL DEFAULT 'online';
CREATE TABLE case_overrides (
    id INTEGER PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    rma_id BIGINT REFERENCES rmas (id),
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX case_overrides_case ON case_overrides (case_id);

-- What customer care does with units: changes of owner (ENT-7), the grey-market mark and its end (ENT-6).
-- The last mark or reinstatement of a unit counts. Accounts by name and sites by code, as they were.
CREATE TABLE unit_care (
    id INTEGER PRIMARY KEY NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES units (id),
    kind TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    account_was TEXT,
    account TEXT,
    site_was TEXT,
    site TEXT
);
CREATE INDEX unit_care_unit ON unit_care (unit_id, id);
