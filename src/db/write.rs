//! One way to change data, and one to read a consistent state.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{Error as DieselError, QueryResult};

use super::connection::AnyConnection;
use super::error::{DbError, During};

/// Runs `f` in one write on a connection already held; inside another write it is a savepoint, so
/// that many use cases can share one write and each can still fail alone.
///
/// SQLite takes the write lock at the start (`BEGIN IMMEDIATE`): a plain `BEGIN` that reads first
/// and writes later fails at once when another writes in between.
///
/// # Errors
/// `f`'s own, or a [`DbError`] of beginning or committing; nothing is kept then, nor on a panic.
pub fn write_on<T, E: From<DbError>>(
    connection: &mut AnyConnection,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    within(connection, &WRITE, f)
}

/// Runs `f` on one unchanging state of the database, on a connection already held.
///
/// # Errors
/// As [`write_on`].
pub fn read_on<T, E: From<DbError>>(
    connection: &mut AnyConnection,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    within(connection, &READ, f)
}

/// How a transaction begins, and whether its end must be sure to keep what was done.
struct Kind {
    on_sqlite: &'static str,
    on_postgres: &'static str,
    keeps: bool,
}

const WRITE: Kind = Kind { on_sqlite: "BEGIN IMMEDIATE", on_postgres: "BEGIN", keeps: true };

const READ: Kind = Kind {
    on_sqlite: "BEGIN",
    on_postgres: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    keeps: false,
};

fn within<T, E: From<DbError>>(
    connection: &mut AnyConnection,
    kind: &Kind,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let outermost = begin(connection, kind).during("beginning a transaction")?;
    // The closure's own state is not looked at again after a panic: it only travels on.
    match catch_unwind(AssertUnwindSafe(|| f(&mut *connection))) {
        Ok(Ok(value)) => {
            if let Err(error) = commit(connection, outermost && kind.keeps) {
                return Err(DbError::of("committing a transaction", error).into());
            }
            Ok(value)
        }
        Ok(Err(error)) => {
            roll_back(connection);
            Err(error)
        }
        Err(panic) => {
            roll_back(connection);
            resume_unwind(panic)
        }
    }
}

/// Begins a transaction in which several writes follow each other, each in its savepoint.
pub(super) fn begin_write(connection: &mut AnyConnection) -> Result<(), DbError> {
    begin(connection, &WRITE).during("beginning a transaction").map(drop)
}

/// Commits what [`begin_write`] began.
pub(super) fn end_write(connection: &mut AnyConnection) -> Result<(), DbError> {
    commit(connection, true).during("committing a transaction")
}

/// Undoes all of what [`begin_write`] began.
pub(super) fn undo(connection: &mut AnyConnection) {
    roll_back(connection);
}

/// Begins; says whether it is the outermost transaction rather than a savepoint.
fn begin(connection: &mut AnyConnection, kind: &Kind) -> QueryResult<bool> {
    let begun = match connection {
        AnyConnection::Sqlite(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, kind.on_sqlite)
        }
        AnyConnection::Postgres(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, kind.on_postgres)
        }
    };
    match begun {
        Ok(()) => Ok(true),
        Err(DieselError::AlreadyInTransaction) => match connection {
            AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction(c),
            AnyConnection::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
        }
        .map(|()| false),
        Err(error) => Err(error),
    }
}

fn commit(connection: &mut AnyConnection, keeps: bool) -> QueryResult<()> {
    let committed = match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::commit_transaction(c),
        // PostgreSQL answers COMMIT of a transaction that failed before with a silent rollback. A
        // closure that swallowed an error must not be told that its work was kept: the SELECT fails
        // then, and what follows it is not executed. diesel sees the end of the transaction itself.
        AnyConnection::Postgres(c) if keeps => c.batch_execute("SELECT 1; COMMIT"),
        AnyConnection::Postgres(c) => AnsiTransactionManager::commit_transaction(c),
    };
    // Still open after a failure: a savepoint, or a transaction found dead before its COMMIT.
    if committed.is_err() && is_open(connection) {
        roll_back(connection);
    }
    committed
}

fn is_open(connection: &mut AnyConnection) -> bool {
    use diesel::r2d2::R2D2Connection;
    connection.is_broken()
}

/// Rolls back. A failure is only logged: the error that led here says more, and the pool drops a
/// connection whose transaction could not be ended.
fn roll_back(connection: &mut AnyConnection) {
    let rolled_back = match connection {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
        AnyConnection::Postgres(c) => AnsiTransactionManager::rollback_transaction(c),
    };
    if let Err(error) = rolled_back {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}
