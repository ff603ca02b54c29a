//! Runs of reports that somebody asks for: started now, or tried again. The schedules' own begin in
//! `jobs`; both are leased, run and marked alike.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::caller::{Caller, Capability};
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::lists::{self, ReportRun};
use crate::db::slots::{self, Lease};
use crate::reports::{Library, ReportDefinition};

/// How long an instance that says nothing keeps a slot.
pub const LEASE: TimeDelta = TimeDelta::minutes(3);

/// Whoever runs what was leased.
pub trait Hands: Send + Sync {
    /// Whether work is taken; not while the program ends.
    fn are_free(&self) -> bool;

    /// Runs a leased slot, away from the caller.
    fn take(&self, lease: Lease);
}

/// A run somebody asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub report: String,
    /// The day in the report's zone; the last one that has ended, if left out.
    pub as_of: Option<NaiveDate>,
    /// Who asks.
    pub by: String,
}

/// Whether a caller may see and run a report: what tells of money is for finance, the logistics lead
/// and administrators.
pub fn may(caller: &Caller, report: &ReportDefinition) -> bool {
    caller.may(Capability::RunReports)
        && (!report.dataset.tells_of_money() || caller.may(Capability::SeeMoneyReports))
}

/// The reports whose runs a caller may see; none: all, also those whose definition is gone.
pub fn visible(caller: &Caller, library: &Library) -> Option<Vec<String>> {
    if caller.may(Capability::SeeMoneyReports) {
        return None;
    }
    let seen = library.iter().filter(|(_, report)| may(caller, report));
    Some(seen.map(|(name, _)| name.to_owned()).collect())
}

/// A run that the caller may see.
///
/// # Errors
/// `NoSuchRun`, also where it is not for this caller.
pub fn show(
    connection: &mut AnyConnection,
    caller: &Caller,
    library: &Library,
    id: i64,
) -> Result<ReportRun, AppError> {
    let run = lists::run(connection, id)?.ok_or(AppError::NoSuchRun(id))?;
    match visible(caller, library) {
        Some(names) if !names.contains(&run.report) => Err(AppError::NoSuchRun(id)),
        _ => Ok(run),
    }
}

/// The day a slot's report tells of: the one asked for, or the last that had ended in the report's zone
/// when the slot came. A slot made up late so says what it would have said in time.
pub fn as_of(
    report: &ReportDefinition,
    slot: DateTime<Utc>,
    asked: Option<NaiveDate>,
) -> NaiveDate {
    let today = report.zone.local_date(slot);
    asked.unwrap_or_else(|| today.pred_opt().unwrap_or(today))
}

/// Adds the slot of a run that was asked for and takes it for this instance, which then has to run it.
///
/// # Errors
/// `NoSuch` report; a day that has not begun.
pub fn start(
    connection: &mut AnyConnection,
    library: &Library,
    asked: &Asked,
    now: DateTime<Utc>,
    instance: &str,
) -> Result<Lease, AppError> {
    let name = asked.report.as_str();
    let report = known(library, name)?;
    if let Some(day) = asked.as_of
        && report.zone.start_of_day(day) > now
    {
        let reason = format!("{day} has not begun in {}", report.zone);
        return Err(AppError::Invalid { field: "as_of", reason });
    }
    let slot = slots::ask(connection, name, asked.as_of, &asked.by, now)?;
    lease(connection, report, slot, now, instance)?
        // Nobody else has seen a slot of this very write.
        .ok_or_else(|| AppError::NoSuch { what: "slot", name: slot.to_string() })
}

/// Takes the slot of a failed run again for this instance, which then has to run it.
///
/// # Errors
/// `NoSuchRun`; `NotFailed` where the slot is running, done, or left to a later one.
pub fn retry(
    connection: &mut AnyConnection,
    library: &Library,
    run: &ReportRun,
    now: DateTime<Utc>,
    instance: &str,
) -> Result<Lease, AppError> {
    let report = known(library, &run.report)?;
    let state = run.slot_state()?;
    let not_failed = || AppError::NotFailed { run: run.id, state: state.to_string() };
    let slot = slots::retry(connection, run.id)?.ok_or_else(not_failed)?;
    // An attempt that had become due by itself was taken by another instance in between.
    lease(connection, report, slot, now, instance)?.ok_or_else(not_failed)
}

fn known<'a>(library: &'a Library, name: &str) -> Result<&'a ReportDefinition, AppError> {
    let named = || name.chars().take(80).collect();
    library.get(name).map_err(|_| AppError::NoSuch { what: "report", name: named() })
}

fn lease(
    connection: &mut AnyConnection,
    report: &ReportDefinition,
    slot: i64,
    now: DateTime<Utc>,
    instance: &str,
) -> Result<Option<Lease>, AppError> {
    let lease = slots::lease_slot(connection, slot, (now, now + LEASE), instance)?;
    if let Some(lease) = &lease {
        slots::note_as_of(connection, lease, as_of(report, lease.slot, lease.as_of))?;
    }
    Ok(lease)
}
