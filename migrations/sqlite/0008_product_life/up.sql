-- End of engineering, and the part the manufacturer names in a product's place (SYS-11).
ALTER TABLE products ADD COLUMN eoe_on DATE;
ALTER TABLE products ADD COLUMN replacement_part TEXT;

-- What a later file said differently of a unit's sale, and what became of its warranty's start (WAR-1, WAR-2).
CREATE TABLE unit_history (
    id INTEGER PRIMARY KEY NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES units (id),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    shipped_was DATE NOT NULL,
    shipped_on DATE NOT NULL,
    distributor_was TEXT,
    distributor TEXT,
    resold_was DATE,
    resold_on DATE,
    registered_was DATE,
    registered_on DATE,
    start_was DATE,
    start_on DATE,
    rule TEXT
);
CREATE INDEX unit_history_unit ON unit_history (unit_id);
