//! The command line: one file a command.

mod import;
mod progress;
mod replay;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigError, Flags};
use crate::db::{Database, DbError};

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
    /// Bring organizations, products, sites, calendars, contracts or units in from a CSV file
    Import(import::Arguments),
    /// Take an installed base and its failures through the whole life of an RMA, on fast-forward
    Replay(replay::Arguments),
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
    Replay(#[from] crate::app::replay::ReplayError),
    #[error(transparent)]
    Report(#[from] crate::reports::DefinitionError),
    #[error("the answer could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Cli {
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
        let config = Config::load(self.config.as_deref(), &flags)?;
        match self.command {
            Command::Import(arguments) => import::run(arguments, &config),
            Command::Replay(arguments) => replay::run(arguments, &config),
        }
    }
}

/// The database of the settings, up to date.
fn open_database(config: &Config) -> Result<Database, DbError> {
    Database::open(&config.database_url)
}
