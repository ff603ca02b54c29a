//! `homeward dock` and `homeward clock`.

use clap::Args;

use super::CliError;
use super::house::{self, Acting};
use crate::app::{clock_job, dock, rmas};
use crate::config::Config;
use crate::domain::ids::SerialNumber;
use crate::domain::rma::tracks::ReplacementCondition;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The dock's site code
    site: String,
    /// What the outside of the box is marked with, as read
    #[arg(long, value_name = "TEXT")]
    marked: Option<String>,
    /// The serial on the unit inside; left out where there is none that can be read
    #[arg(long)]
    serial: Option<SerialNumber>,
    /// The box's own number: an SSCC, or the carrier's
    #[arg(long = "box", value_name = "NUMBER")]
    box_id: Option<String>,
    /// unopened or defective, should a replacement have come back
    #[arg(long, default_value = "defective")]
    condition: ReplacementCondition,
    #[command(flatten)]
    acting: Acting,
}

/// Judges a box and prints the verdict, the RMA and the reason.
pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let Arguments { site, marked, serial, box_id, condition, acting } = arguments;
    let arrival = dock::Arrival {
        site,
        marked,
        serial_number: serial,
        box_id,
        condition,
        occurred_at: acting.occurred_at(),
        source: acting.source.clone(),
    };
    let judgement = rmas::retrying(|| {
        app.db.write(|c| dock::arrive(&app, c, &arrival, &acting.actor, house::now()))
    })?;
    let rma = judgement.rma.map_or_else(|| "-".to_owned(), |number| number.to_string());
    println!("{}\t{rma}\t{}", judgement.verdict, judgement.reason);
    Ok(())
}

/// Runs everything that is due and prints what it came to.
pub(super) fn clock(config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let done = clock_job::run(&app, house::now())?;
    println!(
        "{} reminded, {} fell due, {} deliveries estimated, {} failed",
        done.reminded, done.fell_due, done.estimated, done.failed
    );
    if done.failed > 0 { Err(CliError::Clock(done.failed)) } else { Ok(()) }
}
