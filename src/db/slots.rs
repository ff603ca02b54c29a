//! Schedules, their slots and runs: a slot is a row, once; an instance leases it and marks it under
//! the lease's fencing token.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{outbox, runs, schedules, slots};
use super::times::{from_naive, to_naive};
use crate::domain::recurrence::Cron;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What became of a run.
    RunOutcome("outcome of a run") {
        Running = "running",
        Done = "done",
        Failed = "failed",
        /// Its instance is gone; another run has the slot, or will have.
        Lost = "lost",
    }
}

words! {
    /// How far a slot has come.
    SlotState("state of a slot") {
        Due = "due",
        Running = "running",
        Done = "done",
        /// A later slot does its work.
        Coalesced = "coalesced",
        /// Failed; tried again at its time.
        Failed = "failed",
        /// Failed too often: waits for somebody to retry it.
        Dead = "dead",
    }
}

/// A schedule as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub cron: Cron,
    pub zone: Zone,
    /// Slots are reckoned from here, or from the last one known.
    pub since: DateTime<Utc>,
}

/// The schedule as last seen; none where it is new.
pub fn registered(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Option<Registered>, DbError> {
    let row: Option<(String, String, NaiveDateTime)> = schedules::table
        .filter(schedules::name.eq(name))
        .select((schedules::cron, schedules::zone, schedules::since))
        .first(connection)
        .optional()
        .during("loading a schedule")?;
    let reading = "reading a schedule";
    row.map(|(cron, zone, since)| {
        Ok(Registered {
            cron: stored(reading, &cron)?,
            zone: stored(reading, &zone)?,
            since: from_naive(since),
        })
    })
    .transpose()
}

/// Keeps a schedule as it is now.
pub fn register(
    connection: &mut AnyConnection,
    name: &str,
    schedule: &Registered,
) -> Result<(), DbError> {
    macro_rules! put {
        ($connection:expr) => {{
            let columns = (
                schedules::cron.eq(schedule.cron.as_str()),
                schedules::zone.eq(schedule.zone.name()),
                schedules::since.eq(to_naive(schedule.since)),
            );
            diesel::insert_into(schedules::table)
                .values((schedules::name.eq(name), columns))
                .on_conflict(schedules::name)
                .do_update()
                .set(columns)
                .execute($connection)
        }};
    }
    match connection {
        AnyConnection::Sqlite(c) => put!(c),
        AnyConnection::Postgres(c) => put!(c),
    }
    .map(|_| ())
    .during("keeping a schedule")
}

/// The last slot known of a schedule, of those that came by themselves.
pub fn last_slot(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Option<DateTime<Utc>>, DbError> {
    slots::table
        .filter(slots::schedule.eq(name).and(slots::asked.eq(false)))
        .order(slots::slot.desc())
        .select(slots::slot)
        .first::<NaiveDateTime>(connection)
        .optional()
        .map(|slot| slot.map(from_naive))
        .during("looking for a schedule's last slot")
}

/// Adds a slot; `false` where another instance was first.
pub fn add(
    connection: &mut AnyConnection,
    name: &str,
    slot: DateTime<Utc>,
) -> Result<bool, DbError> {
    macro_rules! put {
        ($connection:expr) => {
            diesel::insert_into(slots::table)
                .values((
                    slots::schedule.eq(name),
                    slots::slot.eq(to_naive(slot)),
                    slots::state.eq(SlotState::Due.as_str()),
                    slots::attempts.eq(0),
                    slots::token.eq(0),
                ))
                .on_conflict((slots::schedule, slots::slot))
                .do_nothing()
                .execute($connection)
        };
    }
    match connection {
        AnyConnection::Sqlite(c) => put!(c),
        AnyConnection::Postgres(c) => put!(c),
    }
    .map(|added| added == 1)
    .during("adding a slot")
}

/// Adds the slot of a run that `by` asks for at `now`, and gives its id. The next slot of the schedule
/// is not reckoned from it. Two that are asked for in the same microsecond stand a microsecond apart.
pub fn ask(
    connection: &mut AnyConnection,
    name: &str,
    as_of: Option<NaiveDate>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<i64, DbError> {
    macro_rules! put {
        ($connection:expr, $slot:expr) => {
            diesel::insert_into(slots::table)
                .values((
                    slots::schedule.eq(name),
                    slots::slot.eq($slot),
                    slots::state.eq(SlotState::Due.as_str()),
                    slots::attempts.eq(0),
                    slots::token.eq(0),
                    slots::asked.eq(true),
                    slots::as_of.eq(as_of),
                    slots::asked_by.eq(by),
                ))
                .on_conflict((slots::schedule, slots::slot))
                .do_nothing()
                .returning(slots::id)
                .get_result::<i64>($connection)
        };
    }
    let mut slot = now;
    loop {
        let added = match connection {
            AnyConnection::Sqlite(c) => put!(c, to_naive(slot)),
            AnyConnection::Postgres(c) => put!(c, to_naive(slot)),
        };
        if let Some(id) = added.optional().during("adding a slot that was asked for")? {
            return Ok(id);
        }
        slot += TimeDelta::microseconds(1);
    }
}

/// The work of earlier slots that have not begun is done by `slot`; what was asked for stays.
pub fn coalesce_into(
    connection: &mut AnyConnection,
    name: &str,
    slot: DateTime<Utc>,
) -> Result<(), DbError> {
    let open = [SlotState::Due, SlotState::Failed, SlotState::Dead].map(SlotState::as_str);
    diesel::update(slots::table)
        .filter(slots::schedule.eq(name).and(slots::slot.lt(to_naive(slot))))
        .filter(slots::state.eq_any(open).and(slots::asked.eq(false)))
        .set(slots::state.eq(SlotState::Coalesced.as_str()))
        .execute(connection)
        .map(|_| ())
        .during("coalescing slots")
}

/// A slot somebody holds, under a fencing token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub slot_id: i64,
    pub schedule: String,
    pub slot: DateTime<Utc>,
    pub token: i32,
    pub attempt: i32,
    pub run_id: i64,
    /// The day that was asked for, where one was.
    pub as_of: Option<NaiveDate>,
}

/// Whether a slot of a schedule may run at `now`.
pub fn has_free(
    connection: &mut AnyConnection,
    name: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let count: i64 = slots::table
        .filter(slots::schedule.eq(name).and(free(to_naive(now))))
        .count()
        .get_result(connection)
        .during("looking for slots to run")?;
    Ok(count > 0)
}

/// A slot that waits: due, to be tried again, or left behind by an instance that is gone.
#[diesel::dsl::auto_type(no_type_alias)]
fn free(at: NaiveDateTime) -> _ {
    let due: &'static str = SlotState::Due.as_str();
    let failed: &'static str = SlotState::Failed.as_str();
    let running: &'static str = SlotState::Running.as_str();
    slots::state
        .eq(due)
        .or(slots::state
            .eq(failed)
            .and(slots::next_at.is_null().or(slots::next_at.le(at).assume_not_null())))
        .or(slots::state.eq(running).and(slots::lease_until.le(at).assume_not_null()))
}

/// Takes the oldest slot of a schedule that may run at `now`, and begins its run; none where there is
/// none or another instance was first.
pub fn lease(
    connection: &mut AnyConnection,
    name: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    instance: &str,
) -> Result<Option<Lease>, DbError> {
    let at = to_naive(now);
    let oldest: Option<i64> = slots::table
        .filter(slots::schedule.eq(name).and(free(at)))
        .order(slots::slot)
        .select(slots::id)
        .first(connection)
        .optional()
        .during("leasing a slot")?;
    match oldest {
        Some(id) => lease_slot(connection, id, (now, until), instance),
        None => Ok(None),
    }
}

type Taken = (String, NaiveDateTime, i32, i32, Option<NaiveDate>);

/// Takes one slot if it may run at `now`, and begins its run.
pub fn lease_slot(
    connection: &mut AnyConnection,
    id: i64,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    instance: &str,
) -> Result<Option<Lease>, DbError> {
    const OPERATION: &str = "leasing a slot";
    let at = to_naive(now);
    let row: Option<Taken> = diesel::update(slots::table)
        .filter(slots::id.eq(id).and(free(at)))
        .set((
            slots::state.eq(SlotState::Running.as_str()),
            slots::token.eq(slots::token + 1),
            slots::attempts.eq(slots::attempts + 1),
            slots::lease_until.eq(to_naive(until)),
        ))
        .returning((slots::schedule, slots::slot, slots::token, slots::attempts, slots::as_of))
        .get_result(connection)
        .optional()
        .during(OPERATION)?;
    let Some((schedule, slot, token, attempt, as_of)) = row else { return Ok(None) };
    // A run that an earlier lease left open was cut off: its instance is gone, or fenced off now.
    diesel::update(runs::table)
        .filter(runs::slot_id.eq(id).and(runs::outcome.eq(RunOutcome::Running.as_str())))
        .set((runs::outcome.eq(RunOutcome::Lost.as_str()), runs::ended_at.eq(at)))
        .execute(connection)
        .during(OPERATION)?;
    let run_id = diesel::insert_into(runs::table)
        .values((
            runs::slot_id.eq(id),
            runs::schedule.eq(&schedule),
            runs::slot.eq(slot),
            runs::token.eq(token),
            runs::instance.eq(instance),
            runs::outcome.eq(RunOutcome::Running.as_str()),
            runs::started_at.eq(at),
        ))
        .returning(runs::id)
        .get_result(connection)
        .during(OPERATION)?;
    let slot = from_naive(slot);
    Ok(Some(Lease { slot_id: id, schedule, slot, token, attempt, run_id, as_of }))
}

/// Keeps with a run the day its report tells of.
pub fn note_as_of(
    connection: &mut AnyConnection,
    lease: &Lease,
    as_of: NaiveDate,
) -> Result<(), DbError> {
    diesel::update(runs::table.filter(runs::id.eq(lease.run_id)))
        .set(runs::as_of.eq(as_of))
        .execute(connection)
        .map(|_| ())
        .during("keeping a run's day")
}

/// Holds a slot longer; `false`: the lease is lost.
pub fn renew(
    connection: &mut AnyConnection,
    lease: &Lease,
    until: DateTime<Utc>,
) -> Result<bool, DbError> {
    diesel::update(slots::table)
        .filter(slots::id.eq(lease.slot_id).and(slots::token.eq(lease.token)))
        .filter(slots::state.eq(SlotState::Running.as_str()))
        .set(slots::lease_until.eq(to_naive(until)))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("holding a slot")
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    pub rows: Option<i64>,
    pub file: Option<String>,
    pub sha256: Option<String>,
    pub summary: Option<String>,
}

/// Ends a run. `Err` carries what went wrong and when to try again, if at all. `false`: the lease was
/// lost, and nothing is kept.
pub fn finish(
    connection: &mut AnyConnection,
    lease: &Lease,
    outcome: &Result<Done, (String, Option<DateTime<Utc>>)>,
    (started_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbError> {
    const OPERATION: &str = "ending a run";
    let (state, next_at) = match outcome {
        Ok(_) => (SlotState::Done, None),
        Err((_, Some(at))) => (SlotState::Failed, Some(to_naive(*at))),
        Err((_, None)) => (SlotState::Dead, None),
    };
    let held = diesel::update(slots::table)
        .filter(slots::id.eq(lease.slot_id).and(slots::token.eq(lease.token)))
        .filter(slots::state.eq(SlotState::Running.as_str()))
        .set((
            slots::state.eq(state.as_str()),
            slots::next_at.eq(next_at),
            slots::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(connection)
        .during(OPERATION)?;
    if held != 1 {
        return Ok(false);
    }
    let (done, error) = match outcome {
        Ok(done) => (done.clone(), None),
        Err((error, _)) => (Done::default(), Some(error.as_str())),
    };
    let outcome_word = if error.is_none() { RunOutcome::Done } else { RunOutcome::Failed };
    diesel::update(runs::table.filter(runs::id.eq(lease.run_id)))
        .set((
            runs::outcome.eq(outcome_word.as_str()),
            runs::ended_at.eq(to_naive(now)),
            runs::duration_ms.eq((now - started_at).num_milliseconds()),
            runs::row_count.eq(done.rows),
            runs::file.eq(done.file),
            runs::sha256.eq(done.sha256),
            runs::summary.eq(done.summary),
            runs::error.eq(error),
        ))
        .execute(connection)
        .during(OPERATION)?;
    Ok(true)
}

/// A run as somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Run {
    pub id: i64,
    pub schedule: String,
    pub slot: NaiveDateTime,
    pub outcome: String,
    pub instance: String,
    pub duration_ms: Option<i64>,
    pub rows: Option<i64>,
    pub file: Option<String>,
    pub sha256: Option<String>,
    pub summary: Option<String>,
    pub error: Option<String>,
}

/// The runs of a schedule, or of all, newest first.
pub fn list_runs(
    connection: &mut AnyConnection,
    name: Option<&str>,
    limit: i64,
) -> Result<Vec<Run>, DbError> {
    let mut query = runs::table.into_boxed();
    if let Some(name) = name {
        query = query.filter(runs::schedule.eq(name.to_owned()));
    }
    query
        .order(runs::id.desc())
        .limit(limit)
        .select(run_columns())
        .load(connection)
        .during("listing runs")
}

/// One run.
pub fn show_run(connection: &mut AnyConnection, id: i64) -> Result<Run, DbError> {
    runs::table
        .filter(runs::id.eq(id))
        .select(run_columns())
        .first(connection)
        .during("looking at a run")
}

#[diesel::dsl::auto_type(no_type_alias)]
fn run_columns() -> _ {
    (
        runs::id,
        runs::schedule,
        runs::slot,
        runs::outcome,
        runs::instance,
        runs::duration_ms,
        runs::row_count,
        runs::file,
        runs::sha256,
        runs::summary,
        runs::error,
    )
}

/// The slots of a schedule with their states, oldest first.
pub fn list_slots(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Vec<(DateTime<Utc>, SlotState)>, DbError> {
    let rows: Vec<(NaiveDateTime, String)> = slots::table
        .filter(slots::schedule.eq(name))
        .order(slots::slot)
        .select((slots::slot, slots::state))
        .load(connection)
        .during("listing slots")?;
    rows.into_iter()
        .map(|(slot, state)| Ok((from_naive(slot), stored("reading a slot", &state)?)))
        .collect()
}

/// Lets the slot of a failed run run again from now on, and gives the slot; none where the run is none,
/// or its slot is running or done.
pub fn retry(connection: &mut AnyConnection, run_id: i64) -> Result<Option<i64>, DbError> {
    let slot: Option<i64> = runs::table
        .filter(runs::id.eq(run_id))
        .select(runs::slot_id)
        .first(connection)
        .optional()
        .during("looking for a run")?;
    let Some(slot) = slot else { return Ok(None) };
    let states = [SlotState::Failed.as_str(), SlotState::Dead.as_str()];
    diesel::update(slots::table)
        .filter(slots::id.eq(slot).and(slots::state.eq_any(states)))
        .set((
            slots::state.eq(SlotState::Due.as_str()),
            slots::attempts.eq(0),
            slots::next_at.eq(None::<NaiveDateTime>),
        ))
        .execute(connection)
        .map(|changed| (changed == 1).then_some(slot))
        .during("retrying a slot")
}

/// Forgets what schedules whose slots coalesce did long ago: the last slot of each stays, since the
/// next is reckoned from it.
pub fn forget(
    connection: &mut AnyConnection,
    name: &str,
    before: DateTime<Utc>,
) -> Result<i64, DbError> {
    const OPERATION: &str = "forgetting old slots";
    let Some(last) = last_slot(connection, name)? else { return Ok(0) };
    let before = to_naive(before.min(last));
    let states = [SlotState::Done.as_str(), SlotState::Coalesced.as_str()];
    let ids: Vec<i64> = slots::table
        .filter(slots::schedule.eq(name).and(slots::slot.lt(before)))
        .filter(slots::state.eq_any(states))
        .order(slots::slot)
        .limit(5000)
        .select(slots::id)
        .load(connection)
        .during(OPERATION)?;
    diesel::delete(runs::table.filter(runs::slot_id.eq_any(&ids)))
        .execute(connection)
        .during(OPERATION)?;
    diesel::delete(slots::table.filter(slots::id.eq_any(&ids)))
        .execute(connection)
        .during(OPERATION)?;
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

diesel::define_sql_function! {
    /// The first characters of a text; counts from 1, on both databases.
    fn substr(
        text: diesel::sql_types::Text,
        from: diesel::sql_types::Integer,
        length: diesel::sql_types::Integer,
    ) -> diesel::sql_types::Text;
}

/// A report run's file that was kept long enough.
#[derive(Debug, Queryable)]
pub struct OldFile {
    pub run: i64,
    pub path: String,
    /// Who wrote it.
    pub instance: String,
}

/// Report runs after `after` that ended before `before` and whose files, in `folder`, are there as far as we
/// know. `folder` ends with its separator; what stands elsewhere is not this house's to remove. A file that
/// a message still waits to carry is left.
pub fn old_files(
    connection: &mut AnyConnection,
    (before, folder): (DateTime<Utc>, &str),
    after: i64,
    limit: i64,
) -> Result<Vec<OldFile>, DbError> {
    let length = i32::try_from(folder.chars().count()).unwrap_or(i32::MAX);
    // In the words of the index `outbox_waiting`.
    let carried = outbox::table
        .filter(sql::<Bool>("state <> 'sent'"))
        .filter(outbox::run_id.eq(runs::id.nullable()));
    runs::table
        .filter(runs::as_of.is_not_null())
        .filter(runs::file_removed_at.is_null())
        .filter(runs::ended_at.lt(to_naive(before)))
        .filter(runs::file.is_not_null().and(runs::id.gt(after)))
        .filter(substr(runs::file.assume_not_null(), 1, length).eq(folder))
        .filter(not(exists(carried)))
        .order(runs::id)
        .limit(limit)
        .select((runs::id, runs::file.assume_not_null(), runs::instance))
        .load(connection)
        .during("looking for old report files")
}

/// Notes that the files of runs are gone; the runs stay on record.
pub fn note_removed(
    connection: &mut AnyConnection,
    removed: &[i64],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(runs::table.filter(runs::id.eq_any(removed)))
        .set(runs::file_removed_at.eq(to_naive(at)))
        .execute(connection)
        .map(drop)
        .during("noting that report files were removed")
}
