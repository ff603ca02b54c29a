DELETE FROM idempotency_keys WHERE principal NOT LIKE 'token:%';
ALTER TABLE idempotency_keys RENAME COLUMN principal TO token_id;
ALTER TABLE idempotency_keys ALTER COLUMN token_id TYPE BIGINT USING substr(token_id, 7)::bigint;
ALTER TABLE idempotency_keys ADD FOREIGN KEY (token_id) REFERENCES tokens (id);
DROP TABLE sessions;
DROP TABLE users;
