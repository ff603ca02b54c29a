//! Accounts, partners and distributors.

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::organizations;

/// An organization without its key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_null = true)]
pub struct OrganizationRecord {
    pub name: String,
    /// An `OrganizationKind`'s word.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
    pub bill_to: String,
    pub email: Option<String>,
}

/// All organizations with their keys.
pub fn organizations(
    connection: &mut AnyConnection,
) -> Result<Vec<(i64, OrganizationRecord)>, DbError> {
    organizations::table
        .select((organizations::id, OrganizationRecord::as_select()))
        .load(connection)
        .during("reading the organizations")
}

pub fn insert_organization(
    connection: &mut AnyConnection,
    record: &OrganizationRecord,
) -> Result<(), DbError> {
    let insert = diesel::insert_into(organizations::table).values(record);
    insert.execute(connection).map(drop).during("adding an organization")
}

pub fn update_organization(
    connection: &mut AnyConnection,
    id: i64,
    record: &OrganizationRecord,
) -> Result<(), DbError> {
    let update = diesel::update(organizations::table.find(id)).set(record);
    update.execute(connection).map(drop).during("changing an organization")
}
