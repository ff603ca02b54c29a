-- How an engineer's visit stands, and from when on it waits for somebody: its planned day at the site, or
-- the end of the time it was promised for (SVC-5, SVC-8).
ALTER TABLE rmas ADD COLUMN visit TEXT NOT NULL DEFAULT 'none';
ALTER TABLE rmas ADD COLUMN visit_wanted_at TIMESTAMP;
