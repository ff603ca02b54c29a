//! `homeward import`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::house::now;
use super::progress::Shown;
use super::{CliError, open_database};
use crate::app::import::{By, Import, ImportError, Subject, Summary, help};
use crate::config::Config;
use crate::domain::rma::Actor;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    subject: What,
}

const CALENDAR_ROWS: &str = "
The rows of a calendar:
  range         from, to: what is known; exactly one
  weekend       name: the weekdays off, such as Sat Sun (may be empty); exactly one
  holiday       from, to (if several days), name
  working       from, to (if several days): weekend days that are worked
  make_up_days  from: the last day for which make-up working days are announced; at most one
A calendar replaces the one of the same code as a whole, also one that comes with the program.";

/// What the file holds. Import in this order: each names things of those before it.
#[derive(Debug, Subcommand)]
enum What {
    /// Accounts, partners and distributors
    #[command(after_help = help(Subject::Organizations))]
    Organizations(File),
    /// Products and their list prices
    #[command(after_help = help(Subject::Products))]
    Products(File),
    /// Business-day calendars beside those that come with the program
    #[command(after_help = format!("{}{CALENDAR_ROWS}", help(Subject::Calendars)))]
    Calendars(File),
    /// Customer sites, depots and repair centres
    #[command(after_help = help(Subject::Sites))]
    Sites(File),
    /// The installed base and the stock
    #[command(after_help = help(Subject::Units))]
    Units(File),
    /// Contracts and the units they cover
    #[command(after_help = help(Subject::Contracts))]
    Contracts(File),
}

#[derive(Debug, Args)]
struct File {
    /// CSV in UTF-8, its columns separated by commas and named by the first line
    file: PathBuf,
    /// Store the good rows even if others are bad; otherwise it is all or nothing
    #[arg(long)]
    skip_bad: bool,
    /// Who brings it in, as role:name; it stands in the history of the units it changes
    #[arg(long = "as", value_name = "ROLE:NAME", default_value = "administrator:cli")]
    actor: Actor,
}

impl What {
    fn take(self) -> (Subject, File) {
        match self {
            Self::Organizations(file) => (Subject::Organizations, file),
            Self::Products(file) => (Subject::Products, file),
            Self::Calendars(file) => (Subject::Calendars, file),
            Self::Sites(file) => (Subject::Sites, file),
            Self::Units(file) => (Subject::Units, file),
            Self::Contracts(file) => (Subject::Contracts, file),
        }
    }
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let (subject, file) = arguments.subject.take();
    // The file first: a slip in its name must not make a database.
    let import = Import::open(subject, &file.file)?;
    let database = open_database(config)?;
    let mut progress = Shown::on_stderr();
    let by = By { actor: file.actor, at: now() };
    let outcome = import.run(&database, file.skip_bad, &by, &mut progress);
    let summary = match outcome {
        Ok(summary) => summary,
        Err(error) => {
            if let ImportError::Rows { problems, .. } = &error {
                eprint!("{problems}");
            }
            return Err(error.into());
        }
    };
    eprint!("{}", summary.problems);
    report(subject, &summary)
}

fn report(subject: Subject, summary: &Summary) -> Result<(), CliError> {
    let counts = summary.counts;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{subject}: {} added, {} changed, {} unchanged; {} rows read, {} refused",
        counts.added,
        counts.changed,
        counts.unchanged,
        summary.rows,
        summary.problems.rows(),
    )?;
    if counts.moved_on > 0 {
        writeln!(
            out,
            "{} units have moved on since (promised, sent as a replacement, replaced, or with an open RMA where the owner changes) and were left as they are",
            counts.moved_on
        )?;
    }
    Ok(())
}
