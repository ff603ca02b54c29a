//! `homeward boxes` and `homeward box`: what docks have judged, and the files of it.

use std::io::Write;

use clap::{Args, Subcommand};

use super::CliError;
use super::attachments::{self, FileArguments};
use super::house::{self, Acting};
use super::text::{instant, or_dash};
use crate::app::attachments::Thing;
use crate::config::Config;
use crate::db::lists::{self, Ask, BoxFilter, BoxSort, ListError};
use crate::db::scope::Scope;
use crate::domain::attachment::AttachmentKind;
use crate::domain::dock::DockVerdict;
use crate::domain::ids::BoxId;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Keep a file with a box; prints its number
    Attach {
        /// The box, as `dock` and `boxes` print it
        #[arg(value_name = "BOX")]
        id: i64,
        /// dock_photo or other
        #[arg(long, default_value = "dock_photo")]
        kind: AttachmentKind,
        #[command(flatten)]
        file: FileArguments,
    },
    /// List the files of a box: number, kind, name, type, bytes, SHA-256, who, when
    Attachments {
        #[arg(value_name = "BOX")]
        id: i64,
    },
    /// Take a wrong file of a box back: its bytes go, its hash stays
    WithdrawAttachment {
        #[arg(value_name = "BOX")]
        id: i64,
        /// The attachment's number
        attachment: i64,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
}

/// Which boxes.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// refuse, quarantine, receive, receive_discrepant, replacement_back, receive_at_centre or already_received
    #[arg(long)]
    verdict: Option<DockVerdict>,
    /// The dock's site code
    #[arg(long)]
    site: Option<String>,
    /// What was read on it: the number outside, the serial inside or the box's own number
    #[arg(long, value_name = "TEXT")]
    read: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50)]
    limit: u16,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let thing = |id| Thing::Box(BoxId(id));
    match arguments.what {
        What::Attach { id, kind, file } => attachments::attach(config, thing(id), kind, file),
        What::Attachments { id } => attachments::list(config, thing(id)),
        What::WithdrawAttachment { id, attachment, reason, acting } => {
            attachments::withdraw(config, thing(id), attachment, &reason, &acting)
        }
    }
}

/// Prints boxes, the last first: number, instant, dock, verdict, RMA, what was read on it, reason.
pub(super) fn list(arguments: ListArguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let ListArguments { verdict, site, read, limit } = arguments;
    let filter = BoxFilter { verdict, site, read };
    let ask = Ask { descending: true, ..Ask::first(BoxSort::RecordedAt, limit.into()) };
    let page = app.db.read(|c| lists::boxes(c, &Scope::All, &filter, &ask)).map_err(|error| {
        match error {
            ListError::Db(error) => CliError::Database(error),
            // None was given.
            ListError::Cursor => CliError::Command(error.to_string()),
        }
    })?;
    let mut out = std::io::stdout().lock();
    for item in page.items {
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\tmarked {}\tserial {}\tbox {}\t{}\t{}",
            item.id,
            instant(item.occurred_at()),
            item.site,
            item.verdict()?,
            or_dash(item.rma.as_ref()),
            or_dash(item.marked.as_ref()),
            or_dash(item.serial_number.as_ref()),
            or_dash(item.box_id.as_ref()),
            item.actor,
            item.reason,
        )?;
    }
    Ok(())
}
