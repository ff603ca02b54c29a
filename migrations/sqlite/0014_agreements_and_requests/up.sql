-- Who of the customer's agreed that a case is resolved, and when (RMA-14); and where an RMA opened the
-- case again.
CREATE TABLE case_closings (
    id INTEGER PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    agreed_by TEXT NOT NULL,
    agreed_at TIMESTAMP NOT NULL,
    closed_by TEXT NOT NULL,
    closed_at TIMESTAMP NOT NULL,
    reopened_at TIMESTAMP,
    reopened_rma_id BIGINT REFERENCES rmas (id)
);
CREATE INDEX case_closings_case ON case_closings (case_id, id);

-- What a customer asks of an RMA's progress (CASE-5); none on the tasks of engineers. One such request
-- waits on an RMA at a time.
ALTER TABLE tasks ADD COLUMN about TEXT;
CREATE UNIQUE INDEX tasks_one_request ON tasks (rma_id) WHERE about IS NOT NULL AND settled_at IS NULL;
