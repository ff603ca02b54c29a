//! `homeward case`.

use clap::{Args, Subcommand};

use super::CliError;
use super::house::{self, Acting};
use crate::app::{cases, rmas};
use crate::config::Config;
use crate::domain::ids::{Manufacturer, SerialNumber};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Open a case on a unit; prints its number
    Open {
        #[arg(long)]
        serial: SerialNumber,
        /// Needed where two manufacturers share the serial
        #[arg(long)]
        manufacturer: Option<Manufacturer>,
        /// 1 (network down) to 4
        #[arg(long, default_value_t = 3)]
        priority: i16,
        #[arg(long)]
        summary: String,
        /// The customer's own number for it
        #[arg(long)]
        reference: Option<String>,
        #[arg(long)]
        contact_name: String,
        #[arg(long)]
        contact_email: String,
        #[command(flatten)]
        acting: Acting,
    },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let What::Open {
        serial,
        manufacturer,
        priority,
        summary,
        reference,
        contact_name,
        contact_email,
        acting,
    } = arguments.what;
    let app = house::open(config)?;
    let case = cases::OpenCase {
        serial_number: serial,
        manufacturer,
        priority,
        summary,
        customer_reference: reference,
        contact_name,
        contact_email,
    };
    let at = acting.occurred_at();
    let number = rmas::retrying(|| {
        app.db.write(|connection| cases::open(&app, connection, &case, &acting.actor, at))
    })?;
    println!("{number}");
    Ok(())
}
