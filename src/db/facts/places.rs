//! Sites, with the days of their own.

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::{site_days, sites};
use crate::db::straight::LoadStraight;
use crate::domain::ids::{OrganizationId, SiteId};
use crate::domain::site::SiteKind;

/// A site's own closed or working day: the day, whether it works, its name.
type OwnDay = (NaiveDate, bool, String);

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
            // The columns are the same for both kinds of database.
            <SiteRow as Selectable<Sqlite>>::construct_selection(),
            (site_days::day, site_days::works, site_days::name).nullable(),
        ))
        .load_straight(connection)
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
