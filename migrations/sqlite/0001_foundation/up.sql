-- Accounts, partners and distributors. `bill_to` is what an invoice would say.
CREATE TABLE organizations (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    bill_to TEXT NOT NULL,
    email TEXT
);

CREATE TABLE products (
    id INTEGER PRIMARY KEY NOT NULL,
    manufacturer TEXT NOT NULL,
    part_number TEXT NOT NULL,
    description TEXT NOT NULL,
    contract_manufacturer TEXT NOT NULL,
    frs_on DATE,
    eol_on DATE,
    eos_on DATE,
    UNIQUE (manufacturer, part_number)
);

-- One list price a currency, in minor units; never converted (AMB-15).
CREATE TABLE product_prices (
    product_id BIGINT NOT NULL REFERENCES products (id),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (product_id, currency)
);

-- Customer sites, depots and the contract manufacturers' repair centres.
CREATE TABLE sites (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    organization_id BIGINT REFERENCES organizations (id),
    contract_manufacturer TEXT,
    region TEXT NOT NULL,
    address TEXT NOT NULL,
    country TEXT NOT NULL,
    zone TEXT NOT NULL,
    calendar TEXT NOT NULL,
    contact_name TEXT,
    contact_email TEXT,
    contact_phone TEXT
);
CREATE INDEX sites_return ON sites (contract_manufacturer, region);

-- A site's own closings and working days, on top of its calendar.
CREATE TABLE site_days (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    day DATE NOT NULL,
    works BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (site_id, day)
);

-- Calendars brought in beside those that come with the program.
CREATE TABLE calendars (
    code TEXT PRIMARY KEY NOT NULL,
    weekend TEXT NOT NULL,
    known_from DATE NOT NULL,
    known_to DATE NOT NULL,
    make_up_known_to DATE
);
CREATE TABLE calendar_days (
    calendar TEXT NOT NULL REFERENCES calendars (code),
    day DATE NOT NULL,
    works BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (calendar, day)
);

CREATE TABLE contracts (
    id INTEGER PRIMARY KEY NOT NULL,
    number TEXT NOT NULL UNIQUE,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    level TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    media_retention BOOLEAN NOT NULL
);

-- `cover_through_on` is a last covered day granted by a repair or a replacement.
CREATE TABLE units (
    id INTEGER PRIMARY KEY NOT NULL,
    manufacturer TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    part_number TEXT NOT NULL,
    organization_id BIGINT REFERENCES organizations (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    status TEXT NOT NULL,
    shipped_on DATE NOT NULL,
    distributor TEXT,
    resold_on DATE,
    registered_on DATE,
    cover_through_on DATE,
    replaces_unit_id BIGINT REFERENCES units (id),
    UNIQUE (serial_number, manufacturer)
);

-- Which units a contract covers, and when: the entitlement moves by closing one row and adding another.
CREATE TABLE coverage (
    id INTEGER PRIMARY KEY NOT NULL,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    from_on DATE NOT NULL,
    through_on DATE NOT NULL
);
CREATE INDEX coverage_unit ON coverage (unit_id);
CREATE UNIQUE INDEX coverage_once ON coverage (contract_id, unit_id, from_on);

-- The numbers of a manufacturer's policy, versioned; manufacturer '*' serves every other.
CREATE TABLE programmes (
    id INTEGER PRIMARY KEY NOT NULL,
    manufacturer TEXT NOT NULL,
    version TEXT NOT NULL,
    effective_on DATE NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (manufacturer, version)
);

-- Gapless series: RMA numbers, and case serials within their day.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);

CREATE TABLE cases (
    id INTEGER PRIMARY KEY NOT NULL,
    number TEXT NOT NULL UNIQUE,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    priority SMALLINT NOT NULL,
    summary TEXT NOT NULL,
    customer_reference TEXT,
    contact_name TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);

-- The projection of an RMA's events, written with them; `version` is the last event's sequence.
CREATE TABLE rmas (
    id INTEGER PRIMARY KEY NOT NULL,
    number TEXT NOT NULL UNIQUE,
    number_value BIGINT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    case_number TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    part_number TEXT NOT NULL,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    account TEXT NOT NULL,
    bill_to TEXT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    site TEXT NOT NULL,
    country TEXT NOT NULL,
    return_site_id BIGINT REFERENCES sites (id),
    parent_id BIGINT REFERENCES rmas (id),
    mode TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    authorisation TEXT NOT NULL,
    reason TEXT,
    outbound TEXT NOT NULL,
    inbound TEXT NOT NULL,
    repair TEXT NOT NULL,
    analysis TEXT NOT NULL,
    exposure TEXT NOT NULL,
    programme_version TEXT,
    entitlement TEXT,
    list_price_minor BIGINT,
    currency TEXT,
    charged_minor BIGINT NOT NULL,
    credited_minor BIGINT NOT NULL,
    replacement_serial TEXT,
    replacement_part TEXT,
    requested_at TIMESTAMP NOT NULL,
    issued_on DATE,
    shipped_at TIMESTAMP,
    delivered_on DATE,
    received_at TIMESTAMP,
    closed_at TIMESTAMP,
    anchor TEXT,
    anchor_on DATE,
    due_on DATE,
    due_rule TEXT,
    due_calendar TEXT,
    ship_due TEXT,
    repair_due_on DATE,
    reminders_sent INTEGER NOT NULL,
    clock_at TIMESTAMP,
    last_event_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX rmas_one_open ON rmas (serial_number, manufacturer) WHERE is_open;
CREATE INDEX rmas_serial ON rmas (serial_number);
CREATE INDEX rmas_replacement ON rmas (replacement_serial) WHERE replacement_serial IS NOT NULL;
CREATE INDEX rmas_case ON rmas (case_id);
CREATE INDEX rmas_parent ON rmas (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX rmas_clock ON rmas (clock_at) WHERE clock_at IS NOT NULL;

-- Append-only; `hash` chains each event to the one before it within its RMA.
CREATE TABLE rma_events (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (rma_id, sequence)
) WITHOUT ROWID;

-- What was owed, from when to when we knew it: a past day is answered without folding events.
CREATE TABLE owed_positions (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    recorded_from TIMESTAMP NOT NULL,
    recorded_to TIMESTAMP,
    status TEXT NOT NULL,
    issued_on DATE,
    delivered_on DATE,
    anchor TEXT NOT NULL,
    due_on DATE NOT NULL,
    rule TEXT NOT NULL,
    calendar TEXT NOT NULL,
    exposure TEXT NOT NULL,
    charged_minor BIGINT NOT NULL,
    reminders_sent INTEGER NOT NULL,
    last_event_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rma_id, sequence)
) WITHOUT ROWID;
CREATE INDEX owed_now ON owed_positions (rma_id) WHERE recorded_to IS NULL;

-- Money: added to, never changed.
CREATE TABLE ledger (
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    bill_to TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (rma_id, sequence)
) WITHOUT ROWID;

-- Every box judged at a dock, the unmatched shelf included (AMB-14).
CREATE TABLE dock_receipts (
    id INTEGER PRIMARY KEY NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    box TEXT,
    marked_number TEXT,
    serial_number TEXT,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    rma_id BIGINT REFERENCES rmas (id),
    actor TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX dock_receipts_serial ON dock_receipts (serial_number);

-- Messages to send, written with the events that call for them.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY NOT NULL,
    rma_id BIGINT NOT NULL REFERENCES rmas (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (rma_id, sequence, kind)
);
