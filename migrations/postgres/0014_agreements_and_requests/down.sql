DROP INDEX tasks_one_request;
ALTER TABLE tasks DROP COLUMN about;
DROP TABLE case_closings;
