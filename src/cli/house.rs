//! Opening the house for a command: settings, database, calendars.

use super::CliError;
use crate::app::{App, register};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::db::Database;
use crate::domain::rma::Actor;

/// Where links to an RMA's status begin when nothing else is set: a service on this machine.
const LOCAL_STATUS: &str = "http://localhost:8080/rmas";

/// The application on the database of the settings.
pub(super) fn open(config: &Config) -> Result<App, CliError> {
    let db = Database::open(&config.database_url)?;
    let calendars = db.read(register::calendars)?;
    let mut app = App::new(db, calendars, config.operator.zone);
    app.files_each = config.attachments.each;
    Ok(app)
}

/// As set, else the pages of `service.public_url`.
pub(super) fn status_url(config: &Config) -> String {
    let public = config.service.public_url.as_ref().map(|url| format!("{url}/rmas"));
    config.status_url.clone().or(public).unwrap_or_else(|| LOCAL_STATUS.to_owned())
}

pub(super) fn now() -> chrono::DateTime<chrono::Utc> {
    SystemClock.now()
}

/// Who acts, and when it happened: the same on every command that changes something.
#[derive(Debug, clap::Args)]
pub(super) struct Acting {
    /// Who acts, as role:name; the roles are those of the rulebook
    #[arg(long = "as", value_name = "ROLE:NAME", default_value = "administrator:cli")]
    pub actor: Actor,
    /// When it happened, with its offset (2026-11-16T09:30:00-05:00); now, if left out
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<chrono::DateTime<chrono::FixedOffset>>,
    /// Where it is known from
    #[arg(long, default_value = "cli")]
    pub source: String,
}

impl Acting {
    pub fn occurred_at(&self) -> chrono::DateTime<chrono::Utc> {
        use chrono::SubsecRound;
        self.at.map_or_else(now, |at| at.to_utc().trunc_subsecs(6))
    }
}
