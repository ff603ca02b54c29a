//! `homeward programme`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{CliError, house};
use crate::app::programmes;
use crate::config::Config;
use crate::domain::ids::Manufacturer;
use crate::domain::programme::Programme;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the programme that serves a manufacturer's new RMAs on a day, as TOML
    Show {
        manufacturer: Manufacturer,
        /// Today, if left out
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
    },
    /// List a manufacturer's versions
    List { manufacturer: Manufacturer },
    /// Add a version from a TOML file of the form `show` prints; numbers left out keep their defaults
    Add {
        /// The manufacturer, or * for every other one
        manufacturer: Manufacturer,
        file: PathBuf,
        /// The first day it serves new RMAs
        #[arg(long, value_name = "DATE")]
        effective_on: NaiveDate,
    },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    match arguments.what {
        What::Show { manufacturer, on } => {
            let app = house::open(config)?;
            let on = on.unwrap_or_else(|| app.operator_zone.local_date(house::now()));
            let programme = app.db.read(|c| app.programme_on(c, &manufacturer, on))?;
            let text = toml::to_string(&*programme)
                .map_err(|error| CliError::Command(format!("the programme: {error}")))?;
            say!("{}", text.trim_end());
        }
        What::List { manufacturer } => {
            let app = house::open(config)?;
            for (effective_on, programme) in app.db.read(|c| programmes::list(c, &manufacturer))? {
                say!("{effective_on}\t{}", programme.version);
            }
            say!("always\t{} (the defaults)", Programme::default().version);
        }
        What::Add { manufacturer, file, effective_on } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|source| CliError::File { path: file.clone(), source })?;
            let programme: Programme = toml::from_str(&text)
                .map_err(|error| CliError::Command(format!("{}: {error}", file.display())))?;
            let app = house::open(config)?;
            programmes::add(&app, &manufacturer, effective_on, &programme)?;
            say!("{} serves {manufacturer} from {effective_on}", programme.version);
        }
    }
    Ok(())
}
