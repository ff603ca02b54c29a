//! A small world with one RMA whose unit is owed, and copies of that RMA by the hundred thousand.

use chrono::{DateTime, Utc};
use homeward::app::cases::{self, OpenCase};
use homeward::app::rmas::{RequestRma, command, request_rma};
use homeward::app::{App, AppError};
use homeward::db::{AnyConnection, DbError};
use homeward::domain::ids::{RmaNumber, SerialNumber};
use homeward::domain::intake::{CaseKind, Way};
use homeward::domain::rma::{Actor, Command, Order, Role};

use super::databases::batch;

/// An RMA's number is this and its row's key.
const NUMBERS: i64 = 30_000_000;

/// Customers as they are: long names, other scripts, commas and quotes.
const CUSTOMERS: &str = r#"
 (0,'Northwind Networks Inc.','Northwind Networks Inc., Accounts payable, 12 Hudson Yards, New York NY 10001','NYC-1 New York','US','US'),
 (1,'Bäckerei Müller & Söhne GmbH','Bäckerei Müller & Söhne GmbH, Rechnungswesen, Königstraße 5, 70173 Stuttgart','STR-1 Stuttgart','DE','DE'),
 (2,'株式会社北海道データセンター','株式会社北海道データセンター 経理部 〒060-0001 札幌市中央区北1条西2','CTS-2 石狩','JP','JP'),
 (3,'上海云计算有限公司','上海云计算有限公司 财务部 上海市浦东新区世纪大道100号','PVG-4 浦东','CN','CN'),
 (4,'Ngân hàng Thương mại Sài Gòn','Ngân hàng Thương mại Sài Gòn, Phòng kế toán, Quận 1, TP Hồ Chí Minh','SGN-1','VN','VN'),
 (5,'O''Brien "The Cloud" Ltd, Dublin','O''Brien "The Cloud" Ltd, Accounts, 1 Grand Canal Dock, Dublin 2','DUB-3','IE','IE'),
 (6,'Société Générale d''Hébergement','Société Générale d''Hébergement, Comptabilité, 8 rue de l''Échiquier, 75010 Paris','PAR-2','FR','FR'),
 (7,'Riyadh Hosting Company','Riyadh Hosting Company, Finance, King Fahd Road, Riyadh','RUH-1','SA','SA')
"#;

/// Customer, depot and repair centre, a contract for advance replacement, a unit and a spare.
const WORLD: &str = "
INSERT INTO organizations (id, name, kind, currency, bill_to, email) VALUES
 (1, 'Northwind Networks Inc.', 'customer', 'USD', 'Northwind Networks Inc., Accounts payable', 'ap@northwind.example');
INSERT INTO products (id, manufacturer, part_number, description, contract_manufacturer) VALUES
 (1, 'Meridian', 'MX-480-B', 'Line card', 'Contract Works');
INSERT INTO product_prices (product_id, currency, amount_minor) VALUES (1, 'USD', 1249900);
INSERT INTO sites (id, code, name, kind, organization_id, contract_manufacturer, region, address, country, zone, calendar) VALUES
 (1, 'NYC-1', 'Northwind New York', 'customer', 1, NULL, 'AMER', '12 Hudson Yards', 'US', 'America/New_York', 'US'),
 (2, 'SDF-1', 'Depot Louisville', 'depot', NULL, NULL, 'AMER', '1 Airport Road', 'US', 'America/New_York', 'US'),
 (3, 'MTY-1', 'Contract Works Monterrey', 'repair_centre', NULL, 'Contract Works', 'AMER', 'Avenida 5', 'MX', 'America/Monterrey', 'MX');
INSERT INTO units (id, manufacturer, serial_number, part_number, organization_id, site_id, status, shipped_on, registered_on) VALUES
 (1, 'Meridian', 'SN-DEFECTIVE', 'MX-480-B', 1, 1, 'installed', '2026-01-10', '2026-02-01'),
 (2, 'Meridian', 'SN-SPARE', 'MX-480-B', NULL, 2, 'stock', '2026-01-10', NULL);
INSERT INTO contracts (id, number, organization_id, level, starts_on, ends_on, media_retention) VALUES
 (1, 'C-100', 1, 'next_day_delivery', '2026-01-01', '2027-12-31', FALSE);
INSERT INTO coverage (contract_id, unit_id, from_on, through_on) VALUES (1, 1, '2026-01-01', '2027-12-31');
";

/// When the template's unit was delivered: due on Tuesday 2026-12-01, first reminder on 24 November.
pub const DELIVERED: &str = "2026-11-16T15:00:00Z";

/// When its first reminder is due: 24 November begins in New York.
const REMINDED: &str = "2026-11-24 05:00:00";

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The template's number: an advance replacement delivered on Monday 2026-11-16, its unit owed.
pub fn template(app: &App) -> RmaNumber {
    let opened = instant("2026-11-12T15:00:00Z");
    let serial_number: SerialNumber = "SN-DEFECTIVE".parse().expect("a serial");
    let person = |role| Actor::new(role, format!("{role}-1")).expect("an actor");
    let number = app
        .db
        .write(|c| {
            batch(c, WORLD);
            let case = OpenCase {
                serial_number: serial_number.clone(),
                manufacturer: None,
                priority: 2,
                summary: "Line card dead, slot 4".to_owned(),
                customer_reference: Some("INC-0815".to_owned()),
                contact_name: "Ngô Thị Ánh".to_owned(),
                contact_email: "anh@northwind.example".to_owned(),
                is_ssrn: false,
                kind: CaseKind::Rma,
                way: Way::default(),
            };
            let case_number = cases::open(app, c, &case, &person(Role::Engineer), opened)?;
            let wanted = RequestRma {
                case_number,
                serial_number,
                manufacturer: None,
                symptom: "does not power on 電源が入らない".to_owned(),
                way: Way::default(),
                occurred_at: opened,
                source: "portal".to_owned(),
            };
            let made = request_rma(app, c, &wanted, &person(Role::Customer), opened)?;
            Ok::<_, AppError>(made.rma.number)
        })
        .expect("requesting an RMA");
    let ship =
        Command::Ship { carrier: "Parcel Co".to_owned(), tracking_number: Some("1Z9".to_owned()) };
    let allocate = Command::Allocate { serial_number: "SN-SPARE".parse().expect("a serial") };
    for (role, command, at) in [
        (Role::Engineer, Command::Create { diagnosis: Some("no power".to_owned()) }, opened),
        (Role::Logistics, Command::Issue {}, opened),
        (Role::Depot, allocate, opened),
        (Role::Depot, ship, opened),
        (Role::Carrier, Command::Deliver { signed_by: None }, instant(DELIVERED)),
    ] {
        give(app, number, person(role), command, at);
    }
    number
}

/// Carries a command out.
pub fn give(app: &App, number: RmaNumber, actor: Actor, what: Command, at: DateTime<Utc>) {
    let order = Order { command: what, actor, occurred_at: at, source: "bench".to_owned() };
    command(app, number, &order, None, at).expect("a command");
}

/// Which rows copies get, and what of them.
#[derive(Clone, Copy)]
pub struct Copies {
    pub first: i64,
    pub step: i64,
    pub count: i64,
    /// Every event of the template, or its first alone.
    pub all_events: bool,
    /// Owed since long, on due dates of half a year, of many customers, every fourth one with an event since
    /// [`SINCE`]: for the report.
    pub overdue: bool,
    /// Days later than the template's that the clock has something to say.
    pub quiet_days: i64,
}

impl Copies {
    /// The keys of the copies.
    pub fn numbers(self) -> impl Iterator<Item = RmaNumber> {
        (0..self.count).map(move |at| {
            let value = u64::try_from(NUMBERS + self.first + at * self.step).expect("positive");
            RmaNumber::new(value).expect("an RMA number")
        })
    }
}

/// Copies the RMA whose row is 1. Numbers and serials are each copy's own.
pub fn copy(connection: &mut AnyConnection, copies: Copies) {
    let sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let Copies { first, step, count, .. } = copies;
    let cte = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}), \
         m(i, id, text) AS (SELECT i, {first} + i * {step}, {} FROM n), \
         v(k, account, bill_to, site, country, calendar) AS (VALUES {CUSTOMERS})",
        if sqlite {
            format!("printf('%010d', {NUMBERS} + {first} + i * {step})")
        } else {
            format!("lpad(({NUMBERS} + {first} + i::bigint * {step})::text, 10, '0')")
        }
    );
    batch(
        connection,
        &format!(
            "{cte} INSERT INTO cases (id, number, organization_id, site_id, unit_id, priority, \
             summary, customer_reference, contact_name, contact_email, opened_by, opened_at) \
             SELECT m.id, '2026-1112-' || m.text, t.organization_id, t.site_id, t.unit_id, \
             t.priority, t.summary, t.customer_reference, t.contact_name, t.contact_email, \
             t.opened_by, t.opened_at FROM m CROSS JOIN cases t WHERE t.id = 1"
        ),
    );
    batch(connection, &rmas(&cte, copies, sqlite));
    let events = if copies.all_events { "" } else { "AND t.sequence = 1" };
    batch(
        connection,
        &format!(
            "{cte} INSERT INTO rma_events (rma_id, sequence, kind, occurred_at, recorded_at, \
             actor, source, payload, hash) SELECT m.id, t.sequence, t.kind, t.occurred_at, \
             t.recorded_at, t.actor, t.source, \
             replace(t.payload, (SELECT number FROM rmas WHERE id = 1), 'R' || m.text), t.hash \
             FROM m CROSS JOIN rma_events t WHERE t.rma_id = 1 {events}"
        ),
    );
    if copies.overdue {
        batch(connection, &positions(&cte, sqlite));
    }
}

/// When something was last recorded of every fourth overdue copy.
const SINCE: &str = "2026-11-18 12:00:00";

const PROJECTED: &str = "version, mode, is_open, authorisation, reason, outbound, inbound, repair, \
    analysis, exposure, programme_version, entitlement, list_price_minor, currency, charged_minor, \
    credited_minor, replacement_serial, replacement_part, requested_at, shipped_at, \
    received_at, closed_at, anchor, anchor_on, due_rule, ship_due, repair_due_on, \
    reminders_sent, manufacturer, part_number, organization_id, site_id, return_site_id, \
    terms_sequence, is_owed";

fn rmas(cte: &str, copies: Copies, sqlite: bool) -> String {
    let days = copies.quiet_days;
    let clock = match (days, sqlite) {
        (0, _) => format!("coalesce(t.clock_at, '{REMINDED}')"),
        // As diesel writes an instant.
        (_, true) => format!("datetime(t.clock_at, '+' || ({days} + m.i % 300) || ' days')"),
        (_, false) => format!("t.clock_at + ({days} + m.i % 300) * interval '1 day'"),
    };
    let projected: Vec<String> =
        PROJECTED.split(',').map(|column| format!("t.{}", column.trim())).collect();
    let calendar = if copies.overdue { "v.calendar" } else { "t.due_calendar" };
    let [issued_on, delivered_on, due_on, last_event_at] = owed_since(copies.overdue, sqlite);
    let last_event_at = match copies.overdue {
        true if sqlite => {
            format!("CASE WHEN m.i % 4 = 3 THEN '{SINCE}' ELSE {last_event_at} END")
        }
        true => format!("CASE WHEN m.i % 4 = 3 THEN timestamp '{SINCE}' ELSE {last_event_at} END"),
        false => last_event_at,
    };
    format!(
        "{cte} INSERT INTO rmas (id, number, number_value, case_id, case_number, serial_number, \
         account, bill_to, site, country, clock_at, state, issued_on, delivered_on, due_on, \
         last_event_at, due_calendar, {PROJECTED}) \
         SELECT m.id, 'R' || m.text, {NUMBERS} + m.id, m.id, t.case_number, \
         t.serial_number || '-' || m.id, v.account, v.bill_to, v.site, v.country, {clock}, \
         replace(t.state, t.number, 'R' || m.text), {issued_on}, {delivered_on}, {due_on}, \
         {last_event_at}, {calendar}, {} \
         FROM m JOIN v ON v.k = m.i % 8 CROSS JOIN rmas t WHERE t.id = 1",
        projected.join(", ")
    )
}

/// Issued, delivered, due and last changed, as the template was or, overdue, on days of half a year.
fn owed_since(overdue: bool, sqlite: bool) -> [String; 4] {
    const DAYS: [&str; 3] = ["issued_on", "delivered_on", "due_on"];
    let day = |column: &str| match (overdue, sqlite) {
        (false, _) => format!("t.{column}"),
        (true, true) => format!("date(t.{column}, '-' || (60 + m.i % 180) || ' days')"),
        (true, false) => format!("t.{column} - (60 + m.i % 180)::int"),
    };
    let instant = match (overdue, sqlite) {
        (false, _) => "t.last_event_at".to_owned(),
        (true, true) => "strftime('%Y-%m-%d %H:%M:%f', t.last_event_at, \
             '-' || (60 + m.i % 180) || ' days', (m.i % 3600) || ' seconds')"
            .to_owned(),
        (true, false) => "t.last_event_at - (60 + m.i % 180) * interval '1 day' + \
             (m.i % 3600) * interval '1 second'"
            .to_owned(),
    };
    let [issued_on, delivered_on, due_on] = DAYS.map(day);
    [issued_on, delivered_on, due_on, instant]
}

/// What was owed before, of the overdue copies of which something was recorded since.
fn positions(cte: &str, sqlite: bool) -> String {
    let [issued_on, delivered_on, due_on, last_event_at] = owed_since(true, sqlite);
    let since = if sqlite { format!("'{SINCE}'") } else { format!("timestamp '{SINCE}'") };
    format!(
        "{cte} INSERT INTO owed_positions (rma_id, sequence, recorded_from, recorded_to, status, \
         issued_on, delivered_on, anchor, due_on, rule, calendar, exposure, charged_minor, \
         reminders_sent, last_event_at) \
         SELECT m.id, t.version - 1, {last_event_at}, {since}, 'Open', {issued_on}, {delivered_on}, \
         t.anchor, {due_on}, t.due_rule, v.calendar, t.exposure, 0, t.reminders_sent, {last_event_at} \
         FROM m JOIN v ON v.k = m.i % 8 CROSS JOIN rmas t WHERE t.id = 1 AND m.i % 4 = 3"
    )
}

/// Copies in one write.
pub fn fill(app: &App, copies: Copies) {
    app.db
        .write(|c| {
            copy(c, copies);
            Ok::<(), DbError>(())
        })
        .expect("filling");
}
