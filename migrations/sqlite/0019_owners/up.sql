-- Whose a unit was and is, by the accounts' keys: who may be told is judged by them. The names stay, as they
-- were then.
ALTER TABLE unit_care ADD COLUMN account_was_id BIGINT REFERENCES organizations (id);
ALTER TABLE unit_care ADD COLUMN account_id BIGINT REFERENCES organizations (id);
UPDATE unit_care SET
    account_was_id = (SELECT o.id FROM organizations o WHERE o.name = unit_care.account_was),
    account_id = (SELECT o.id FROM organizations o WHERE o.name = unit_care.account);
-- Cover by a contract of somebody who was the unit's owner, or covered it for one, before it was given away
-- (ENT-7). Until now it was told from the others by its last day.
ALTER TABLE coverage ADD COLUMN former BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE coverage SET former = TRUE WHERE EXISTS (
    SELECT 1
    FROM units u, contracts c, unit_care care
    WHERE u.id = coverage.unit_id AND c.id = coverage.contract_id AND care.unit_id = u.id
        AND care.kind = 'transferred' AND c.organization_id <> u.organization_id
        AND coverage.through_on <= date(care.recorded_at)
);
