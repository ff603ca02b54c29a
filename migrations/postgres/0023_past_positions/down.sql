ALTER TABLE owed_positions ALTER COLUMN recorded_to DROP NOT NULL;
INSERT INTO owed_positions
SELECT id, version, last_event_at, NULL, CASE WHEN is_open THEN 'Open' ELSE 'Closed' END, issued_on,
    delivered_on, anchor, due_on, due_rule, due_calendar, exposure, charged_minor - credited_minor,
    reminders_sent, last_event_at
FROM rmas
WHERE is_owed;
CREATE INDEX owed_now ON owed_positions (rma_id) WHERE recorded_to IS NULL;
DROP INDEX rmas_owed;
ALTER TABLE rmas DROP COLUMN is_owed;
