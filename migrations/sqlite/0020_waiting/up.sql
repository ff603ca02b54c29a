-- What an RMA waits for from logistics (SYS-4), as `Rma::next_task` says it; NULL where that is nothing.
-- A unit that goes home repaired waits while an analysis is at work, or one of the two wants a failure
-- analysis that the other has not answered (T16, ANA-8).
ALTER TABLE rmas ADD COLUMN next_task TEXT;
UPDATE rmas SET next_task = CASE
    WHEN authorisation = 'on_hold' THEN 'hold'
    WHEN authorisation = 'created' THEN 'issue'
    WHEN inbound = 'delivery_claimed' THEN 'decide_claim'
    WHEN NOT (authorisation = 'issued' OR exposure = 'purchased') THEN NULL
    WHEN NOT (mode = 'advance_replacement' OR (mode = 'return_to_factory'
        AND repair IN ('repaired', 'no_fault_found', 'replaced', 'returned_unrepaired'))) THEN NULL
    WHEN outbound = 'failed' THEN 'send_again'
    WHEN outbound = 'backordered' THEN 'await_stock'
    WHEN outbound = 'allocated' THEN 'ship'
    WHEN outbound <> 'none' THEN NULL
    WHEN mode = 'advance_replacement' OR repair = 'replaced' THEN 'allocate'
    WHEN analysis IN ('requested', 'in_repair_analysis', 'in_failure_analysis') THEN NULL
    WHEN analysis = 'reported' AND (
        SELECT count(*) FROM rma_events agreed
        WHERE agreed.rma_id = rmas.id AND agreed.kind = 'failure_analysis_agreed'
            AND NOT EXISTS (
                SELECT 1 FROM rma_events declined
                WHERE declined.rma_id = rmas.id AND declined.kind = 'analysis_declined'
                    AND declined.sequence > agreed.sequence
            )
    ) = 1 THEN NULL
    ELSE 'ship'
END
WHERE is_open;
-- AMB-26: the replacement left without the prepaid label of the return.
UPDATE rmas SET next_task = 'send_label'
WHERE is_open AND next_task IS NULL AND return_label = 'missing' AND inbound = 'awaiting'
    AND exposure NOT IN ('purchased', 'waived')
    AND outbound IN ('shipped', 'delivered');

-- The queues of logistics read what waits alone: the longest waiting first, by number, by region.
DROP INDEX rmas_queue;
CREATE INDEX rmas_waiting ON rmas (requested_at, id) WHERE next_task IS NOT NULL;
CREATE INDEX rmas_waiting_number ON rmas (number_value, id) WHERE next_task IS NOT NULL;
CREATE INDEX rmas_waiting_site ON rmas (site_id) WHERE next_task IS NOT NULL;
CREATE INDEX sites_region ON sites (region);

-- Tasks that wait, of every queue, and those of one queue that are settled, in the order they came in.
-- An index of all of a queue's would be taken for those that wait, too.
CREATE INDEX tasks_waiting ON tasks (id) WHERE settled_at IS NULL;
CREATE INDEX tasks_settled ON tasks (queue, id) WHERE settled_at IS NOT NULL;
