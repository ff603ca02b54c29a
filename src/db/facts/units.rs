//! Units of the register.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::units;
use crate::domain::ids::{Manufacturer, OrganizationId, PartNumber, SerialNumber, SiteId, UnitId};
use crate::domain::site::UnitStatus;
use crate::domain::warranty::Sale;

/// A unit of the register.
#[derive(Debug, Clone)]
pub struct Unit {
    pub id: UnitId,
    pub manufacturer: Manufacturer,
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub organization_id: Option<OrganizationId>,
    pub site_id: SiteId,
    pub status: UnitStatus,
    pub sale: Sale,
}

#[derive(Queryable)]
struct UnitRow {
    id: i64,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    organization_id: Option<i64>,
    site_id: i64,
    status: String,
    shipped_on: NaiveDate,
    distributor: Option<String>,
    resold_on: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
    cover_through_on: Option<NaiveDate>,
    replaces_unit_id: Option<i64>,
}

impl UnitRow {
    fn unit(self) -> Result<Unit, DbError> {
        let reading = "reading a unit";
        Ok(Unit {
            id: UnitId(self.id),
            manufacturer: stored(reading, &self.manufacturer)?,
            serial_number: stored(reading, &self.serial_number)?,
            part_number: stored(reading, &self.part_number)?,
            organization_id: self.organization_id.map(OrganizationId),
            site_id: SiteId(self.site_id),
            status: stored(reading, &self.status)?,
            sale: Sale {
                shipped_on: self.shipped_on,
                through_distributor: self.distributor.is_some(),
                resold_on: self.resold_on,
                registered_on: self.registered_on,
                cover_through_on: self.cover_through_on,
                is_replacement: self.replaces_unit_id.is_some(),
            },
        })
    }
}

/// Every unit with a serial: one a manufacturer.
pub fn units_of_serial(
    connection: &mut AnyConnection,
    serial: &SerialNumber,
) -> Result<Vec<Unit>, DbError> {
    let rows: Vec<UnitRow> = units::table
        .filter(units::serial_number.eq(serial.as_str()))
        .order(units::manufacturer)
        .load(connection)
        .during("loading a unit")?;
    rows.into_iter().map(UnitRow::unit).collect()
}

/// The unit of a manufacturer's serial.
pub fn unit(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    serial: &SerialNumber,
) -> Result<Option<Unit>, DbError> {
    let row: Option<UnitRow> = units::table
        .filter(units::serial_number.eq(serial.as_str()))
        .filter(units::manufacturer.eq(manufacturer.as_str()))
        .first(connection)
        .optional()
        .during("loading a unit")?;
    row.map(UnitRow::unit).transpose()
}

/// Waits until no other write changes the owner of the units with this serial, nor hangs an RMA on one:
/// whoever does either calls it before it looks at them. SQLite lets in one write at a time anyway.
pub fn hold_units(connection: &mut AnyConnection, serial: &SerialNumber) -> Result<(), DbError> {
    if let AnyConnection::Postgres(connection) = connection {
        let rows = units::table.filter(units::serial_number.eq(serial.as_str())).select(units::id);
        // References to the row may go on: only its owner is held.
        rows.for_no_key_update().execute(connection).during("waiting for a unit")?;
    }
    Ok(())
}
