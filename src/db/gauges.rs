//! Counts for people who watch the service.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::outbox::MessageState;
use super::progress::outcomes;
use super::schema::{outbox, rmas};
use super::times::{from_naive, to_naive};

/// What is counted.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Track, state, open RMAs in it.
    pub open_rmas: Vec<(&'static str, String, i64)>,
    /// State, messages in it, age of the oldest in seconds (0 for those that were sent).
    pub outbox: Vec<(String, i64, i64)>,
    /// Schedule, outcome, runs kept.
    pub runs: Vec<(String, String, i64)>,
}

/// Messages that wait to be sent, and RMAs on which something is due by `now`.
pub fn waiting(connection: &mut AnyConnection, now: DateTime<Utc>) -> Result<(i64, i64), DbError> {
    const OPERATION: &str = "counting what waits";
    let messages = outbox::table
        .filter(outbox::state.eq_any(["pending", "sending"]))
        .select(count_star())
        .first(connection)
        .during(OPERATION)?;
    let due = rmas::table
        .filter(rmas::clock_at.le(to_naive(now)))
        .select(count_star())
        .first(connection)
        .during(OPERATION)?;
    Ok((messages, due))
}

pub fn counts(connection: &mut AnyConnection, now: DateTime<Utc>) -> Result<Counts, DbError> {
    const OPERATION: &str = "counting";
    let mut counts = Counts::default();
    macro_rules! track {
        ($($name:literal $column:expr),* $(,)?) => { $(
            let rows: Vec<(String, i64)> = rmas::table
                .filter(rmas::is_open.eq(true))
                .group_by($column)
                .select(($column, count_star()))
                .load(connection)
                .during(OPERATION)?;
            counts.open_rmas.extend(rows.into_iter().map(|(state, count)| ($name, state, count)));
        )* };
    }
    track!(
        "authorisation" rmas::authorisation, "outbound" rmas::outbound, "inbound" rmas::inbound,
        "repair" rmas::repair, "analysis" rmas::analysis, "exposure" rmas::exposure,
    );
    counts.outbox = messages(connection, now)?;
    counts.runs = outcomes(connection)?;
    Ok(counts)
}

/// The messages by state. Both questions are put in the words of an index, since those that were sent
/// are many and their rows long.
fn messages(
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
) -> Result<Vec<(String, i64, i64)>, DbError> {
    const OPERATION: &str = "counting messages";
    let waiting: Vec<(String, i64, Option<NaiveDateTime>)> = outbox::table
        .filter(sql::<Bool>("state <> 'sent'"))
        .group_by(outbox::state)
        .select((outbox::state, count_star(), min(outbox::created_at)))
        .load(connection)
        .during(OPERATION)?;
    let sent: i64 = outbox::table
        .filter(sql::<Bool>("state = 'sent'"))
        .count()
        .get_result(connection)
        .during(OPERATION)?;
    let age = |oldest: NaiveDateTime| (now - from_naive(oldest)).num_seconds();
    let waiting =
        waiting.into_iter().map(|(state, count, oldest)| (state, count, oldest.map_or(0, age)));
    Ok(waiting.chain([(MessageState::Sent.to_string(), sent, 0)]).collect())
}
