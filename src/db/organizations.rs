//! Accounts, partners and distributors.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::organizations;
use crate::domain::ids::OrganizationId;
use crate::domain::partner::{Held, Partner};
use crate::domain::site::OrganizationKind;

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
    #[diesel(embed)]
    pub partner: PartnerRecord,
}

/// What a partner may use support by (ENT-1); nothing of it for other organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_null = true)]
pub struct PartnerRecord {
    /// A `Qualification`'s word.
    pub qualification: Option<String>,
    pub qualified_from: Option<NaiveDate>,
    /// The last day; none until further notice.
    pub qualified_until: Option<NaiveDate>,
    /// Its number.
    pub partner_contract: Option<String>,
    pub partner_contract_from: Option<NaiveDate>,
    /// The last day; none until further notice.
    pub partner_contract_until: Option<NaiveDate>,
}

impl PartnerRecord {
    /// What it says of the partner of this name.
    fn partner(self, name: String) -> Result<Partner, DbError> {
        let qualification = match (&self.qualification, self.qualified_from) {
            (Some(word), Some(from_on)) => {
                let what = stored("reading a partner's qualification", word)?;
                Some(Held { what, from_on, through_on: self.qualified_until })
            }
            _ => None,
        };
        let contract = self.partner_contract.zip(self.partner_contract_from);
        let contract = contract.map(|(what, from_on)| Held {
            what,
            from_on,
            through_on: self.partner_contract_until,
        });
        Ok(Partner { name, qualification, contract })
    }
}

/// A partner with what is recorded of it; none where the organization is of another kind.
pub fn partner(
    connection: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Option<Partner>, DbError> {
    let row: Option<(String, PartnerRecord)> = organizations::table
        .find(id.0)
        .filter(organizations::kind.eq(OrganizationKind::Partner.as_str()))
        .select((organizations::name, PartnerRecord::as_select()))
        .first(connection)
        .optional()
        .during("reading a partner")?;
    row.map(|(name, record)| record.partner(name)).transpose()
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
