//! What every handler is given: the application, the clock, the fonts, the limits, the measurements.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_web::web::Bytes;
use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::cookie::Manner;
use super::memory::Memory;
use super::metrics::Metrics;
use super::pages::SignIns;
use super::peers::Peers;
use super::problem::Problem;
use super::public_url::PublicUrl;
use super::stamps::Stamps;
use super::watch::Watch;
use crate::app::report_runs::Hands;
use crate::app::tokens::Authenticated;
use crate::app::{App, AppError, Principal};
use crate::clock::Clock;
use crate::db::{AnyConnection, Backend, Stamp};
use crate::documents::Typesetter;
use crate::domain::ids::RmaNumber;
use crate::reports::Library;

type Limiter = RateLimiter<
    Principal,
    DefaultKeyedStateStore<Principal>,
    DefaultClock,
    StateInformationMiddleware,
>;

/// Bytes of callers that are kept in memory.
const CALLERS_KEPT: usize = 4 << 20;
/// Bytes of answers that are kept in memory.
const LOOKS_KEPT: usize = 32 << 20;

/// SHA-256 of a token's secret.
pub type Secret = [u8; 32];

/// An RMA as it was answered.
#[derive(Debug, Clone)]
pub struct Look {
    pub version: i64,
    pub body: Bytes,
}

/// What the service is given.
pub struct Given {
    pub app: App,
    pub clock: Arc<dyn Clock>,
    pub typesetter: Arc<Typesetter>,
    /// Where links to an RMA's status begin.
    pub status_url: Arc<str>,
    /// Requests a token has a minute.
    pub a_minute: NonZeroU32,
    /// How much those without a token may ask.
    pub peers: Peers,
    /// Tries to sign in that an address has a minute; a user has as many an hour.
    pub sign_ins_a_minute: NonZeroU32,
    /// Where people reach the service.
    pub public_url: Option<PublicUrl>,
    pub library: Library,
    /// How late the schedules may be.
    pub watch: Watch,
    /// Who runs the reports that are asked for.
    pub hands: Arc<dyn Hands>,
    /// This instance's name, kept with the runs it takes.
    pub instance: Arc<str>,
}

/// The service's insides, shared by every worker.
#[derive(Clone)]
pub struct House {
    pub app: App,
    pub clock: Arc<dyn Clock>,
    pub typesetter: Arc<Typesetter>,
    pub status_url: Arc<str>,
    pub a_minute: NonZeroU32,
    pub limiter: Arc<Limiter>,
    pub peers: Arc<Peers>,
    pub sign_ins: Arc<SignIns>,
    pub public_url: Option<PublicUrl>,
    /// The session's cookie; that for TLS until it is known where the service listens.
    pub cookie: Manner,
    pub library: Library,
    pub watch: Arc<Watch>,
    pub hands: Arc<dyn Hands>,
    pub instance: Arc<str>,
    pub metrics: Arc<Metrics>,
    pub stamps: Arc<Stamps>,
    /// Callers by the hashes of their secrets.
    pub callers: Arc<Memory<Secret, Authenticated>>,
    /// RMAs as a caller sees them.
    pub looks: Arc<Memory<(Principal, RmaNumber), Look>>,
    /// Whether requests are welcome: false while shutting down.
    pub ready: Arc<AtomicBool>,
}

impl House {
    pub fn new(given: Given) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(given.a_minute))
            .with_middleware::<StateInformationMiddleware>();
        Self {
            app: given.app,
            clock: given.clock,
            typesetter: given.typesetter,
            status_url: given.status_url,
            a_minute: given.a_minute,
            limiter: Arc::new(limiter),
            peers: Arc::new(given.peers),
            sign_ins: Arc::new(SignIns::new(given.sign_ins_a_minute)),
            public_url: given.public_url,
            cookie: Manner::Tls,
            library: given.library,
            watch: Arc::new(given.watch),
            hands: given.hands,
            instance: given.instance,
            metrics: Arc::new(Metrics::new()),
            stamps: Arc::default(),
            callers: Arc::new(Memory::new(CALLERS_KEPT)),
            looks: Arc::new(Memory::new(LOOKS_KEPT)),
            ready: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Runs blocking work in a thread for it, away from the workers that answer.
    pub async fn block<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        let house = self.clone();
        actix_web::web::block(move || work(&house)).await?.map_err(Into::into)
    }

    /// Reads a few rows by their keys, each statement by itself. On a file with a connection free that takes
    /// less than handing it to another thread and back, and nothing can be waited for; else in a thread for it.
    pub async fn glance<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self, &mut AnyConnection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, Problem> {
        let house = self.clone();
        match self.app.db.glance_at_once(move |connection| work(&house, connection)) {
            Ok(read) => read.map_err(Into::into),
            Err(work) => self.block(move |house| house.app.db.glance(work)).await,
        }
    }

    /// What is known under the present state of the database, or else is read, and the state to keep it
    /// by: none where the database does not tell it.
    pub async fn recall<T: Send + 'static>(
        &self,
        known: impl FnOnce(&Stamp) -> Option<T>,
        read: impl FnOnce(&Self, &mut AnyConnection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<(T, Option<Stamp>), Problem> {
        let stamp = match self.app.db.backend() {
            Backend::Sqlite => self.app.db.stamp_at_once(),
            Backend::Postgres => self.stamps.now(&self.app.db).await,
        };
        let value = match stamp.as_ref().and_then(known) {
            Some(value) => value,
            None => self.glance(read).await?,
        };
        Ok((value, stamp))
    }

    /// Reads on one unchanging state; the connection is taken inside the thread.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App, &mut AnyConnection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.block(move |house| house.app.db.read(|connection| work(&house.app, connection))).await
    }
}
