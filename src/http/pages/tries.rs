//! How often somebody may try a password, by address and by user, and how many are checked at once: guessing
//! is slow, and checking costs memory.

use std::net::IpAddr;
use std::num::NonZeroU32;
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

/// The shares of addresses and users, and the turns.
pub struct SignIns {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    /// By the hash of what was given as the user's address, whether there is such a user or not.
    by_user: DefaultKeyedRateLimiter<[u8; 32]>,
    turns: Semaphore,
}

impl SignIns {
    /// Tries an address has a minute, and a user an hour.
    pub fn new(tries: NonZeroU32) -> Self {
        Self {
            by_address: RateLimiter::keyed(Quota::per_minute(tries)),
            by_user: RateLimiter::keyed(Quota::per_hour(tries)),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Takes one try off both shares, then waits for a turn.
    ///
    /// # Errors
    /// `TooMany` where a share is used up, with the seconds to wait; `Busy` where too many wait.
    pub async fn turn(&self, address: IpAddr, email: &str) -> Result<SemaphorePermit<'_>, Problem> {
        let now = DefaultClock::default().now();
        let user = Sha256::digest(email.trim().to_lowercase().as_bytes()).into();
        let by_address = self.by_address.check_key(&address).map_err(|u| u.wait_time_from(now));
        let by_user = || self.by_user.check_key(&user).map_err(|u| u.wait_time_from(now));
        if let Err(wait) = by_address.and_then(|()| by_user()) {
            let seconds = wait.saturating_add(Duration::from_millis(999)).as_secs().max(1);
            return Err(Problem { retry_after: Some(seconds), ..Problem::new(Code::TooMany) });
        }
        match tokio::time::timeout(PATIENCE, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Problem::busy(&"too many passwords are being checked")),
        }
    }

    /// Forgets those whose share is whole again.
    pub fn retain_recent(&self) {
        self.by_address.retain_recent();
        self.by_user.retain_recent();
    }
}
