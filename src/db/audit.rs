//! Everything stored of a page of RMAs, for checking it against their events.

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::history::{EventRow, histories};
use super::positions::{PositionRow, positions};
use super::rmas::Projection;
use super::schema::{ledger, outbox, rmas};
use crate::domain::ids::RmaId;
use crate::domain::notice::NoticeKind;

/// An RMA's row: what it is, and what was projected from its events.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rmas)]
pub struct Identity {
    pub id: i64,
    pub number: String,
    pub number_value: i64,
    pub case_number: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub account: String,
    pub bill_to: String,
    pub site_id: i64,
    pub site: String,
    pub country: String,
    pub return_site_id: Option<i64>,
}

/// The state kept beside the projection, and where its terms stand.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rmas)]
pub struct KeptState {
    pub state: Option<String>,
    pub terms_sequence: Option<i64>,
}

/// A ledger row: sequence, kind, minor units, currency.
pub type LedgerRow = (i64, i64, String, i64, String);

/// A page of RMAs with all that hangs on them, each list by RMA and sequence.
#[derive(Debug, Default)]
pub struct Page {
    pub rmas: Vec<(Identity, Projection, KeptState)>,
    pub events: Vec<EventRow>,
    pub positions: Vec<PositionRow>,
    pub ledger: Vec<LedgerRow>,
    /// RMA, sequence, kind.
    pub outbox: Vec<(i64, i64, String)>,
}

/// The next `limit` RMAs after `after`; an empty page is the end.
pub fn page(
    connection: &mut AnyConnection,
    after: RmaId,
    limit: i64,
) -> Result<(Page, RmaId), DbError> {
    let found: Vec<(Identity, Projection, KeptState)> = rmas::table
        .filter(rmas::id.gt(after.0))
        .order(rmas::id)
        .limit(limit)
        .select((Identity::as_select(), Projection::as_select(), KeptState::as_select()))
        .load(connection)
        .during("loading RMAs to verify")?;
    let Some(last) = found.last().map(|(identity, ..)| RmaId(identity.id)) else {
        return Ok((Page::default(), after));
    };
    let booked = ledger::table
        .filter(ledger::rma_id.gt(after.0).and(ledger::rma_id.le(last.0)))
        .order((ledger::rma_id, ledger::sequence))
        .select((
            ledger::rma_id,
            ledger::sequence,
            ledger::kind,
            ledger::amount_minor,
            ledger::currency,
        ))
        .load(connection)
        .during("loading the ledger to verify")?;
    let messages = outbox::table
        .filter(outbox::rma_id.gt(after.0).and(outbox::rma_id.le(last.0)))
        // An answer of customer care is no event of the RMA.
        .filter(outbox::kind.ne(NoticeKind::ProgressAnswered.as_str()))
        .order((outbox::rma_id, outbox::sequence))
        .select((outbox::rma_id.assume_not_null(), outbox::sequence, outbox::kind))
        .load(connection)
        .during("loading messages to verify")?;
    let page = Page {
        rmas: found,
        events: histories(connection, after, last)?,
        positions: positions(connection, after, last)?,
        ledger: booked,
        outbox: messages,
    };
    Ok((page, last))
}

/// RMAs whose events have no row, and events without an RMA: counts of both tables.
pub fn totals(connection: &mut AnyConnection) -> Result<(i64, i64), DbError> {
    use super::schema::rma_events;
    let rows: i64 = rmas::table.count().get_result(connection).during("counting RMAs")?;
    let events: i64 = rma_events::table
        .filter(rma_events::sequence.eq(1))
        .count()
        .get_result(connection)
        .during("counting first events")?;
    Ok((rows, events))
}
