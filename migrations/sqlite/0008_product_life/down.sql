DROP TABLE unit_history;
ALTER TABLE products DROP COLUMN replacement_part;
ALTER TABLE products DROP COLUMN eoe_on;
