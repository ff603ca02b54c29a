-- People who sign in with a password (SYS-1). Of the password only its argon2id hash is kept.
CREATE TABLE users (
    id INTEGER PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    organization_id BIGINT REFERENCES organizations (id),
    zone TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_set_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    disabled_at TIMESTAMP
);

-- Who is signed in where: only the SHA-256 of the secret in the cookie is kept. What is over is gone.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    hash TEXT NOT NULL UNIQUE,
    begun_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- A POST is made by the holder of a token, `token:7`, or by somebody signed in, `user:7`.
CREATE TABLE kept_answers (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status SMALLINT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
);
INSERT INTO kept_answers
SELECT 'token:' || token_id, idempotency_key, fingerprint, status, headers, body, created_at
FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE kept_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
