//! Products and their list prices.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{product_prices, products};
use crate::domain::ids::{Family, Manufacturer, PartNumber};

/// A product without its key and prices.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_null = true)]
pub struct ProductRecord {
    pub manufacturer: String,
    pub part_number: String,
    pub description: String,
    pub contract_manufacturer: String,
    /// First revenue ship.
    pub frs_on: Option<NaiveDate>,
    /// End of life.
    pub eol_on: Option<NaiveDate>,
    /// End of support.
    pub eos_on: Option<NaiveDate>,
    /// End of engineering.
    pub eoe_on: Option<NaiveDate>,
    /// The part the manufacturer names in its place.
    pub replacement_part: Option<String>,
    /// Chooses the questionnaire.
    pub family: Option<String>,
}

/// Minor units by ISO 4217 code.
pub type Prices = BTreeMap<String, i64>;

/// Manufacturer and part number of every product.
pub fn product_keys(connection: &mut AnyConnection) -> Result<Vec<(String, String)>, DbError> {
    products::table
        .select((products::manufacturer, products::part_number))
        .load(connection)
        .during("reading the products")
}

/// The family of a product; none where the product is unknown or has none.
pub fn family(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    part: &PartNumber,
) -> Result<Option<Family>, DbError> {
    const OPERATION: &str = "reading a product's family";
    let name: Option<Option<String>> = products::table
        .filter(products::manufacturer.eq(manufacturer.as_str()))
        .filter(products::part_number.eq(part.as_str()))
        .select(products::family)
        .first(connection)
        .optional()
        .during(OPERATION)?;
    name.flatten().map(|name| stored(OPERATION, &name)).transpose()
}

/// The manufacturers that have products, in the order of their names.
pub fn manufacturers(connection: &mut AnyConnection) -> Result<Vec<Manufacturer>, DbError> {
    const OPERATION: &str = "reading the manufacturers";
    let names: Vec<String> = products::table
        .select(products::manufacturer)
        .distinct()
        .order(products::manufacturer)
        .load(connection)
        .during(OPERATION)?;
    names.iter().map(|name| stored(OPERATION, name)).collect()
}

/// All products with their keys and prices.
pub fn products(
    connection: &mut AnyConnection,
) -> Result<Vec<(i64, ProductRecord, Prices)>, DbError> {
    let rows: Vec<(i64, ProductRecord)> = products::table
        .select((products::id, ProductRecord::as_select()))
        .load(connection)
        .during("reading the products")?;
    let prices: Vec<(i64, String, i64)> = product_prices::table
        .select((
            product_prices::product_id,
            product_prices::currency,
            product_prices::amount_minor,
        ))
        .load(connection)
        .during("reading the list prices")?;
    let mut by_product: HashMap<i64, Prices> = HashMap::new();
    for (product, currency, amount) in prices {
        by_product.entry(product).or_default().insert(currency, amount);
    }
    let with_prices = |(id, record)| (id, record, by_product.remove(&id).unwrap_or_default());
    Ok(rows.into_iter().map(with_prices).collect())
}

pub fn insert_product(
    connection: &mut AnyConnection,
    record: &ProductRecord,
    prices: &Prices,
) -> Result<(), DbError> {
    let id = diesel::insert_into(products::table)
        .values(record)
        .returning(products::id)
        .get_result(connection)
        .during("adding a product")?;
    insert_prices(connection, id, prices)
}

/// Changes a product; its prices become exactly these.
pub fn update_product(
    connection: &mut AnyConnection,
    id: i64,
    record: &ProductRecord,
    prices: &Prices,
) -> Result<(), DbError> {
    diesel::update(products::table.find(id))
        .set(record)
        .execute(connection)
        .during("changing a product")?;
    diesel::delete(product_prices::table.filter(product_prices::product_id.eq(id)))
        .execute(connection)
        .during("changing list prices")?;
    insert_prices(connection, id, prices)
}

fn insert_prices(
    connection: &mut AnyConnection,
    product: i64,
    prices: &Prices,
) -> Result<(), DbError> {
    for (currency, amount) in prices {
        diesel::insert_into(product_prices::table)
            .values((
                product_prices::product_id.eq(product),
                product_prices::currency.eq(currency),
                product_prices::amount_minor.eq(amount),
            ))
            .execute(connection)
            .during("adding list prices")?;
    }
    Ok(())
}
