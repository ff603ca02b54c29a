-- Bearer tokens: only the hash is kept; a token is shown once, when it is made.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    user_email TEXT,
    organization_id BIGINT REFERENCES organizations (id),
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    last_used_on DATE
);

-- Which end customers a partner serves (AMB-19): explicit, never guessed.
CREATE TABLE partner_links (
    partner_id BIGINT NOT NULL REFERENCES organizations (id),
    customer_id BIGINT NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (partner_id, customer_id)
);

-- The answer of a POST, written with its effect; `status` is filled before the write ends.
CREATE TABLE idempotency_keys (
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status SMALLINT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (token_id, idempotency_key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- When anything last happened to a case or one of its RMAs (TRK-3).
ALTER TABLE cases ADD COLUMN modified_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE cases SET modified_at = COALESCE(
    (SELECT MAX(last_event_at) FROM rmas WHERE rmas.case_id = cases.id), opened_at);

CREATE INDEX rmas_organization ON rmas (organization_id, id);
CREATE INDEX rmas_requested ON rmas (requested_at, id);
CREATE INDEX rmas_due ON rmas (due_on, id) WHERE due_on IS NOT NULL;
CREATE INDEX cases_organization ON cases (organization_id, id);
CREATE INDEX cases_modified ON cases (modified_at, id);
CREATE INDEX cases_reference ON cases (customer_reference) WHERE customer_reference IS NOT NULL;
