//! What every use case needs: the database, the calendars, the operator's zone.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;

use super::error::AppError;
use crate::db::facts::{Site, programme_version};
use crate::db::{AnyConnection, Database};
use crate::domain::calendar::{Calendar, CalendarCode, Calendars};
use crate::domain::ids::{Manufacturer, SiteId};
use crate::domain::programme::Programme;
use crate::domain::return_window::Place;
use crate::domain::zone::Zone;

/// Files that an RMA, a case or a box may have when nothing else is set.
pub const FILES_EACH: NonZeroU32 = match NonZeroU32::new(20) {
    Some(limit) => limit,
    None => NonZeroU32::MIN,
};

type OwnDays = Vec<(NaiveDate, bool, String)>;
type Cache<K, V> = RwLock<HashMap<K, V>>;

/// The application: cheap to clone, shared by every thread.
#[derive(Clone)]
pub struct App {
    pub db: Database,
    pub calendars: Arc<Calendars>,
    /// Where a case number's date is taken (ID-1).
    pub operator_zone: Zone,
    /// How many files an RMA, a case or a box may have.
    pub files_each: NonZeroU32,
    /// Calendars with a site's own days on top, kept as long as those days are the same.
    site_calendars: Arc<Cache<SiteId, (OwnDays, Arc<Calendar>)>>,
    /// Programme versions never change once stored.
    programmes: Arc<Cache<(Manufacturer, String), Arc<Programme>>>,
}

impl App {
    /// `calendars` are those that come with the program and those imported into `db`.
    pub fn new(db: Database, calendars: Calendars, operator_zone: Zone) -> Self {
        Self {
            db,
            calendars: Arc::new(calendars),
            operator_zone,
            files_each: FILES_EACH,
            site_calendars: Arc::default(),
            programmes: Arc::default(),
        }
    }

    /// A site as the rules need it.
    pub fn place(&self, site: &Site) -> Result<Place, AppError> {
        let code = CalendarCode::parse(&site.calendar)?;
        let base = self.calendars.get(&code)?;
        let zone = Zone::parse(&site.zone).map_err(|error| AppError::Invalid {
            field: "site",
            reason: format!("{}: {error}", site.code),
        })?;
        let complete = !site.address.trim().is_empty() && !site.name.trim().is_empty();
        Ok(Place {
            id: site.id,
            code: site.code.clone(),
            name: site.name.clone(),
            country: site.country.clone(),
            zone,
            calendar: self.with_own_days(site, base),
            cut_off: site.cut_off,
            complete,
        })
    }

    fn with_own_days(&self, site: &Site, base: Arc<Calendar>) -> Arc<Calendar> {
        if site.days.is_empty() {
            return base;
        }
        let held = self.site_calendars.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((days, calendar)) = held.get(&site.id)
            && *days == site.days
            && calendar.code() == base.code()
        {
            return Arc::clone(calendar);
        }
        drop(held);
        let closed: Vec<(NaiveDate, String)> = site
            .days
            .iter()
            .filter(|(_, works, _)| !works)
            .map(|(day, _, name)| (*day, name.clone()))
            .collect();
        let worked: Vec<NaiveDate> =
            site.days.iter().filter(|(_, works, _)| *works).map(|(day, ..)| *day).collect();
        let calendar = Arc::new(base.with_site_days(&closed, &worked));
        let mut held = self.site_calendars.write().unwrap_or_else(PoisonError::into_inner);
        held.insert(site.id, (site.days.clone(), Arc::clone(&calendar)));
        calendar
    }

    /// The programme a manufacturer's new RMAs are judged by on `day`: its own newest, else that of
    /// '*', else the rulebook's defaults.
    pub fn programme_on(
        &self,
        connection: &mut AnyConnection,
        manufacturer: &Manufacturer,
        day: NaiveDate,
    ) -> Result<Arc<Programme>, AppError> {
        Ok(Arc::new(super::programmes::on(connection, manufacturer, day)?))
    }

    /// The programme version an RMA was issued under.
    pub fn programme_version(
        &self,
        connection: &mut AnyConnection,
        manufacturer: &Manufacturer,
        version: &str,
    ) -> Result<Arc<Programme>, AppError> {
        let key = (manufacturer.clone(), version.to_owned());
        let held = self.programmes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(programme) = held.get(&key) {
            return Ok(Arc::clone(programme));
        }
        drop(held);
        let programme = match programme_version(connection, manufacturer, version)? {
            Some(programme) => programme,
            None if Programme::default().version == version => Programme::default(),
            None => {
                let name = format!("{version} of {manufacturer}");
                return Err(AppError::NoSuch { what: "programme version", name });
            }
        };
        let programme = Arc::new(programme);
        let mut held = self.programmes.write().unwrap_or_else(PoisonError::into_inner);
        held.insert(key, Arc::clone(&programme));
        Ok(programme)
    }
}
