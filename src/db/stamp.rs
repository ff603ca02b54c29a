//! The state of a database as a value: two stamps are equal only if nobody, of any process, committed
//! anything in between. What was read under one may be given again under an equal one.

use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::connection::{AnyConnection, connect};
use super::error::{DbError, During};
use super::kept::Kept;
use super::url::DatabaseUrl;
use super::wal_index::{Header, WalIndex};

/// A state of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(State);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// SQLite: numbered by a [`Watch`].
    Numbered(u64),
    /// PostgreSQL: which transactions a reader sees, as the lowest that is not over, the lowest that has not
    /// begun, and those between that are not over.
    Seen(Arc<str>),
}

/// What a server is asked: which transactions a statement that begins now sees.
pub(super) const OF_SERVER: &CStr = c"SELECT pg_current_snapshot()::text";

impl Stamp {
    /// The state that a server told in answer to [`OF_SERVER`].
    pub(super) fn of_seen(seen: String) -> Self {
        Self(State::Seen(seen.into()))
    }
}

const OPERATION: &str = "asking for the database's state";

/// Numbers the states of a SQLite file by the header of its WAL index, read in place: that takes a tenth of
/// what asking SQLite takes. Where it cannot be read, SQLite tells a connection how often others committed.
/// Both want a connection on which nothing else is done.
pub(super) struct Watch {
    url: DatabaseUrl,
    glass: Mutex<Glass>,
}

/// The connection that only looks.
#[derive(Default)]
struct Glass {
    connection: Option<AnyConnection>,
    /// The index that the connection keeps in being.
    index: Option<WalIndex>,
    last: Option<Sign>,
    /// Raised whenever the sign is another, and with every new connection, which counts anew.
    state: u64,
}

/// What tells one state from the next.
#[derive(PartialEq, Eq)]
enum Sign {
    Header(Header),
    Commits(i64),
}

impl Glass {
    /// What tells the state at this moment; none while it changes.
    fn sign(&mut self, url: &DatabaseUrl) -> Result<Option<Sign>, DbError> {
        if let Some(index) = self.index {
            match index.header() {
                Ok(header) => return Ok(header.map(Sign::Header)),
                Err(error) => tracing::warn!(%error, "the WAL index cannot be read"),
            }
            self.index = None;
        }
        let is_new = self.connection.is_none();
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(url)?,
        };
        if is_new {
            self.last = None;
        }
        let commits = commits(&mut connection)?;
        self.connection = Some(connection);
        // The connection has read, and so holds the index open.
        if is_new {
            self.index = url.path().and_then(WalIndex::of);
        }
        Ok(Some(Sign::Commits(commits)))
    }
}

impl Watch {
    pub fn new(url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), glass: Mutex::default() }
    }

    /// The state at this moment. Waits for no writer.
    pub fn stamp(&self) -> Result<Stamp, DbError> {
        // Whole whenever it is let go: one that failed has no connection, and the next makes another.
        let mut glass = self.glass.lock().unwrap_or_else(PoisonError::into_inner);
        let sign = glass.sign(&self.url)?;
        if sign.is_none() || sign != glass.last {
            glass.state += 1;
            glass.last = sign;
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
