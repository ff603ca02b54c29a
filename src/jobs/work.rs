//! What the slots of each schedule do.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::run::Jobs;
use super::stop::Stop;
use super::table::{Schedule, Work};
use crate::app::report_runs::as_of;
use crate::app::reports::ReportError;
use crate::app::{AppError, clock_job, reports};
use crate::db::slots::{self as rows, Done, Lease};
use crate::reports::{CatchUp, CsvSummary, ReportDefinition};

/// How long slots that coalesce are kept.
const KEPT: TimeDelta = TimeDelta::days(7);

/// What a run came to, and the messages it calls for.
#[derive(Debug, Default)]
pub(super) struct Product {
    pub done: Done,
    /// Recipient and payload.
    pub messages: Vec<(String, String)>,
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
}

pub(super) fn work(
    jobs: &Jobs,
    schedule: &Schedule,
    lease: &Lease,
    stop: &Stop,
) -> Result<Product, WorkError> {
    match &schedule.work {
        Work::Clock => {
            let done = clock_job::run(&jobs.app, jobs.clock.now())?;
            Ok(summary(format!(
                "reminded {}, fell due {}, estimated {}, failed {}",
                done.reminded, done.fell_due, done.estimated, done.failed
            )))
        }
        Work::Outbox => {
            let done = super::outbox::run(&jobs.app, &jobs.mailer, jobs.clock.as_ref(), stop)?;
            Ok(summary(format!(
                "sent {}, put off {}, laid aside {}",
                done.sent, done.put_off, done.laid_aside
            )))
        }
        Work::Housekeeping => housekeeping(jobs),
        Work::Report(report) => write_report(jobs, schedule, report, lease),
    }
}

fn summary(text: String) -> Product {
    Product { done: Done { summary: Some(text), ..Done::default() }, ..Product::default() }
}

fn housekeeping(jobs: &Jobs) -> Result<Product, WorkError> {
    let before = jobs.clock.now() - KEPT;
    let mut forgotten = 0;
    for schedule in jobs.table.iter().filter(|s| !matches!(s.work, Work::Report(_))) {
        debug_assert_eq!(schedule.catch_up, CatchUp::Latest);
        loop {
            let count = jobs
                .app
                .db
                .write(|c| rows::forget(c, &schedule.name, before))
                .map_err(AppError::from)?;
            forgotten += count;
            if count == 0 {
                break;
            }
        }
    }
    let mut said = format!("forgot {forgotten} slots");
    if let Some(days) = jobs.keep_days {
        let removed = super::files::remove_old(jobs, days)?;
        said.push_str(&format!(", removed {removed} report files"));
    }
    Ok(summary(said))
}

/// The report as of the day of its slot.
fn write_report(
    jobs: &Jobs,
    schedule: &Schedule,
    report: &ReportDefinition,
    lease: &Lease,
) -> Result<Product, WorkError> {
    let as_of = as_of(report, lease.slot, lease.as_of);
    // The fencing token is part of the name: an instance that lost its lease overwrites nothing.
    let name = format!("{}-{as_of}-{}.{}.csv", schedule.name, lease.slot_id, lease.token);
    let path = jobs.runs_folder.join(name);
    let written = write_file(jobs, report, as_of, &path)?;
    let payload = json!({
        "report": schedule.name,
        "title": report.title,
        "as_of": as_of,
        "rows": written.rows,
        "sha256": written.sha256,
        "file": path,
    });
    let messages =
        report.recipients.iter().map(|to| (to.as_str().to_owned(), payload.to_string())).collect();
    let done = Done {
        rows: i64::try_from(written.rows).ok(),
        file: Some(path.display().to_string()),
        sha256: Some(written.sha256),
        summary: Some(format!("as of {as_of}")),
    };
    Ok(Product { done, messages })
}

/// Beside its name first, then in place: a file of that name is whole.
fn write_file(
    jobs: &Jobs,
    report: &ReportDefinition,
    as_of: NaiveDate,
    path: &Path,
) -> Result<CsvSummary, WorkError> {
    let named = |source| WorkError::File { path: path.display().to_string(), source };
    std::fs::create_dir_all(&jobs.runs_folder).map_err(named)?;
    let part = path.with_extension("part");
    let file = File::create(&part).map_err(named)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let now = jobs.clock.now();
    let written = jobs.app.db.read(|c| reports::run(&jobs.app, c, report, as_of, now, &mut out));
    let kept = written.map_err(WorkError::from).and_then(|written| {
        let file = out.into_inner().map_err(|error| named(error.into_error()))?;
        file.sync_all().map_err(named)?;
        std::fs::rename(&part, path).map_err(named)?;
        Ok(written)
    });
    if kept.is_err() {
        // The error that led here says more than a failure to clean up after it.
        let _ = std::fs::remove_file(&part);
    }
    kept
}
