//! How far the schedules have come: for people who watch the service, so cheap to ask.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{runs, slots};
use super::slots::{Registered, last_slot, registered};
use super::times::from_naive;

/// How far a schedule has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// As last seen; none where it never ran by itself.
    pub registered: Option<Registered>,
    /// Its last slot that came by itself.
    pub last: Option<DateTime<Utc>>,
    /// Its oldest slot that is not done.
    pub oldest_open: Option<DateTime<Utc>>,
}

/// The schedules of these names, in this order.
pub fn progress(
    connection: &mut AnyConnection,
    names: &[String],
) -> Result<Vec<Progress>, DbError> {
    // In the words of the index `slots_open`, which holds no slot that is done.
    let open = sql::<Bool>("state <> 'done' AND state <> 'coalesced'");
    let oldest: Vec<(String, Option<NaiveDateTime>)> = slots::table
        .filter(open)
        .group_by(slots::schedule)
        .select((slots::schedule, min(slots::slot)))
        .load(connection)
        .during("looking for the oldest slots")?;
    let one = |name: &String| {
        let oldest_open = oldest.iter().find(|(schedule, _)| schedule == name);
        Ok(Progress {
            registered: registered(connection, name)?,
            last: last_slot(connection, name)?,
            oldest_open: oldest_open.and_then(|(_, slot)| slot.map(from_naive)),
        })
    };
    names.iter().map(one).collect()
}

/// Schedule, outcome, and how many runs of it are kept.
pub fn outcomes(connection: &mut AnyConnection) -> Result<Vec<(String, String, i64)>, DbError> {
    runs::table
        .group_by((runs::schedule, runs::outcome))
        .select((runs::schedule, runs::outcome, count_star()))
        .load(connection)
        .during("counting runs")
}
