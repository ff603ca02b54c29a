DROP INDEX units_replaces;
