//! `homeward jobs` and `homeward work`.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{CliError, house};
use crate::app::backup::hold;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::slots as rows;
use crate::jobs::{Jobs, Mailer, Stop, add_due, start, table};
use crate::reports::library;

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
    /// Run a schedule now
    Run { name: String },
    /// Run the slot of a failed run again
    Retry { id: i64 },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let jobs = open(config)?;
    match arguments.what {
        What::List { runs } => list(&jobs, runs),
        What::Run { name } => run_now(&jobs, &name),
        What::Retry { id } => {
            if jobs.app.db.write(|c| rows::retry(c, id))? {
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
    Ok(Jobs {
        app: house::open(config)?,
        clock: Arc::new(SystemClock),
        mailer: Mailer::open(config, house::status_url(config))?,
        table: table(library(config.jobs.reports_folder.as_deref())?)?,
        runs_folder: config.jobs.runs_folder.clone(),
        instance: format!("process {}", std::process::id()),
    })
}

fn list(jobs: &Jobs, runs: i64) -> Result<(), CliError> {
    let now = jobs.clock.now();
    if let Some(why) = hold::held(&jobs.app)? {
        println!("held\t{why}: no schedule runs until `homeward release`");
    }
    for schedule in &jobs.table {
        let next = schedule.cron.next_after(now, schedule.zone);
        let next = next.map_or_else(|| "-".to_owned(), |at| at.format("%FT%TZ").to_string());
        let (name, cron, zone) = (&schedule.name, &schedule.cron, schedule.zone);
        println!("{name}\t{cron}\t{zone}\t{}\tnext {next}", schedule.catch_up);
    }
    for run in jobs.app.db.read(|c| rows::list_runs(c, None, runs.max(0)))? {
        let took = run.duration_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        let count = run.rows.map_or_else(|| "-".to_owned(), |rows| format!("{rows} rows"));
        let what = run.error.or(run.file).or(run.summary).unwrap_or_default();
        let slot = run.slot.format("%FT%TZ");
        println!("{}\t{}\t{slot}\t{}\t{took}\t{count}\t{what}", run.id, run.schedule, run.outcome);
    }
    Ok(())
}

/// What is owed from before first, then a slot of this moment.
fn run_now(jobs: &Jobs, name: &str) -> Result<(), CliError> {
    let Some(schedule) = jobs.table.iter().find(|schedule| schedule.name == name) else {
        let known: Vec<_> = jobs.table.iter().map(|schedule| schedule.name.as_str()).collect();
        let known = known.join(", ");
        return Err(CliError::Command(format!(
            "there is no schedule {name:?}; known are: {known}"
        )));
    };
    let now = jobs.clock.now();
    jobs.app.db.read(hold::refuse_held)?;
    add_due(&jobs.app.db, schedule, now)?;
    jobs.app.db.write(|c| rows::add(c, name, now))?;
    jobs.run_schedule(schedule, &Stop::default())?;
    let latest = jobs.app.db.read(|c| rows::list_runs(c, Some(name), 1))?;
    let Some(run) = latest.first() else { return Ok(()) };
    if let Some(error) = &run.error {
        return Err(CliError::Command(format!("run {} of {name} failed: {error}", run.id)));
    }
    let what = run.file.as_deref().or(run.summary.as_deref()).unwrap_or_default();
    println!("{}\t{}\t{what}", run.id, run.outcome);
    Ok(())
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
