//! One connection, of either kind, made ready for use.

use std::sync::Once;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::error::{DbError, During};
use super::url::{Backend, DatabaseUrl};

/// How long a statement waits for another's lock before it is refused as busy.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);
/// How many pages SQLite's log holds before they are moved home: 40 MiB of them.
pub(super) const LOG_PAGES: u32 = 10_000;

/// A connection to either database. `match` on it where the two differ.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl AnyConnection {
    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

/// Opens a connection of the kind the URL's scheme says. `establish` of the enum is never used: it
/// tries one kind after the other, and SQLite opens a file of any name.
pub(super) fn connect(url: &DatabaseUrl) -> Result<AnyConnection, DbError> {
    let unavailable = |detail: String| DbError::Unavailable {
        database: url.to_string(),
        detail: url.redact(detail.trim()),
    };
    let made = match url.backend() {
        Backend::Sqlite => {
            set_up_sqlite();
            SqliteConnection::establish(url.target()).map(AnyConnection::Sqlite)
        }
        Backend::Postgres => {
            PgConnection::establish(&with_time_out(url.target())).map(AnyConnection::Postgres)
        }
    };
    let mut connection = made.map_err(|e| unavailable(e.to_string()))?;
    match prepare(&mut connection) {
        Ok(()) => Ok(connection),
        Err(error) => Err(match DbError::of("preparing a connection", error) {
            DbError::Other { source, .. } => unavailable(source.to_string()),
            known => known,
        }),
    }
}

/// Tells SQLite, before the first connection is opened, that no connection is used by two threads at
/// once: it would otherwise take a mutex for every value it reads, an eighth of a long report's time. Nor
/// is it to count its memory, which takes one for every piece it asks for.
fn set_up_sqlite() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the first option takes no argument, the second one `int`. A `SqliteConnection` is
        // `Send` and not `Sync`, so that the compiler itself keeps two threads from using one. Where
        // SQLite is in use already the calls are refused and change nothing.
        #[allow(unsafe_code)]
        unsafe {
            libsqlite3_sys::sqlite3_config(libsqlite3_sys::SQLITE_CONFIG_MULTITHREAD);
            let counted: std::ffi::c_int = 0;
            libsqlite3_sys::sqlite3_config(libsqlite3_sys::SQLITE_CONFIG_MEMSTATUS, counted);
        }
    });
}

/// Without a time-out of its own, libpq waits for a silent host for minutes.
pub(super) fn with_time_out(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}connect_timeout=5")
}

/// The settings every connection works under. `busy_timeout` comes first, so that the others wait
/// too; `synchronous=FULL` because NORMAL loses acknowledged writes with the power. Moving the log's
/// pages home at each 40 MiB, not 4, writes a page once that many commits have changed, and a day's clock
/// job does not wait for it between its commits.
fn prepare(connection: &mut AnyConnection) -> QueryResult<()> {
    let wait = LOCK_WAIT.as_millis();
    match connection {
        AnyConnection::Sqlite(c) => c.batch_execute(&format!(
            "PRAGMA busy_timeout = {wait}; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; \
             PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; \
             PRAGMA wal_autocheckpoint = {LOG_PAGES};"
        )),
        AnyConnection::Postgres(c) => c.batch_execute(&format!(
            "SET TIME ZONE 'UTC'; SET lock_timeout = {wait}; SET standard_conforming_strings = on;"
        )),
    }
}

/// Makes the folder of a SQLite file, if need be.
pub(super) fn make_folder(url: &DatabaseUrl) -> Result<(), DbError> {
    let Some(folder) = url.path().and_then(|p| p.parent()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| DbError::Unavailable {
        database: url.to_string(),
        detail: format!("its folder {} cannot be made: {error}", folder.display()),
    })
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Turns a SQLite file to write-ahead logging, once and for all its connections. The switch does
/// not wait for another opener by itself.
pub(super) fn enable_wal(connection: &mut AnyConnection) -> Result<(), DbError> {
    const OPERATION: &str = "turning on write-ahead logging";
    let AnyConnection::Sqlite(connection) = connection else { return Ok(()) };
    let mut pragma = |sql: &str| {
        diesel::sql_query(sql)
            .get_result::<JournalMode>(connection)
            .during(OPERATION)
            .map(|row| row.journal_mode)
    };
    if pragma("PRAGMA journal_mode")? == "wal" {
        return Ok(());
    }
    let began = Instant::now();
    loop {
        match pragma("PRAGMA journal_mode = WAL") {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let detail = format!("the file system allows only journal mode {mode}");
                return Err(DbError::Unavailable { database: "file".to_owned(), detail });
            }
            Err(error) if error.is_busy() && began.elapsed() < LOCK_WAIT => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
        }
    }
}
