//! `homeward label` and `homeward instructions`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CliError, files, house};
use crate::app::papers;
use crate::config::Config;
use crate::documents::{Paper, Typesetter};
use crate::domain::ids::RmaNumber;

#[derive(Debug, Args)]
pub struct LabelArguments {
    /// RMA numbers: R and 8 to 10 digits, or the bare number; a page each
    #[arg(required = true)]
    rmas: Vec<RmaNumber>,
    /// The PDF to write; - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct InstructionArguments {
    /// RMA number: R and 8 to 10 digits, or the bare number
    rma: RmaNumber,
    #[arg(long, default_value = "a4")]
    paper: Sheet,
    /// The PDF to write; - for standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sheet {
    A4,
    Letter,
}

pub(super) fn label(arguments: LabelArguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let labels = app.db.read(|connection| {
        let status_url = house::status_url(config);
        let one = |number: &RmaNumber| papers::label(connection, *number, &status_url);
        arguments.rmas.iter().map(one).collect::<Result<Vec<_>, _>>()
    })?;
    let pdf = Typesetter::new(config.fonts_folder.as_deref())?.labels(&labels)?;
    files::write_whole(&arguments.out, |out| Ok(out.write_all(&pdf)?))
}

pub(super) fn instructions(
    arguments: InstructionArguments,
    config: &Config,
) -> Result<(), CliError> {
    let app = house::open(config)?;
    let status_url = house::status_url(config);
    let data = app.db.read(|c| papers::instructions(&app, c, arguments.rma, &status_url))?;
    let paper = match arguments.paper {
        Sheet::A4 => Paper::A4,
        Sheet::Letter => Paper::Letter,
    };
    let pdf = Typesetter::new(config.fonts_folder.as_deref())?.instructions(&data, paper)?;
    files::write_whole(&arguments.out, |out| Ok(out.write_all(&pdf)?))
}
