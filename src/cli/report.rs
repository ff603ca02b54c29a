//! `homeward report`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{CliError, files, house};
use crate::app::reports::{self, Asked};
use crate::config::Config;
use crate::domain::zone::Zone;
use crate::reports::Library;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write a report as CSV, as it was known at the end of a day
    Run {
        /// The report's name
        name: String,
        /// The day, in the report's zone; today, if left out
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// This account's rows alone; every account's, if left out
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// The zone to show times in, such as America/Los_Angeles; UTC if left out
        #[arg(long, value_name = "ZONE")]
        zone: Option<Zone>,
        /// The file to write; - for standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Name the reports there are
    List,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let library = Library::open(config.jobs.reports_folder.as_deref())?;
    match arguments.what {
        What::List => {
            for (name, report) in library.iter() {
                say!("{name}\t{}", report.title);
            }
            Ok(())
        }
        What::Run { name, as_of, account, zone, out } => {
            let report = library.get(&name)?;
            let app = house::open(config)?;
            let now = house::now();
            let as_of = as_of.unwrap_or_else(|| report.zone.local_date(now));
            let account = match &account {
                Some(name) => Some(app.db.read(|c| reports::account_named(c, name))?),
                None => None,
            };
            let asked = Asked { as_of, account, zone };
            let summary = files::write_whole(&out, |out| {
                app.db.read(|c| {
                    reports::run_for(&app, c, report, &asked, now, out).map_err(CliError::from)
                })
            })?;
            eprintln!("{name} as of {as_of}: {} rows, SHA-256 {}", summary.rows, summary.sha256);
            Ok(())
        }
    }
}
