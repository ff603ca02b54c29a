//! The register of units.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::units;

/// A unit to add, borrowed from wherever it was read.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = units, treat_none_as_default_value = false)]
pub struct NewUnit<'a> {
    pub manufacturer: &'a str,
    pub serial_number: &'a str,
    pub part_number: &'a str,
    pub organization_id: Option<i64>,
    pub site_id: i64,
    /// A `UnitStatus`'s word.
    pub status: &'a str,
    pub shipped_on: NaiveDate,
    pub distributor: Option<&'a str>,
    pub resold_on: Option<NaiveDate>,
    pub registered_on: Option<NaiveDate>,
}

/// A unit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = units)]
pub struct UnitRow {
    pub id: i64,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub organization_id: Option<i64>,
    pub site_id: i64,
    pub status: String,
    pub shipped_on: NaiveDate,
    pub distributor: Option<String>,
    pub resold_on: Option<NaiveDate>,
    pub registered_on: Option<NaiveDate>,
    pub cover_through_on: Option<NaiveDate>,
    pub replaces_unit_id: Option<i64>,
}

/// What an import may change of a unit: where it came from, and where it stands. Its status and a
/// cover granted later are never among it.
#[derive(Debug, Clone, Copy, AsChangeset)]
#[diesel(table_name = units, treat_none_as_null = true)]
pub struct UnitChange<'a> {
    pub part_number: &'a str,
    pub organization_id: Option<i64>,
    pub site_id: i64,
    pub shipped_on: NaiveDate,
    pub distributor: Option<&'a str>,
    pub resold_on: Option<NaiveDate>,
    pub registered_on: Option<NaiveDate>,
}

/// The most serial numbers one look-up takes (SQLite allows 32,766 values a statement).
pub const LOOK_UP: usize = 2_000;

/// Rows a SQLite statement inserts at once: ten values each, and long enough that parsing it costs
/// nothing beside the rows.
const ROWS_A_STATEMENT: usize = 256;

/// Whether there is any unit at all: without one, none needs to be compared.
pub fn any_unit(connection: &mut AnyConnection) -> Result<bool, DbError> {
    let first: Option<i64> = units::table
        .select(units::id)
        .first(connection)
        .optional()
        .during("reading the register of units")?;
    Ok(first.is_some())
}

/// The units with any of these serial numbers (at most [`LOOK_UP`]), of whichever manufacturer.
pub fn units_by_serial(
    connection: &mut AnyConnection,
    serials: &[&str],
) -> Result<Vec<UnitRow>, DbError> {
    // On the inner connection PostgreSQL gets one array instead of a list of placeholders.
    let query = units::table.filter(units::serial_number.eq_any(serials));
    match connection {
        AnyConnection::Sqlite(c) => query.select(UnitRow::as_select()).load(c),
        AnyConnection::Postgres(c) => query.select(UnitRow::as_select()).load(c),
    }
    .during("looking up units")
}

/// Adds units in bulk.
pub fn insert_units(connection: &mut AnyConnection, rows: &[NewUnit<'_>]) -> Result<(), DbError> {
    match connection {
        AnyConnection::Sqlite(c) => rows.chunks(ROWS_A_STATEMENT).try_for_each(|chunk| {
            diesel::insert_into(units::table).values(chunk).execute(c).map(drop)
        }),
        AnyConnection::Postgres(c) => {
            diesel::copy_from(units::table).from_insertable(rows).execute(c).map(drop)
        }
    }
    .during("adding units")
}

/// Changes a unit that still has the status it was judged by, and the owner: the one before, or the one that
/// the change gives it (ENT-7).
///
/// # Errors
/// `Busy` when either changed meanwhile: judge it again.
pub fn update_unit(
    connection: &mut AnyConnection,
    was: &UnitRow,
    change: UnitChange<'_>,
) -> Result<(), DbError> {
    const OPERATION: &str = "changing a unit";
    let owners = [was.organization_id, change.organization_id];
    let nobodys = owners.contains(&None).into_sql::<Bool>();
    let owned = units::organization_id.eq_any(owners.into_iter().flatten());
    let unmoved = units::table
        .find(was.id)
        .filter(units::status.eq(&was.status))
        .filter(owned.or(units::organization_id.is_null().and(nobodys)));
    let changed = diesel::update(unmoved).set(change).execute(connection).during(OPERATION)?;
    if changed == 1 {
        return Ok(());
    }
    let detail = format!("unit {} was moved or given away by another write", was.serial_number);
    Err(DbError::Busy { operation: OPERATION, detail })
}
