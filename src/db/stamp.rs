//! The state of a database as a value: two stamps are equal only if nobody, of any process, committed
//! anything in between. What was read under one may be given again under an equal one.

use std::sync::{Mutex, PoisonError};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::connection::{AnyConnection, connect};
use super::error::{DbError, During};
use super::kept::Kept;
use super::url::DatabaseUrl;

/// A state of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(State);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// SQLite: numbered by a [`Watch`].
    Numbered(u64),
    /// PostgreSQL: which transactions a reader sees, as the lowest that is not over, the lowest that has not
    /// begun, and those between that are not over.
    Seen(String),
}

/// The state that a server shows to a statement that begins now.
pub(super) fn of_server(connection: &mut AnyConnection) -> Result<Stamp, DbError> {
    let query = Kept(sql::<Text>("SELECT pg_current_snapshot()::text"));
    let seen = match connection {
        AnyConnection::Postgres(c) => query.get_result(c),
        AnyConnection::Sqlite(c) => query.get_result(c),
    };
    seen.map(|seen| Stamp(State::Seen(seen))).during(OPERATION)
}

const OPERATION: &str = "asking for the database's state";

/// Numbers the states of a SQLite file. SQLite tells a connection how often others committed; so there is one
/// on which nothing else is done. Asking takes a few microseconds under a lock that SQLite itself would take
/// among the connections of a process.
pub(super) struct Watch {
    url: DatabaseUrl,
    glass: Mutex<Glass>,
}

/// The connection that only looks.
#[derive(Default)]
struct Glass {
    connection: Option<AnyConnection>,
    commits: Option<i64>,
    /// Raised whenever the count is another, and with every new connection, which counts anew.
    state: u64,
}

impl Watch {
    pub fn new(url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), glass: Mutex::default() }
    }

    /// The state at this moment. Waits for no writer.
    pub fn stamp(&self) -> Result<Stamp, DbError> {
        // Whole whenever it is let go: one that failed has no connection, and the next makes another.
        let mut glass = self.glass.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection = match glass.connection.take() {
            Some(connection) => connection,
            None => {
                glass.commits = None;
                connect(&self.url)?
            }
        };
        let commits = commits(&mut connection)?;
        glass.connection = Some(connection);
        if glass.commits.replace(commits) != Some(commits) {
            glass.state += 1;
        }
        Ok(Stamp(State::Numbered(glass.state)))
    }
}

fn commits(connection: &mut AnyConnection) -> Result<i64, DbError> {
    let query = Kept(sql::<BigInt>("PRAGMA data_version"));
    match connection {
        AnyConnection::Sqlite(c) => query.get_result(c),
        AnyConnection::Postgres(c) => query.get_result(c),
    }
    .during(OPERATION)
}
