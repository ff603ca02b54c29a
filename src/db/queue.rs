//! Writers of a SQLite file wait in line. SQLite's own waiting is polling with sleeps in between: who
//! sleeps when the lock is free does not get it, and under steady writing some never do in time.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The line of one opened database; other processes are still kept apart by SQLite's lock.
#[derive(Debug, Default)]
pub(super) struct WriteQueue {
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Line {
    next_ticket: u64,
    serving: u64,
    /// Tickets of those who waited too long and left.
    left: BTreeSet<u64>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'q>(&'q WriteQueue);

impl WriteQueue {
    /// Waits for all who came before; none when that took longer than `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Turn<'_>> {
        let began = Instant::now();
        let mut line = self.line();
        let ticket = line.next_ticket;
        line.next_ticket += 1;
        while line.serving != ticket {
            let Some(rest) = patience.checked_sub(began.elapsed()) else {
                line.left.insert(ticket);
                return None;
            };
            let woken = self.moved.wait_timeout(line, rest);
            line = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(Turn(self))
    }

    /// Nothing panics while it is held, and every state of it is whole.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut line = self.0.line();
        line.serving += 1;
        while let serving = line.serving
            && line.left.remove(&serving)
        {
            line.serving += 1;
        }
        drop(line);
        self.0.moved.notify_all();
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
