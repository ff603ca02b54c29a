-- The queues of logistics read the open RMAs alone, the longest waiting first (SYS-4).
CREATE INDEX rmas_queue ON rmas (requested_at, id) WHERE is_open;

-- When a run's file was removed, as files are kept for a time; none: it is where it was written.
ALTER TABLE runs ADD COLUMN file_removed_at TIMESTAMP;
