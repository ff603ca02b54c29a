DROP INDEX units_account;
