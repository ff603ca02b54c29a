ALTER TABLE rmas DROP COLUMN visit_wanted_at;
ALTER TABLE rmas DROP COLUMN visit;
