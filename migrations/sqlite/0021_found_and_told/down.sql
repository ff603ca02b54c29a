DROP INDEX dock_receipts_marked;
DROP INDEX dock_receipts_box;
