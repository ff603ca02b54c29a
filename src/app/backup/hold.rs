//! A house that was restored is held: it sends nothing and charges nothing until it is released.

use chrono::{DateTime, Utc};

use crate::app::{App, AppError};
use crate::db::house::{self, HouseState};
use crate::db::{AnyConnection, DbError, gauges};
use crate::domain::rma::Command;

/// Refuses while the house is held.
pub fn refuse_held(connection: &mut AnyConnection) -> Result<(), AppError> {
    match house::get(connection, HouseState::Held)? {
        Some(why) => Err(AppError::Held(why)),
        None => Ok(()),
    }
}

/// Why the house is held, if it is.
pub fn held(app: &App) -> Result<Option<String>, DbError> {
    app.db.read(|connection| house::get(connection, HouseState::Held))
}

/// Whether a command is about money that would be claimed, or given, twice.
pub fn waits(command: &Command) -> bool {
    matches!(
        command,
        Command::Charge { .. }
            | Command::Credit { .. }
            | Command::Waive { .. }
            | Command::Purchase { .. }
    )
}

/// What goes on when the house is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// Messages that wait to be sent.
    pub messages: i64,
    /// RMAs the clock has something to do on.
    pub due: i64,
}

/// Ends the hold; none where the house was not held.
pub fn release(app: &App, now: DateTime<Utc>) -> Result<Option<Released>, AppError> {
    app.db.write(|connection| {
        if !house::unset(connection, HouseState::Held)? {
            return Ok(None);
        }
        let (messages, due) = gauges::waiting(connection, now)?;
        Ok(Some(Released { messages, due }))
    })
}
