-- An account's installed units are read by the account, not out of everybody's.
CREATE INDEX units_account ON units (organization_id, id);
