//! Who is signed in, by the hash of a secret that only the browser has.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{organizations, sessions, users};
use super::times::{from_naive, to_naive};
use super::users::{Row, User, columns, user};

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: i64,
    pub begun_at: DateTime<Utc>,
    /// When it was last used, to a few minutes.
    pub seen_at: DateTime<Utc>,
    pub user: User,
}

/// Begins a session of a user that is not shut out and still has this password; `false` where not.
pub fn begin(
    connection: &mut AnyConnection,
    (user, password_hash): (i64, &str),
    hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    const OPERATION: &str = "beginning a session";
    let may = users::table
        .find(user)
        .filter(users::password_hash.eq(password_hash).and(users::disabled_at.is_null()))
        .select(users::id);
    let found: Option<i64> = may.first(connection).optional().during(OPERATION)?;
    if found.is_none() {
        return Ok(false);
    }
    diesel::insert_into(sessions::table)
        .values((
            sessions::user_id.eq(user),
            sessions::hash.eq(hash),
            sessions::begun_at.eq(to_naive(now)),
            sessions::seen_at.eq(to_naive(now)),
        ))
        .execute(connection)
        .map(|_| true)
        .during(OPERATION)
}

/// The session of a hash, however old, unless its user is shut out.
pub fn of_hash(connection: &mut AnyConnection, hash: &str) -> Result<Option<Session>, DbError> {
    type Found = (i64, NaiveDateTime, NaiveDateTime, Row);
    let found: Option<Found> = sessions::table
        .inner_join(users::table.left_join(organizations::table))
        .filter(sessions::hash.eq(hash).and(users::disabled_at.is_null()))
        .select((sessions::id, sessions::begun_at, sessions::seen_at, columns!()))
        .first(connection)
        .optional()
        .during("looking for a session")?;
    let Some((id, begun_at, seen_at, row)) = found else { return Ok(None) };
    let (begun_at, seen_at) = (from_naive(begun_at), from_naive(seen_at));
    Ok(Some(Session { id, begun_at, seen_at, user: user(row)? }))
}

/// Notes that a session is in use.
pub fn seen(connection: &mut AnyConnection, id: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::seen_at.eq(to_naive(now)))
        .execute(connection)
        .map(drop)
        .during("noting a session's use")
}

/// Ends one session.
pub fn end(connection: &mut AnyConnection, id: i64) -> Result<(), DbError> {
    diesel::delete(sessions::table.find(id))
        .execute(connection)
        .map(drop)
        .during("ending a session")
}

/// Ends every session of a user.
pub fn end_all_of(connection: &mut AnyConnection, user: i64) -> Result<(), DbError> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user)))
        .execute(connection)
        .map(drop)
        .during("ending a user's sessions")
}

/// Ends every session there is.
pub fn end_all(connection: &mut AnyConnection) -> Result<(), DbError> {
    diesel::delete(sessions::table).execute(connection).map(drop).during("ending all sessions")
}

/// Forgets sessions that began or were last used before these instants; says how many.
pub fn forget(
    connection: &mut AnyConnection,
    begun_before: DateTime<Utc>,
    seen_before: DateTime<Utc>,
) -> Result<usize, DbError> {
    let is_old = sessions::begun_at
        .lt(to_naive(begun_before))
        .or(sessions::seen_at.lt(to_naive(seen_before)));
    diesel::delete(sessions::table.filter(is_old))
        .execute(connection)
        .during("forgetting old sessions")
}
