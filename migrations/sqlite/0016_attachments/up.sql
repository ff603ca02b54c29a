-- Files kept with an RMA, a case or a box judged at a dock (T13, AMB-14, AMB-26), the bytes with them so
-- that a copy of the database is whole. Withdrawn, the bytes go and the hash stays. Numbers are those of
-- the series "attachment": events name them, so that both databases count alike.
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY NOT NULL,
    rma_id BIGINT REFERENCES rmas (id),
    case_id BIGINT REFERENCES cases (id),
    receipt_id BIGINT REFERENCES dock_receipts (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at TIMESTAMP,
    withdrawn_because TEXT,
    bytes BLOB,
    CHECK ((rma_id IS NOT NULL) + (case_id IS NOT NULL) + (receipt_id IS NOT NULL) = 1),
    CHECK ((bytes IS NULL) = (withdrawn_at IS NOT NULL))
);
-- The same bytes on the same thing are kept once.
CREATE UNIQUE INDEX attachments_rma ON attachments (rma_id, kind, sha256)
    WHERE rma_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX attachments_case ON attachments (case_id, kind, sha256)
    WHERE case_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX attachments_receipt ON attachments (receipt_id, kind, sha256)
    WHERE receipt_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX attachments_of_rma ON attachments (rma_id, id) WHERE rma_id IS NOT NULL;
CREATE INDEX attachments_of_case ON attachments (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX attachments_of_receipt ON attachments (receipt_id, id) WHERE receipt_id IS NOT NULL;

-- Boxes are listed by when they were judged, and looked for by the RMA they went to.
CREATE INDEX dock_receipts_recorded ON dock_receipts (recorded_at, id);
CREATE INDEX dock_receipts_rma ON dock_receipts (rma_id) WHERE rma_id IS NOT NULL;

-- The prepaid label of the return (AMB-26): there, or missing; none where we do not pay that way.
ALTER TABLE rmas ADD COLUMN return_label TEXT;
UPDATE rmas SET return_label = 'missing'
    WHERE (SELECT json_extract(e.payload, '$.terms.carriage.prepaid_label') FROM rma_events e
           WHERE e.rma_id = rmas.id AND e.kind = 'issued' ORDER BY e.sequence DESC LIMIT 1) = 1;
