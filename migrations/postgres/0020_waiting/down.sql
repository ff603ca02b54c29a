DROP INDEX tasks_settled;
DROP INDEX tasks_waiting;
DROP INDEX sites_region;
DROP INDEX rmas_waiting_site;
DROP INDEX rmas_waiting_number;
DROP INDEX rmas_waiting;
CREATE INDEX rmas_queue ON rmas (requested_at, id) WHERE is_open;
ALTER TABLE rmas DROP COLUMN next_task;
