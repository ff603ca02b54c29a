//! The command line: one file a command.

/// Says a line of a command's answer, as `println!` would; see [`text::line`].
macro_rules! say {
    ($($said:tt)*) => { $crate::cli::text::line(format_args!($($said)*)) };
}

mod attachments;
mod backup;
mod boxes;
mod case;
mod config;
mod demo;
mod dock;
mod explain;
mod files;
mod house;
mod import;
mod jobs;
mod outbox;
mod papers;
mod programme;
mod progress;
mod questionnaire;
mod ready;
mod replay;
mod report;
mod rma;
mod serve;
mod show;
mod text;
mod token;
mod unit;
mod user;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::AppError;
use crate::app::replay::ReplayError;
use crate::app::reports::ReportError;
use crate::config::{Config, ConfigError, Flags, Settings};
use crate::db::{Database, DbError};
use crate::documents::DocumentError;
use crate::reports::DefinitionError;

/// RMA logistics and warranty tracking.
#[derive(Debug, Parser)]
#[command(name = "homeward", version, about, max_term_width = 100)]
pub struct Cli {
    /// The settings file; homeward.toml is read if it is there
    #[arg(long, global = true, value_name = "FILE", env = "HOMEWARD_CONFIG")]
    config: Option<PathBuf>,
    /// sqlite://PATH or postgres://…, before the settings file and HOMEWARD_DATABASE_URL
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a small invented vendor that has lived the last three months, and serve it
    Demo(demo::Arguments),
    /// Bring organizations, products, sites, calendars, contracts or units in from a CSV file
    Import(import::Arguments),
    /// Take an installed base and its failures through the whole life of an RMA, on fast-forward
    Replay(replay::Arguments),
    /// Open a support case
    Case(case::Arguments),
    /// Request an RMA, give it a command, or look at it
    Rma(rma::Arguments),
    /// Judge a box at a dock: receive, quarantine or refuse
    Dock(dock::Arguments),
    /// List the boxes that docks have judged, the last first
    Boxes(boxes::ListArguments),
    /// Keep, list or withdraw the files of a box that a dock has judged
    Box(boxes::Arguments),
    /// Do what is due by now: reminders, ended windows, estimated deliveries
    Clock,
    /// Look at a unit of the register
    Unit(unit::Arguments),
    /// Print return labels, 4 x 6 in, a page an RMA
    Label(papers::LabelArguments),
    /// Print the return instructions with the non-return notice
    Instructions(papers::InstructionArguments),
    /// Show, list or add the versions of a manufacturer's policy
    Programme(programme::Arguments),
    /// Show, list, check or add the questions that lead to automated RMAs
    Questionnaire(questionnaire::Arguments),
    /// Say why a date is what it is: one question, a file of them, or every date of an RMA or unit
    Explain(explain::Arguments),
    /// Write a report as CSV
    Report(report::Arguments),
    /// Serve the pages and the JSON API
    Serve(serve::Arguments),
    /// Make, list and revoke the tokens of the API
    Token(token::Arguments),
    /// Make, list and disable those who sign in to the pages, and set their passwords
    User(user::Arguments),
    /// Say which end customers a partner serves
    Partner(token::PartnerArguments),
    /// List the schedules and their runs, run one now, or retry a failed run
    Jobs(jobs::Arguments),
    /// Run the schedules until told to end
    Work,
    /// Look at the messages, retry one, or send what is due
    Outbox(outbox::Arguments),
    /// Write the whole house as it stands into one file, and read it back
    Backup(backup::BackupArguments),
    /// Restore a backup into an empty database, where it is held until `release`
    Restore(backup::RestoreArguments),
    /// Look at the settings and what they lead to
    Config(config::Arguments),
    /// Ask the service of this machine whether it is ready; the exit code says
    Ready,
    /// Let a restored house send and charge again
    Release,
    /// Fold every RMA's events again and compare them with what is stored, and kept files with their hash
    Verify,
}

/// Why a command failed: its own error, and whether it was already shown in detail.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Import(#[from] crate::app::import::ImportError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Demo(#[from] crate::app::demo::DemoError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Batch(#[from] crate::app::explain::batch::BatchError),
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Serve(#[from] crate::http::ServeError),
    #[error(transparent)]
    Mailer(#[from] crate::jobs::outbox::MailerError),
    #[error(transparent)]
    Table(#[from] crate::domain::recurrence::CronError),
    #[error("the schedules cannot be started: {0}")]
    Scheduler(#[from] tokio_cron_scheduler::JobSchedulerError),
    #[error("{}: {source}", .path.display())]
    Backup { path: PathBuf, source: crate::app::backup::BackupError },
    #[error("{0} of the checks failed")]
    Checks(usize),
    #[error("not ready: {0}")]
    NotReady(String),
    #[error("the command is not understood: {0}")]
    Command(String),
    #[error("{0} findings: what is stored differs from the events")]
    Findings(u64),
    #[error("{0} RMAs could not be brought forward; the log says why")]
    Clock(u64),
    #[error("{}: {source}", .path.display())]
    Attachment { path: PathBuf, source: crate::domain::media::BadFile },
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the answer could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Cli {
    /// What the log shows when `HOMEWARD_LOG` says nothing: a service tells of its requests.
    pub fn log_level(&self) -> &'static str {
        match self.command {
            Command::Serve(_) | Command::Demo(_) => "info",
            _ => "warn",
        }
    }

    /// Does what was asked. The exit code is 0 when it was done and 1 when not; usage errors are 2.
    pub fn run(self) -> ExitCode {
        match self.execute() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn execute(self) -> Result<(), CliError> {
        let flags = Flags { database_url: self.database_url };
        let settings = Settings::read(self.config.as_deref(), &flags)?;
        let config = settings.config.clone();
        match self.command {
            Command::Demo(arguments) => demo::run(arguments, config),
            Command::Import(arguments) => import::run(arguments, &config),
            Command::Replay(arguments) => replay::run(arguments, &config),
            Command::Case(arguments) => case::run(arguments, &config),
            Command::Rma(arguments) => rma::run(arguments, &config),
            Command::Dock(arguments) => dock::run(arguments, &config),
            Command::Boxes(arguments) => boxes::list(arguments, &config),
            Command::Box(arguments) => boxes::run(arguments, &config),
            Command::Clock => dock::clock(&config),
            Command::Unit(arguments) => unit::run(arguments, &config),
            Command::Label(arguments) => papers::label(arguments, &config),
            Command::Instructions(arguments) => papers::instructions(arguments, &config),
            Command::Programme(arguments) => programme::run(arguments, &config),
            Command::Questionnaire(arguments) => questionnaire::run(arguments, &config),
            Command::Explain(arguments) => explain::run(arguments, &config),
            Command::Report(arguments) => report::run(arguments, &config),
            Command::Serve(arguments) => serve::run(&arguments, &config),
            Command::Token(arguments) => token::run(arguments, &config),
            Command::User(arguments) => user::run(arguments, &config),
            Command::Partner(arguments) => token::partner(&arguments, &config),
            Command::Jobs(arguments) => jobs::run(arguments, &config),
            Command::Work => jobs::work(&config),
            Command::Outbox(arguments) => outbox::run(arguments, &config),
            Command::Backup(arguments) => backup::backup(&arguments, &config),
            Command::Restore(arguments) => backup::restore(&arguments, &config),
            Command::Config(arguments) => config::run(&arguments, &settings),
            Command::Ready => ready::run(&config),
            Command::Release => backup::release(&config),
            Command::Verify => verify::run(&config),
        }
    }
}

/// The database of the settings, up to date.
fn open_database(config: &Config) -> Result<Database, DbError> {
    Database::open(&config.database_url)
}
