//! Accounts, and products with their prices and milestones.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During};
use crate::db::schema::{organizations, product_prices, products};
use crate::domain::analysis::Milestones;
use crate::domain::ids::{Manufacturer, OrganizationId, PartNumber};
use crate::domain::money::Money;

/// An organization, as far as RMAs need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: OrganizationId,
    pub name: String,
    pub currency: String,
    pub bill_to: String,
    pub email: Option<String>,
}

pub fn account(
    connection: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Option<Account>, DbError> {
    let row: Option<(i64, String, String, String, Option<String>)> = organizations::table
        .filter(organizations::id.eq(id.0))
        .select((
            organizations::id,
            organizations::name,
            organizations::currency,
            organizations::bill_to,
            organizations::email,
        ))
        .first(connection)
        .optional()
        .during("loading an account")?;
    Ok(row.map(|(id, name, currency, bill_to, email)| Account {
        id: OrganizationId(id),
        name,
        currency,
        bill_to,
        email,
    }))
}

/// The account of a name, as the register spells it.
pub fn account_named(
    connection: &mut AnyConnection,
    name: &str,
) -> Result<Option<Account>, DbError> {
    let id: Option<i64> = organizations::table
        .filter(organizations::name.eq(name))
        .select(organizations::id)
        .first(connection)
        .optional()
        .during("looking for an account")?;
    match id {
        Some(id) => account(connection, OrganizationId(id)),
        None => Ok(None),
    }
}

/// A product's contract manufacturer, and its list price in one currency where it has one.
#[derive(Debug, Clone)]
pub struct ProductFacts {
    pub description: String,
    pub contract_manufacturer: String,
    pub list_price: Option<Money>,
}

pub fn product(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    part: &PartNumber,
    currency: crate::domain::money::Currency,
) -> Result<Option<ProductFacts>, DbError> {
    let row: Option<(String, String, Option<i64>)> = products::table
        .left_join(
            product_prices::table.on(product_prices::product_id
                .eq(products::id)
                .and(product_prices::currency.eq(currency.code()))),
        )
        .filter(products::manufacturer.eq(manufacturer.as_str()))
        .filter(products::part_number.eq(part.as_str()))
        .select((
            products::description,
            products::contract_manufacturer,
            product_prices::amount_minor.nullable(),
        ))
        .first(connection)
        .optional()
        .during("loading a product")?;
    Ok(row.map(|(description, contract_manufacturer, minor)| ProductFacts {
        description,
        contract_manufacturer,
        list_price: minor.map(|minor| Money { minor, currency }),
    }))
}

/// What the register knows of a product's life; nothing of a product it does not have.
pub fn milestones(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    part: &PartNumber,
) -> Result<Option<Milestones>, DbError> {
    let row: Option<(Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>)> = products::table
        .filter(products::manufacturer.eq(manufacturer.as_str()))
        .filter(products::part_number.eq(part.as_str()))
        .select((products::frs_on, products::eol_on, products::eos_on))
        .first(connection)
        .optional()
        .during("loading a product's milestones")?;
    Ok(row.map(|(frs_on, eol_on, eos_on)| Milestones { frs_on, eol_on, eos_on }))
}
