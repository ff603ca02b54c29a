//! Writers of a SQLite file wait in line. SQLite's own waiting is polling with sleeps in between: who
//! sleeps when the lock is free does not get it, and under steady writing some never do in time.
//!
//! Who waits lends his work: the one whose turn it is does it for him. To hand the turn on instead, a thread
//! would have to be woken for every write, which takes as long as the write.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long the first in line stays awake for its turn: about what a commit takes. To be woken takes a
/// sleeper a good part of that again.
const AWAKE: Duration = Duration::from_micros(300);

/// The line of one opened database; other processes are still kept apart by SQLite's lock. `C` is what is
/// written with, `R` what is told to those whose work was done for them.
#[derive(Debug)]
pub(super) struct WriteQueue<C, R> {
    line: Mutex<Line<C, R>>,
}

#[derive(Debug)]
struct Line<C, R> {
    /// It is somebody's turn.
    is_taken: bool,
    waiting: VecDeque<Arc<Place<C, R>>>,
}

impl<C, R> Default for WriteQueue<C, R> {
    fn default() -> Self {
        Self { line: Mutex::new(Line { is_taken: false, waiting: VecDeque::new() }) }
    }
}

/// Somebody's place in the line.
struct Place<C, R> {
    thread: Thread,
    /// None of one who does it himself, with nobody beside him.
    work: Option<Lent<C>>,
    fate: Mutex<Option<Fate<R>>>,
}

impl<C, R> std::fmt::Debug for Place<C, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place of {:?}", self.thread.id())
    }
}

/// What became of one who waited.
enum Fate<R> {
    /// It is his turn, and his work is not done.
    Turn,
    /// His work was done.
    Told(R),
    /// It was taken over by one who failed.
    Lost,
}

/// Work that another thread may do: says whether it is to be kept.
pub(super) type Work<'w, C> = dyn FnMut(&mut C) -> bool + Send + 'w;

/// A pointer to work whose owner waits for it.
struct Lent<C>(*mut Work<'static, C>);

// SAFETY: the work is `Send`, and it is reached by one thread at a time: by the one that took its place out
// of the line, until it tells the owner, and by the owner after that.
#[allow(unsafe_code)]
unsafe impl<C> Send for Lent<C> {}
// SAFETY: as above; a shared `Lent` gives nobody the work but through `Taken::carry_out`.
#[allow(unsafe_code)]
unsafe impl<C> Sync for Lent<C> {}

impl<C> Lent<C> {
    fn new(work: &mut Work<'_, C>) -> Self {
        // SAFETY: the two types differ in the lifetime alone, which `WriteQueue::lend` keeps.
        #[allow(unsafe_code)]
        let work: *mut Work<'static, C> = unsafe { std::mem::transmute(work) };
        Self(work)
    }
}

/// The right to write, until it is dropped.
pub(super) struct Turn<'q, C, R>(&'q WriteQueue<C, R>);

/// How waiting in line ended.
pub(super) enum Waited<'q, C, R> {
    /// It is one's turn.
    Turn(Turn<'q, C, R>),
    /// Another did one's work.
    Done(R),
    /// It took too long; nothing was done.
    Left,
    /// Another took it over and failed before he could say what became of it.
    Lost,
}

/// A place taken out of the line, with work to be done. Whose is not told is told that it was lost.
pub(super) struct Taken<C, R> {
    place: Arc<Place<C, R>>,
    is_told: bool,
}

impl<C, R> Taken<C, R> {
    /// Does the work; says whether it is to be kept.
    pub fn carry_out(&mut self, with: &mut C) -> bool {
        let Some(Lent(work)) = self.place.work else { return false };
        // SAFETY: the place is out of the line, so that nobody else takes it, and its owner waits in
        // `WriteQueue::lend` with the work borrowed until this is told or dropped.
        #[allow(unsafe_code)]
        let work = unsafe { &mut *work };
        work(with)
    }

    /// Tells the owner; the work is his again.
    pub fn tell(mut self, told: R) {
        self.is_told = true;
        self.place.decide(Fate::Told(told));
    }
}

impl<C, R> Drop for Taken<C, R> {
    fn drop(&mut self) {
        if !self.is_told {
            self.place.decide(Fate::Lost);
        }
    }
}

impl<C, R> Place<C, R> {
    fn decide(&self, fate: Fate<R>) {
        *held(&self.fate) = Some(fate);
        self.thread.unpark();
    }
}

/// Nothing panics while one of these is held, and every state of it is whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C, R> WriteQueue<C, R> {
    /// The turn, if nobody has it.
    pub fn enter(&self) -> Option<Turn<'_, C, R>> {
        let was_taken = std::mem::replace(&mut held(&self.line).is_taken, true);
        // A turn that is made is one that ends.
        if was_taken { None } else { Some(Turn(self)) }
    }

    /// Waits until `work` is done by another, or it is one's turn to do it.
    pub fn lend(&self, work: &mut Work<'_, C>, patience: Duration) -> Waited<'_, C, R> {
        self.wait(Some(Lent::new(work)), patience)
    }

    /// Waits for one's turn.
    pub fn wait_alone(&self, patience: Duration) -> Option<Turn<'_, C, R>> {
        match self.wait(None, patience) {
            Waited::Turn(turn) => Some(turn),
            Waited::Done(_) | Waited::Left | Waited::Lost => None,
        }
    }

    /// Does not return, and does not panic, while another may still reach the work.
    fn wait(&self, work: Option<Lent<C>>, patience: Duration) -> Waited<'_, C, R> {
        let began = Instant::now();
        let place = Arc::new(Place { thread: thread::current(), work, fate: Mutex::new(None) });
        let mut line = held(&self.line);
        if !std::mem::replace(&mut line.is_taken, true) {
            return Waited::Turn(Turn(self));
        }
        let is_first = line.waiting.is_empty();
        line.waiting.push_back(Arc::clone(&place));
        drop(line);
        loop {
            match held(&place.fate).take() {
                Some(Fate::Turn) => return Waited::Turn(Turn(self)),
                Some(Fate::Told(told)) => return Waited::Done(told),
                Some(Fate::Lost) => return Waited::Lost,
                None => {}
            }
            let waited = began.elapsed();
            if is_first && waited < AWAKE.min(patience) {
                // Whoever else has work for the processor goes first.
                thread::yield_now();
                continue;
            }
            match patience.checked_sub(waited) {
                // Waking for no reason is harmless: the fate is looked at again.
                Some(rest) => thread::park_timeout(rest),
                None if self.leave(&place) => return Waited::Left,
                // It is taken, and will be told: the work cannot be taken back any more.
                None => thread::park(),
            }
        }
    }

    /// Takes a place out of the line; not if another did.
    fn leave(&self, place: &Arc<Place<C, R>>) -> bool {
        let mut line = held(&self.line);
        let at = line.waiting.iter().position(|other| Arc::ptr_eq(other, place));
        at.and_then(|at| line.waiting.remove(at)).is_some()
    }
}

impl<C, R> Turn<'_, C, R> {
    /// The work of the next in line, unless he is to do it himself.
    pub fn next(&self) -> Option<Taken<C, R>> {
        let mut line = held(&self.0.line);
        let has_work = line.waiting.front().is_some_and(|place| place.work.is_some());
        let place = if has_work { line.waiting.pop_front() } else { None };
        place.map(|place| Taken { place, is_told: false })
    }
}

impl<C, R> Drop for Turn<'_, C, R> {
    fn drop(&mut self) {
        let mut line = held(&self.0.line);
        match line.waiting.pop_front() {
            Some(next) => next.decide(Fate::Turn),
            None => line.is_taken = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    type Queue = WriteQueue<Vec<u64>, &'static str>;

    fn in_line(queue: &Queue) -> usize {
        held(&queue.line).waiting.len()
    }

    #[test]
    fn who_gave_up_does_not_hold_up_the_line() {
        let queue = Queue::default();
        let turn = queue.enter().expect("an empty line");
        assert!(queue.enter().is_none());
        assert!(queue.wait_alone(Duration::ZERO).is_none());
        let left = queue.lend(&mut |_| panic!("it was left"), Duration::ZERO);
        assert!(matches!(left, Waited::Left));
        assert_eq!(in_line(&queue), 0);
        assert!(turn.next().is_none());
        drop(turn);
        drop(queue.wait_alone(Duration::ZERO).expect("an empty line"));
        assert!(queue.enter().is_some());
    }

    /// The work of those who wait is done in their order, up to one who does it alone.
    #[test]
    fn first_come_first_served() {
        let queue = Queue::default();
        let turn = queue.enter().expect("an empty line");
        let mut done = Vec::new();
        thread::scope(|scope| {
            for n in 1..=5 {
                let queue = &queue;
                scope.spawn(move || match n {
                    4 => drop(queue.wait_alone(LONG).expect("its turn")),
                    _ => {
                        let mut work = |done: &mut Vec<u64>| {
                            done.push(n);
                            true
                        };
                        match queue.lend(&mut work, LONG) {
                            Waited::Done(told) => assert_eq!((told, n < 4), ("kept", true)),
                            Waited::Turn(_) => assert_eq!(n, 5),
                            Waited::Left | Waited::Lost => panic!("{n} left"),
                        }
                    }
                });
                // The next one comes when this one stands in the line.
                while in_line(queue) < n as usize {
                    thread::yield_now();
                }
            }
            let mut told = Vec::new();
            while let Some(mut taken) = turn.next() {
                assert!(taken.carry_out(&mut done));
                told.push(taken);
            }
            told.into_iter().for_each(|taken| taken.tell("kept"));
            drop(turn);
        });
        assert_eq!(done, [1, 2, 3]);
        assert!(queue.enter().is_some());
    }

    /// Whoever did the work failed before he could say what became of it.
    #[test]
    fn who_is_not_told_is_not_left_waiting() {
        let queue = Queue::default();
        let turn = queue.enter().expect("an empty line");
        thread::scope(|scope| {
            let lost = scope.spawn(|| matches!(queue.lend(&mut |_| true, LONG), Waited::Lost));
            while in_line(&queue) == 0 {
                thread::yield_now();
            }
            let mut taken = turn.next().expect("one waits");
            assert!(taken.carry_out(&mut Vec::new()));
            drop(taken);
            assert!(lost.join().expect("no panic"));
        });
    }

    /// Many at once, some of them impatient: what was told to be done was done once, and what was left never.
    #[test]
    fn all_work_is_done_once_or_left() {
        let queue = Queue::default();
        let kept = AtomicU64::new(0);
        let written = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for thread in 0..8_u64 {
                let (queue, kept, written) = (&queue, &kept, &written);
                scope.spawn(move || {
                    for n in 0..500 {
                        let mine = thread * 1_000 + n;
                        let mut work = |all: &mut Vec<u64>| {
                            all.push(mine);
                            true
                        };
                        let patience = if n % 3 == 0 { Duration::from_micros(n) } else { LONG };
                        let done = match queue.lend(&mut work, patience) {
                            Waited::Done(_) => true,
                            Waited::Left | Waited::Lost => false,
                            Waited::Turn(turn) => {
                                let mut all = held(written);
                                let mut others = Vec::new();
                                let is_kept = work(&mut all);
                                while let Some(mut other) = turn.next() {
                                    assert!(other.carry_out(&mut all));
                                    others.push(other);
                                }
                                others.into_iter().for_each(|other| other.tell("kept"));
                                is_kept
                            }
                        };
                        kept.fetch_add(u64::from(done), Ordering::Relaxed);
                    }
                });
            }
        });
        let mut all = written.into_inner().expect("no panic");
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), count as u64), (count, kept.into_inner()));
    }
}
