//! Writers of a SQLite file that come together share a commit: the first carries out what the others wait to
//! write, each in a savepoint of his transaction, and commits for all. Nobody is told that a write was kept
//! before it is on the disk. One by one, each would wait for the disk alone.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use diesel::r2d2::R2D2Connection;

use super::connection::{AnyConnection, LOCK_WAIT, connect};
use super::error::DbError;
use super::url::DatabaseUrl;
use super::write;
use super::write_queue::{Taken, Turn, Waited, WriteQueue};

/// How many writes share a commit at the most.
const MEMBERS: usize = 32;
/// How long the first may wait for those that joined it.
const PATIENCE: Duration = Duration::from_millis(10);

/// How long the first waits for those who shared the last commit, and were told a moment ago: they may be on
/// their way back with the next, and a commit takes longer than this.
const LINGER: Duration = Duration::from_micros(80);

/// Whether a transaction was kept; one failure is everybody's.
type Kept = Result<(), Arc<DbError>>;

/// What a closure came to, or its panic.
type Own<T, E> = thread::Result<Result<T, E>>;

/// The writers of one database.
pub(super) struct Writers {
    url: DatabaseUrl,
    queue: WriteQueue<AnyConnection, Kept>,
    /// The connection all writes go through: its pages are as the last write left them, where another's
    /// would be read again. Taken by the one whose turn it is.
    connection: Mutex<Option<AnyConnection>>,
    /// How many shared the last commit.
    shared: AtomicUsize,
}

impl Writers {
    pub fn new(url: &DatabaseUrl) -> Self {
        Self {
            url: url.clone(),
            queue: WriteQueue::default(),
            connection: Mutex::new(None),
            shared: AtomicUsize::new(1),
        }
    }

    /// Runs `f` as one write of its own, in a transaction that others who wait may share. It may run on the
    /// thread of another writer.
    pub fn write<T: Send, E: From<DbError> + Send>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        if let Some(turn) = self.queue.enter() {
            return self.lead(turn, f);
        }
        let (mut f, mut own) = (Some(f), None);
        let span = tracing::Span::current();
        let mut work = |connection: &mut AnyConnection| {
            let done = f.take().map(|f| {
                // The closure's own state is not looked at again after a panic: it only travels on.
                let go = || span.in_scope(|| write::write_on(connection, f));
                catch_unwind(AssertUnwindSafe(go))
            });
            let is_kept = matches!(done, Some(Ok(Ok(_))));
            own = done;
            is_kept
        };
        let waited = self.queue.lend(&mut work, LOCK_WAIT);
        match (waited, own, f) {
            (Waited::Turn(turn), _, Some(f)) => self.lead(turn, f),
            (Waited::Done(kept), Some(own), _) => settle(own, kept),
            // Whether it was is not known: to try again is for people to decide.
            (Waited::Lost, ..) => {
                let detail = "the write that carried it out failed".to_owned();
                Err(DbError::NotKept { detail }.into())
            }
            _ => Err(too_long().into()),
        }
    }

    /// Runs `f` in a transaction that nobody shares.
    pub fn write_alone<T, E: From<DbError>>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let _turn = self.queue.wait_alone(LOCK_WAIT).ok_or_else(too_long)?;
        let mut connection = self.take()?;
        let done = catch_unwind(AssertUnwindSafe(|| write::write_on(&mut connection, f)));
        self.put_back(connection);
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Does one's own work, then that of those who wait, and commits.
    fn lead<T, E: From<DbError>>(
        &self,
        turn: Turn<'_, AnyConnection, Kept>,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.take()?;
        if let Err(error) = write::begin_write(&mut connection) {
            self.put_back(connection);
            return Err(error.into());
        }
        let began = Instant::now();
        // A panic has to wait until the others' work is safe. The first has the transaction to itself so
        // far, and needs no savepoint to fail alone.
        let own = catch_unwind(AssertUnwindSafe(|| f(&mut connection)));
        if !matches!(own, Ok(Ok(_))) {
            write::undo(&mut connection);
            self.put_back(connection);
            return settle(own, Ok(()));
        }
        let last = self.shared.load(Ordering::Relaxed);
        let others = carry_out(&turn, &mut connection, (began, last));
        self.shared.store(1 + others.len(), Ordering::Relaxed);
        let kept = write::end_write(&mut connection).map_err(Arc::new);
        self.put_back(connection);
        // Who is next begins while the others are told.
        drop(turn);
        others.into_iter().for_each(|other| other.tell(kept.clone()));
        settle(own, kept)
    }

    fn take(&self) -> Result<AnyConnection, DbError> {
        let kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.map_or_else(|| connect(&self.url), Ok)
    }

    /// One whose transaction could not be ended is let go.
    fn put_back(&self, mut connection: AnyConnection) {
        if !connection.is_broken() {
            *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        }
    }
}

/// Does the work of those who wait, and gives those who wait for the commit now. `last` is how many shared
/// the last one.
fn carry_out(
    turn: &Turn<'_, AnyConnection, Kept>,
    connection: &mut AnyConnection,
    (began, last): (Instant, usize),
) -> Vec<Taken<AnyConnection, Kept>> {
    let mut others = Vec::new();
    let mut idle_since = None;
    while others.len() + 1 < MEMBERS && began.elapsed() < PATIENCE {
        let Some(mut other) = turn.next() else {
            let idle = idle_since.get_or_insert_with(Instant::now).elapsed();
            if others.len() + 1 >= last || idle >= LINGER {
                break;
            }
            thread::yield_now();
            continue;
        };
        idle_since = None;
        if !other.carry_out(connection) {
            // Who keeps nothing need not wait for the disk. After a failure the transaction may be gone
            // (SQLite undoes it all where the disk is full), and nobody may write on as if it were there:
            // the commit will tell.
            other.tell(Ok(()));
            break;
        }
        others.push(other);
    }
    others
}

fn settle<T, E: From<DbError>>(own: Own<T, E>, kept: Kept) -> Result<T, E> {
    match own {
        Err(panic) => resume_unwind(panic),
        Ok(Err(error)) => Err(error),
        Ok(Ok(value)) => match kept {
            Ok(()) => Ok(value),
            Err(error) => Err(error.for_others().into()),
        },
    }
}

fn too_long() -> DbError {
    let seconds = LOCK_WAIT.as_secs();
    let detail = format!("the writes before it took longer than {seconds} s");
    DbError::Busy { operation: "waiting to write", detail }
}
