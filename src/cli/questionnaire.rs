//! `homeward questionnaire`.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{CliError, house};
use crate::app::questionnaires;
use crate::config::Config;
use crate::domain::ids::Family;
use crate::domain::questionnaire::Questionnaire;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the questionnaire that serves a family on a day, as TOML
    Show {
        family: Family,
        /// Today, if left out
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
    },
    /// List the families and their versions
    List,
    /// Check a TOML file of the form `show` prints; nothing is stored
    Check { file: PathBuf },
    /// Add a version from a TOML file of the form `show` prints
    Add {
        file: PathBuf,
        /// The first day it is asked
        #[arg(long, value_name = "DATE")]
        effective_on: NaiveDate,
    },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    match arguments.what {
        What::Show { family, on } => {
            let app = house::open(config)?;
            let on = on.unwrap_or_else(|| app.operator_zone.local_date(house::now()));
            let Some(found) = app.db.read(|c| questionnaires::on(c, &family, on))? else {
                let said = format!("no questionnaire serves the family {family} on {on}");
                return Err(CliError::Command(said));
            };
            let text = toml::to_string(&found)
                .map_err(|error| CliError::Command(format!("the questionnaire: {error}")))?;
            say!("{}", text.trim_end());
        }
        What::List => {
            let app = house::open(config)?;
            for family in app.db.read(questionnaires::families)? {
                let family: Family = family.parse().map_err(crate::app::AppError::from)?;
                for (from, document) in app.db.read(|c| questionnaires::versions(c, &family))? {
                    let from = from.map_or_else(|| "always".to_owned(), |day| day.to_string());
                    say!("{family}\t{from}\t{}", document.version);
                }
            }
        }
        What::Check { file } => {
            let document = read(&file)?;
            let faults = document.check();
            faults.map_err(|faults| CliError::Command(format!("{}:\n{faults}", file.display())))?;
            say!(
                "{} {}: {} questions, {} verdicts",
                document.family,
                document.version,
                document.questions.len(),
                document.verdicts.len()
            );
        }
        What::Add { file, effective_on } => {
            let document = read(&file)?;
            let app = house::open(config)?;
            questionnaires::add(&app, effective_on, &document)?;
            say!("{} serves {} from {effective_on}", document.version, document.family);
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Questionnaire, CliError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| CliError::File { path: file.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| CliError::Command(format!("{}: {error}", file.display())))
}
