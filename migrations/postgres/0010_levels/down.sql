ALTER TABLE sites DROP COLUMN cut_off;
DROP TABLE placements;
