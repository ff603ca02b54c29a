ALTER TABLE rmas DROP COLUMN terms_sequence;
ALTER TABLE rmas DROP COLUMN state;
