//! `homeward explain`: why a date is what it is.

mod options;
pub(super) mod show;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use self::options::{
    Analysis, Entitlement, Given, RaEligibility, Repair, Replacement, ReturnWindow, Warranty,
};
use super::{CliError, files, house};
use crate::app::explain::{self, Desk, Kind, Unanswered, Wanted, batch};
use crate::config::Config;
use crate::db::scope::Scope;
use crate::domain::ids::{Manufacturer, RmaNumber, SerialNumber};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Until when a defective unit is owed back (RET-1, AMB-1)
    ReturnWindow(Asked<ReturnWindow>),
    /// From when to when a unit is under warranty (WAR-1 to WAR-4)
    Warranty(Asked<Warranty>),
    /// What a unit of the register is entitled to (ENT-3, AMB-25)
    Entitlement(Asked<Entitlement>),
    /// When a promised replacement is due (AMB-6)
    Replacement(Asked<Replacement>),
    /// When a repaired unit is due to leave the bench (WAR-5)
    Repair(Asked<Repair>),
    /// When a repair analysis, or a failure analysis' interim report, is due (ANA-6, ANA-7)
    Analysis(Asked<Analysis>),
    /// Whether a repair analysis is to be had (ANA-2 to ANA-4)
    RaEligibility(Asked<RaEligibility>),
    /// Every date of an RMA, from its events and the terms kept at issue
    Rma {
        rma: RmaNumber,
        #[arg(long)]
        json: bool,
    },
    /// Every date of a unit: its warranty, its entitlement, its product's repair analysis
    Unit {
        serial: SerialNumber,
        /// Needed where several manufacturers have the serial
        #[arg(long)]
        manufacturer: Option<Manufacturer>,
        /// The day of the failure; today at the unit's site, if left out
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
        #[arg(long)]
        json: bool,
    },
}

/// A question with its options, or a file of such questions.
#[derive(Debug, Args)]
struct Asked<T: Args> {
    #[command(flatten)]
    options: T,
    /// Answer in JSON
    #[arg(long, conflicts_with = "batch")]
    json: bool,
    /// A CSV file of questions, its columns named like the options (approved_at for --approved-at), a
    /// flag as true; - for standard input
    #[arg(long, value_name = "FILE", requires = "out")]
    batch: Option<PathBuf>,
    /// Where the answers go: each question's columns, then the answer's; - for standard output
    #[arg(long, value_name = "FILE", requires = "batch")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    match arguments.what {
        What::ReturnWindow(asked) => asked.run(config),
        What::Warranty(asked) => asked.run(config),
        What::Entitlement(asked) => asked.run(config),
        What::Replacement(asked) => asked.run(config),
        What::Repair(asked) => asked.run(config),
        What::Analysis(asked) => asked.run(config),
        What::RaEligibility(asked) => asked.run(config),
        What::Rma { rma, json } => {
            let app = house::open(config)?;
            let found = app.db.read(|c| explain::rma(&app, c, &Scope::All, rma))?;
            if json { show::json(&found) } else { show::dates(&found.number, &found.dates) }
        }
        What::Unit { serial, manufacturer, on, json } => {
            let app = house::open(config)?;
            let wanted = Wanted { serial_number: serial, manufacturer, on };
            let now = house::now();
            let found = app.db.read(|c| explain::unit(&app, c, &Scope::All, &wanted, now))?;
            let name = [&*found.manufacturer, &found.part_number, &found.serial_number].join(" ");
            if json { show::json(&found) } else { show::unit(&name, &found) }
        }
    }
}

impl<T: Args + Given> Asked<T> {
    fn run(&self, config: &Config) -> Result<(), CliError> {
        if let (Some(batch), Some(out)) = (&self.batch, &self.out) {
            if self.options.cells().iter().any(|cell| !cell.is_empty()) {
                let said = "--batch answers the questions of the file; leave the other options out";
                return Err(CliError::Command(said.to_owned()));
            }
            return answer_file(T::KIND, batch, out, config);
        }
        let answer = match T::KIND {
            Kind::Entitlement => {
                let app = house::open(config)?;
                let wanted = Wanted::read(self.options.cells())?;
                let now = house::now();
                app.db.read(|c| explain::entitlement(&app, c, &Scope::All, &wanted, now))?
            }
            kind => explain::ask(&desk(config), kind, self.options.cells())?,
        };
        if self.json { show::json(&answer) } else { show::answer(&answer) }
    }
}

impl From<Unanswered> for CliError {
    fn from(error: Unanswered) -> Self {
        Self::App(error.into())
    }
}

/// What the pure questions are answered from: the database's calendars and policies where there is one,
/// else what comes with the program. A question makes no database.
fn desk(config: &Config) -> Desk {
    if let Some(path) = config.database_url.path()
        && !path.exists()
    {
        return Desk::without_database(format!("there is no database at {}", path.display()));
    }
    let opened = house::open(config).map_err(|error| error.to_string());
    let loaded = opened.and_then(|app| app.db.read(Desk::load).map_err(|error| error.to_string()));
    loaded.unwrap_or_else(|error| {
        eprintln!(
            "warning: {error}; answering with the calendars and the programme that come with the program"
        );
        Desk::without_database(format!("the database does not answer ({error})"))
    })
}

fn answer_file(kind: Kind, batch: &Path, out: &Path, config: &Config) -> Result<(), CliError> {
    let name = if batch == Path::new("-") {
        "standard input".to_owned()
    } else {
        batch.display().to_string()
    };
    let input = open(batch)?;
    let summary = if kind == Kind::Entitlement {
        let app = house::open(config)?;
        let now = house::now();
        files::write_whole(out, |out| {
            app.db.read(|connection| {
                explain::entitlements(&app, connection, (&name, input), out, now)
                    .map_err(CliError::from)
            })
        })?
    } else {
        let desk = desk(config);
        files::write_whole(out, |out| Ok(batch::run(&desk, kind, (&name, input), out)?))?
    };
    eprintln!("{} questions, {} of them not answered", summary.questions, summary.unanswered);
    Ok(())
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>, CliError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let named = |source| CliError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(named)?;
    if file.metadata().map_err(named)?.is_dir() {
        return Err(CliError::Command(format!("{} is a folder, not a file", path.display())));
    }
    Ok(Box::new(file))
}
