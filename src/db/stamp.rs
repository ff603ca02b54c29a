//! The state of a database as a value: two stamps are equal only if nobody, of any process, committed
//! anything in between. What was read under one may be given again under an equal one.

use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// How many may ask at once without waiting for each other.
const GLASSES: usize = 16;

/// Numbers the states of a SQLite file. SQLite tells a connection how often others committed, counted for
/// each connection anew; so there are connections on which nothing else is done, a glass each, and a
/// first among them whose changes are numbered.
pub(super) struct Watch {
    url: DatabaseUrl,
    first: Mutex<Glass>,
    others: [Mutex<Glass>; GLASSES],
}

/// One connection that only looks.
#[derive(Default)]
struct Glass {
    connection: Option<AnyConnection>,
    commits: Option<i64>,
    /// The state's number since the count was last another.
    state: u64,
}

impl Watch {
    pub fn new(url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), first: Mutex::default(), others: Default::default() }
    }

    /// The state at this moment. Takes a few microseconds and waits for no writer.
    pub fn stamp(&self) -> Result<Stamp, DbError> {
        let mut glass = held(&self.others[place() % GLASSES]);
        if glass.has_changed(&self.url)? {
            // A commit between the two looks shows in this glass the next time, and the first is asked again.
            glass.state = self.number().inspect_err(|_| glass.commits = None)?;
        }
        Ok(Stamp(State::Numbered(glass.state)))
    }

    fn number(&self) -> Result<u64, DbError> {
        let mut first = held(&self.first);
        if first.has_changed(&self.url)? {
            first.state += 1;
        }
        Ok(first.state)
    }
}

impl Glass {
    /// Whether anything was committed since it was asked last; on a new connection nobody knows.
    fn has_changed(&mut self, url: &DatabaseUrl) -> Result<bool, DbError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.commits = None;
                connect(url)?
            }
        };
        let commits = commits(&mut connection)?;
        self.connection = Some(connection);
        Ok(self.commits.replace(commits) != Some(commits))
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

/// A number of the thread's own.
fn place() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    PLACE.with(|place| *place)
}

/// A glass is whole whenever it is let go: a state is only taken back, never half given.
fn held(glass: &Mutex<Glass>) -> MutexGuard<'_, Glass> {
    glass.lock().unwrap_or_else(PoisonError::into_inner)
}
