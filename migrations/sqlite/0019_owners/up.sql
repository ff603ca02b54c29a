-- Whose a unit was and is, by the accounts' keys: who may be told is judged by them. The names stay, as they
-- were then.
ALTER TABLE unit_care ADD COLUMN account_was_id BIGINT REFERENCES organizations (id);
ALTER TABLE unit_care ADD COLUMN account_id BIGINT REFERENCES organizations (id);
UPDATE unit_care SET
    account_was_id = (SELECT o.id FROM organizations o WHERE o.name = unit_care.account_was),
    account_id = (SELECT o.id FROM organizations o WHERE o.name = unit_care.account);
