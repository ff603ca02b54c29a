ALTER TABLE runs DROP COLUMN file_removed_at;
DROP INDEX rmas_queue;
