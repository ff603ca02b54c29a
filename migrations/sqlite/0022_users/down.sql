CREATE TABLE kept_answers (
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status SMALLINT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (token_id, idempotency_key)
);
INSERT INTO kept_answers
SELECT CAST(substr(principal, 7) AS INTEGER), idempotency_key, fingerprint, status, headers, body, created_at
FROM idempotency_keys WHERE principal LIKE 'token:%';
DROP TABLE idempotency_keys;
ALTER TABLE kept_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
DROP TABLE sessions;
DROP TABLE users;
