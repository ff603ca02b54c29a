-- The queues of logistics read the open RMAs alone, the longest waiting first (SYS-4).
CREATE INDEX rmas_queue ON rmas (requested_at, id) WHERE is_open;
