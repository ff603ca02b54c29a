//! Which module stands in which chassis, and from when to when (ID-5): a move closes one row and adds
//! another, as cover moves from serial to serial.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{placements, units};
use super::straight::LoadStraight;
use crate::domain::ids::UnitId;

/// A unit's place in a chassis; without a last day it stands there now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = placements)]
pub struct Placement {
    pub id: i64,
    pub unit_id: i64,
    pub chassis_id: i64,
    pub from_on: NaiveDate,
    pub through_on: Option<NaiveDate>,
}

/// A place to add.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = placements)]
pub struct NewPlacement {
    pub unit_id: i64,
    pub chassis_id: i64,
    pub from_on: NaiveDate,
}

/// Whether any unit ever stood in a chassis.
pub fn any(connection: &mut AnyConnection) -> Result<bool, DbError> {
    let first: Option<i64> = placements::table
        .select(placements::id)
        .first(connection)
        .optional()
        .during("looking for units in chassis")?;
    Ok(first.is_some())
}

/// Every place these units have or had, and every unit that stands or stood in them.
pub fn around(connection: &mut AnyConnection, ids: &[i64]) -> Result<Vec<Placement>, DbError> {
    let touched = placements::unit_id.eq_any(ids).or(placements::chassis_id.eq_any(ids));
    let query = placements::table.filter(touched).order(placements::id);
    // On the inner connection PostgreSQL gets one array instead of a list of placeholders.
    match connection {
        AnyConnection::Sqlite(c) => query.select(Placement::as_select()).load(c),
        AnyConnection::Postgres(c) => query.select(Placement::as_select()).load(c),
    }
    .during("loading places in chassis")
}

diesel::alias!(units as others: Others);

/// The serials of a unit's chassis and of the modules that stand in it, as of now: those of its own
/// account, for two accounts' units are no system (ENT-7).
pub fn neighbours(
    connection: &mut AnyConnection,
    unit: UnitId,
) -> Result<(Option<String>, Vec<String>), DbError> {
    const OPERATION: &str = "loading a unit's chassis and modules";
    let now = placements::through_on.is_null();
    let same_owner =
        units::organization_id.eq(others.field(units::organization_id)).assume_not_null();
    let chassis = placements::table
        .inner_join(units::table.on(units::id.eq(placements::chassis_id)))
        .inner_join(others.on(others.field(units::id).eq(placements::unit_id)))
        .filter(placements::unit_id.eq(unit.0).and(now).and(same_owner))
        .select(units::serial_number)
        .first(connection)
        .optional()
        .during(OPERATION)?;
    let modules = placements::table
        .inner_join(units::table.on(units::id.eq(placements::unit_id)))
        .inner_join(others.on(others.field(units::id).eq(placements::chassis_id)))
        .filter(placements::chassis_id.eq(unit.0).and(now).and(same_owner))
        .order(units::serial_number)
        .select(units::serial_number)
        .load(connection)
        .during(OPERATION)?;
    Ok((chassis, modules))
}

/// Adds places in bulk.
pub fn add(connection: &mut AnyConnection, rows: &[NewPlacement]) -> Result<(), DbError> {
    const ROWS_A_STATEMENT: usize = 1_000;
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let insert = diesel::insert_into(placements::table).values(chunk);
        match connection {
            AnyConnection::Sqlite(c) => insert.execute(c),
            AnyConnection::Postgres(c) => insert.execute(c),
        }
        .during("placing units in chassis")?;
    }
    Ok(())
}

/// Ends a place on the day before `on`; one that would not have lasted a day was none.
pub fn end(
    connection: &mut AnyConnection,
    place: &Placement,
    on: NaiveDate,
) -> Result<(), DbError> {
    const OPERATION: &str = "taking a unit out of its chassis";
    let row = placements::table.filter(placements::id.eq(place.id));
    let last = on.pred_opt().filter(|last| *last >= place.from_on);
    match last {
        Some(last) => diesel::update(row).set(placements::through_on.eq(last)).execute(connection),
        None => diesel::delete(row).execute(connection),
    }
    .map(|_| ())
    .during(OPERATION)
}

/// A unit takes another's place from `on`: in the chassis it stood in, and as the chassis of what stood in it.
pub fn take_over(
    connection: &mut AnyConnection,
    from: UnitId,
    to: UnitId,
    on: NaiveDate,
) -> Result<(), DbError> {
    let standing = around(connection, &[from.0])?;
    for place in standing.iter().filter(|place| place.through_on.is_none()) {
        end(connection, place, on)?;
        let put = |id| if id == from.0 { to.0 } else { id };
        let (unit_id, chassis_id) = (put(place.unit_id), put(place.chassis_id));
        add(connection, &[NewPlacement { unit_id, chassis_id, from_on: place.from_on.max(on) }])?;
    }
    Ok(())
}

/// How many units one statement names, each twice: well below SQLite's number of values.
const AT_ONCE: usize = 5_000;

/// Of units that have another account or stand at another site since: a module and a chassis of two
/// accounts, or at two sites, are no longer one system (ID-5).
pub fn part_strangers(
    connection: &mut AnyConnection,
    moved: &[i64],
    on: NaiveDate,
) -> Result<(), DbError> {
    moved.chunks(AT_ONCE).try_for_each(|moved| part_some(connection, moved, on))
}

/// Whose a unit is, and its site.
type Stands = (Option<i64>, i64);

fn part_some(connection: &mut AnyConnection, moved: &[i64], on: NaiveDate) -> Result<(), DbError> {
    let touched = placements::unit_id.eq_any(moved).or(placements::chassis_id.eq_any(moved));
    let query = placements::table
        .inner_join(units::table.on(units::id.eq(placements::unit_id)))
        .inner_join(others.on(others.field(units::id).eq(placements::chassis_id)))
        .filter(placements::through_on.is_null().and(touched))
        .order(placements::id)
        .select((
            placements::all_columns,
            (units::organization_id, units::site_id),
            (others.field(units::organization_id), others.field(units::site_id)),
        ));
    // On the connection itself PostgreSQL gets one array, and not one parameter for each.
    let standing: Vec<(Placement, Stands, Stands)> = query
        .load_straight(connection)
        .during("looking up the accounts and sites of units in chassis")?;
    let strangers = standing.iter().filter(|(_, module, chassis)| module != chassis);
    strangers.map(|(place, ..)| place).try_for_each(|place| end(connection, place, on))
}
