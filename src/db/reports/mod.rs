//! Rows for reports, streamed one by one and lent to the caller: a million of them are read as fast
//! as the database gives them, in the memory of a few.

mod packed;
mod postgres;
mod query;
mod sqlite;

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};

use chrono::{DateTime, NaiveDate, Utc};

use self::packed::Packed;
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

/// Rows handed over at once, and hands that may wait: a megabyte or two in all.
const BATCH: usize = 256;
const WAITING: usize = 4;

/// Calls `each` for every unit owed on a window that ended before `as_of`, in the order of the RMAs.
/// The database is read by a thread of its own, ahead of `each`.
pub fn non_returns<E: From<DbError>>(
    connection: &mut AnyConnection,
    as_of: NaiveDate,
    known: Known,
    mut each: impl FnMut(Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        let reader = std::thread::Builder::new().spawn_scoped(scope, move || {
            let mut hand = Hand { sender, batch: Vec::with_capacity(BATCH) };
            match connection {
                AnyConnection::Sqlite(c) => sqlite::non_returns(c, as_of, known, &mut hand),
                AnyConnection::Postgres(c) => postgres::non_returns(c, as_of, known, &mut hand),
            }?;
            // Nobody listens any more: whoever stopped listening knows why.
            let _ = hand.over();
            Ok(())
        });
        let reader = reader.map_err(|error| DbError::Unavailable {
            database: OPERATION.to_owned(),
            detail: format!("no thread can be started: {error}"),
        })?;
        let mut give = || -> Result<(), E> {
            for batch in &receiver {
                for packed in &batch {
                    each(packed.row()?)?;
                }
            }
            Ok(())
        };
        let given = give();
        // Without it the reader would wait for us, and we for it.
        drop(receiver);
        let read: Result<(), DbError> = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        given?;
        Ok(read?)
    })
}

/// Collects rows and hands them over, many at a time.
struct Hand {
    sender: SyncSender<Vec<Packed>>,
    batch: Vec<Packed>,
}

impl Hand {
    /// `Break`: nobody takes them any more.
    fn push(&mut self, packed: Packed) -> ControlFlow<()> {
        self.batch.push(packed);
        if self.batch.len() < BATCH { ControlFlow::Continue(()) } else { self.over() }
    }

    fn over(&mut self) -> ControlFlow<()> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        match self.sender.send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
