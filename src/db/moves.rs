//! What RMAs do to the register: stock taken and given back, entitlement moved from serial to serial.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{coverage, rmas, units};
use crate::domain::ids::{OrganizationId, RmaNumber, SerialNumber, SiteId, UnitId};
use crate::domain::site::UnitStatus;

/// Moves a unit from one status to another. `false`: it was not in the first, somebody came before.
pub fn change_status(
    connection: &mut AnyConnection,
    unit: UnitId,
    from: UnitStatus,
    to: UnitStatus,
) -> Result<bool, DbError> {
    diesel::update(units::table)
        .filter(units::id.eq(unit.0).and(units::status.eq(from.as_str())))
        .set(units::status.eq(to.as_str()))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("changing a unit's status")
}

/// How a replacement stands in the register once it is shipped.
#[derive(Debug, Clone)]
pub struct Installed {
    pub replaces: UnitId,
    pub organization: OrganizationId,
    pub site: SiteId,
    pub shipped_on: NaiveDate,
    pub registered_on: Option<NaiveDate>,
    pub cover_through_on: Option<NaiveDate>,
}

/// The replacement becomes the customer's unit.
pub fn install(
    connection: &mut AnyConnection,
    unit: UnitId,
    as_: &Installed,
) -> Result<(), DbError> {
    diesel::update(units::table.filter(units::id.eq(unit.0)))
        .set((
            units::status.eq(UnitStatus::Installed.as_str()),
            units::replaces_unit_id.eq(as_.replaces.0),
            units::organization_id.eq(as_.organization.0),
            units::site_id.eq(as_.site.0),
            units::shipped_on.eq(as_.shipped_on),
            units::registered_on.eq(as_.registered_on),
            units::cover_through_on.eq(as_.cover_through_on),
        ))
        .execute(connection)
        .map(|_| ())
        .during("installing a replacement")
}

/// The installed units that were sent in a unit's place: more than one only where one was lost.
pub fn standing_for(
    connection: &mut AnyConnection,
    replaced: UnitId,
) -> Result<Vec<UnitId>, DbError> {
    let found: Vec<i64> = units::table
        .filter(units::replaces_unit_id.eq(replaced.0))
        .filter(units::status.eq(UnitStatus::Installed.as_str()))
        .order(units::id)
        .select(units::id)
        .load(connection)
        .during("looking for a unit's replacement")?;
    Ok(found.into_iter().map(UnitId).collect())
}

diesel::alias!(units as sent: Sent);

/// The RMAs on the units that those of a serial were sent to replace; a unit stays in this place until it
/// is back on the shelf, also when it was lost on its way.
pub fn replaced_by(
    connection: &mut AnyConnection,
    serial: &SerialNumber,
) -> Result<Vec<RmaNumber>, DbError> {
    const OPERATION: &str = "looking for the RMAs a unit was sent for";
    let numbers: Vec<String> = sent
        .inner_join(units::table.on(sent.field(units::replaces_unit_id).eq(units::id.nullable())))
        .inner_join(
            rmas::table.on(rmas::serial_number
                .eq(units::serial_number)
                .and(rmas::manufacturer.eq(units::manufacturer))),
        )
        .filter(sent.field(units::serial_number).eq(serial.as_str()))
        .order(rmas::id)
        .select(rmas::number)
        .load(connection)
        .during(OPERATION)?;
    numbers.iter().map(|number| stored(OPERATION, number)).collect()
}

/// A replacement that came back unopened is stock again.
pub fn restock(connection: &mut AnyConnection, unit: UnitId, at: SiteId) -> Result<(), DbError> {
    diesel::update(units::table.filter(units::id.eq(unit.0)))
        .set((
            units::status.eq(UnitStatus::Stock.as_str()),
            units::replaces_unit_id.eq(None::<i64>),
            units::organization_id.eq(None::<i64>),
            units::site_id.eq(at.0),
            units::registered_on.eq(None::<NaiveDate>),
            units::cover_through_on.eq(None::<NaiveDate>),
        ))
        .execute(connection)
        .map(|_| ())
        .during("restocking a replacement")
}

/// Moves every cover of `from` that reaches past `on` to `to`, from that day on. What was covered
/// before stays on record with the unit it was covered for.
pub fn move_cover(
    connection: &mut AnyConnection,
    from: UnitId,
    to: UnitId,
    on: NaiveDate,
) -> Result<(), DbError> {
    let running: Vec<(i64, i64, NaiveDate, NaiveDate)> = coverage::table
        .filter(coverage::unit_id.eq(from.0).and(coverage::through_on.ge(on)))
        .select((coverage::id, coverage::contract_id, coverage::from_on, coverage::through_on))
        .load(connection)
        .during("loading cover to move")?;
    let before = on.pred_opt().unwrap_or(on);
    for (id, contract, from_on, through_on) in running {
        diesel::update(coverage::table.filter(coverage::id.eq(id)))
            .set(coverage::through_on.eq(before))
            .execute(connection)
            .during("ending cover")?;
        let begins = from_on.max(on);
        let again = coverage::contract_id
            .eq(contract)
            .and(coverage::unit_id.eq(to.0))
            .and(coverage::from_on.eq(begins));
        let extended = diesel::update(coverage::table.filter(again))
            .set((coverage::through_on.eq(through_on), coverage::former.eq(false)))
            .execute(connection)
            .during("moving cover")?;
        if extended == 0 {
            diesel::insert_into(coverage::table)
                .values((
                    coverage::contract_id.eq(contract),
                    coverage::unit_id.eq(to.0),
                    coverage::from_on.eq(begins),
                    coverage::through_on.eq(through_on),
                ))
                .execute(connection)
                .during("moving cover")?;
        }
    }
    Ok(())
}

/// Grants a unit cover through a day (T15).
pub fn grant_cover(
    connection: &mut AnyConnection,
    unit: UnitId,
    through_on: NaiveDate,
) -> Result<(), DbError> {
    diesel::update(units::table.filter(units::id.eq(unit.0)))
        .set(units::cover_through_on.eq(through_on))
        .execute(connection)
        .map(|_| ())
        .during("granting cover")
}
