//! `homeward outbox`.

use clap::{Args, Subcommand};

use super::text::or_dash;
use super::{CliError, house};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::outbox::{self, MessageState};
use crate::jobs::{Mailer, Stop};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List messages: id, RMA, kind, recipient, state, attempts, what went wrong
    List {
        /// pending, sending, sent or dead
        #[arg(long, default_value = "dead")]
        state: MessageState,
        #[arg(long, default_value_t = 100)]
        limit: i64,
    },
    /// Send a message that was laid aside again
    Retry { id: i64 },
    /// Send what is due now
    Send,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    match arguments.what {
        What::List { state, limit } => {
            for row in app.db.read(|c| outbox::list(c, state, limit.max(1)))? {
                let (rma, why) = (or_dash(row.rma), or_dash(row.error));
                let (id, kind, to, attempts) = (row.id, row.kind, row.recipient, row.attempts);
                say!("{id}\t{rma}\t{kind}\t{to}\t{}\t{attempts}\t{why}", row.state);
            }
            Ok(())
        }
        What::Retry { id } => {
            if app.db.write(|c| outbox::retry(c, id))? {
                return Ok(());
            }
            Err(CliError::Command(format!(
                "there is no message {id} to retry: it is sent, being sent, or was never there"
            )))
        }
        What::Send => {
            let mailer = Mailer::open(config, &house::status_url(config))?;
            let done = crate::jobs::outbox::run(&app, &mailer, &SystemClock, &Stop::default())?;
            say!("sent {}, put off {}, laid aside {}", done.sent, done.put_off, done.laid_aside);
            Ok(())
        }
    }
}
