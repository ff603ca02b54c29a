//! Answers kept under the key a client chose for its request, in the write of the effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::idempotency_keys;
use super::times::to_naive;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Name and value of each header that belongs to the answer.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What a key turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Never used: the effect may happen, and its answer must be kept with [`keep`].
    New,
    /// Used for this very request.
    Replay(Answer),
    /// Used for another request.
    Other,
}

/// Claims a key of somebody (`token:7`, `user:7`) inside an open write. While another write holds the same key this one waits for it; when
/// that one ends without a result, the key is free again.
pub fn claim(
    connection: &mut AnyConnection,
    principal: &str,
    key: &str,
    fingerprint: &str,
    now: DateTime<Utc>,
) -> Result<Claim, DbError> {
    const OPERATION: &str = "claiming an idempotency key";
    let insert = diesel::insert_into(idempotency_keys::table).values((
        idempotency_keys::principal.eq(principal),
        idempotency_keys::idempotency_key.eq(key),
        idempotency_keys::fingerprint.eq(fingerprint),
        idempotency_keys::status.eq(0),
        idempotency_keys::headers.eq("[]"),
        idempotency_keys::body.eq(""),
        idempotency_keys::created_at.eq(to_naive(now)),
    ));
    let inserted = match connection {
        AnyConnection::Sqlite(c) => insert.on_conflict_do_nothing().execute(c),
        AnyConnection::Postgres(c) => insert.on_conflict_do_nothing().execute(c),
    }
    .during(OPERATION)?;
    if inserted == 1 {
        return Ok(Claim::New);
    }
    let (known, status, headers, body): (String, i16, String, String) = idempotency_keys::table
        .find((principal, key))
        .select((
            idempotency_keys::fingerprint,
            idempotency_keys::status,
            idempotency_keys::headers,
            idempotency_keys::body,
        ))
        .first(connection)
        .during(OPERATION)?;
    if known != fingerprint {
        return Ok(Claim::Other);
    }
    let corrupt = |detail: String| DbError::Corrupt { operation: OPERATION, detail };
    let headers = serde_json::from_str(&headers).map_err(|e| corrupt(e.to_string()))?;
    let status = u16::try_from(status).map_err(|e| corrupt(e.to_string()))?;
    Ok(Claim::Replay(Answer { status, headers, body }))
}

/// Keeps the answer of a claimed key, in the write of its effect.
pub fn keep(
    connection: &mut AnyConnection,
    principal: &str,
    key: &str,
    answer: &Answer,
) -> Result<(), DbError> {
    const OPERATION: &str = "keeping an answer";
    let corrupt = |detail: String| DbError::Corrupt { operation: OPERATION, detail };
    let headers = serde_json::to_string(&answer.headers).map_err(|e| corrupt(e.to_string()))?;
    let status = i16::try_from(answer.status).map_err(|e| corrupt(e.to_string()))?;
    diesel::update(idempotency_keys::table.find((principal, key)))
        .set((
            idempotency_keys::status.eq(status),
            idempotency_keys::headers.eq(headers),
            idempotency_keys::body.eq(&answer.body),
        ))
        .execute(connection)
        .map(drop)
        .during(OPERATION)
}

/// Forgets the answers given before an instant; says how many.
pub fn forget_before(
    connection: &mut AnyConnection,
    instant: DateTime<Utc>,
) -> Result<usize, DbError> {
    diesel::delete(idempotency_keys::table)
        .filter(idempotency_keys::created_at.lt(to_naive(instant)))
        .execute(connection)
        .during("forgetting old answers")
}
