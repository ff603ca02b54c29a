DROP TABLE tasks;
DROP TABLE interviews;
DROP TABLE questionnaires;
ALTER TABLE products DROP COLUMN family;
