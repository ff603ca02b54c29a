DROP TABLE unit_care;
DROP TABLE case_overrides;
ALTER TABLE cases DROP COLUMN channel;
ALTER TABLE cases DROP COLUMN kind;
DROP TABLE tasks;
DROP TABLE interviews;
DROP TABLE questionnaires;
ALTER TABLE products DROP COLUMN family;
