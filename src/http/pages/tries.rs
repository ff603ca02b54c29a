//! How often somebody may try a password, by address and by user, and how many are checked at once: guessing
//! is slow, and checking costs memory. Who signs in from where they did before has a share of their own, so
//! that nobody is kept out by another who tries their address in vain.

use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::http::problem::{Code, Problem};

/// Passwords checked at once, 19 MiB each.
const AT_ONCE: usize = 4;

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// From how many addresses, of all users together, it is remembered that somebody signed in.
const REMEMBERED: usize = 16_384;

/// The hash of what was given as a user's address, whether there is such a user or not.
type User = [u8; 32];

/// The shares of addresses and users, and the turns.
pub struct SignIns {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    /// From wherever the user never signed in.
    by_user: DefaultKeyedRateLimiter<User>,
    /// From where the user did.
    at_home: DefaultKeyedRateLimiter<(User, IpAddr)>,
    homes: Mutex<Homes>,
    turns: Semaphore,
}

/// Who signed in from where; the oldest are forgotten first.
#[derive(Default)]
struct Homes {
    known: HashSet<(User, IpAddr)>,
    by_age: VecDeque<(User, IpAddr)>,
}

impl Homes {
    fn remember(&mut self, home: (User, IpAddr)) {
        if !self.known.insert(home) {
            return;
        }
        self.by_age.push_back(home);
        if self.by_age.len() > REMEMBERED
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// A try whose turn it is to be checked.
pub struct Try<'s> {
    shares: &'s SignIns,
    home: (User, IpAddr),
    _turn: SemaphorePermit<'s>,
}

impl Try<'_> {
    /// Tells that the password was right.
    pub fn succeeded(&self) {
        self.shares.homes().remember(self.home);
    }
}

impl SignIns {
    /// Tries an address has a minute, and a user an hour.
    pub fn new(tries: NonZeroU32) -> Self {
        Self {
            by_address: RateLimiter::keyed(Quota::per_minute(tries)),
            by_user: RateLimiter::keyed(Quota::per_hour(tries)),
            at_home: RateLimiter::keyed(Quota::per_hour(tries)),
            homes: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Takes one try off the address's share and off the user's, then waits for a turn.
    ///
    /// # Errors
    /// `TooMany` where a share is used up, with the seconds to wait; `Busy` where too many wait.
    pub async fn turn(&self, address: IpAddr, email: &str) -> Result<Try<'_>, Problem> {
        let home = (Sha256::digest(email.trim().to_lowercase().as_bytes()).into(), address);
        if let Err(wait) = self.take(home) {
            let seconds = wait.saturating_add(Duration::from_millis(999)).as_secs().max(1);
            return Err(Problem { retry_after: Some(seconds), ..Problem::new(Code::TooMany) });
        }
        match tokio::time::timeout(PATIENCE, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(Try { shares: self, home, _turn: turn }),
            _ => Err(Problem::busy(&"too many passwords are being checked")),
        }
    }

    /// Takes a try off both shares, or says how long to wait for one.
    fn take(&self, home: (User, IpAddr)) -> Result<(), Duration> {
        let now = DefaultClock::default().now();
        let (user, address) = home;
        self.by_address.check_key(&address).map_err(|until| until.wait_time_from(now))?;
        let of_user = match self.homes().known.contains(&home) {
            true => self.at_home.check_key(&home),
            false => self.by_user.check_key(&user),
        };
        of_user.map_err(|until| until.wait_time_from(now))
    }

    /// Forgets those whose share is whole again.
    pub fn retain_recent(&self) {
        self.by_address.retain_recent();
        self.by_user.retain_recent();
        self.at_home.retain_recent();
    }

    /// Every state of it is whole.
    fn homes(&self) -> MutexGuard<'_, Homes> {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_homes_are_forgotten_and_no_more_are_held_than_there_is_room_for() {
        let mut homes = Homes::default();
        let home = |n: usize| ([7; 32], IpAddr::from((n as u128).to_be_bytes()));
        for n in 0..REMEMBERED {
            homes.remember(home(n));
            homes.remember(home(n));
        }
        assert!(homes.known.contains(&home(0)));
        homes.remember(home(REMEMBERED));
        assert!(!homes.known.contains(&home(0)) && homes.known.contains(&home(1)));
        assert_eq!((homes.known.len(), homes.by_age.len()), (REMEMBERED, REMEMBERED));
    }
}
