//! Writers of a SQLite file wait in line. SQLite's own waiting is polling with sleeps in between: who
//! sleeps when the lock is free does not get it, and under steady writing some never do in time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::shared_commit::Batch;

/// How long the next in line stays awake for its turn: about what a command takes. To be woken takes a
/// sleeper as long again.
const AWAKE: Duration = Duration::from_micros(150);

/// The line of one opened database; other processes are still kept apart by SQLite's lock.
#[derive(Debug, Default)]
pub(super) struct WriteQueue {
    line: Mutex<Line>,
    /// As in the line, for the one who waits awake.
    serving: AtomicU64,
}

#[derive(Debug, Default)]
struct Line {
    next_ticket: u64,
    serving: u64,
    /// Who sleeps, by ticket: only the one whose turn has come is woken.
    asleep: BTreeMap<u64, Thread>,
    /// Tickets of those who waited too long and left.
    left: BTreeSet<u64>,
    /// An open transaction, for the one whose turn it is.
    handed_on: Option<Batch>,
}

impl Line {
    /// The next whose turn it is, and whether somebody waits for it: he will take it, for he leaves
    /// only while the line is held.
    fn next(&self) -> (u64, bool) {
        let mut next = self.serving + 1;
        while self.left.contains(&next) {
            next += 1;
        }
        (next, next < self.next_ticket)
    }

    /// Wakes the one whose turn it is now, and the one after him, who is to be awake by then.
    fn serve(&mut self, next: u64) {
        self.serving = next;
        self.left = self.left.split_off(&next);
        for ticket in [next, next + 1] {
            if let Some(sleeper) = self.asleep.remove(&ticket) {
                sleeper.unpark();
            }
        }
    }
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'q>(&'q WriteQueue);

impl WriteQueue {
    /// Waits for all who came before; none when that took longer than `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Turn<'_>> {
        let began = Instant::now();
        let mut stayed_awake = false;
        let mut line = self.line();
        let ticket = line.next_ticket;
        line.next_ticket += 1;
        while line.serving != ticket {
            let Some(rest) = patience.checked_sub(began.elapsed()) else {
                line.asleep.remove(&ticket);
                line.left.insert(ticket);
                return None;
            };
            let is_next = ticket == line.serving + 1;
            if is_next && !stayed_awake {
                drop(line);
                self.stay_awake_for(ticket);
                stayed_awake = true;
            } else {
                line.asleep.insert(ticket, thread::current());
                drop(line);
                // Waking for no reason is harmless: the line is looked at again.
                thread::park_timeout(rest);
            }
            line = self.line();
        }
        Some(Turn(self))
    }

    /// Waits a moment without sleeping; whoever else has work for the processor goes first.
    fn stay_awake_for(&self, ticket: u64) {
        let began = Instant::now();
        while self.serving.load(Ordering::Relaxed) != ticket && began.elapsed() < AWAKE {
            thread::yield_now();
        }
    }

    fn serve(&self, line: &mut Line, next: u64) {
        line.serve(next);
        self.serving.store(next, Ordering::Relaxed);
    }

    /// Gives the turn to the next in line, and an open transaction with it; both come back where
    /// nobody waits.
    pub fn hand_on<'q>(&'q self, turn: Turn<'q>, batch: Batch) -> Option<(Turn<'q>, Batch)> {
        let mut line = self.line();
        let (next, waits) = line.next();
        if !waits {
            drop(line);
            return Some((turn, batch));
        }
        line.handed_on = Some(batch);
        // The turn goes to another: dropping it would end that one's.
        std::mem::forget(turn);
        self.serve(&mut line, next);
        None
    }

    /// Nothing panics while it is held, and every state of it is whole.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The transaction that came with the turn.
    pub fn taken_over(&mut self) -> Option<Batch> {
        self.0.line().handed_on.take()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut line = self.0.line();
        let (next, _) = line.next();
        self.0.serve(&mut line, next);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn who_gave_up_does_not_hold_up_the_line() {
        let queue = WriteQueue::default();
        let turn = queue.wait(LONG).expect("an empty line");
        assert!(queue.wait(Duration::ZERO).is_none());
        assert!(queue.wait(Duration::ZERO).is_none());
        drop(turn);
        drop(queue.wait(Duration::ZERO).expect("an empty line"));
        assert!(queue.wait(Duration::ZERO).is_some());
    }

    #[test]
    fn first_come_first_served() {
        let queue = WriteQueue::default();
        let (told, hears) = mpsc::channel();
        let mut turn = Some(queue.wait(LONG).expect("an empty line"));
        thread::scope(|scope| {
            for n in 1..=5_u64 {
                let (queue, told) = (&queue, told.clone());
                scope.spawn(move || {
                    let _turn = queue.wait(LONG).expect("its turn");
                    told.send(n).expect("heard");
                });
                // The next one comes when this one stands in the line.
                while queue.line().next_ticket <= n {
                    thread::yield_now();
                }
            }
            turn.take();
        });
        drop(told);
        assert_eq!(hears.iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }
}
