ALTER TABLE organizations DROP COLUMN partner_contract_until;
ALTER TABLE organizations DROP COLUMN partner_contract_from;
ALTER TABLE organizations DROP COLUMN partner_contract;
ALTER TABLE organizations DROP COLUMN qualified_until;
ALTER TABLE organizations DROP COLUMN qualified_from;
ALTER TABLE organizations DROP COLUMN qualification;
