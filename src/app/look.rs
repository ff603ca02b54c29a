//! Looking at one RMA: its state, why its dates are what they are, and its history.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::facts::site;
use crate::db::history::history;
use crate::db::rmas::load;
use crate::domain::calendar::{Calendar, CalendarCode};
use crate::domain::explain;
use crate::domain::ids::{RmaNumber, SiteId};
use crate::domain::rma::Rma;

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

/// An RMA as it stands and its return window in one sentence, without its history.
pub fn state_on(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
) -> Result<(Rma, Option<String>), AppError> {
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let because = window_because(app, connection, &loaded.rma)?;
    Ok((loaded.rma, because))
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
    let country = explain::country_name(&terms.ship_to.country);
    Ok(Some(explain::return_window(due, &calendar, &country)))
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
