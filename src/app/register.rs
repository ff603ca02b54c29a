//! The register that every use case asks: calendars and sites, as the domain sees them.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::db::calendars::imported_calendars;
use crate::db::sites::{SiteDays, SiteRecord, StoredSite};
use crate::db::{self, AnyConnection, DbError, stored};
use crate::domain::calendar::{Calendar, CalendarCode, CalendarError, Calendars};
use crate::domain::ids::{OrganizationId, SiteId};
use crate::domain::site::SiteKind;
use crate::domain::zone::Zone;

/// Why a fact of the register cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("site {site}: {source}")]
    Calendar { site: String, source: CalendarError },
}

/// All that a rule may need to know of a site.
#[derive(Debug, Clone)]
pub struct SiteFacts {
    pub id: SiteId,
    pub code: String,
    pub name: String,
    pub kind: SiteKind,
    pub organization: Option<OrganizationId>,
    pub contract_manufacturer: Option<String>,
    pub region: String,
    /// The lines of the address, in order.
    pub address: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub zone: Zone,
    /// Its calendar, with the site's own closed and working days laid on top.
    pub calendar: Arc<Calendar>,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
}

/// The calendars that come with the program and those that were imported, which go before them.
pub fn calendars(connection: &mut AnyConnection) -> Result<Calendars, DbError> {
    let mut all = Calendars::builtin();
    for definition in imported_calendars(connection)? {
        all.add(definition);
    }
    Ok(all)
}

/// One site, or none of that key.
///
/// # Errors
/// `Calendar` when the site's calendar is not there any more.
pub fn site(
    connection: &mut AnyConnection,
    calendars: &Calendars,
    id: SiteId,
) -> Result<Option<SiteFacts>, RegisterError> {
    db::sites::site(connection, id.0)?.map(|row| facts(row, calendars)).transpose()
}

/// All sites, in order of their codes.
///
/// # Errors
/// As [`site`].
pub fn sites(
    connection: &mut AnyConnection,
    calendars: &Calendars,
) -> Result<Vec<SiteFacts>, RegisterError> {
    let mut rows = db::sites::sites(connection)?;
    rows.sort_by(|a, b| a.1.code.cmp(&b.1.code));
    rows.into_iter().map(|row| facts(row, calendars)).collect()
}

fn facts(row: StoredSite, calendars: &Calendars) -> Result<SiteFacts, RegisterError> {
    let (id, record, days) = row;
    let calendar = calendar(&record, &days, calendars)?;
    Ok(SiteFacts {
        id: SiteId(id),
        kind: stored("reading a site's kind", &record.kind)?,
        organization: record.organization_id.map(OrganizationId),
        contract_manufacturer: record.contract_manufacturer,
        region: record.region,
        address: record.address.lines().map(str::to_owned).collect(),
        country: record.country,
        zone: stored("reading a site's zone", &record.zone)?,
        calendar,
        code: record.code,
        name: record.name,
        contact_name: record.contact_name,
        contact_email: record.contact_email,
        contact_phone: record.contact_phone,
    })
}

fn calendar(
    record: &SiteRecord,
    days: &SiteDays,
    calendars: &Calendars,
) -> Result<Arc<Calendar>, RegisterError> {
    let code: CalendarCode = stored("reading a site's calendar", &record.calendar)?;
    let plain = calendars
        .get(&code)
        .map_err(|source| RegisterError::Calendar { site: record.code.clone(), source })?;
    if days.is_empty() {
        return Ok(plain);
    }
    let of = |works: bool| days.iter().filter(move |(_, (w, _))| *w == works);
    let closed: Vec<(NaiveDate, String)> =
        of(false).map(|(day, (_, name))| (*day, name.clone())).collect();
    let worked: Vec<NaiveDate> = of(true).map(|(day, _)| *day).collect();
    Ok(Arc::new(plain.with_site_days(&closed, &worked)))
}
