//! Asking a database server for its state: one question at a time, which answers everybody who came
//! before it was asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::rt::task::spawn_blocking;
use tokio::sync::oneshot::{Sender, channel};

use crate::db::{Database, Stamp};

/// Who waits for the next answer.
#[derive(Default)]
pub struct Stamps {
    asking: Mutex<Asking>,
}

#[derive(Default)]
struct Asking {
    waiting: Vec<Sender<Option<Stamp>>>,
    /// A thread asks until nobody waits.
    is_at_it: bool,
}

impl Stamps {
    /// A state of the database that was seen after this was called; none where it is not told.
    pub async fn now(self: &Arc<Self>, db: &Database) -> Option<Stamp> {
        let (tell, told) = channel();
        if self.stand_in_line(tell) {
            let (stamps, db) = (Arc::clone(self), db.clone());
            spawn_blocking(move || stamps.ask(&db));
        }
        told.await.ok().flatten()
    }

    /// Whether somebody has to begin to ask.
    fn stand_in_line(&self, tell: Sender<Option<Stamp>>) -> bool {
        let mut asking = self.asking();
        asking.waiting.push(tell);
        !std::mem::replace(&mut asking.is_at_it, true)
    }

    fn ask(&self, db: &Database) {
        loop {
            // Whoever is about to ask gets the processor first, and its answer from the same question.
            std::thread::yield_now();
            let Some(waiting) = self.next() else { return };
            let seen = catch_unwind(AssertUnwindSafe(|| db.stamp()));
            let stamp = match seen {
                Ok(Ok(stamp)) => Some(stamp),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the database does not tell its state");
                    None
                }
                Err(_) => None,
            };
            for tell in waiting {
                // Whoever went away need not be told.
                let _ = tell.send(stamp.clone());
            }
        }
    }

    /// Those who wait; with none the asking ends.
    fn next(&self) -> Option<Vec<Sender<Option<Stamp>>>> {
        let mut asking = self.asking();
        asking.is_at_it = !asking.waiting.is_empty();
        asking.is_at_it.then(|| std::mem::take(&mut asking.waiting))
    }

    /// Nothing panics while it is held, and every state of it is whole.
    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
