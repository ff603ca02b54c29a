//! The pool of connections, and opening a database.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::r2d2::R2D2Connection;
use r2d2::{HandleError, ManageConnection, Pool, PooledConnection};

use super::connection::{AnyConnection, connect, enable_wal, make_folder};
use super::error::DbError;
use super::log_space;
use super::migrate;
use super::shared_commit::Writers;
use super::stamp::{Stamp, Watch};
use super::url::{Backend, DatabaseUrl};
use super::write;

/// How many connections, and how long to wait for one.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    pub size: u32,
    pub checkout_timeout: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { size: 10, checkout_timeout: Duration::from_secs(5) }
    }
}

/// How a database stands to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// Its schema is this program's.
    Current,
    /// It was written by an older program; opening it brings it up to date.
    Older,
    /// There is nothing yet; opening it makes it.
    Absent,
}

/// A database with its schema up to date. Cheap to clone; clones share the connections.
///
/// [`write`](Self::write) and [`read`](Self::read) take a connection each: calling one inside the
/// other on the same thread asks for a second connection and, on SQLite, waits for itself. Inside
/// a closure use [`write_on`](super::write_on) instead.
#[derive(Clone)]
pub struct Database {
    url: DatabaseUrl,
    pool: Pool<Manager>,
    /// On SQLite, where one writes at a time.
    writers: Option<Arc<Writers>>,
    /// On SQLite, where a connection of its own tells what others commit.
    watch: Option<Arc<Watch>>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.url)
    }
}

impl Database {
    /// Opens the database, making it if it is a new SQLite file, and brings its schema up to date.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached or made, `Newer` when a newer program wrote it.
    pub fn open(url: &DatabaseUrl) -> Result<Self, DbError> {
        Self::open_with(url, PoolOptions::default())
    }

    /// As [`open`](Self::open), with another size of pool.
    pub fn open_with(url: &DatabaseUrl, options: PoolOptions) -> Result<Self, DbError> {
        make_folder(url)?;
        // A first connection outside the pool: its error is exact and comes at once.
        let mut first = connect(url)?;
        enable_wal(&mut first)?;
        migrate::up(&mut first, url)?;
        let manager = Manager { url: url.clone() };
        // None are kept in advance: a command that needs one connection makes one.
        let pool = Pool::builder()
            .max_size(options.size)
            .min_idle(Some(0))
            .connection_timeout(options.checkout_timeout)
            .error_handler(Box::new(LogConnectFailure))
            .build_unchecked(manager);
        let on_sqlite = url.backend() == Backend::Sqlite;
        let writers = on_sqlite.then(|| Arc::new(Writers::new(url)));
        let watch = on_sqlite.then(|| Arc::new(Watch::new(url)));
        Ok(Self { url: url.clone(), pool, writers, watch })
    }

    /// Looks at a database without changing it, and without making one.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn look(url: &DatabaseUrl) -> Result<SchemaState, DbError> {
        if url.path().is_some_and(|path| !path.exists()) {
            return Ok(SchemaState::Absent);
        }
        let mut connection = connect(url)?;
        if migrate::is_current(&mut connection, url)? {
            return Ok(SchemaState::Current);
        }
        let none = migrate::applied(&mut connection)?.is_empty();
        Ok(if none { SchemaState::Absent } else { SchemaState::Older })
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    pub fn backend(&self) -> Backend {
        self.url.backend()
    }

    /// Runs `f` in one write: all of it is kept, or, on `Err` or panic, nothing. On SQLite another who writes
    /// may run it on his thread.
    ///
    /// # Errors
    /// `f`'s own, or a [`DbError`]; one that [`is_busy`](DbError::is_busy) may be tried again by the
    /// caller, who knows whether `f` may run twice.
    pub fn write<T: Send, E: From<DbError> + Send>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        match &self.writers {
            Some(writers) => writers.write(f),
            None => write::write_on(&mut self.connection()?.connection, f),
        }
    }

    /// As [`write`](Self::write), for what may take long: no other write waits for its commit.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_alone<T, E: From<DbError>>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.writers {
            Some(writers) => writers.write_alone(f),
            None => write::write_on(&mut self.connection()?.connection, f),
        }
    }

    /// Runs `f` on one unchanging state of the database. It may not write.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn read<T, E: From<DbError>>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        write::read_on(&mut self.connection()?.connection, f)
    }

    /// Runs `f` on a connection without a transaction: every statement sees a state of its own. Whoever asks
    /// for more than one and wants one state begins a transaction within. It only reads, though nothing holds it
    /// to that.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn glance<T, E: From<DbError>>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        f(&mut self.connection()?.connection)
    }

    /// As [`glance`](Self::glance) at once, if nothing can have to be waited for: on SQLite, whose readers wait
    /// for nobody, with a connection free. Otherwise gives `f` back.
    ///
    /// # Errors
    /// As [`read`](Self::read), within.
    pub fn glance_at_once<T, E: From<DbError>, F>(&self, f: F) -> Result<Result<T, E>, F>
    where
        F: FnOnce(&mut AnyConnection) -> Result<T, E>,
    {
        if self.backend() != Backend::Sqlite {
            return Err(f);
        }
        match self.pool.try_get() {
            Some(mut connection) => Ok(f(&mut connection)),
            None => Err(f),
        }
    }

    /// The state of the database at this moment, if asking cannot have to be waited for: on SQLite. A server
    /// is asked by a [`ServerWatch`](super::ServerWatch).
    pub fn stamp_at_once(&self) -> Option<Stamp> {
        match self.watch.as_ref()?.stamp() {
            Ok(stamp) => Some(stamp),
            Err(error) => {
                tracing::warn!(%error, "the database does not tell its state");
                None
            }
        }
    }

    /// Makes room for the log of a SQLite file that will be written for long: see `log_space`. It takes a
    /// second or more, and needs no more than to be tried: where it cannot be done, commits take longer.
    pub fn lay_out_log(&self) {
        let Some(path) = self.url.path() else { return };
        loop {
            let began = Instant::now();
            let step = self.write_alone(|_| log_space::lay_out(path).map_err(not_laid_out));
            match step {
                Ok(true) => std::thread::sleep(began.elapsed().max(LONGEST_POLL)),
                Ok(false) => return,
                Err(error) => return tracing::warn!(%error, "no room was made for the log"),
            }
        }
    }

    /// Whether the database answers and its schema is the one this program knows.
    ///
    /// # Errors
    /// As [`read`](Self::read), or `Newer`.
    pub fn schema_is_current(&self) -> Result<bool, DbError> {
        self.read(|connection| migrate::is_current(connection, &self.url))
    }

    fn connection(&self) -> Result<PooledConnection<Manager>, DbError> {
        self.pool.get().map_err(|error| DbError::PoolTimeout {
            database: self.url.to_string(),
            seconds: self.pool.connection_timeout().as_secs(),
            detail: self.url.redact(&error.to_string()),
        })
    }
}

/// How long SQLite sleeps at the most before it asks for a lock again: other processes that wait for it would
/// never find it free if it were taken again at once.
const LONGEST_POLL: Duration = Duration::from_millis(100);

fn not_laid_out(error: std::io::Error) -> DbError {
    const OPERATION: &str = "making room for the log";
    match error.kind() {
        std::io::ErrorKind::StorageFull => {
            DbError::Full { operation: OPERATION, detail: error.to_string() }
        }
        _ => DbError::Unavailable { database: OPERATION.to_owned(), detail: error.to_string() },
    }
}

/// Makes and checks the pool's connections.
pub(super) struct Manager {
    url: DatabaseUrl,
}

/// A connection of the pool.
pub(super) struct Pooled {
    connection: AnyConnection,
    checked_at: Instant,
}

impl Deref for Pooled {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

/// How long a server that answered is believed to be there still.
const FRESH: Duration = Duration::from_millis(500);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = DbError;

    fn connect(&self) -> Result<Pooled, DbError> {
        Ok(Pooled { connection: connect(&self.url)?, checked_at: Instant::now() })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), DbError> {
        match &mut pooled.connection {
            // A file does not hang up.
            AnyConnection::Sqlite(_) => Ok(()),
            // Asking before every use would be a tenth of a command.
            AnyConnection::Postgres(_) if pooled.checked_at.elapsed() < FRESH => Ok(()),
            AnyConnection::Postgres(c) => {
                c.ping().map_err(DbError::from)?;
                pooled.checked_at = Instant::now();
                Ok(())
            }
        }
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || pooled.connection.is_broken()
    }
}

#[derive(Debug)]
struct LogConnectFailure;

impl HandleError<DbError> for LogConnectFailure {
    fn handle_error(&self, error: DbError) {
        tracing::warn!(%error, "a database connection could not be made");
    }
}
