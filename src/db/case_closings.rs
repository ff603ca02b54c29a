//! Cases closed by agreement, and opened again by their RMAs (RMA-14). A closing stays on record.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{case_closings, cases, rmas};
use super::times::to_naive;
use crate::domain::ids::{CaseId, CaseNumber, RmaId};

/// A closing to keep.
#[derive(Debug, Clone)]
pub struct NewClosing {
    /// Who of the customer's agreed.
    pub agreed_by: String,
    pub agreed_at: DateTime<Utc>,
    pub closed_by: String,
    pub closed_at: DateTime<Utc>,
}

/// Closes a case that is open; `false` where it is closed already. From here to the end of the write no
/// other can change the case.
pub fn close(
    connection: &mut AnyConnection,
    id: CaseId,
    new: &NewClosing,
) -> Result<bool, DbError> {
    const OPERATION: &str = "closing a case";
    let at = to_naive(new.closed_at);
    let changed = diesel::update(cases::table.find(id.0).filter(cases::closed_at.is_null()))
        .set((cases::closed_at.eq(at), cases::modified_at.eq(at)))
        .execute(connection)
        .during(OPERATION)?;
    if changed == 0 {
        return Ok(false);
    }
    diesel::insert_into(case_closings::table)
        .values((
            case_closings::case_id.eq(id.0),
            case_closings::agreed_by.eq(&new.agreed_by),
            case_closings::agreed_at.eq(to_naive(new.agreed_at)),
            case_closings::closed_by.eq(&new.closed_by),
            case_closings::closed_at.eq(at),
        ))
        .execute(connection)
        .during(OPERATION)?;
    Ok(true)
}

/// Opens a case again where it is closed, since one of its RMAs is open.
pub fn reopen(
    connection: &mut AnyConnection,
    id: CaseId,
    rma: RmaId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    const OPERATION: &str = "reopening a case";
    let changed = diesel::update(cases::table.find(id.0).filter(cases::closed_at.is_not_null()))
        .set(cases::closed_at.eq(None::<NaiveDateTime>))
        .execute(connection)
        .during(OPERATION)?;
    if changed == 0 {
        return Ok(());
    }
    let last = case_closings::table
        .filter(case_closings::case_id.eq(id.0))
        .filter(case_closings::reopened_at.is_null());
    diesel::update(last)
        .set((
            case_closings::reopened_at.eq(to_naive(at)),
            case_closings::reopened_rma_id.eq(rma.0),
        ))
        .execute(connection)
        .map(drop)
        .during(OPERATION)
}

/// A closing as it was kept; its instants are naive UTC.
#[derive(Debug, Clone, Queryable)]
pub struct ClosingRow {
    pub agreed_by: String,
    pub agreed_at: NaiveDateTime,
    pub closed_by: String,
    pub closed_at: NaiveDateTime,
    pub reopened_at: Option<NaiveDateTime>,
    /// The RMA that opened the case again.
    pub reopened_by: Option<String>,
}

/// Every closing of a case, the oldest first.
pub fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Vec<ClosingRow>, DbError> {
    case_closings::table
        .inner_join(cases::table)
        .left_join(rmas::table.on(case_closings::reopened_rma_id.eq(rmas::id.nullable())))
        .filter(cases::number.eq(number.to_string()))
        .order(case_closings::id)
        .select((
            case_closings::agreed_by,
            case_closings::agreed_at,
            case_closings::closed_by,
            case_closings::closed_at,
            case_closings::reopened_at,
            rmas::number.nullable(),
        ))
        .load(connection)
        .during("loading a case's closings")
}
