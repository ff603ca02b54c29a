//! Which slots are due: reckoned from the last one known, so that what was missed is found.

use chrono::{DateTime, TimeDelta, Utc};

use super::table::Schedule;
use crate::app::AppError;
use crate::app::rmas::retrying;
use crate::db::slots::{self as rows, Registered};
use crate::db::{AnyConnection, Database, DbError};
use crate::domain::recurrence::Cron;
use crate::reports::CatchUp;

/// Slots added in one write; more are found at the next tick.
const BATCH: usize = 200;

/// Adds the slots of a schedule that have come by `now`. A schedule met for the first time begins
/// now; one whose expression or zone has changed first makes up what it owes under the old ones.
///
/// # Errors
/// The database's.
pub fn add_due(db: &Database, schedule: &Schedule, now: DateTime<Utc>) -> Result<(), AppError> {
    let Some(cron) = &schedule.cron else { return Ok(()) };
    // Most ticks find nothing: they only read.
    let news = db.read(|c| {
        let Some(known) = rows::registered(c, &schedule.name)? else { return Ok(true) };
        let changed = known.cron != *cron || known.zone != schedule.zone;
        Ok::<_, DbError>(changed || !missed(c, schedule, &known, now)?.is_empty())
    })?;
    if !news {
        return Ok(());
    }
    retrying(|| Ok(db.write(|c| add_within(c, schedule, cron, now))?))
}

fn add_within(
    connection: &mut AnyConnection,
    schedule: &Schedule,
    cron: &Cron,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let current = Registered { cron: cron.clone(), zone: schedule.zone, since: now };
    let Some(known) = rows::registered(connection, &schedule.name)? else {
        return rows::register(connection, &schedule.name, &current);
    };
    let missed = missed(connection, schedule, &known, now)?;
    for slot in &missed {
        rows::add(connection, &schedule.name, *slot)?;
    }
    if let (CatchUp::Latest, Some(last)) = (schedule.catch_up, missed.last()) {
        rows::coalesce_into(connection, &schedule.name, *last)?;
    }
    let changed = known.cron != *cron || known.zone != schedule.zone;
    if changed && missed.len() < BATCH {
        rows::register(connection, &schedule.name, &current)?;
    }
    Ok(())
}

/// The slots between the last one known and `now`; of a schedule that coalesces, the last of them.
fn missed(
    connection: &mut AnyConnection,
    schedule: &Schedule,
    known: &Registered,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, DbError> {
    let last = rows::last_slot(connection, &schedule.name)?;
    let from = last.map_or(known.since, |last| last.max(known.since));
    Ok(match schedule.catch_up {
        CatchUp::Every => between(known, from, now).take(BATCH).collect(),
        CatchUp::Latest => {
            // Only the last counts: what is older than two days is looked at where nothing came since.
            let recent = from.max(now - TimeDelta::days(2));
            let last = between(known, recent, now).last();
            last.or_else(|| between(known, from, now).last()).into_iter().collect()
        }
    })
}

fn between(
    known: &Registered,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<Utc>> {
    let next = move |after: &DateTime<Utc>| known.cron.next_after(*after, known.zone);
    std::iter::successors(next(&from), next).take_while(move |slot| *slot <= now)
}
