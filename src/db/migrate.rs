//! The schema's versions, embedded in the program.

use diesel::backend::Backend as DieselBackend;
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::url::DatabaseUrl;
use super::write::write_on;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Two programs that start at once bring the schema up to date one after the other under this key.
const LOCK: &str = "SELECT set_config('lock_timeout', '60s', true), \
                    pg_advisory_xact_lock(hashtext('homeward migrations'))";

/// Which way to take the whole schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    /// Drops every table with its rows; for tests of the migrations themselves.
    Down,
}

/// Brings the schema up to date, under a lock. When nothing is pending it only reads.
///
/// # Errors
/// `Newer` when the database holds a version this program does not know.
pub(super) fn up(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<(), DbError> {
    if pending(connection, url)? {
        migrate_all(connection, url, Direction::Up)?;
    }
    Ok(())
}

/// Applies every pending version, or reverts every applied one, in one transaction.
///
/// # Errors
/// `Newer`, or `Migration` with the statement's failure; the schema is as before then.
pub fn migrate_all(
    connection: &mut AnyConnection,
    url: &DatabaseUrl,
    direction: Direction,
) -> Result<(), DbError> {
    write_on(connection, |connection| {
        lock(connection)?;
        // Another program may have been first while this one waited.
        let pending = pending(connection, url)?;
        let done = match (&mut *connection, direction) {
            (_, Direction::Up) if !pending => return Ok(()),
            (AnyConnection::Sqlite(c), _) => run(c, SQLITE, direction),
            (AnyConnection::Postgres(c), _) => run(c, POSTGRES, direction),
        };
        done.map_err(|error| DbError::Migration {
            database: url.to_string(),
            detail: error.to_string(),
        })
    })
}

/// Waits for the key; it is given back when the write that is open ends. On SQLite that write itself is
/// the key.
pub(super) fn lock(connection: &mut AnyConnection) -> Result<(), DbError> {
    if let AnyConnection::Postgres(c) = connection {
        diesel::sql_query(LOCK).execute(c).during("waiting for the schema's lock")?;
    }
    Ok(())
}

/// Applies the pending versions up to and with `version`, in the write that is open.
pub(super) fn up_to(
    connection: &mut AnyConnection,
    url: &DatabaseUrl,
    version: &str,
) -> Result<(), DbError> {
    fn some<B, C>(
        connection: &mut C,
        migrations: EmbeddedMigrations,
        last: &str,
    ) -> diesel::migration::Result<()>
    where
        B: DieselBackend,
        C: MigrationConnection<Backend = B> + MigrationHarness<B>,
        EmbeddedMigrations: MigrationSource<B>,
    {
        for migration in connection.pending_migrations(migrations)? {
            if migration.name().version().to_string().as_str() <= last {
                connection.run_migration(&migration)?;
            }
        }
        Ok(())
    }
    let done = match connection {
        AnyConnection::Sqlite(c) => some(c, SQLITE, version),
        AnyConnection::Postgres(c) => some(c, POSTGRES, version),
    };
    done.map_err(|e| DbError::Migration { database: url.to_string(), detail: e.to_string() })
}

/// Refuses a version this program does not know.
pub(super) fn known(url: &DatabaseUrl, version: &str) -> Result<(), DbError> {
    let known = versions::<diesel::sqlite::Sqlite>(&SQLITE);
    let known = known
        .map_err(|e| DbError::Migration { database: url.to_string(), detail: e.to_string() })?;
    if known.iter().any(|known| known == version) {
        return Ok(());
    }
    Err(DbError::Newer {
        database: url.to_string(),
        versions: version.to_owned(),
        known: known.into_iter().max().unwrap_or_default(),
    })
}

fn run<B, C>(
    connection: &mut C,
    migrations: EmbeddedMigrations,
    direction: Direction,
) -> diesel::migration::Result<()>
where
    B: DieselBackend,
    C: MigrationConnection<Backend = B> + MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    match direction {
        Direction::Up => connection.run_pending_migrations(migrations).map(drop),
        Direction::Down => connection.revert_all_migrations(migrations).map(drop),
    }
}

/// Whether every version of this program is applied.
pub(super) fn is_current(
    connection: &mut AnyConnection,
    url: &DatabaseUrl,
) -> Result<bool, DbError> {
    pending(connection, url).map(|pending| !pending)
}

/// Whether a version of this program is not applied yet.
fn pending(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<bool, DbError> {
    let applied = applied(connection)?;
    let known = match connection {
        AnyConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE),
        AnyConnection::Postgres(_) => versions::<diesel::pg::Pg>(&POSTGRES),
    }
    .map_err(|e| DbError::Migration { database: url.to_string(), detail: e.to_string() })?;
    let unknown: Vec<_> = applied.iter().filter(|v| !known.contains(v)).cloned().collect();
    if unknown.is_empty() {
        return Ok(known.iter().any(|v| !applied.contains(v)));
    }
    Err(DbError::Newer {
        database: url.to_string(),
        versions: unknown.join(", "),
        known: known.into_iter().max().unwrap_or_default(),
    })
}

fn versions<B: DieselBackend>(source: &EmbeddedMigrations) -> diesel::migration::Result<Vec<String>>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    let migrations = MigrationSource::<B>::migrations(source)?;
    Ok(migrations.iter().map(|m| m.name().version().to_string()).collect())
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The versions applied, read without making the table that keeps them.
pub(super) fn applied(connection: &mut AnyConnection) -> Result<Vec<String>, DbError> {
    const OPERATION: &str = "reading the schema's version";
    let exists = match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '__diesel_schema_migrations') AS found"
        }
        AnyConnection::Postgres(_) => {
            "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS found"
        }
    };
    let exists: Exists = diesel::sql_query(exists).get_result(connection).during(OPERATION)?;
    if !exists.found {
        return Ok(Vec::new());
    }
    let rows: Vec<Version> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(connection)
        .during(OPERATION)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
