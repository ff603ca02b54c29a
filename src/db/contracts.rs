//! Contracts and the units they cover.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{contracts, coverage};

/// A contract without its key and coverage.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contracts)]
pub struct ContractRecord {
    pub number: String,
    pub organization_id: i64,
    /// A `ServiceLevel`'s word.
    pub level: String,
    pub starts_on: NaiveDate,
    /// The last day, inclusive.
    pub ends_on: NaiveDate,
    pub media_retention: bool,
}

/// All contracts with their keys.
pub fn contracts(connection: &mut AnyConnection) -> Result<Vec<(i64, ContractRecord)>, DbError> {
    contracts::table
        .select((contracts::id, ContractRecord::as_select()))
        .load(connection)
        .during("reading the contracts")
}

/// Adds a contract and gives its key.
pub fn insert_contract(
    connection: &mut AnyConnection,
    record: &ContractRecord,
) -> Result<i64, DbError> {
    diesel::insert_into(contracts::table)
        .values(record)
        .returning(contracts::id)
        .get_result(connection)
        .during("adding a contract")
}

/// Changes a contract. Where its first or last day moves, the coverage that began or ended with the
/// contract moves along; coverage closed by a replacement stays closed.
pub fn update_contract(
    connection: &mut AnyConnection,
    id: i64,
    was: &ContractRecord,
    record: &ContractRecord,
) -> Result<(), DbError> {
    const OPERATION: &str = "changing a contract";
    diesel::update(contracts::table.find(id)).set(record).execute(connection).during(OPERATION)?;
    let own = coverage::contract_id.eq(id);
    if was.ends_on != record.ends_on {
        diesel::update(coverage::table.filter(own).filter(coverage::through_on.eq(was.ends_on)))
            .set(coverage::through_on.eq(record.ends_on))
            .execute(connection)
            .during(OPERATION)?;
    }
    if was.starts_on != record.starts_on {
        diesel::update(coverage::table.filter(own).filter(coverage::from_on.eq(was.starts_on)))
            .set(coverage::from_on.eq(record.starts_on))
            .execute(connection)
            .during(OPERATION)?;
    }
    Ok(())
}

/// The keys of the units a contract covers, or once covered.
pub fn covered_units(connection: &mut AnyConnection, contract: i64) -> Result<Vec<i64>, DbError> {
    coverage::table
        .filter(coverage::contract_id.eq(contract))
        .select(coverage::unit_id)
        .load(connection)
        .during("reading a contract's units")
}

#[derive(Insertable)]
#[diesel(table_name = coverage)]
struct NewCoverage {
    contract_id: i64,
    unit_id: i64,
    from_on: NaiveDate,
    through_on: NaiveDate,
}

/// Covers units from the contract's first day through its last.
pub fn cover_units(
    connection: &mut AnyConnection,
    contract: i64,
    record: &ContractRecord,
    units: &[i64],
) -> Result<(), DbError> {
    const ROWS_A_STATEMENT: usize = 1_000;
    let (from_on, through_on) = (record.starts_on, record.ends_on);
    let row = |&unit_id: &i64| NewCoverage { contract_id: contract, unit_id, from_on, through_on };
    for chunk in units.chunks(ROWS_A_STATEMENT) {
        let rows: Vec<NewCoverage> = chunk.iter().map(row).collect();
        let insert = diesel::insert_into(coverage::table).values(&rows);
        match connection {
            AnyConnection::Sqlite(c) => insert.execute(c),
            AnyConnection::Postgres(c) => insert.execute(c),
        }
        .during("covering units")?;
    }
    Ok(())
}
