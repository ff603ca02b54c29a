//! Rows in the importers' own columns, put into the register.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use homeward::db::schema::{
    contracts, coverage, organizations, product_prices, products, site_days, sites, units,
};
use homeward::db::{AnyConnection, Database, DbError};

type Row = HashMap<String, String>;

/// Takes in a CSV file of `subject`, as `homeward import` would.
pub fn bring_in(db: &Database, subject: &str, text: &str) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<Row> = reader.deserialize().map(|row| row.expect("a row")).collect();
    db.write(|c| {
        for row in &rows {
            match subject {
                "organizations" => organization(c, row)?,
                "products" => product(c, row)?,
                "sites" => site(c, row)?,
                "contracts" => contract(c, row)?,
                "units" => unit(c, row)?,
                other => panic!("no importer of {other}"),
            }
        }
        Ok::<_, DbError>(())
    })
    .expect("bringing rows in");
}

fn text<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column).map(String::as_str).filter(|value| !value.is_empty())
}

fn day(row: &Row, column: &str) -> Option<NaiveDate> {
    text(row, column).map(|value| value.parse().expect("a date"))
}

fn organization(c: &mut AnyConnection, row: &Row) -> Result<(), DbError> {
    use organizations as o;
    diesel::insert_into(o::table)
        .values((
            o::name.eq(&row["name"]),
            o::kind.eq(&row["kind"]),
            o::currency.eq(&row["currency"]),
            o::bill_to.eq(&row["bill_to"]),
        ))
        .execute(c)?;
    Ok(())
}

fn product(c: &mut AnyConnection, row: &Row) -> Result<(), DbError> {
    use products as p;
    let found = p::table.filter(p::part_number.eq(&row["part_number"])).select(p::id);
    let id: i64 = match found.first(c).optional()? {
        Some(id) => id,
        None => diesel::insert_into(p::table)
            .values((
                p::manufacturer.eq(&row["manufacturer"]),
                p::part_number.eq(&row["part_number"]),
                p::description.eq(&row["description"]),
                p::contract_manufacturer.eq(&row["contract_manufacturer"]),
            ))
            .returning(p::id)
            .get_result(c)?,
    };
    diesel::delete(product_prices::table.filter(product_prices::product_id.eq(id))).execute(c)?;
    for price in row["list_prices"].split(';').filter(|price| !price.is_empty()) {
        let (code, amount) = price.split_once(' ').expect("a price");
        let minor: i64 = amount.replace('.', "").parse().expect("an amount");
        diesel::insert_into(product_prices::table)
            .values((
                product_prices::product_id.eq(id),
                product_prices::currency.eq(code),
                product_prices::amount_minor.eq(minor),
            ))
            .execute(c)?;
    }
    Ok(())
}

fn organization_id(c: &mut AnyConnection, row: &Row, column: &str) -> Option<i64> {
    text(row, column).map(|name| {
        organizations::table
            .filter(organizations::name.eq(name))
            .select(organizations::id)
            .first(c)
            .expect("a known organization")
    })
}

fn site(c: &mut AnyConnection, row: &Row) -> Result<(), DbError> {
    use sites as s;
    let organization = organization_id(c, row, "organization");
    let known: Option<i64> =
        s::table.filter(s::code.eq(&row["code"])).select(s::id).first(c).optional()?;
    let id: i64 = match known {
        Some(id) => {
            diesel::update(s::table.filter(s::id.eq(id)))
                .set((s::address.eq(&row["address"]), s::name.eq(&row["name"])))
                .execute(c)?;
            id
        }
        None => diesel::insert_into(s::table)
            .values((
                s::code.eq(&row["code"]),
                s::name.eq(&row["name"]),
                s::kind.eq(&row["kind"]),
                s::organization_id.eq(organization),
                s::contract_manufacturer.eq(text(row, "contract_manufacturer")),
                s::region.eq(&row["region"]),
                s::address.eq(&row["address"]),
                s::country.eq(&row["country"]),
                s::zone.eq(&row["zone"]),
                s::calendar.eq(&row["calendar"]),
            ))
            .returning(s::id)
            .get_result(c)?,
    };
    let closed = text(row, "closed_days").unwrap_or_default();
    for one in closed.split(';').filter(|one| !one.is_empty()) {
        let (on, name) = one.split_once(' ').unwrap_or((one, "closed"));
        diesel::insert_into(site_days::table)
            .values((
                site_days::site_id.eq(id),
                site_days::day.eq(on.parse::<NaiveDate>().expect("a day")),
                site_days::works.eq(false),
                site_days::name.eq(name),
            ))
            .execute(c)?;
    }
    Ok(())
}

fn contract(c: &mut AnyConnection, row: &Row) -> Result<(), DbError> {
    let account = organization_id(c, row, "account").expect("an account");
    let (starts_on, ends_on) = (day(row, "starts_on"), day(row, "ends_on"));
    let (starts_on, ends_on) = (starts_on.expect("a day"), ends_on.expect("a day"));
    let id: i64 = diesel::insert_into(contracts::table)
        .values((
            contracts::number.eq(&row["contract_number"]),
            contracts::organization_id.eq(account),
            contracts::level.eq(&row["level"]),
            contracts::starts_on.eq(starts_on),
            contracts::ends_on.eq(ends_on),
            contracts::media_retention.eq(row["media_retention"] == "true"),
        ))
        .returning(contracts::id)
        .get_result(c)?;
    let unit: i64 = units::table
        .filter(units::serial_number.eq(&row["serial_number"]))
        .select(units::id)
        .first(c)?;
    diesel::insert_into(coverage::table)
        .values((
            coverage::contract_id.eq(id),
            coverage::unit_id.eq(unit),
            coverage::from_on.eq(starts_on),
            coverage::through_on.eq(ends_on),
        ))
        .execute(c)?;
    Ok(())
}

fn unit(c: &mut AnyConnection, row: &Row) -> Result<(), DbError> {
    let account = organization_id(c, row, "account");
    let site: i64 =
        sites::table.filter(sites::code.eq(&row["site"])).select(sites::id).first(c)?;
    let known = units::table.filter(units::serial_number.eq(&row["serial_number"]));
    let registered = units::registered_on.eq(day(row, "registered_on"));
    if diesel::update(known).set(registered).execute(c)? == 1 {
        return Ok(());
    }
    diesel::insert_into(units::table)
        .values((
            units::manufacturer.eq(&row["manufacturer"]),
            units::serial_number.eq(&row["serial_number"]),
            units::part_number.eq(&row["part_number"]),
            units::organization_id.eq(account),
            units::site_id.eq(site),
            units::status.eq(if account.is_some() { "installed" } else { "stock" }),
            units::shipped_on.eq(day(row, "shipped_on").expect("a day")),
            registered,
        ))
        .execute(c)?;
    Ok(())
}
