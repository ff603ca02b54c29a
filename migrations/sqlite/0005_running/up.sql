-- Slots that somebody asked for: of which day, and who asked. They stand beside the schedule: the next
-- slot is never reckoned from them.
ALTER TABLE slots ADD COLUMN asked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE slots ADD COLUMN as_of DATE;
ALTER TABLE slots ADD COLUMN asked_by TEXT;

-- The day a report's run tells of; none on runs that are no report's.
ALTER TABLE runs ADD COLUMN as_of DATE;
UPDATE runs SET as_of = date(slot, '-1 day') WHERE schedule NOT IN ('clock', 'outbox', 'housekeeping');
CREATE INDEX runs_reports ON runs (id) WHERE as_of IS NOT NULL;
CREATE INDEX runs_outcomes ON runs (schedule, outcome);

-- Counted by whoever watches the service: those that were sent are many, and their rows long.
CREATE INDEX outbox_sent ON outbox (state) WHERE state = 'sent';
