//! How much may be asked without a valid token, by the address it is asked from: guessing is slow.
//!
//! A token that was valid when it was last used costs its address nothing, so that somebody who guesses
//! does not keep those out who know.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{NotUntil, Quota, RateLimiter, middleware::StateSnapshot};

use super::house::Secret;

type Limiter =
    RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// What the limiter says of a request.
pub type Judged = Result<StateSnapshot, NotUntil<governor::clock::QuantaInstant>>;

/// Tokens that are remembered at the most; then all are forgotten, and cost one request each again.
const REMEMBERED: usize = 10_000;

/// The addresses' shares.
pub struct Peers {
    /// Requests an address has a minute.
    pub a_minute: NonZeroU32,
    limiter: Limiter,
    /// Whose `X-Forwarded-For` is believed.
    proxies: Vec<IpAddr>,
    /// Hashes of secrets that were valid when last used.
    valid: Mutex<HashSet<Secret>>,
}

impl Peers {
    pub fn new(a_minute: NonZeroU32, proxies: Vec<IpAddr>) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(a_minute))
            .with_middleware::<StateInformationMiddleware>();
        Self { a_minute, limiter, proxies, valid: Mutex::default() }
    }

    /// Takes one request off the share of whoever asks.
    pub fn take(&self, request: &ServiceRequest) -> Judged {
        self.limiter.check_key(&self.address(request.request()))
    }

    pub fn was_valid(&self, secret: &Secret) -> bool {
        self.valid.lock().unwrap_or_else(PoisonError::into_inner).contains(secret)
    }

    /// Keeps in mind whether a secret was valid.
    pub fn remember(&self, secret: Secret, is_valid: bool) {
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_valid {
            valid.remove(&secret);
            return;
        }
        if valid.len() >= REMEMBERED {
            valid.clear();
        }
        valid.insert(secret);
    }

    /// Forgets addresses whose share is whole again.
    pub fn retain_recent(&self) {
        self.limiter.retain_recent();
    }

    /// The nearest address that is no trusted proxy's.
    pub(super) fn address(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let mut address = peer.to_canonical();
        let headers = request.headers().get_all("x-forwarded-for");
        let named: Vec<&str> =
            headers.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')).collect();
        for name in named.into_iter().rev() {
            if !self.proxies.contains(&address) {
                break;
            }
            // What no proxy writes is the client's own invention.
            let Ok(before) = name.trim().parse::<IpAddr>() else { break };
            address = before.to_canonical();
        }
        network(address)
    }
}

/// Of an IPv6 address its /64: a network has one, a machine as many addresses of it as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64)).into(),
    }
}
