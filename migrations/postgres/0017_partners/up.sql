-- What a partner may use support by (ENT-1): its qualification and its own contract, each with the days it
-- holds; no last day is until further notice. All none for organizations of other kinds.
ALTER TABLE organizations ADD COLUMN qualification TEXT;
ALTER TABLE organizations ADD COLUMN qualified_from DATE;
ALTER TABLE organizations ADD COLUMN qualified_until DATE;
ALTER TABLE organizations ADD COLUMN partner_contract TEXT;
ALTER TABLE organizations ADD COLUMN partner_contract_from DATE;
ALTER TABLE organizations ADD COLUMN partner_contract_until DATE;
