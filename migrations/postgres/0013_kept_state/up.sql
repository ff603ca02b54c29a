-- The state that an RMA's events fold to, written with them, so that a command and a look read one row
-- and not a history. NULL in rows of older programs: it is folded then. `terms_sequence` is the event
-- of issue, in which the terms stand.
ALTER TABLE rmas ADD COLUMN state TEXT;
ALTER TABLE rmas ADD COLUMN terms_sequence BIGINT;
