//! Rows for reports, streamed one by one and lent to the caller: a million of them are read as fast
//! as the database gives them, in the memory of one.

mod packed;
mod postgres;
mod sqlite;

use chrono::{DateTime, NaiveDate, Utc};

use super::connection::AnyConnection;
use super::error::DbError;
use crate::reports::non_returns::Row;

/// Which past the rows are read from.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// Everything recorded until now: only what is owed today is looked at.
    Now,
    /// What was recorded before an instant that has passed.
    Before(DateTime<Utc>),
}

/// What is being done, for messages.
const OPERATION: &str = "reading the non-return report";

/// Calls `each` for every unit owed on a window that ended before `as_of`, in the order of the RMAs.
pub fn non_returns<E: From<DbError>>(
    connection: &mut AnyConnection,
    as_of: NaiveDate,
    known: Known,
    each: impl FnMut(Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    match connection {
        AnyConnection::Sqlite(c) => sqlite::non_returns(c, as_of, known, each),
        AnyConnection::Postgres(c) => postgres::non_returns(c, as_of, known, each),
    }
}
