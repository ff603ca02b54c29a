ALTER TABLE coverage DROP COLUMN former;
ALTER TABLE unit_care DROP COLUMN account_id;
ALTER TABLE unit_care DROP COLUMN account_was_id;
