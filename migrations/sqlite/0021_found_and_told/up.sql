-- Visits that were live before what an RMA waits for was kept: they come last, as `Rma::next_task` says
-- (SVC-5, SVC-8).
UPDATE rmas SET next_task = CASE visit WHEN 'owed' THEN 'plan_visit' ELSE 'visit_today' END
WHERE is_open AND next_task IS NULL AND visit IN ('owed', 'planned');

-- Cover of before a unit was given away is a former owner's, by the account it was given to then; who owns
-- it by now may be the former owner again (ENT-7).
UPDATE coverage SET former = TRUE WHERE NOT former AND EXISTS (
    SELECT 1
    FROM contracts c, unit_care care
    WHERE c.id = coverage.contract_id AND care.unit_id = coverage.unit_id
        AND care.kind = 'transferred' AND c.organization_id <> care.account_id
        AND coverage.through_on <= date(care.recorded_at)
);

-- A unit that comes back to our stock leaves its owner: what was done before is not the next one's to know.
UPDATE unit_care SET
    account_was_id = (SELECT r.organization_id FROM rmas r WHERE r.number = unit_care.source),
    account_was = (SELECT r.account FROM rmas r WHERE r.number = unit_care.source)
WHERE kind = 'reinstated' AND account_was_id IS NULL AND reason = 'came back to our stock'
    AND EXISTS (SELECT 1 FROM rmas r WHERE r.number = unit_care.source);

-- Boxes by what was read on them (AMB-14).
CREATE INDEX dock_receipts_box ON dock_receipts (box) WHERE box IS NOT NULL;
CREATE INDEX dock_receipts_marked ON dock_receipts (marked_number) WHERE marked_number IS NOT NULL;
