//! Looking at one RMA: its state, why its dates are what they are, and its history.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::facts::site;
use crate::db::history::history;
use crate::db::read_on;
use crate::db::rmas::load;
use crate::db::scope::Scope;
use crate::db::seen::{self, Seen};
use crate::domain::calendar::{Calendar, CalendarCode};
use crate::domain::explain;
use crate::domain::ids::{RmaNumber, SiteId};
use crate::domain::return_window::DueDate;
use crate::domain::rma::Rma;
use crate::domain::rma::event::Terms;

/// One line of an RMA's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    pub sequence: i64,
    pub kind: String,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub actor: String,
    pub source: String,
}

/// An RMA as somebody looks at it.
#[derive(Debug, Clone)]
pub struct View {
    pub rma: Rma,
    /// The return window in one sentence, once there is one.
    pub window_because: Option<String>,
    pub history: Vec<HistoryLine>,
}

/// An RMA of the caller's as it stands, and its return window in one sentence, without its history. One
/// statement reads it, where its site has no days of its own.
pub fn seen(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    number: RmaNumber,
) -> Result<(Rma, Option<String>), AppError> {
    let absent = || AppError::NoSuchRma(number);
    let Seen { loaded, calendar, has_own_days } =
        seen::rma(connection, scope, number)?.ok_or_else(absent)?;
    let (rma, site) = (loaded.rma, loaded.keys.site_id);
    let (Some(due), Some(terms)) = (&rma.due, &rma.terms) else { return Ok((rma, None)) };
    // The row's site is where it is shipped to, from its issue on.
    if terms.ship_to.id == site && !(has_own_days && calendar == due.calendar.as_str()) {
        let calendar = app.calendars.get(&due.calendar)?;
        let because = because(due, terms, &calendar);
        return Ok((rma, Some(because)));
    }
    read_on(connection, |connection| {
        let seen = seen::rma(connection, scope, number)?.ok_or_else(absent)?;
        let because = window_because(app, connection, &seen.loaded.rma)?;
        Ok((seen.loaded.rma, because))
    })
}

/// Loads an RMA for reading.
pub fn rma(app: &App, number: RmaNumber) -> Result<View, AppError> {
    app.db.read(|connection| rma_on(app, connection, number))
}

/// As [`rma`], on a connection already held.
pub fn rma_on(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
) -> Result<View, AppError> {
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let window_because = window_because(app, connection, &loaded.rma)?;
    let lines = history(connection, loaded.keys.id)?.into_iter().map(|row| HistoryLine {
        sequence: row.sequence,
        kind: row.kind,
        occurred_at: row.occurred_at.and_utc(),
        recorded_at: row.recorded_at.and_utc(),
        actor: row.actor,
        source: row.source,
    });
    Ok(View { window_because, history: lines.collect(), rma: loaded.rma })
}

/// Why the unit is due when it is, in one sentence; none while no window runs.
pub(super) fn window_because(
    app: &App,
    connection: &mut AnyConnection,
    rma: &Rma,
) -> Result<Option<String>, AppError> {
    let (Some(due), Some(terms)) = (&rma.due, &rma.terms) else { return Ok(None) };
    let calendar = calendar_of(app, connection, terms.ship_to.id, &due.calendar)?;
    Ok(Some(because(due, terms, &calendar)))
}

fn because(due: &DueDate, terms: &Terms, calendar: &Calendar) -> String {
    explain::return_window(due, calendar, &explain::country_name(&terms.ship_to.country))
}

/// The calendar a date was counted on: the site's with the days of its own, unless the site has another
/// by now.
pub(super) fn calendar_of(
    app: &App,
    connection: &mut AnyConnection,
    place: SiteId,
    code: &CalendarCode,
) -> Result<Arc<Calendar>, AppError> {
    match site(connection, place)? {
        Some(site) if site.calendar == code.as_str() => Ok(app.place(&site)?.calendar),
        _ => Ok(app.calendars.get(code)?),
    }
}
