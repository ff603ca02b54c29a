//! Customer sites, depots and repair centres, with the days they keep beside their calendar.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{site_days, sites};

/// A site without its key and days.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sites, treat_none_as_null = true)]
pub struct SiteRecord {
    pub code: String,
    pub name: String,
    /// A `SiteKind`'s word.
    pub kind: String,
    pub organization_id: Option<i64>,
    pub contract_manufacturer: Option<String>,
    pub region: String,
    /// The lines of the address, separated by line feeds.
    pub address: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA.
    pub zone: String,
    pub calendar: String,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    /// A depot's own, `HH:MM:SS` in its local time (AMB-6).
    pub cut_off: Option<String>,
}

/// A site's own days: the date, whether it works then, and the day's name (empty for a working day).
pub type SiteDays = BTreeMap<NaiveDate, (bool, String)>;

/// A site as it is stored.
pub type StoredSite = (i64, SiteRecord, SiteDays);

/// All sites with their keys and days.
pub fn sites(connection: &mut AnyConnection) -> Result<Vec<StoredSite>, DbError> {
    let rows: Vec<(i64, SiteRecord)> = sites::table
        .select((sites::id, SiteRecord::as_select()))
        .load(connection)
        .during("reading the sites")?;
    let days: Vec<(i64, NaiveDate, bool, String)> =
        site_days::table.load(connection).during("reading the sites' days")?;
    let mut by_site: HashMap<i64, SiteDays> = HashMap::new();
    for (site, day, works, name) in days {
        by_site.entry(site).or_default().insert(day, (works, name));
    }
    let with_days = |(id, record)| (id, record, by_site.remove(&id).unwrap_or_default());
    Ok(rows.into_iter().map(with_days).collect())
}

/// One site.
pub fn site(connection: &mut AnyConnection, id: i64) -> Result<Option<StoredSite>, DbError> {
    let found: Option<SiteRecord> = sites::table
        .find(id)
        .select(SiteRecord::as_select())
        .first(connection)
        .optional()
        .during("reading a site")?;
    let Some(record) = found else { return Ok(None) };
    let days: Vec<(NaiveDate, bool, String)> = site_days::table
        .filter(site_days::site_id.eq(id))
        .select((site_days::day, site_days::works, site_days::name))
        .load(connection)
        .during("reading a site's days")?;
    let days = days.into_iter().map(|(day, works, name)| (day, (works, name))).collect();
    Ok(Some((id, record, days)))
}

pub fn insert_site(
    connection: &mut AnyConnection,
    record: &SiteRecord,
    days: &SiteDays,
) -> Result<(), DbError> {
    let id = diesel::insert_into(sites::table)
        .values(record)
        .returning(sites::id)
        .get_result(connection)
        .during("adding a site")?;
    insert_days(connection, id, days)
}

/// Changes a site; its days become exactly these.
pub fn update_site(
    connection: &mut AnyConnection,
    id: i64,
    record: &SiteRecord,
    days: &SiteDays,
) -> Result<(), DbError> {
    diesel::update(sites::table.find(id))
        .set(record)
        .execute(connection)
        .during("changing a site")?;
    diesel::delete(site_days::table.filter(site_days::site_id.eq(id)))
        .execute(connection)
        .during("changing a site's days")?;
    insert_days(connection, id, days)
}

fn insert_days(connection: &mut AnyConnection, site: i64, days: &SiteDays) -> Result<(), DbError> {
    for (day, (works, name)) in days {
        diesel::insert_into(site_days::table)
            .values((
                site_days::site_id.eq(site),
                site_days::day.eq(day),
                site_days::works.eq(works),
                site_days::name.eq(name),
            ))
            .execute(connection)
            .during("adding a site's days")?;
    }
    Ok(())
}
