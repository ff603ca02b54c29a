//! What was owed when, kept as intervals of when we knew it: the non-return report of a past day
//! reads rows, it folds nothing. What is owed now stands in the RMA's own row.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::owed_positions;
use super::straight::ExecuteStraight;
use super::times::to_naive;
use crate::domain::ids::RmaId;
use crate::domain::rma::Rma;

/// One interval that is over: from the decision that made it so to the one that ended it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = owed_positions)]
#[diesel(treat_none_as_default_value = false)]
pub struct PositionRow {
    pub rma_id: i64,
    pub sequence: i64,
    pub recorded_from: NaiveDateTime,
    pub recorded_to: NaiveDateTime,
    pub status: String,
    pub issued_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    pub anchor: String,
    pub due_on: NaiveDate,
    pub rule: String,
    pub calendar: String,
    pub exposure: String,
    pub charged_minor: i64,
    pub reminders_sent: i32,
    pub last_event_at: NaiveDateTime,
}

/// What customers see of an RMA's six tracks (AMB-28).
pub fn status(rma: &Rma) -> &'static str {
    if rma.is_open { "Open" } else { "Closed" }
}

/// The interval in which an RMA stood as it does in `rma`, ended at `recorded_to`; none when nothing was owed,
/// or when it ended at the instant it began.
pub fn past_position(id: RmaId, rma: &Rma, recorded_to: DateTime<Utc>) -> Option<PositionRow> {
    let due = rma.due.as_ref().filter(|_| rma.is_owed())?;
    let (recorded_from, recorded_to) = (to_naive(rma.last_event_at), to_naive(recorded_to));
    (recorded_from < recorded_to).then(|| PositionRow {
        rma_id: id.0,
        sequence: rma.version,
        recorded_from,
        recorded_to,
        status: status(rma).to_owned(),
        issued_on: rma.terms.as_ref().map(|terms| terms.issued_on),
        delivered_on: rma.shipment.delivered_on,
        anchor: due.anchor.kind.as_str().to_owned(),
        due_on: due.due_on,
        rule: due.rule.clone(),
        calendar: due.calendar.as_str().to_owned(),
        exposure: rma.exposure.as_str().to_owned(),
        charged_minor: rma.balance_minor(),
        reminders_sent: rma.reminders_sent,
        last_event_at: recorded_from,
    })
}

/// Keeps what was owed until now, in the write that stores what follows it.
pub fn keep_past(
    connection: &mut AnyConnection,
    id: RmaId,
    before: &Rma,
    recorded_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Some(row) = past_position(id, before, recorded_at) else { return Ok(()) };
    diesel::insert_into(owed_positions::table)
        .values(row)
        .execute_straight(connection)
        .map(drop)
        .during("storing what was owed")
}

/// All past intervals of the RMAs after `after` through `through`, by RMA and time.
pub fn positions(
    connection: &mut AnyConnection,
    after: RmaId,
    through: RmaId,
) -> Result<Vec<PositionRow>, DbError> {
    owed_positions::table
        .filter(owed_positions::rma_id.gt(after.0).and(owed_positions::rma_id.le(through.0)))
        .order((owed_positions::rma_id, owed_positions::sequence))
        .load(connection)
        .during("loading what was owed")
}
