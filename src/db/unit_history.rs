//! What was learned later of units' sales: appended only.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::unit_history;
use crate::domain::ids::UnitId;

/// A change of a unit's sale, each fact as it was and as it is since.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = unit_history)]
pub struct UnitHistoryRow {
    pub unit_id: i64,
    /// Naive UTC.
    pub recorded_at: NaiveDateTime,
    pub actor: String,
    /// The file's name.
    pub source: String,
    pub shipped_was: NaiveDate,
    pub shipped_on: NaiveDate,
    pub distributor_was: Option<String>,
    pub distributor: Option<String>,
    pub resold_was: Option<NaiveDate>,
    pub resold_on: Option<NaiveDate>,
    pub registered_was: Option<NaiveDate>,
    pub registered_on: Option<NaiveDate>,
    /// The warranty's start as computed before; none where it could not be.
    pub start_was: Option<NaiveDate>,
    pub start_on: Option<NaiveDate>,
    /// The rule that gives the new start.
    pub rule: Option<String>,
}

/// Adds changes.
pub fn add(connection: &mut AnyConnection, rows: &[UnitHistoryRow]) -> Result<(), DbError> {
    for row in rows {
        diesel::insert_into(unit_history::table)
            .values(row)
            .execute(connection)
            .during("recording a unit's history")?;
    }
    Ok(())
}

/// A unit's changes, the oldest first.
pub fn of_unit(
    connection: &mut AnyConnection,
    unit: UnitId,
) -> Result<Vec<UnitHistoryRow>, DbError> {
    unit_history::table
        .filter(unit_history::unit_id.eq(unit.0))
        .order(unit_history::id)
        .select(UnitHistoryRow::as_select())
        .load(connection)
        .during("reading a unit's history")
}
