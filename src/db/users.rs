//! People who sign in with a password.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{organizations, sites, users};
use super::times::{from_naive, to_naive};
use crate::domain::ids::OrganizationId;
use crate::domain::rma::Role;

/// A user as lists show it, without the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    /// In small letters.
    pub email: String,
    pub role: Role,
    pub organization: Option<OrganizationId>,
    pub account: Option<String>,
    /// IANA.
    pub zone: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A user to add.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    pub email: &'a str,
    pub role: Role,
    pub organization: Option<OrganizationId>,
    pub zone: &'a str,
    pub password_hash: &'a str,
    pub created_at: DateTime<Utc>,
}

/// Adds a user; a second one of the same address is a unique violation.
pub fn insert(connection: &mut AnyConnection, user: &NewUser<'_>) -> Result<i64, DbError> {
    diesel::insert_into(users::table)
        .values((
            users::email.eq(user.email),
            users::role.eq(user.role.as_str()),
            users::organization_id.eq(user.organization.map(|id| id.0)),
            users::zone.eq(user.zone),
            users::password_hash.eq(user.password_hash),
            users::password_set_at.eq(to_naive(user.created_at)),
            users::created_at.eq(to_naive(user.created_at)),
        ))
        .returning(users::id)
        .get_result(connection)
        .during("storing a user")
}

pub(super) type Row = (
    i64,
    String,
    String,
    Option<i64>,
    Option<String>,
    String,
    NaiveDateTime,
    Option<NaiveDateTime>,
);

pub(super) fn user(row: Row) -> Result<User, DbError> {
    let (id, email, role, organization, account, zone, created_at, disabled_at) = row;
    Ok(User {
        id,
        email,
        role: stored("reading a user's role", &role)?,
        organization: organization.map(OrganizationId),
        account,
        zone,
        created_at: from_naive(created_at),
        disabled_at: disabled_at.map(from_naive),
    })
}

macro_rules! columns {
    () => {
        (
            $crate::db::schema::users::id,
            $crate::db::schema::users::email,
            $crate::db::schema::users::role,
            $crate::db::schema::users::organization_id,
            $crate::db::schema::organizations::name.nullable(),
            $crate::db::schema::users::zone,
            $crate::db::schema::users::created_at,
            $crate::db::schema::users::disabled_at,
        )
    };
}
pub(super) use columns;

/// Every user by address, the disabled ones included.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<User>, DbError> {
    let rows: Vec<Row> = users::table
        .left_join(organizations::table)
        .select(columns!())
        .order(users::email)
        .load(connection)
        .during("listing the users")?;
    rows.into_iter().map(user).collect()
}

/// The user of an address (in small letters) with the hash of the password.
pub fn of_email(
    connection: &mut AnyConnection,
    email: &str,
) -> Result<Option<(User, String)>, DbError> {
    let row: Option<(Row, String)> = users::table
        .left_join(organizations::table)
        .filter(users::email.eq(email))
        .select((columns!(), users::password_hash))
        .first(connection)
        .optional()
        .during("looking for a user")?;
    row.map(|(row, hash)| Ok((user(row)?, hash))).transpose()
}

/// Keeps another hash of a password.
pub fn set_password(
    connection: &mut AnyConnection,
    id: i64,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(users::table.find(id))
        .set((users::password_hash.eq(hash), users::password_set_at.eq(to_naive(now))))
        .execute(connection)
        .map(drop)
        .during("keeping a password")
}

/// Keeps the same password under other parameters, unless it was changed meanwhile.
pub fn rehash(
    connection: &mut AnyConnection,
    id: i64,
    (old, new): (&str, &str),
) -> Result<(), DbError> {
    diesel::update(users::table.find(id).filter(users::password_hash.eq(old)))
        .set(users::password_hash.eq(new))
        .execute(connection)
        .map(drop)
        .during("keeping a password under other parameters")
}

/// Shuts a user out since an instant, or lets it in again.
pub fn set_disabled(
    connection: &mut AnyConnection,
    id: i64,
    since: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    diesel::update(users::table.find(id))
        .set(users::disabled_at.eq(since.map(to_naive)))
        .execute(connection)
        .map(drop)
        .during("disabling a user")
}

pub fn set_zone(connection: &mut AnyConnection, id: i64, zone: &str) -> Result<(), DbError> {
    diesel::update(users::table.find(id))
        .set(users::zone.eq(zone))
        .execute(connection)
        .map(drop)
        .during("keeping a user's zone")
}

/// The zone of an account's first site.
pub fn zone_of_account(
    connection: &mut AnyConnection,
    account: OrganizationId,
) -> Result<Option<String>, DbError> {
    sites::table
        .filter(sites::organization_id.eq(account.0))
        .order(sites::id)
        .select(sites::zone)
        .first(connection)
        .optional()
        .during("looking for an account's zone")
}
