-- End of engineering, and the part the manufacturer names in a product's place (SYS-11).
ALTER TABLE products ADD COLUMN eoe_on DATE;
ALTER TABLE products ADD COLUMN replacement_part TEXT;
