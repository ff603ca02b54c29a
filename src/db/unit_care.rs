//! What customer care did with units: appended only, but for the owner and the cover it changes.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{contracts, coverage, rmas, sites, unit_care, units};
use super::straight::LoadStraight;
use super::times::from_naive;
use crate::domain::ids::{Manufacturer, OrganizationId, SerialNumber, SiteId, UnitId};
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What was done with a unit.
    Care("kind of care") {
        /// It has another owner (ENT-7).
        Transferred = "transferred",
        /// It came by another way than the manufacturer's (ENT-6).
        GreyMarket = "grey_market",
        /// It is entitled again (ENT-6).
        Reinstated = "reinstated",
    }
}

diesel::alias!(units as replaced_units: ReplacedUnits);
diesel::alias!(sites as own_sites: OwnSites);

/// One thing that was done. Accounts by name as it was then, and by key, sites by code; none where it is no
/// change of owner. Our own stock has a site, and no account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = unit_care)]
pub struct UnitCareRow {
    pub unit_id: i64,
    /// A [`Care`]'s word.
    pub kind: String,
    /// Naive UTC.
    pub recorded_at: NaiveDateTime,
    pub actor: String,
    pub source: String,
    pub reason: String,
    pub account_was: Option<String>,
    pub account: Option<String>,
    pub site_was: Option<String>,
    pub site: Option<String>,
    pub account_was_id: Option<i64>,
    pub account_id: Option<i64>,
}

pub fn add(connection: &mut AnyConnection, row: &UnitCareRow) -> Result<(), DbError> {
    diesel::insert_into(unit_care::table)
        .values(row)
        .execute(connection)
        .map(drop)
        .during("recording what was done with a unit")
}

/// All that was done with a unit, the oldest first.
pub fn of_unit(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<UnitCareRow>, DbError> {
    unit_care::table
        .filter(unit_care::unit_id.eq(unit.0))
        .order(unit_care::id)
        .select(UnitCareRow::as_select())
        .load(connection)
        .during("reading what was done with a unit")
}

/// Whether a unit is marked as of the grey market and not reinstated since.
pub fn is_marked(connection: &mut AnyConnection, unit: UnitId) -> Result<bool, DbError> {
    let last: Option<String> = unit_care::table
        .filter(unit_care::unit_id.eq(unit.0))
        .filter(unit_care::kind.ne(Care::Transferred.as_str()))
        .order(unit_care::id.desc())
        .select(unit_care::kind)
        .first(connection)
        .optional()
        .during("looking for a grey-market mark")?;
    Ok(last.as_deref() == Some(Care::GreyMarket.as_str()))
}

/// The open RMA that a unit is the defective unit or the replacement of, or, where it was lost on its
/// way and the RMA names another or none since, was sent for.
pub fn open_rma(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    serial: &SerialNumber,
) -> Result<Option<String>, DbError> {
    const OPERATION: &str = "looking for a unit's open RMA";
    let replaced: Option<String> = units::table
        .inner_join(
            replaced_units
                .on(replaced_units.field(units::id).nullable().eq(units::replaces_unit_id)),
        )
        .filter(units::manufacturer.eq(manufacturer.as_str()))
        .filter(units::serial_number.eq(serial.as_str()))
        .select(replaced_units.field(units::serial_number))
        .first(connection)
        .optional()
        .during(OPERATION)?;
    let defective = [Some(serial.to_string()), replaced].into_iter().flatten();
    rmas::table
        .filter(rmas::is_open.eq(true))
        .filter(rmas::manufacturer.eq(manufacturer.as_str()))
        .filter(
            rmas::serial_number
                .eq_any(defective)
                .or(rmas::replacement_serial.eq(serial.as_str()).assume_not_null()),
        )
        .order(rmas::id)
        .select(rmas::number)
        .first(connection)
        .optional()
        .during(OPERATION)
}

/// Whose unit it is, as of now.
pub fn owner(
    connection: &mut AnyConnection,
    unit: UnitId,
) -> Result<Option<OrganizationId>, DbError> {
    let id: Option<i64> = units::table
        .find(unit.0)
        .select(units::organization_id)
        .first(connection)
        .during("looking for a unit's owner")?;
    Ok(id.map(OrganizationId))
}

/// Gives a unit to another account at a site of its own.
pub fn give(
    connection: &mut AnyConnection,
    unit: UnitId,
    (account, site): (OrganizationId, SiteId),
) -> Result<(), DbError> {
    diesel::update(units::table.find(unit.0))
        .set((units::organization_id.eq(account.0), units::site_id.eq(site.0)))
        .execute(connection)
        .map(drop)
        .during("changing a unit's owner")
}

/// Ends, with the day before `on`, the cover a unit has by contracts of accounts other than `account`; that
/// and what ended earlier is a former owner's from now on.
pub fn end_cover_of_others(
    connection: &mut AnyConnection,
    unit: UnitId,
    account: OrganizationId,
    on: NaiveDate,
) -> Result<(), DbError> {
    const OPERATION: &str = "ending a former owner's cover";
    let others: Vec<i64> = coverage::table
        .inner_join(contracts::table)
        .filter(coverage::unit_id.eq(unit.0))
        .filter(contracts::organization_id.ne(account.0))
        .select(coverage::id)
        .load(connection)
        .during(OPERATION)?;
    let running = coverage::id.eq_any(&others).and(coverage::through_on.ge(on));
    diesel::update(coverage::table.filter(running))
        .set(coverage::through_on.eq(on.pred_opt().unwrap_or(on)))
        .execute(connection)
        .during(OPERATION)?;
    diesel::update(coverage::table.filter(coverage::id.eq_any(&others)))
        .set(coverage::former.eq(true))
        .execute(connection)
        .map(drop)
        .during(OPERATION)
}

/// A unit that was given away, as of the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenAway {
    pub owner: Option<OrganizationId>,
    /// The day where it stood until then, as its former owner's cover ended before it.
    pub on: NaiveDate,
    /// Where it stands now.
    pub zone: Zone,
}

/// A unit, who has it now, when it was given, and the zones of where it stands and stood.
type GivenRow = (i64, Option<i64>, NaiveDateTime, String, Option<String>);

/// Waits until no other write refers to a unit, as one does that covers it, and lets none until this one ends.
/// SQLite lets in one write at a time anyway.
pub fn hold_alone(connection: &mut AnyConnection, unit: UnitId) -> Result<(), DbError> {
    if let AnyConnection::Postgres(connection) = connection {
        let row = units::table.find(unit.0).select(units::id);
        row.for_update().execute(connection).during("waiting for a unit")?;
    }
    Ok(())
}

/// Of these units those that were ever given to another account.
pub fn given_away(
    connection: &mut AnyConnection,
    ids: &[i64],
) -> Result<HashMap<i64, GivenAway>, DbError> {
    const OPERATION: &str = "looking for units that were given away";
    let query = unit_care::table
        .inner_join(units::table.on(units::id.eq(unit_care::unit_id)))
        .inner_join(own_sites.on(own_sites.field(sites::id).eq(units::site_id)))
        .left_join(sites::table.on(sites::code.nullable().eq(unit_care::site_was)))
        .filter(unit_care::unit_id.eq_any(ids))
        .filter(unit_care::kind.eq(Care::Transferred.as_str()))
        .order(unit_care::id)
        .select((
            unit_care::unit_id,
            units::organization_id,
            unit_care::recorded_at,
            own_sites.field(sites::zone),
            sites::zone.nullable(),
        ));
    let rows: Vec<GivenRow> = query.load_straight(connection).during(OPERATION)?;
    let given = |(unit, owner, at, zone, zone_was): GivenRow| {
        let zone: Zone = stored(OPERATION, &zone)?;
        let left = zone_was.map_or(Ok(zone), |zone| stored(OPERATION, &zone))?;
        let on = left.local_date(from_naive(at));
        Ok((unit, GivenAway { owner: owner.map(OrganizationId), on, zone }))
    };
    // The later of two rows of one unit stays.
    rows.into_iter().map(given).collect()
}
