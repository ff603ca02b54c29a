-- Which module stands in which chassis, and when: a move ends one row and adds another (ID-5).
CREATE TABLE placements (
    id INTEGER PRIMARY KEY NOT NULL,
    unit_id BIGINT NOT NULL REFERENCES units (id),
    chassis_id BIGINT NOT NULL REFERENCES units (id),
    from_on DATE NOT NULL,
    through_on DATE
);
CREATE UNIQUE INDEX placements_now ON placements (unit_id) WHERE through_on IS NULL;
CREATE INDEX placements_unit ON placements (unit_id);
CREATE INDEX placements_chassis ON placements (chassis_id);

-- A depot's own cut-off, `HH:MM:SS` in its local time; the programme's where there is none (AMB-6).
ALTER TABLE sites ADD COLUMN cut_off TEXT;
