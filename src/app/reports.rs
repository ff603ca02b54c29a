//! Running a report: the day's end in the report's zone, rows in, CSV out, nothing gathered.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::context::App;
use super::error::AppError;
use crate::db::facts::{Account, site};
use crate::db::installed::installed;
use crate::db::open_rmas::open_rmas;
use crate::db::reports::{Known, non_returns};
use crate::db::{AnyConnection, DbError};
use crate::domain::calendar::{Calendar, CalendarCode, CalendarError};
use crate::domain::ids::SiteId;
use crate::domain::programme::Programme;
use crate::domain::zone::Zone;
use crate::reports::non_returns::{Row, keeps, write_row};
use crate::reports::open_rmas as open;
use crate::reports::product_life as life;
use crate::reports::{Columns, CsvOut, CsvSummary, ReportDefinition};

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("{rma}: {source}")]
    Calendar {
        rma: String,
        #[source]
        source: CalendarError,
    },
    #[error("the report cannot be written: {0}")]
    Io(#[from] std::io::Error),
    #[error("{as_of} has not begun in {zone}; a report as of a day to come knows nothing yet")]
    ToCome { as_of: NaiveDate, zone: String },
}

impl From<DbError> for ReportError {
    fn from(error: DbError) -> Self {
        Self::App(error.into())
    }
}

/// Writes the report as of the end of `as_of` in the report's zone: what was recorded before that
/// instant, and units whose window had ended before that day.
pub fn run<W: Write>(
    app: &App,
    connection: &mut AnyConnection,
    report: &ReportDefinition,
    as_of: NaiveDate,
    now: DateTime<Utc>,
    out: W,
) -> Result<CsvSummary, ReportError> {
    run_for(app, connection, report, &Asked { as_of, account: None, zone: None }, now, out)
}

/// Of which day a report tells, and of whom.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The day, in the report's zone.
    pub as_of: NaiveDate,
    /// This account's rows alone; none: every account's.
    pub account: Option<Account>,
    /// What its instants are shown in (AMB-18); none: UTC. The day is the report's own all the same.
    pub zone: Option<Zone>,
}

impl Asked {
    /// Whether a row of this account is wanted.
    fn wants(&self, account: &str) -> bool {
        self.account.as_ref().is_none_or(|wanted| wanted.name == account)
    }
}

/// The account of a name that a report shall be of.
///
/// # Errors
/// `NoSuch` account.
pub fn account_named(connection: &mut AnyConnection, name: &str) -> Result<Account, AppError> {
    let named = || AppError::NoSuch { what: "account", name: name.chars().take(80).collect() };
    crate::db::facts::account_named(connection, name)?.ok_or_else(named)
}

/// As [`run`], of one account or of all.
pub fn run_for<W: Write>(
    app: &App,
    connection: &mut AnyConnection,
    report: &ReportDefinition,
    asked: &Asked,
    now: DateTime<Utc>,
    out: W,
) -> Result<CsvSummary, ReportError> {
    let as_of = asked.as_of;
    if report.zone.start_of_day(as_of) > now {
        return Err(ReportError::ToCome { as_of, zone: report.zone.to_string() });
    }
    let end = report.zone.end_of_day(as_of);
    let known = if end > now { Known::Now } else { Known::Before(end) };
    let mut csv = CsvOut::new(out, report.columns.headings(), asked.zone)?;
    match &report.columns {
        Columns::NonReturns(columns, filter) => {
            let calendars = SiteCalendars::load(app, connection)?;
            let mut late = Late { calendars, as_of, met: HashMap::new() };
            non_returns(connection, as_of, known, |row| {
                if !asked.wants(row.account) || !keeps(filter, &row) {
                    return Ok(());
                }
                let days = late.business_days(&row)?;
                Ok::<(), ReportError>(write_row(&mut csv, columns, &row, days)?)
            })?;
        }
        Columns::OpenRmas(columns, filter) => open_rmas(connection, known, |row| {
            if !asked.wants(&row.account) || !open::keeps(filter, &row) {
                return Ok(());
            }
            Ok::<(), ReportError>(open::write_row(&mut csv, columns, &row)?)
        })?,
        Columns::ProductLife(columns, filter) => {
            let programmes = programmes(app, connection, as_of)?;
            let fallback = Arc::new(Programme::default());
            let account = asked.account.as_ref().map(|account| account.id);
            installed(connection, account, as_of, |row| {
                let programme = programmes.get(&row.manufacturer).unwrap_or(&fallback);
                let standing = row.dates.standing(as_of, programme.milestone_notice_days);
                if !life::keeps(filter, &row, &standing) {
                    return Ok(());
                }
                let version = &programme.version;
                Ok::<(), ReportError>(life::write_row(&mut csv, columns, &row, &standing, version)?)
            })?;
        }
    }
    Ok(csv.finish()?)
}

/// Each manufacturer's programme of the day.
fn programmes(
    app: &App,
    connection: &mut AnyConnection,
    as_of: NaiveDate,
) -> Result<HashMap<String, Arc<Programme>>, AppError> {
    let mut programmes = HashMap::new();
    for manufacturer in crate::db::products::manufacturers(connection)? {
        let programme = app.programme_on(connection, &manufacturer, as_of)?;
        programmes.insert(manufacturer.into(), programme);
    }
    Ok(programmes)
}

/// The calendars of sites that have days of their own; read first, since a connection streams one
/// result at a time.
struct SiteCalendars<'a> {
    app: &'a App,
    own: HashMap<i64, Arc<Calendar>>,
}

impl<'a> SiteCalendars<'a> {
    fn load(app: &'a App, connection: &mut AnyConnection) -> Result<Self, AppError> {
        let mut own = HashMap::new();
        for id in crate::db::facts::sites_with_own_days(connection)? {
            if let Some(site) = site(connection, SiteId(id.0))? {
                own.insert(id.0, app.place(&site)?.calendar);
            }
        }
        Ok(Self { app, own })
    }

    fn of(&self, row: &Row<'_>) -> Result<Arc<Calendar>, CalendarError> {
        if let Some(calendar) = self.own.get(&row.site_id)
            && calendar.code().as_str() == row.calendar
        {
            return Ok(Arc::clone(calendar));
        }
        self.app.calendars.get(&CalendarCode::parse(row.calendar)?)
    }
}

/// Counts how late units are; a calendar and due date met before cost a look-up.
struct Late<'a> {
    calendars: SiteCalendars<'a>,
    as_of: NaiveDate,
    met: HashMap<String, Met>,
}

/// A calendar, and the answers it has given.
struct Met {
    calendar: Arc<Calendar>,
    days: HashMap<NaiveDate, i64>,
}

impl Late<'_> {
    fn business_days(&mut self, row: &Row<'_>) -> Result<i64, ReportError> {
        let named = |source| ReportError::Calendar { rma: row.rma_number.to_owned(), source };
        let (from, as_of) = (row.due_on, self.as_of);
        if self.calendars.own.contains_key(&row.site_id) {
            let calendar = self.calendars.of(row).map_err(named)?;
            return calendar.business_days_between(from, as_of).map_err(named);
        }
        let met = match self.met.get_mut(row.calendar) {
            Some(met) => met,
            None => {
                let calendar = self.calendars.of(row).map_err(named)?;
                let met = Met { calendar, days: HashMap::new() };
                self.met.entry(row.calendar.to_owned()).or_insert(met)
            }
        };
        if let Some(days) = met.days.get(&from) {
            return Ok(*days);
        }
        let days = met.calendar.business_days_between(from, as_of).map_err(named)?;
        met.days.insert(from, days);
        Ok(days)
    }
}
