//! `homeward jobs` and `homeward work`.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};

use super::text::{instant, or_dash};
use super::{CliError, house};
use crate::app::backup::hold;
use crate::app::report_runs::{Asked, LEASE, start as start_run};
use crate::app::rmas::retrying;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::slots::{self as rows, Lease};
use crate::db::{AnyConnection, DbError};
use crate::domain::recurrence::Cron;
use crate::jobs::{Jobs, Mailer, Stop, Work, start, table};
use crate::reports::Library;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the schedules, and the latest runs: id, schedule, slot, outcome, time, rows, file, error
    List {
        /// How many runs
        #[arg(long, default_value_t = 20)]
        runs: i64,
    },
    /// Run a schedule now, after what it owes; also a report that has no schedule
    Run {
        name: String,
        /// A report's day, in its zone; the last one that has ended, if left out
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
    },
    /// Run the slot of a failed run again
    Retry { id: i64 },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let jobs = open(config)?;
    match arguments.what {
        What::List { runs } => list(&jobs, runs),
        What::Run { name, as_of } => run_now(&jobs, &name, as_of),
        What::Retry { id } => {
            if jobs.app.db.write(|c| rows::retry(c, id))?.is_some() {
                return Ok(());
            }
            Err(CliError::Command(format!(
                "there is no failed run {id} to retry: its slot is running, done, or was never there"
            )))
        }
    }
}

/// Everything the schedules need, as the settings say.
pub(super) fn open(config: &Config) -> Result<Jobs, CliError> {
    let library = Library::open(config.jobs.reports_folder.as_deref())?;
    let host = hostname::get().unwrap_or_default();
    Ok(Jobs {
        app: house::open(config)?,
        clock: Arc::new(SystemClock),
        mailer: Mailer::open(config, &house::status_url(config))?,
        table: table(&library)?,
        library,
        runs_folder: config.jobs.runs_folder.clone(),
        keep_days: config.reports.keep_days,
        instance: format!("{} process {}", host.to_string_lossy(), std::process::id()),
    })
}

fn list(jobs: &Jobs, runs: i64) -> Result<(), CliError> {
    let now = jobs.clock.now();
    if let Some(why) = hold::held(&jobs.app)? {
        say!("held\t{why}: no schedule runs until `homeward release`");
    }
    for schedule in &jobs.table {
        let next = schedule.cron.as_ref().and_then(|cron| cron.next_after(now, schedule.zone));
        let cron = or_dash(schedule.cron.as_ref().map(Cron::as_str));
        let next = or_dash(next.map(instant));
        let (name, zone) = (&schedule.name, schedule.zone);
        say!("{name}\t{cron}\t{zone}\t{}\tnext {next}", schedule.catch_up);
    }
    for run in jobs.app.db.read(|c| rows::list_runs(c, None, runs.max(0)))? {
        let took = or_dash(run.duration_ms.map(|ms| format!("{ms} ms")));
        let count = or_dash(run.rows.map(|rows| format!("{rows} rows")));
        let what = run.error.or(run.file).or(run.summary).unwrap_or_default();
        let slot = instant(run.slot.and_utc());
        say!("{}\t{}\t{slot}\t{}\t{took}\t{count}\t{what}", run.id, run.schedule, run.outcome);
    }
    Ok(())
}

/// What is owed from before first, then a slot of this moment.
fn run_now(jobs: &Jobs, name: &str, as_of: Option<NaiveDate>) -> Result<(), CliError> {
    let Some(schedule) = jobs.schedule(name) else {
        let known: Vec<_> = jobs.table.iter().map(|schedule| schedule.name.as_str()).collect();
        let known = known.join(", ");
        return Err(CliError::Command(format!(
            "there is no schedule {name:?}; known are: {known}"
        )));
    };
    let by = format!("administrator:{}", jobs.instance);
    let stop = Stop::default();
    jobs.run_schedule(schedule, &stop)?;
    let now = jobs.clock.now();
    jobs.app.db.read(hold::refuse_held)?;
    let lease = match &schedule.work {
        Work::Report(_) => {
            let asked = Asked { report: name.to_owned(), as_of, by };
            retrying(|| {
                jobs.app.db.write(|c| start_run(c, &jobs.library, &asked, now, &jobs.instance))
            })?
        }
        _ if as_of.is_some() => {
            return Err(CliError::Command(format!("--as-of: {name} is no report")));
        }
        _ => retrying(|| Ok(jobs.app.db.write(|c| own(c, jobs, name, &by, now))?))?,
    };
    jobs.run_slot(schedule, &lease, &stop)?;
    let done = jobs.app.db.read(|c| rows::show_run(c, lease.run_id))?;
    if let Some(error) = &done.error {
        return Err(CliError::Command(format!("run {} of {name} failed: {error}", done.id)));
    }
    let what = done.file.as_deref().or(done.summary.as_deref()).unwrap_or_default();
    say!("{}\t{}\t{what}", done.id, done.outcome);
    Ok(())
}

/// A slot of one of Homeward's own schedules.
fn own(
    connection: &mut AnyConnection,
    jobs: &Jobs,
    name: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Lease, DbError> {
    let slot = rows::ask(connection, name, None, by, now)?;
    let lease = rows::lease_slot(connection, slot, (now, now + LEASE), &jobs.instance)?;
    // Nobody else has seen a slot of this very write.
    lease.ok_or(DbError::Corrupt { operation: "leasing a slot", detail: name.to_owned() })
}

/// Runs the schedules until the process is told to end; what runs is finished first.
pub(super) fn work(config: &Config) -> Result<(), CliError> {
    let jobs = open(config)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let handle = start(jobs).await?;
        eprintln!("homeward works; SIGTERM ends it");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        handle.drain().await;
        Ok(())
    })
}
