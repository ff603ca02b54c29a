//! Bearer tokens, kept by their hash, and the links between partners and their end customers.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{organizations, partner_links, tokens};
use super::times::{from_naive, to_naive};
use crate::domain::ids::OrganizationId;
use crate::domain::rma::Role;

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub user_email: Option<String>,
    pub organization: Option<OrganizationId>,
    pub account: Option<String>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_on: Option<NaiveDate>,
}

/// A token to add.
#[derive(Debug, Clone)]
pub struct NewToken<'a> {
    /// SHA-256 of the token, as 64 hexadecimal digits.
    pub hash: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub user_email: Option<&'a str>,
    pub organization: Option<OrganizationId>,
    pub created_at: DateTime<Utc>,
}

pub fn insert(connection: &mut AnyConnection, token: &NewToken<'_>) -> Result<i64, DbError> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::hash.eq(token.hash),
            tokens::name.eq(token.name),
            tokens::role.eq(token.role.as_str()),
            tokens::user_email.eq(token.user_email),
            tokens::organization_id.eq(token.organization.map(|id| id.0)),
            tokens::created_at.eq(to_naive(token.created_at)),
        ))
        .returning(tokens::id)
        .get_result(connection)
        .during("storing a token")
}

type Row = (
    i64,
    String,
    String,
    Option<String>,
    Option<i64>,
    Option<String>,
    NaiveDateTime,
    Option<NaiveDateTime>,
    Option<NaiveDate>,
);

fn token(row: Row) -> Result<Token, DbError> {
    let (id, name, role, user_email, organization, account, created_at, revoked_at, last_used_on) =
        row;
    Ok(Token {
        id,
        name,
        role: stored("reading a token's role", &role)?,
        user_email,
        organization: organization.map(OrganizationId),
        account,
        created_at: from_naive(created_at),
        revoked_at: revoked_at.map(from_naive),
        last_used_on,
    })
}

macro_rules! columns {
    () => {
        tokens::table.left_join(organizations::table).select((
            tokens::id,
            tokens::name,
            tokens::role,
            tokens::user_email,
            tokens::organization_id,
            organizations::name.nullable(),
            tokens::created_at,
            tokens::revoked_at,
            tokens::last_used_on,
        ))
    };
}

/// The token of a hash, if it is not revoked.
pub fn of_hash(connection: &mut AnyConnection, hash: &str) -> Result<Option<Token>, DbError> {
    let row: Option<Row> = columns!()
        .filter(tokens::hash.eq(hash).and(tokens::revoked_at.is_null()))
        .first(connection)
        .optional()
        .during("looking for a token")?;
    row.map(token).transpose()
}

/// All tokens, the oldest first, revoked ones included.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Token>, DbError> {
    let rows: Vec<Row> =
        columns!().order(tokens::id).load(connection).during("listing the tokens")?;
    rows.into_iter().map(token).collect()
}

/// Ends a token; `false` where there is no such living one.
pub fn revoke(
    connection: &mut AnyConnection,
    id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    diesel::update(tokens::table)
        .filter(tokens::id.eq(id).and(tokens::revoked_at.is_null()))
        .set(tokens::revoked_at.eq(to_naive(now)))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("revoking a token")
}

/// Remembers the day of a token's last use.
pub fn used_on(connection: &mut AnyConnection, id: i64, day: NaiveDate) -> Result<(), DbError> {
    diesel::update(tokens::table.filter(tokens::id.eq(id)))
        .set(tokens::last_used_on.eq(day))
        .execute(connection)
        .map(drop)
        .during("noting a token's use")
}

/// The end customers linked to a partner.
pub fn customers_of(
    connection: &mut AnyConnection,
    partner: OrganizationId,
) -> Result<Vec<OrganizationId>, DbError> {
    partner_links::table
        .filter(partner_links::partner_id.eq(partner.0))
        .select(partner_links::customer_id)
        .order(partner_links::customer_id)
        .load::<i64>(connection)
        .map(|ids| ids.into_iter().map(OrganizationId).collect())
        .during("reading a partner's customers")
}

/// Every link: the partner, and the end customer.
pub fn links(
    connection: &mut AnyConnection,
) -> Result<HashSet<(OrganizationId, OrganizationId)>, DbError> {
    let rows: Vec<(i64, i64)> = partner_links::table
        .select((partner_links::partner_id, partner_links::customer_id))
        .load(connection)
        .during("reading the partners' customers")?;
    Ok(rows.into_iter().map(|(p, c)| (OrganizationId(p), OrganizationId(c))).collect())
}

/// Links an end customer to a partner; linking again changes nothing.
pub fn link(
    connection: &mut AnyConnection,
    partner: OrganizationId,
    customer: OrganizationId,
) -> Result<(), DbError> {
    let values =
        (partner_links::partner_id.eq(partner.0), partner_links::customer_id.eq(customer.0));
    let insert = diesel::insert_into(partner_links::table).values(values);
    match connection {
        AnyConnection::Sqlite(c) => insert.on_conflict_do_nothing().execute(c),
        AnyConnection::Postgres(c) => insert.on_conflict_do_nothing().execute(c),
    }
    .map(drop)
    .during("linking a customer to a partner")
}

/// Ends a link; `false` where there was none.
pub fn unlink(
    connection: &mut AnyConnection,
    partner: OrganizationId,
    customer: OrganizationId,
) -> Result<bool, DbError> {
    diesel::delete(partner_links::table)
        .filter(partner_links::partner_id.eq(partner.0))
        .filter(partner_links::customer_id.eq(customer.0))
        .execute(connection)
        .map(|gone| gone == 1)
        .during("ending a partner's link")
}

/// The organization of a name, with its kind's word.
pub fn organization_of_name(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Option<(OrganizationId, String)>, DbError> {
    let row: Option<(i64, String)> = organizations::table
        .filter(organizations::name.eq(name))
        .select((organizations::id, organizations::kind))
        .first(connection)
        .optional()
        .during("looking for an organization")?;
    Ok(row.map(|(id, kind)| (OrganizationId(id), kind)))
}
