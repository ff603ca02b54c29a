//! Accounts and sites as a caller may see them, by pages in the order of their rows.

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::organizations::PartnerRecord;
use super::schema::{organizations, sites};
use super::scope::Scope;
use crate::domain::ids::OrganizationId;

/// An account with its key.
#[derive(Debug, Clone, Queryable)]
pub struct AccountRow {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub currency: String,
    pub bill_to: String,
    pub email: Option<String>,
    pub partner: PartnerRecord,
}

/// A site with its key and its account's name.
#[derive(Debug, Clone, Queryable)]
pub struct SiteRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub account: Option<String>,
    pub region: String,
    pub address: String,
    pub country: String,
    pub zone: String,
    pub calendar: String,
    pub cut_off: Option<String>,
}

/// The accounts a scope knows; none for everything.
fn known(scope: &Scope) -> Option<Vec<i64>> {
    match scope {
        Scope::All => None,
        Scope::Accounts(accounts) => Some(accounts.iter().map(|OrganizationId(id)| *id).collect()),
        Scope::Opener { account, .. } => Some(vec![account.0]),
    }
}

/// Which rows: one by its name, or those after a key.
#[derive(Debug, Clone, Default)]
pub struct Which {
    pub id: Option<i64>,
    pub name: Option<String>,
    pub after: i64,
    pub limit: i64,
}

/// Accounts in the order of their keys.
pub fn accounts(
    connection: &mut AnyConnection,
    scope: &Scope,
    which: &Which,
) -> Result<Vec<AccountRow>, DbError> {
    let mut query = organizations::table
        .filter(organizations::id.gt(which.after))
        .order(organizations::id)
        .limit(which.limit)
        .select((
            organizations::id,
            organizations::name,
            organizations::kind,
            organizations::currency,
            organizations::bill_to,
            organizations::email,
            PartnerRecord::as_select(),
        ))
        .into_boxed();
    if let Some(known) = known(scope) {
        query = query.filter(organizations::id.eq_any(known));
    }
    if let Some(id) = which.id {
        query = query.filter(organizations::id.eq(id));
    }
    if let Some(name) = &which.name {
        query = query.filter(organizations::name.eq(name));
    }
    query.load(connection).during("listing accounts")
}

/// Sites in the order of their keys; `name` is a site's code.
pub fn sites(
    connection: &mut AnyConnection,
    scope: &Scope,
    which: &Which,
) -> Result<Vec<SiteRow>, DbError> {
    let mut query = sites::table
        .left_join(organizations::table)
        .filter(sites::id.gt(which.after))
        .order(sites::id)
        .limit(which.limit)
        .select((
            sites::id,
            sites::code,
            sites::name,
            sites::kind,
            organizations::name.nullable(),
            sites::region,
            sites::address,
            sites::country,
            sites::zone,
            sites::calendar,
            sites::cut_off,
        ))
        .into_boxed();
    if let Some(known) = known(scope) {
        query = query.filter(sites::organization_id.eq_any(known));
    }
    if let Some(code) = &which.name {
        query = query.filter(sites::code.eq(code));
    }
    query.load(connection).during("listing sites")
}
