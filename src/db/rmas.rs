//! RMAs: the row is a projection of the events, stored in the same write and guarded by its version.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::history::{Chain, append};
use super::kept::ExecuteKept;
use super::positions::keep_past;
use super::schema::{cases, ledger, outbox, rma_events, rmas};
use super::states::{self, Folded};
use super::straight::{ExecuteStraight, LoadStraight};
use super::times::to_naive;
use crate::domain::ids::{
    CaseId, Manufacturer, OrganizationId, RmaId, RmaNumber, SerialNumber, SiteId,
};
use crate::domain::notice::notice;
use crate::domain::rma::{Decision, Event, Rma, Stamp};

/// What an RMA's row says beside its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub id: RmaId,
    pub case_id: CaseId,
    pub organization_id: OrganizationId,
    pub site_id: SiteId,
    pub return_site_id: Option<SiteId>,
    pub recipient: String,
}

/// An RMA with its keys and the end of its chain of hashes.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub keys: Keys,
    pub rma: Rma,
    pub last_hash: String,
    /// The event of issue, in which its terms stand.
    pub terms_sequence: Option<i64>,
}

/// Declares the columns that follow from the state, once for all writes and once for a change.
macro_rules! projection {
    ($($column:ident: $type:ty),+ $(,)?) => {
        /// The columns that follow from the state; the same for every write and for the check of
        /// `verify`.
        #[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
        #[diesel(table_name = rmas)]
        #[diesel(treat_none_as_default_value = false)]
        pub struct Projection {
            $(pub $column: $type),+
        }

        /// Those of the columns that a decision changes. The others stay out of the statement, and
        /// with them their indexes: most commands touch three columns and no index.
        #[derive(Debug, AsChangeset)]
        #[diesel(table_name = rmas)]
        struct Change {
            $($column: Option<$type>),+
        }

        impl Change {
            fn between(before: &Projection, after: Projection) -> Self {
                Self { $($column: (before.$column != after.$column).then_some(after.$column)),+ }
            }
        }
    };
}

projection! {
    version: i64,
    mode: String,
    is_open: bool,
    authorisation: String,
    reason: Option<String>,
    outbound: String,
    inbound: String,
    repair: String,
    analysis: String,
    exposure: String,
    programme_version: Option<String>,
    entitlement: Option<String>,
    list_price_minor: Option<i64>,
    currency: Option<String>,
    charged_minor: i64,
    credited_minor: i64,
    replacement_serial: Option<String>,
    replacement_part: Option<String>,
    requested_at: NaiveDateTime,
    issued_on: Option<NaiveDate>,
    shipped_at: Option<NaiveDateTime>,
    delivered_on: Option<NaiveDate>,
    received_at: Option<NaiveDateTime>,
    closed_at: Option<NaiveDateTime>,
    anchor: Option<String>,
    anchor_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    due_rule: Option<String>,
    due_calendar: Option<String>,
    ship_due: Option<String>,
    repair_due_on: Option<NaiveDate>,
    reminders_sent: i32,
    clock_at: Option<NaiveDateTime>,
    last_event_at: NaiveDateTime,
    visit: String,
    visit_wanted_at: Option<NaiveDateTime>,
    next_task: Option<String>,
    return_label: Option<String>,
    is_owed: bool,
}

impl Projection {
    /// The columns of a state.
    pub fn of(rma: &Rma) -> Self {
        use crate::domain::entitlement::Source;
        let terms = rma.terms.as_deref();
        let due = rma.due.as_ref();
        let entitlement = terms.map(|terms| match &terms.entitlement.source {
            Source::Contract(cover) => format!("contract {} ({})", cover.number, cover.level),
            Source::Warranty => "warranty".to_owned(),
        });
        let ship_due = terms
            .and_then(|terms| terms.replacement_due)
            .and_then(|due| serde_json::to_string(&due).ok());
        Self {
            version: rma.version,
            mode: rma.mode().map_or("undecided", |mode| mode.as_str()).to_owned(),
            is_open: rma.is_open,
            authorisation: rma.authorisation.as_str().to_owned(),
            reason: rma.reason.clone(),
            outbound: rma.outbound.as_str().to_owned(),
            inbound: rma.inbound.as_str().to_owned(),
            repair: rma.repair.as_str().to_owned(),
            analysis: rma.analysis.as_str().to_owned(),
            exposure: rma.exposure.as_str().to_owned(),
            programme_version: terms.map(|terms| terms.programme.clone()),
            entitlement,
            list_price_minor: terms.map(|terms| terms.list_price.minor),
            currency: terms.map(|terms| terms.list_price.currency.code().to_owned()),
            charged_minor: rma.charged_minor,
            credited_minor: rma.credited_minor,
            replacement_serial: rma.replacement.as_ref().map(|r| r.serial_number.to_string()),
            replacement_part: rma.replacement.as_ref().map(|r| r.part_number.to_string()),
            requested_at: to_naive(rma.requested_at),
            issued_on: terms.map(|terms| terms.issued_on),
            shipped_at: rma.shipment.shipped_at.map(to_naive),
            delivered_on: rma.shipment.delivered_on,
            received_at: rma.received_at.map(to_naive),
            closed_at: rma.closed_at.map(to_naive),
            anchor: due.map(|due| due.anchor.kind.as_str().to_owned()),
            anchor_on: due.map(|due| due.anchor.on),
            due_on: due.map(|due| due.due_on),
            due_rule: due.map(|due| due.rule.clone()),
            due_calendar: due.map(|due| due.calendar.as_str().to_owned()),
            ship_due,
            repair_due_on: rma.repair_due_on,
            reminders_sent: rma.reminders_sent,
            clock_at: rma.next_clock_at().map(to_naive),
            last_event_at: to_naive(rma.last_event_at),
            visit: rma.visit.state.as_str().to_owned(),
            visit_wanted_at: rma.visit_wanted_at().map(to_naive),
            next_task: rma.next_task().map(|task| task.to_string()),
            return_label: rma
                .label_is_there()
                .map(|there| if there { "there" } else { "missing" }.to_owned()),
            is_owed: rma.is_owed(),
        }
    }
}

/// The account's and the site's words as they stood at the request.
#[derive(Debug, Clone)]
pub struct Origin {
    pub case_id: CaseId,
    pub organization_id: OrganizationId,
    pub bill_to: String,
    pub site_id: SiteId,
    pub site: String,
    pub country: String,
    pub parent_id: Option<RmaId>,
    /// Whom the notices go to.
    pub recipient: String,
}

/// Stores a new RMA with its first events, and gives its key. An open RMA on the same serial is a unique violation.
pub fn insert(
    connection: &mut AnyConnection,
    origin: &Origin,
    decision: &Decision,
    stamp: &Stamp,
) -> Result<RmaId, DbError> {
    let rma = &decision.after;
    let chain = Chain::of(rma.number, (0, ""), stamp, &decision.events)?;
    let number_value = i64::try_from(rma.number.value()).unwrap_or(i64::MAX);
    let id: i64 = diesel::insert_into(rmas::table)
        .values((
            (
                rmas::number.eq(rma.number.to_string()),
                rmas::number_value.eq(number_value),
                rmas::case_id.eq(origin.case_id.0),
                rmas::case_number.eq(rma.case_number.to_string()),
                rmas::manufacturer.eq(rma.manufacturer.as_str()),
                rmas::serial_number.eq(rma.serial_number.as_str()),
                rmas::part_number.eq(rma.part_number.as_str()),
                rmas::organization_id.eq(origin.organization_id.0),
                rmas::account.eq(&rma.account),
                rmas::bill_to.eq(&origin.bill_to),
                rmas::site_id.eq(origin.site_id.0),
                rmas::site.eq(&origin.site),
                rmas::country.eq(&origin.country),
                rmas::parent_id.eq(origin.parent_id.map(|id| id.0)),
                rmas::state.eq(states::kept(rma, chain.last_hash())?),
            ),
            Projection::of(rma),
        ))
        .returning(rmas::id)
        .get_result(connection)
        .during("storing a new RMA")?;
    let keys = Keys {
        id: RmaId(id),
        case_id: origin.case_id,
        organization_id: origin.organization_id,
        site_id: origin.site_id,
        return_site_id: None,
        recipient: origin.recipient.clone(),
    };
    append(connection, keys.id, chain)?;
    record_consequences(connection, &keys, decision, stamp)?;
    Ok(keys.id)
}

/// Stores a decision on top of the state it was made on. `false`: another write came first, nothing
/// of this one is stored, and the caller decides whether to judge again.
pub fn store(
    connection: &mut AnyConnection,
    before: &Loaded,
    decision: &Decision,
    stamp: &Stamp,
) -> Result<bool, DbError> {
    let id = before.keys.id;
    let previous = (before.rma.version, before.last_hash.as_str());
    let chain = Chain::of(before.rma.number, previous, stamp, &decision.events)?;
    let sequences = before.rma.version + 1..;
    let issued = sequences.zip(&decision.events).find_map(|(sequence, event)| match event {
        Event::Issued { terms } => Some((sequence, terms)),
        _ => None,
    });
    let terms_sequence = issued.map(|(sequence, _)| sequence).or(before.terms_sequence);
    let changed = diesel::update(rmas::table)
        .filter(rmas::id.eq(id.0).and(rmas::version.eq(before.rma.version)))
        .set((
            Change::between(&Projection::of(&before.rma), Projection::of(&decision.after)),
            rmas::state.eq(states::kept(&decision.after, chain.last_hash())?),
            rmas::terms_sequence.eq(terms_sequence),
        ))
        .returning(rmas::id)
        .execute_kept(connection)
        .during("storing an RMA's state")?;
    if changed == 0 {
        return Ok(false);
    }
    if let Some((_, terms)) = issued {
        diesel::update(rmas::table.filter(rmas::id.eq(id.0)))
            .set((
                rmas::bill_to.eq(&terms.bill_to),
                rmas::site_id.eq(terms.ship_to.id.0),
                rmas::site.eq(&terms.ship_to.name),
                rmas::country.eq(&terms.ship_to.country),
                rmas::return_site_id.eq(terms.return_site.id.0),
            ))
            .returning(rmas::id)
            .execute_kept(connection)
            .during("keeping an RMA's terms")?;
    }
    append(connection, id, chain)?;
    record_consequences(connection, &before.keys, decision, stamp)?;
    keep_past(connection, id, &before.rma, stamp.recorded_at)?;
    Ok(true)
}

/// Ledger, outbox and the case: whatever a decision's events mean beside the RMA itself.
fn record_consequences(
    connection: &mut AnyConnection,
    keys: &Keys,
    decision: &Decision,
    stamp: &Stamp,
) -> Result<(), DbError> {
    let after = &decision.after;
    let count = i64::try_from(decision.events.len()).unwrap_or(i64::MAX);
    let first = after.version - count + 1;
    for (sequence, event) in (first..).zip(&decision.events) {
        let booked = match event {
            Event::Charged { amount, reason } => Some(("charge", amount, reason)),
            Event::Credited { amount, reason } => Some(("credit", amount, reason)),
            _ => None,
        };
        if let Some((kind, amount, reason)) = booked {
            let bill_to = after.terms.as_ref().map_or("", |terms| terms.bill_to.as_str());
            diesel::insert_into(ledger::table)
                .values((
                    ledger::rma_id.eq(keys.id.0),
                    ledger::sequence.eq(sequence),
                    ledger::kind.eq(kind),
                    ledger::amount_minor.eq(amount.minor),
                    ledger::currency.eq(amount.currency.code()),
                    ledger::bill_to.eq(bill_to),
                    ledger::reason.eq(reason),
                    ledger::actor.eq(stamp.actor.to_string()),
                    ledger::recorded_at.eq(to_naive(stamp.recorded_at)),
                ))
                .execute_straight(connection)
                .during("storing a ledger row")?;
        }
        if let Some((kind, payload)) = notice(event, after) {
            diesel::insert_into(outbox::table)
                .values((
                    outbox::rma_id.eq(keys.id.0),
                    outbox::sequence.eq(sequence),
                    outbox::kind.eq(kind.as_str()),
                    outbox::recipient.eq(&keys.recipient),
                    outbox::payload.eq(payload.to_string()),
                    outbox::state.eq("pending"),
                    outbox::created_at.eq(to_naive(stamp.recorded_at)),
                ))
                .execute_straight(connection)
                .during("storing a message to send")?;
        }
    }
    super::cases::touch(connection, keys.case_id, stamp.recorded_at)
}

/// The state, its version, the sequence of its terms, and their event.
type KeptRow = (Option<String>, i64, Option<i64>, Option<String>);

type KeyRow = (i64, i64, i64, i64, Option<i64>, String);

fn keys_of(row: KeyRow) -> Keys {
    let (id, case_id, organization_id, site_id, return_site_id, recipient) = row;
    Keys {
        id: RmaId(id),
        case_id: CaseId(case_id),
        organization_id: OrganizationId(organization_id),
        site_id: SiteId(site_id),
        return_site_id: return_site_id.map(SiteId),
        recipient,
    }
}

/// As [`load`], for a write that will change it: another write that would do so too waits until this
/// one ends, and then sees what it left. SQLite lets in one write at a time anyway.
pub fn load_to_change(
    connection: &mut AnyConnection,
    number: RmaNumber,
) -> Result<Option<Loaded>, DbError> {
    if let AnyConnection::Postgres(connection) = connection {
        let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
        let rows = rmas::table.filter(rmas::number_value.eq(value)).select(rmas::id);
        rows.for_update().execute(connection).during("waiting for an RMA")?;
    }
    load(connection, number)
}

/// The key of the row of a number.
pub fn id_of(connection: &mut AnyConnection, number: RmaNumber) -> Result<Option<RmaId>, DbError> {
    let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
    let id = rmas::table.filter(rmas::number_value.eq(value)).select(rmas::id);
    let id: Option<i64> = id.first(connection).optional().during("looking for an RMA")?;
    Ok(id.map(RmaId))
}

/// The row of a number with its case and its event of issue.
#[diesel::dsl::auto_type]
pub(super) fn row_of(number_value: i64) -> _ {
    let issue = rma_events::rma_id
        .eq(rmas::id)
        .and(rma_events::sequence.nullable().eq(rmas::terms_sequence));
    rmas::table
        .inner_join(cases::table)
        .left_join(rma_events::table.on(issue))
        .filter(rmas::number_value.eq(number_value))
}

/// What an RMA is read from.
#[diesel::dsl::auto_type]
pub(super) fn columns() -> _ {
    (
        (
            rmas::id,
            rmas::case_id,
            rmas::organization_id,
            rmas::site_id,
            rmas::return_site_id,
            cases::contact_email,
        ),
        (rmas::state, rmas::version, rmas::terms_sequence, rma_events::payload.nullable()),
    )
}

pub(super) type Columns = (KeyRow, KeptRow);

/// Loads the RMA of a number: its row's keys and the state kept in it, with the terms of its event of
/// issue. One statement reads all of it.
pub fn load(connection: &mut AnyConnection, number: RmaNumber) -> Result<Option<Loaded>, DbError> {
    let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
    let rows: Vec<Columns> =
        row_of(value).select(columns()).load_straight(connection).during("loading an RMA")?;
    rows.into_iter().next().map(|row| loaded(connection, row)).transpose()
}

/// An RMA from its columns, or else from its events.
pub(super) fn loaded(
    connection: &mut AnyConnection,
    (key, kept): Columns,
) -> Result<Loaded, DbError> {
    let keys = keys_of(key);
    let (state, version, terms_sequence, issue) = kept;
    let kept = state.and_then(|text| states::read(&text, version, issue.as_deref()));
    let Folded { rma, last_hash, terms_sequence } = match kept {
        Some((rma, last_hash)) => Folded { rma, last_hash, terms_sequence },
        None => states::folded(connection, keys.id)?,
    };
    Ok(Loaded { keys, rma, last_hash, terms_sequence })
}

/// The open RMA on a serial, if there is one.
pub fn open_on_serial(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    serial: &SerialNumber,
) -> Result<Option<RmaNumber>, DbError> {
    let number: Option<String> = rmas::table
        .filter(rmas::serial_number.eq(serial.as_str()))
        .filter(rmas::manufacturer.eq(manufacturer.as_str()))
        .filter(rmas::is_open.eq(true))
        .select(rmas::number)
        .first(connection)
        .optional()
        .during("looking for an open RMA on a serial")?;
    number.map(|text| super::error::stored("reading an RMA number", &text)).transpose()
}

/// The numbers of every RMA on a serial, as the defective unit or as the replacement that went out.
pub fn numbers_of_serial(
    connection: &mut AnyConnection,
    serial: &SerialNumber,
    as_replacement: bool,
) -> Result<Vec<RmaNumber>, DbError> {
    let query = rmas::table.select(rmas::number).order(rmas::id).into_boxed();
    let query = if as_replacement {
        query.filter(rmas::replacement_serial.eq(serial.as_str()))
    } else {
        query.filter(rmas::serial_number.eq(serial.as_str()))
    };
    let numbers: Vec<String> = query.load(connection).during("looking for RMAs on a serial")?;
    numbers.iter().map(|text| super::error::stored("reading an RMA number", text)).collect()
}

/// Numbers of the RMAs whose clock has something to say at `now`, the longest waiting first; `after`
/// is where the last page ended.
pub fn due_at(
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
    after: Option<(NaiveDateTime, i64)>,
    limit: i64,
) -> Result<Vec<(RmaNumber, NaiveDateTime, i64)>, DbError> {
    let mut query = rmas::table
        .filter(rmas::clock_at.is_not_null().and(rmas::clock_at.le(to_naive(now))))
        .select((rmas::number, rmas::clock_at.assume_not_null(), rmas::id))
        .order((rmas::clock_at, rmas::id))
        .limit(limit)
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(rmas::clock_at.gt(at).or(rmas::clock_at.eq(at).and(rmas::id.gt(id))));
    }
    let rows: Vec<(String, NaiveDateTime, i64)> =
        query.load(connection).during("looking for RMAs whose clock is due")?;
    rows.into_iter()
        .map(|(number, at, id)| {
            Ok((super::error::stored("reading an RMA number", &number)?, at, id))
        })
        .collect()
}
