//! The open RMAs as of an instant, a page at a time.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::audit::Identity;
use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::history::{EventRow, history};
use super::reports::Known;
use super::rmas::Projection;
use super::schema::rmas;
use super::times::to_naive;
use crate::domain::ids::RmaId;
use crate::domain::rma::{Recorded, fold};
use crate::reports::open_rmas::Row;

const PAGE: i64 = 1000;

/// Calls `each` for every RMA open then, in the order of the RMAs. A row that has not changed since is
/// taken as it stands; the few others are folded from what was recorded by then.
pub fn open_rmas<E: From<DbError>>(
    connection: &mut AnyConnection,
    known: Known,
    mut each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let end = match known {
        Known::Now => None,
        Known::Before(end) => Some(to_naive(end)),
    };
    let mut after = 0;
    loop {
        let page = page(connection, after, end)?;
        let Some(last) = page.last().map(|(identity, _)| identity.id) else { return Ok(()) };
        after = last;
        for (identity, stored) in page {
            let then = match end {
                Some(end) if stored.last_event_at >= end => then(connection, identity.id, end)?,
                _ => stored.is_open.then_some(stored),
            };
            if let Some(projection) = then {
                each(row(identity, projection))?;
            }
        }
    }
}

fn page(
    connection: &mut AnyConnection,
    after: i64,
    end: Option<NaiveDateTime>,
) -> Result<Vec<(Identity, Projection)>, DbError> {
    let mut query = rmas::table.filter(rmas::id.gt(after)).into_boxed();
    query = match end {
        None => query.filter(rmas::is_open),
        Some(end) => query.filter(rmas::is_open.or(rmas::last_event_at.ge(end))),
    };
    query
        .order(rmas::id)
        .limit(PAGE)
        .select((Identity::as_select(), Projection::as_select()))
        .load(connection)
        .during("reading the open RMAs")
}

/// How an RMA stood before `end`; none where it was not there yet, or not open.
fn then(
    connection: &mut AnyConnection,
    id: i64,
    end: NaiveDateTime,
) -> Result<Option<Projection>, DbError> {
    let rows = history(connection, RmaId(id))?;
    let before = rows.iter().filter(|row| row.recorded_at < end).map(EventRow::recorded);
    let events = before.collect::<Result<Vec<Recorded>, DbError>>()?;
    if events.is_empty() {
        return Ok(None);
    }
    let rma = fold(&events).map_err(|error| DbError::Corrupt {
        operation: "folding an RMA's events",
        detail: format!("RMA row {id}: {error}"),
    })?;
    Ok(rma.is_open.then(|| Projection::of(&rma)))
}

fn row(identity: Identity, state: Projection) -> Row {
    Row {
        rma_number: identity.number,
        account: identity.account,
        site: identity.site,
        country: identity.country,
        case_number: identity.case_number,
        serial_number: identity.serial_number,
        part_number: identity.part_number,
        mode: state.mode,
        authorisation: state.authorisation,
        outbound: state.outbound,
        inbound: state.inbound,
        repair: state.repair,
        exposure: state.exposure,
        requested_at: state.requested_at,
        issued_on: state.issued_on,
        delivered_on: state.delivered_on,
        due_on: state.due_on,
        repair_due_on: state.repair_due_on,
        last_event_at: state.last_event_at,
    }
}
