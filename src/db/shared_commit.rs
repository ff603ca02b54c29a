//! Writers of a SQLite file that come together share a commit. Each works in a savepoint of one
//! transaction and hands it on to the next in line; the last commits for all, and nobody is told that
//! a write was kept before it is on the disk. One by one, each would wait for the disk alone.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use r2d2::PooledConnection;

use super::connection::AnyConnection;
use super::error::DbError;
use super::pool::Manager;
use super::write;
use super::write_queue::{Turn, WriteQueue};

/// How many writes share a commit at the most.
const MEMBERS: usize = 32;
/// How long the first may wait for those that joined it.
const PATIENCE: Duration = Duration::from_millis(10);

type Held = PooledConnection<Manager>;

/// A transaction on its way through the line of writers.
pub(super) struct Batch {
    connection: Held,
    begun: Instant,
    members: usize,
    outcome: Arc<Outcome>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch of {}", self.members)
    }
}

/// Whether a transaction was kept; one failure is everybody's.
type Kept = Result<(), Arc<DbError>>;

/// What became of a transaction, for all who wrote in it.
#[derive(Debug, Default)]
struct Outcome {
    said: Mutex<Option<Kept>>,
    heard: Condvar,
}

impl Outcome {
    fn say(&self, result: Kept) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.heard.notify_all();
    }

    /// Who took the transaction over always says something: it is said before its turn ends.
    fn wait(&self) -> Kept {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = said.clone() {
                return result;
            }
            said = self.heard.wait(said).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Runs `f` as one write of its own, in a transaction that others who wait may share.
pub(super) fn write<T, E: From<DbError>>(
    queue: &WriteQueue,
    mut turn: Turn<'_>,
    connect: impl FnOnce() -> Result<Held, DbError>,
    f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let mut batch = match turn.taken_over() {
        Some(batch) => batch,
        None => begin(connect()?)?,
    };
    // A panic has to wait until the others' work is safe. The first has the transaction to itself so
    // far, and needs no savepoint to fail alone.
    let own = catch_unwind(AssertUnwindSafe(|| match batch.members {
        0 => f(&mut batch.connection),
        _ => write::write_on(&mut batch.connection, f),
    }));
    let kept = matches!(own, Ok(Ok(_)));
    if !kept && batch.members == 0 {
        write::undo(&mut batch.connection);
        drop(batch);
        return settle(own, kept, Settled::Now(Ok(())));
    }
    batch.members += 1;
    // After a failure the transaction may be gone (SQLite undoes it all where the disk is full), and
    // nobody may write on as if it were there: the commit will tell.
    let shared = if kept && batch.members < MEMBERS && batch.begun.elapsed() < PATIENCE {
        let outcome = Arc::clone(&batch.outcome);
        match queue.hand_on(turn, batch) {
            None => Settled::Later(outcome),
            Some((turn, batch)) => end(turn, batch),
        }
    } else {
        end(turn, batch)
    };
    settle(own, kept, shared)
}

enum Settled {
    Now(Kept),
    Later(Arc<Outcome>),
}

fn settle<T, E: From<DbError>>(
    own: Result<Result<T, E>, Box<dyn Any + Send>>,
    kept: bool,
    shared: Settled,
) -> Result<T, E> {
    // Who keeps nothing need not wait for the disk.
    let committed = match shared {
        Settled::Now(result) => result,
        Settled::Later(outcome) if kept => outcome.wait(),
        Settled::Later(_) => Ok(()),
    };
    match own {
        Err(panic) => resume_unwind(panic),
        Ok(Err(error)) => Err(error),
        Ok(Ok(value)) => match committed {
            Ok(()) => Ok(value),
            Err(error) => Err(error.for_others().into()),
        },
    }
}

fn begin(mut connection: Held) -> Result<Batch, DbError> {
    write::begin_write(&mut connection)?;
    Ok(Batch { connection, begun: Instant::now(), members: 0, outcome: Arc::default() })
}

/// Commits, and tells all who wrote in it, before the next in line begins.
fn end(turn: Turn<'_>, mut batch: Batch) -> Settled {
    let result = write::end_write(&mut batch.connection).map_err(Arc::new);
    drop(batch.connection);
    batch.outcome.say(result.clone());
    drop(turn);
    Settled::Now(result)
}

/// Commits the transaction that came with a turn, for those who wait for it.
pub(super) fn end_before(turn: &mut Turn<'_>) {
    if let Some(mut batch) = turn.taken_over() {
        let result = write::end_write(&mut batch.connection).map_err(Arc::new);
        batch.outcome.say(result);
    }
}
