//! How late the schedules are, asked of the database every few seconds at most.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::house::House;
use crate::app::schedules::{Lag, lags};
use crate::db::DbError;

/// How long an answer is taken for current.
const FRESH: Duration = Duration::from_secs(5);

/// The schedules that should run somewhere, and what was last seen of them.
pub struct Watch {
    names: Vec<String>,
    late_after_seconds: i64,
    seen: Mutex<Option<(Instant, Vec<Lag>)>>,
}

impl Watch {
    pub fn new(names: Vec<String>, late_after_minutes: u32) -> Self {
        Self {
            names,
            late_after_seconds: i64::from(late_after_minutes) * 60,
            seen: Mutex::default(),
        }
    }

    /// How late each schedule is.
    ///
    /// # Errors
    /// The database's.
    pub fn lags(&self, house: &House) -> Result<Vec<Lag>, DbError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, known)) = &*seen
            && at.elapsed() < FRESH
        {
            return Ok(known.clone());
        }
        let now = house.clock.now();
        let known = house.app.db.read(|connection| lags(connection, &self.names, now))?;
        *seen = Some((Instant::now(), known.clone()));
        Ok(known)
    }

    /// The schedules that are later than they may be.
    ///
    /// # Errors
    /// The database's.
    pub fn late(&self, house: &House) -> Result<Vec<Lag>, DbError> {
        let mut lags = self.lags(house)?;
        lags.retain(|lag| lag.seconds > self.late_after_seconds);
        Ok(lags)
    }
}
