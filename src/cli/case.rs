//! `homeward case`.

use clap::{Args, Subcommand};

use super::attachments::FileArguments;
use super::house::{self, Acting};
use super::{CliError, attachments};
use crate::app::attachments::Thing;
use crate::app::{cases, rmas};
use crate::config::Config;
use crate::domain::attachment::AttachmentKind;
use crate::domain::ids::{CaseNumber, Manufacturer, SerialNumber, Ssrn};
use crate::domain::intake::{CaseKind, Channel, Way};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Open a case on a unit or on software; prints its number
    Open(OpenArguments),
    /// Keep a file with a case; prints its number
    Attach {
        case: CaseNumber,
        #[command(flatten)]
        file: FileArguments,
    },
    /// List the files of a case: number, kind, name, type, bytes, SHA-256, who, when
    Attachments { case: CaseNumber },
    /// Take a wrong file of a case back: its bytes go, its hash stays
    WithdrawAttachment {
        case: CaseNumber,
        /// The attachment's number
        id: i64,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
}

/// The case to be.
#[derive(Debug, Args)]
struct OpenArguments {
    /// The unit's serial number
    #[arg(long, required_unless_present = "ssrn")]
    serial: Option<SerialNumber>,
    /// In its place, the software support reference number of software (ID-5)
    #[arg(long, conflicts_with = "serial")]
    ssrn: Option<Ssrn>,
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
    /// technical (for what is under contract) or rma; rma for a unit, technical for software, if left out
    #[arg(long)]
    kind: Option<CaseKind>,
    /// online, or telephone (for units under contract)
    #[arg(long, default_value = "online")]
    channel: Channel,
    /// An agent's reason to let it in without a contract; it is kept with the case
    #[arg(long = "override", value_name = "REASON")]
    override_reason: Option<String>,
    #[command(flatten)]
    acting: Acting,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    match arguments.what {
        What::Open(arguments) => open(arguments, config),
        What::Attach { case, file } => {
            attachments::attach(config, Thing::Case(case), AttachmentKind::Other, file)
        }
        What::Attachments { case } => attachments::list(config, Thing::Case(case)),
        What::WithdrawAttachment { case, id, reason, acting } => {
            attachments::withdraw(config, Thing::Case(case), id, &reason, &acting)
        }
    }
}

fn open(arguments: OpenArguments, config: &Config) -> Result<(), CliError> {
    let OpenArguments {
        serial,
        ssrn,
        manufacturer,
        priority,
        summary,
        reference,
        contact_name,
        contact_email,
        kind,
        channel,
        override_reason,
        acting,
    } = arguments;
    let app = house::open(config)?;
    let is_ssrn = ssrn.is_some();
    let given = serial.or(ssrn.map(SerialNumber::from));
    let missing = || CliError::Command("a serial number or an SSRN is needed".to_owned());
    let case = cases::OpenCase {
        serial_number: given.ok_or_else(missing)?,
        is_ssrn,
        manufacturer,
        priority,
        summary,
        customer_reference: reference,
        contact_name,
        contact_email,
        kind: kind.unwrap_or(if is_ssrn { CaseKind::Technical } else { CaseKind::Rma }),
        way: Way { channel, override_reason, partner: None },
    };
    let at = acting.occurred_at();
    let number = rmas::retrying(|| {
        app.db.write(|connection| cases::open(&app, connection, &case, &acting.actor, at))
    })?;
    say!("{number}");
    Ok(())
}
