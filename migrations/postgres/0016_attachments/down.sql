ALTER TABLE rmas DROP COLUMN return_label;
DROP INDEX dock_receipts_rma;
DROP INDEX dock_receipts_recorded;
DROP TABLE attachments;
