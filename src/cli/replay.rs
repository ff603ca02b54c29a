//! `homeward replay`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::progress::Shown;
use super::{CliError, house};
use crate::app::replay::{self, DEFAULT_MIX, Input, Mix, ReplayError, Reports};
use crate::config::Config;
use crate::reports::shipped;

const AFTER: &str = "\
Each failure opens a case and requests an RMA on its day; accounts, sites, contracts and what people \
do are dealt by the seed, in the shares of the mix (--print-mix shows them with a word on each). The \
same seed, mix and files give the same history, event for event. The database must be empty.

  homeward --database-url sqlite://replay.db replay --sample
  homeward --database-url sqlite://replay.db replay --units installed_base.csv --failures failures.csv

The files, with their columns:
  installed base  serial_number, part_number, manufacturer, size_tb, in_service_on
  failures        serial_number, failed_on";

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The installed base
    #[arg(long, value_name = "FILE", required_unless_present_any = ["sample", "print_mix"])]
    units: Option<PathBuf>,
    /// The failures of its units
    #[arg(long, value_name = "FILE", required_unless_present_any = ["sample", "print_mix"])]
    failures: Option<PathBuf>,
    /// Replay the small invented sample that comes with the program, in a mix of its own
    #[arg(long, conflicts_with_all = ["units", "failures"])]
    sample: bool,
    /// Another seed gives another history
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A TOML file that says what of the mix is otherwise
    #[arg(long, value_name = "FILE")]
    mix: Option<PathBuf>,
    /// Print the mix that is used when no other is given, and do nothing else
    #[arg(long)]
    print_mix: bool,
    /// Write the non-return report into this folder as the days go by
    #[arg(long, value_name = "FOLDER")]
    reports: Option<PathBuf>,
    /// How many days lie between two reports
    #[arg(long, value_name = "DAYS", default_value_t = 30, requires = "reports",
        value_parser = clap::value_parser!(u32).range(1..))]
    reports_every: u32,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    if arguments.print_mix {
        return Ok(out.write_all(DEFAULT_MIX.as_bytes())?);
    }
    // The files first: a slip in a name must not make a database.
    let mix = arguments.mix.as_deref();
    let mix = if arguments.sample { Mix::for_sample(mix) } else { Mix::load(mix) };
    let mix = mix.map_err(ReplayError::from)?;
    let input = match (&arguments.units, &arguments.failures) {
        (Some(units), Some(failures)) => Input::read(units, failures),
        _ => Input::sample(),
    };
    let input = input.map_err(ReplayError::from)?;
    let reports = match arguments.reports {
        Some(folder) => {
            let definition = shipped("non-returns")?;
            Some(Reports { folder, every: arguments.reports_every, definition })
        }
        None => None,
    };
    let app = house::open(config)?;
    let mut progress = Shown::on_stderr();
    let counts = replay::run(&app, input, &mix, arguments.seed, reports.as_ref(), &mut progress)?;
    writeln!(out, "{counts}")?;
    Ok(())
}
