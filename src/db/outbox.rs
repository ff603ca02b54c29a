//! Messages to send: leased one by one, sent outside of any transaction, marked under the lease's
//! fencing token; and the notes that keep on a case what was said.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{case_notes, outbox, rmas};
use super::times::{from_naive, to_naive};
use crate::words;

words! {
    /// How far a message has come.
    MessageState("state of a message") {
        /// To be sent, now or at its next attempt.
        Pending = "pending",
        /// Leased by an instance.
        Sending = "sending",
        Sent = "sent",
        /// Laid aside with its reason, until somebody retries it.
        Dead = "dead",
    }
}

/// A message somebody holds, under a fencing token.
#[derive(Debug, Clone)]
pub struct Leased {
    pub id: i64,
    /// Counts the leases of this message.
    pub token: i32,
    /// Counts the tries since it was stored or retried, this one included.
    pub attempt: i32,
    /// None on a message of a report run.
    pub rma: Option<RmaKeys>,
    pub sequence: i64,
    pub kind: String,
    pub recipient: String,
    pub payload: String,
    pub created_at: DateTime<Utc>,
}

/// The RMA a message is about.
#[derive(Debug, Clone)]
pub struct RmaKeys {
    pub id: i64,
    pub number: String,
    pub case_id: i64,
}

/// The messages that may be sent at `now`, oldest first.
pub fn due(
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<i64>, DbError> {
    outbox::table
        .filter(outbox::state.eq(MessageState::Pending.as_str()))
        .filter(outbox::next_at.is_null().or(outbox::next_at.le(to_naive(now)).assume_not_null()))
        .or_filter(
            outbox::state
                .eq(MessageState::Sending.as_str())
                .and(outbox::lease_until.le(to_naive(now)).assume_not_null()),
        )
        // In the words of the index `outbox_waiting`, which SQLite knows by them alone.
        .filter(sql::<Bool>("state <> 'sent'"))
        .order(outbox::id)
        .limit(limit)
        .select(outbox::id)
        .load(connection)
        .during("looking for messages to send")
}

type Row = (i64, i32, i32, Option<i64>, i64, String, String, String, NaiveDateTime);

/// Takes a message until `until`; none if another instance was first. The conditions stand in the
/// UPDATE itself, so that of many only one gets it.
pub fn lease(
    connection: &mut AnyConnection,
    id: i64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Leased>, DbError> {
    const OPERATION: &str = "leasing a message";
    let now = to_naive(now);
    let waiting = outbox::state
        .eq(MessageState::Pending.as_str())
        .and(outbox::next_at.is_null().or(outbox::next_at.le(now).assume_not_null()));
    let abandoned = outbox::state
        .eq(MessageState::Sending.as_str())
        .and(outbox::lease_until.le(now).assume_not_null());
    let row: Option<Row> = diesel::update(outbox::table)
        .filter(outbox::id.eq(id).and(waiting.or(abandoned)))
        .set((
            outbox::state.eq(MessageState::Sending.as_str()),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::token.eq(outbox::token + 1),
            outbox::lease_until.eq(to_naive(until)),
        ))
        .returning((
            outbox::id,
            outbox::token,
            outbox::attempts,
            outbox::rma_id,
            outbox::sequence,
            outbox::kind,
            outbox::recipient,
            outbox::payload,
            outbox::created_at,
        ))
        .get_result(connection)
        .optional()
        .during(OPERATION)?;
    let Some((id, token, attempt, rma_id, sequence, kind, recipient, payload, created_at)) = row
    else {
        return Ok(None);
    };
    let rma = match rma_id {
        None => None,
        Some(rma_id) => {
            let (number, case_id) = rmas::table
                .filter(rmas::id.eq(rma_id))
                .select((rmas::number, rmas::case_id))
                .first(connection)
                .during(OPERATION)?;
            Some(RmaKeys { id: rma_id, number, case_id })
        }
    };
    let created_at = from_naive(created_at);
    Ok(Some(Leased { id, token, attempt, rma, sequence, kind, recipient, payload, created_at }))
}

/// Marks a leased message as sent. `false`: the lease had run out and another instance has it.
pub fn mark_sent(
    connection: &mut AnyConnection,
    leased: &Leased,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    diesel::update(outbox::table)
        .filter(held(leased))
        .set((
            outbox::state.eq(MessageState::Sent.as_str()),
            outbox::sent_at.eq(to_naive(at)),
            outbox::lease_until.eq(None::<NaiveDateTime>),
            outbox::error.eq(None::<String>),
        ))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("marking a message as sent")
}

/// Gives a leased message back to be tried at `next_at`, or lays it aside where there is none.
pub fn mark_failed(
    connection: &mut AnyConnection,
    leased: &Leased,
    next_at: Option<DateTime<Utc>>,
    error: &str,
) -> Result<bool, DbError> {
    let state = if next_at.is_some() { MessageState::Pending } else { MessageState::Dead };
    diesel::update(outbox::table)
        .filter(held(leased))
        .set((
            outbox::state.eq(state.as_str()),
            outbox::next_at.eq(next_at.map(to_naive)),
            outbox::lease_until.eq(None::<NaiveDateTime>),
            outbox::error.eq(error),
        ))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("marking a message as not sent")
}

/// The fencing token's check: the row is still under the lease that `leased` came from.
#[diesel::dsl::auto_type(no_type_alias)]
fn held(leased: &Leased) -> _ {
    let (id, token): (i64, i32) = (leased.id, leased.token);
    let sending: &'static str = MessageState::Sending.as_str();
    outbox::id.eq(id).and(outbox::token.eq(token)).and(outbox::state.eq(sending))
}

/// The kind of a message that tells of a report run.
pub const REPORT: &str = "report";

/// Stores a message that tells of a report run.
pub fn add_report_message(
    connection: &mut AnyConnection,
    run_id: i64,
    recipient: &str,
    payload: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::run_id.eq(run_id),
            outbox::sequence.eq(run_id),
            outbox::kind.eq(REPORT),
            outbox::recipient.eq(recipient),
            outbox::payload.eq(payload),
            outbox::state.eq(MessageState::Pending.as_str()),
            outbox::created_at.eq(to_naive(now)),
        ))
        .execute(connection)
        .map(|_| ())
        .during("storing a report's message")
}

/// A note on a case.
#[derive(Debug, Clone)]
pub struct CaseNote<'a> {
    pub case_id: i64,
    pub rma_id: Option<i64>,
    /// The message it is the copy of.
    pub outbox_id: Option<i64>,
    pub author: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub noted_at: DateTime<Utc>,
}

pub fn add_note(connection: &mut AnyConnection, note: &CaseNote<'_>) -> Result<(), DbError> {
    diesel::insert_into(case_notes::table)
        .values((
            case_notes::case_id.eq(note.case_id),
            case_notes::rma_id.eq(note.rma_id),
            case_notes::outbox_id.eq(note.outbox_id),
            case_notes::author.eq(note.author),
            case_notes::subject.eq(note.subject),
            case_notes::body.eq(note.body),
            case_notes::noted_at.eq(to_naive(note.noted_at)),
        ))
        .execute(connection)
        .map(|_| ())
        .during("noting on a case")
}

/// The notes of a case, oldest first: when, who, subject, body.
pub fn notes(
    connection: &mut AnyConnection,
    case_id: i64,
) -> Result<Vec<(NaiveDateTime, String, String, String)>, DbError> {
    case_notes::table
        .filter(case_notes::case_id.eq(case_id))
        .order(case_notes::id)
        .select((case_notes::noted_at, case_notes::author, case_notes::subject, case_notes::body))
        .load(connection)
        .during("loading a case's notes")
}

/// A message as somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Listed {
    pub id: i64,
    pub rma: Option<String>,
    pub kind: String,
    pub recipient: String,
    pub state: String,
    pub attempts: i32,
    pub created_at: NaiveDateTime,
    pub next_at: Option<NaiveDateTime>,
    pub error: Option<String>,
}

/// The messages in a state, oldest first.
pub fn list(
    connection: &mut AnyConnection,
    state: MessageState,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    outbox::table
        .left_join(rmas::table)
        .filter(outbox::state.eq(state.as_str()))
        .order(outbox::id)
        .limit(limit)
        .select((
            outbox::id,
            rmas::number.nullable(),
            outbox::kind,
            outbox::recipient,
            outbox::state,
            outbox::attempts,
            outbox::created_at,
            outbox::next_at,
            outbox::error,
        ))
        .load(connection)
        .during("listing messages")
}

/// Sends a message laid aside, or one that waits for its next attempt, again from now on; `false`
/// where there is none. It has all its attempts again.
pub fn retry(connection: &mut AnyConnection, id: i64) -> Result<bool, DbError> {
    let states = [MessageState::Dead.as_str(), MessageState::Pending.as_str()];
    diesel::update(outbox::table)
        .filter(outbox::id.eq(id).and(outbox::state.eq_any(states)))
        .set((
            outbox::state.eq(MessageState::Pending.as_str()),
            outbox::attempts.eq(0),
            outbox::next_at.eq(None::<NaiveDateTime>),
        ))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("retrying a message")
}
