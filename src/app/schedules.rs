//! How late the schedules are.

use chrono::{DateTime, Utc};

use crate::db::progress::{Progress, progress};
use crate::db::{AnyConnection, DbError};

/// A schedule and how late it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    pub schedule: String,
    /// Seconds since the oldest slot that should be done and is not; 0 where there is none.
    pub seconds: i64,
}

/// How late the schedules of these names are. A slot that nobody has even noted counts like one that
/// waits, runs, or failed.
///
/// # Errors
/// The database's.
pub fn lags(
    connection: &mut AnyConnection,
    names: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<Lag>, DbError> {
    let known = progress(connection, names)?;
    let lag = |(name, progress): (&String, Progress)| {
        let oldest = progress.oldest_open.into_iter().chain(unnoted(&progress)).min();
        let seconds = oldest.map_or(0, |slot| (now - slot).num_seconds().max(0));
        Lag { schedule: name.clone(), seconds }
    };
    Ok(names.iter().zip(known).map(lag).collect())
}

/// The slot after the last one known; it may still be to come.
fn unnoted(progress: &Progress) -> Option<DateTime<Utc>> {
    let schedule = progress.registered.as_ref()?;
    let from = progress.last.map_or(schedule.since, |last| last.max(schedule.since));
    schedule.cron.next_after(from, schedule.zone)
}
