//! The facts decisions are made on: units and their cover, places, prices, programmes.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{
    contracts, coverage, organizations, placements, product_prices, products, programmes,
    site_days, sites, units,
};
use super::unit_care::is_marked;
use crate::domain::analysis::Milestones;
use crate::domain::entitlement::ContractCover;
use crate::domain::ids::{
    ContractId, Manufacturer, OrganizationId, PartNumber, SerialNumber, SiteId, UnitId,
};
use crate::domain::money::Money;
use crate::domain::programme::{Programme, serving};
use crate::domain::site::{SiteKind, UnitStatus};
use crate::domain::warranty::Sale;

/// A site's own closed or working day: the day, whether it works, its name.
type OwnDay = (NaiveDate, bool, String);

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

/// A contract's cover of a unit, with the contract's row and the account that holds it.
#[derive(Debug, Clone)]
pub struct Cover {
    pub contract_id: ContractId,
    pub organization_id: OrganizationId,
    /// It is of the days of a former owner of the unit (ENT-7).
    pub former: bool,
    pub cover: ContractCover,
}

/// Every contract cover of a unit, running or not: its own, and those of the chassis it stands or stood
/// in, for the days it did (ID-5).
pub fn covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    let mut all = own_covers(connection, unit)?;
    all.extend(chassis_covers(connection, unit)?);
    Ok(all)
}

fn own_covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    type Row = ((i64, i64, bool), String, String, NaiveDate, NaiveDate, NaiveDate, bool);
    let rows: Vec<Row> = coverage::table
        .inner_join(contracts::table)
        .filter(coverage::unit_id.eq(unit.0))
        // Ended by a change of owner before it began, it never covered anything (ENT-7).
        .filter(coverage::through_on.ge(coverage::from_on))
        .order((contracts::number, coverage::from_on))
        .select((
            (contracts::id, contracts::organization_id, coverage::former),
            contracts::number,
            contracts::level,
            coverage::from_on,
            coverage::through_on,
            contracts::ends_on,
            contracts::media_retention,
        ))
        .load(connection)
        .during("loading a unit's contracts")?;
    rows.into_iter()
        .map(
            |(
                (id, holder, former),
                number,
                level,
                from_on,
                through_on,
                ends_on,
                media_retention,
            )| {
                let level = stored("reading a contract's level", &level)?;
                let through_on = through_on.min(ends_on);
                let through_chassis = None;
                let cover = ContractCover {
                    number,
                    level,
                    from_on,
                    through_on,
                    media_retention,
                    through_chassis,
                };
                let (contract_id, organization_id) = (ContractId(id), OrganizationId(holder));
                Ok(Cover { contract_id, organization_id, former, cover })
            },
        )
        .collect()
}

diesel::alias!(units as modules: Modules);

/// The days of the contract, of its cover of the chassis, and of the unit's place in it, together. The
/// contract or the chassis is of the unit's own account (ENT-7); a chassis marked as of the grey market
/// passes nothing on (ENT-6).
fn chassis_covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    const OPERATION: &str = "loading the contracts of a unit's chassis";
    type Span = (NaiveDate, NaiveDate, NaiveDate);
    type Row = (
        (i64, i64, bool),
        String,
        String,
        Span,
        (NaiveDate, Option<NaiveDate>),
        bool,
        (i64, String),
    );
    let owner = modules.field(units::organization_id);
    let own = units::organization_id.eq(owner).or(contracts::organization_id.nullable().eq(owner));
    let rows: Vec<Row> = placements::table
        .inner_join(coverage::table.on(coverage::unit_id.eq(placements::chassis_id)))
        .inner_join(contracts::table.on(contracts::id.eq(coverage::contract_id)))
        .inner_join(units::table.on(units::id.eq(placements::chassis_id)))
        .inner_join(modules.on(modules.field(units::id).eq(placements::unit_id)))
        .filter(placements::unit_id.eq(unit.0).and(own.assume_not_null()))
        .order((contracts::number, coverage::from_on, placements::from_on))
        .select((
            (contracts::id, contracts::organization_id, coverage::former),
            contracts::number,
            contracts::level,
            (coverage::from_on, coverage::through_on, contracts::ends_on),
            (placements::from_on, placements::through_on),
            contracts::media_retention,
            (units::id, units::serial_number),
        ))
        .load(connection)
        .during(OPERATION)?;
    let mut found = Vec::new();
    let mut marks: HashMap<i64, bool> = HashMap::new();
    for (contract, number, level, span, place, media, (chassis_id, chassis)) in rows {
        let marked = match marks.get(&chassis_id) {
            Some(marked) => *marked,
            None => is_marked(connection, UnitId(chassis_id))?,
        };
        marks.insert(chassis_id, marked);
        if marked {
            continue;
        }
        let (covered_from, covered_through, ends_on) = span;
        let (from_on, last) = (covered_from.max(place.0), covered_through.min(ends_on));
        let cover = ContractCover {
            number,
            level: stored(OPERATION, &level)?,
            from_on,
            through_on: place.1.map_or(last, |left| left.min(last)),
            media_retention: media,
            through_chassis: Some(stored(OPERATION, &chassis)?),
        };
        if cover.from_on <= cover.through_on {
            let (contract_id, organization_id) =
                (ContractId(contract.0), OrganizationId(contract.1));
            found.push(Cover { contract_id, organization_id, former: contract.2, cover });
        }
    }
    Ok(found)
}

/// An organization, as far as RMAs need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: OrganizationId,
    pub name: String,
    pub currency: String,
    pub bill_to: String,
    pub email: Option<String>,
}

pub fn account(
    connection: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Option<Account>, DbError> {
    let row: Option<(i64, String, String, String, Option<String>)> = organizations::table
        .filter(organizations::id.eq(id.0))
        .select((
            organizations::id,
            organizations::name,
            organizations::currency,
            organizations::bill_to,
            organizations::email,
        ))
        .first(connection)
        .optional()
        .during("loading an account")?;
    Ok(row.map(|(id, name, currency, bill_to, email)| Account {
        id: OrganizationId(id),
        name,
        currency,
        bill_to,
        email,
    }))
}

/// The account of a name, as the register spells it.
pub fn account_named(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Option<Account>, DbError> {
    let id: Option<i64> = organizations::table
        .filter(organizations::name.eq(name))
        .select(organizations::id)
        .first(connection)
        .optional()
        .during("looking for an account")?;
    match id {
        Some(id) => account(connection, OrganizationId(id)),
        None => Ok(None),
    }
}

/// A product's contract manufacturer, and its list price in one currency where it has one.
#[derive(Debug, Clone)]
pub struct ProductFacts {
    pub description: String,
    pub contract_manufacturer: String,
    pub list_price: Option<Money>,
}

pub fn product(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    part: &PartNumber,
    currency: crate::domain::money::Currency,
) -> Result<Option<ProductFacts>, DbError> {
    let row: Option<(String, String, Option<i64>)> = products::table
        .left_join(
            product_prices::table.on(product_prices::product_id
                .eq(products::id)
                .and(product_prices::currency.eq(currency.code()))),
        )
        .filter(products::manufacturer.eq(manufacturer.as_str()))
        .filter(products::part_number.eq(part.as_str()))
        .select((
            products::description,
            products::contract_manufacturer,
            product_prices::amount_minor.nullable(),
        ))
        .first(connection)
        .optional()
        .during("loading a product")?;
    Ok(row.map(|(description, contract_manufacturer, minor)| ProductFacts {
        description,
        contract_manufacturer,
        list_price: minor.map(|minor| Money { minor, currency }),
    }))
}

/// A site's row, with the days of its own.
#[derive(Debug, Clone)]
pub struct Site {
    pub id: SiteId,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub region: String,
    pub address: String,
    pub country: String,
    pub zone: String,
    pub calendar: String,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    /// A depot's own, in its local time (AMB-6).
    pub cut_off: Option<NaiveTime>,
    pub organization_id: Option<OrganizationId>,
    /// Day, worked or closed, and its name.
    pub days: Vec<OwnDay>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sites)]
struct SiteRow {
    id: i64,
    code: String,
    kind: String,
    name: String,
    region: String,
    address: String,
    country: String,
    zone: String,
    calendar: String,
    contact_name: Option<String>,
    contact_email: Option<String>,
    contact_phone: Option<String>,
    cut_off: Option<String>,
    organization_id: Option<i64>,
}

fn with_days(connection: &mut AnyConnection, row: SiteRow) -> Result<Site, DbError> {
    let days = site_days::table
        .filter(site_days::site_id.eq(row.id))
        .order(site_days::day)
        .select((site_days::day, site_days::works, site_days::name))
        .load(connection)
        .during("loading a site's own days")?;
    row.site(days)
}

impl SiteRow {
    fn site(self, days: Vec<OwnDay>) -> Result<Site, DbError> {
        let cut_off = self.cut_off.as_deref();
        let cut_off = cut_off.map(|text| stored("reading a site's cut-off", text)).transpose()?;
        Ok(Site {
            id: SiteId(self.id),
            code: self.code,
            kind: self.kind,
            name: self.name,
            region: self.region,
            address: self.address,
            country: self.country,
            zone: self.zone,
            calendar: self.calendar,
            contact_name: self.contact_name,
            contact_email: self.contact_email,
            contact_phone: self.contact_phone,
            cut_off,
            organization_id: self.organization_id.map(OrganizationId),
            days,
        })
    }
}

/// A site with its own days.
pub fn site(connection: &mut AnyConnection, id: SiteId) -> Result<Option<Site>, DbError> {
    Ok(two_sites(connection, id, None)?.0)
}

/// Two sites with their days, in one statement: what a command needs to know of places.
pub fn two_sites(
    connection: &mut AnyConnection,
    first: SiteId,
    second: Option<SiteId>,
) -> Result<(Option<Site>, Option<Site>), DbError> {
    let other = second.unwrap_or(first);
    let rows: Vec<(SiteRow, Option<OwnDay>)> = sites::table
        .left_join(site_days::table)
        .filter(sites::id.eq(first.0).or(sites::id.eq(other.0)))
        .order((sites::id, site_days::day))
        .select((
            SiteRow::as_select(),
            (site_days::day, site_days::works, site_days::name).nullable(),
        ))
        .load(connection)
        .during("loading an RMA's sites")?;
    let mut found: Vec<Site> = Vec::new();
    for (row, day) in rows {
        if found.last().is_none_or(|site| site.id.0 != row.id) {
            found.push(row.site(Vec::new())?);
        }
        if let Some(site) = found.last_mut() {
            site.days.extend(day);
        }
    }
    let get = |id: SiteId| found.iter().find(|site| site.id == id).cloned();
    Ok((get(first), second.and_then(get)))
}

pub fn site_of_code(connection: &mut AnyConnection, code: &str) -> Result<Option<Site>, DbError> {
    let row: Option<SiteRow> = sites::table
        .filter(sites::code.eq(code))
        .select(SiteRow::as_select())
        .first(connection)
        .optional()
        .during("loading a site")?;
    row.map(|row| with_days(connection, row)).transpose()
}

/// The repair centre a part goes back to (RMA-11): its contract manufacturer's in the region, else the
/// first of that manufacturer's by code.
pub fn return_site(
    connection: &mut AnyConnection,
    contract_manufacturer: &str,
    region: &str,
) -> Result<Option<Site>, DbError> {
    let rows: Vec<SiteRow> = sites::table
        .filter(sites::kind.eq(SiteKind::RepairCentre.as_str()))
        .filter(sites::contract_manufacturer.eq(contract_manufacturer))
        .order(sites::code)
        .select(SiteRow::as_select())
        .load(connection)
        .during("loading repair centres")?;
    let at = rows.iter().position(|row| row.region == region).unwrap_or(0);
    rows.into_iter().nth(at).map(|row| with_days(connection, row)).transpose()
}

/// The depot that serves a region, the first by code.
pub fn depot(connection: &mut AnyConnection, region: &str) -> Result<Option<Site>, DbError> {
    let row: Option<SiteRow> = sites::table
        .filter(sites::kind.eq(SiteKind::Depot.as_str()))
        .filter(sites::region.eq(region))
        .order(sites::code)
        .select(SiteRow::as_select())
        .first(connection)
        .optional()
        .during("loading a depot")?;
    row.map(|row| with_days(connection, row)).transpose()
}

/// Every programme of a manufacturer and of '*', the manufacturer's own first, the newest first.
pub fn programmes_of(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
) -> Result<Vec<(NaiveDate, Programme)>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order((programmes::effective_on.desc(), programmes::id.desc()))
        .load(connection)
        .during("loading programmes")?;
    let (own, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(m, ..)| m != "*");
    let read = |(_, effective_on, text): (String, NaiveDate, String)| {
        Ok((effective_on, read_programme(&text)?))
    };
    own.into_iter().chain(others).map(read).collect()
}

/// The programme that serves a manufacturer on `day`, by [`serving`]; none where none is stored.
pub fn programme_on(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    day: NaiveDate,
) -> Result<Option<Programme>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading programmes")?;
    serving(&rows, manufacturer.as_str(), day).map(|text| read_programme(text)).transpose()
}

/// A manufacturer's programme of that version, else that of '*'.
pub fn programme_version(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    version: &str,
) -> Result<Option<Programme>, DbError> {
    let rows: Vec<(String, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .filter(programmes::version.eq(version))
        .select((programmes::manufacturer, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading a programme")?;
    let own = rows.iter().find(|(whose, _)| whose != "*").or(rows.first());
    own.map(|(_, text)| read_programme(text)).transpose()
}

fn read_programme(text: &str) -> Result<Programme, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Corrupt {
        operation: "reading a programme",
        detail: error.to_string(),
    })
}

/// Every version there is, with its manufacturer ('*' for every other one) and its first day, in the order
/// in which they were added.
pub fn all_programmes(
    connection: &mut AnyConnection,
) -> Result<Vec<(String, NaiveDate, Programme)>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading programmes")?;
    let read = |(manufacturer, effective_on, text): (String, NaiveDate, String)| {
        Ok((manufacturer, effective_on, read_programme(&text)?))
    };
    rows.into_iter().map(read).collect()
}

/// What the register knows of a product's life; nothing of a product it does not have.
pub fn milestones(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    part: &PartNumber,
) -> Result<Option<Milestones>, DbError> {
    let row: Option<(Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>)> = products::table
        .filter(products::manufacturer.eq(manufacturer.as_str()))
        .filter(products::part_number.eq(part.as_str()))
        .select((products::frs_on, products::eol_on, products::eos_on))
        .first(connection)
        .optional()
        .during("loading a product's milestones")?;
    Ok(row.map(|(frs_on, eol_on, eos_on)| Milestones { frs_on, eol_on, eos_on }))
}

/// Adds a version of a manufacturer's programme. A version once stored is never changed.
pub fn add_programme(
    connection: &mut AnyConnection,
    manufacturer: &str,
    effective_on: NaiveDate,
    programme: &Programme,
) -> Result<(), DbError> {
    let document = serde_json::to_string(programme).map_err(|error| DbError::Corrupt {
        operation: "writing a programme",
        detail: error.to_string(),
    })?;
    diesel::insert_into(programmes::table)
        .values((
            programmes::manufacturer.eq(manufacturer),
            programmes::version.eq(&programme.version),
            programmes::effective_on.eq(effective_on),
            programmes::document.eq(document),
        ))
        .execute(connection)
        .during("storing a programme")
        .map(|_| ())
}

/// The sites that have days of their own on top of their calendar.
pub fn sites_with_own_days(connection: &mut AnyConnection) -> Result<Vec<SiteId>, DbError> {
    site_days::table
        .select(site_days::site_id)
        .distinct()
        .order(site_days::site_id)
        .load::<i64>(connection)
        .map(|ids| ids.into_iter().map(SiteId).collect())
        .during("looking for sites with days of their own")
}
