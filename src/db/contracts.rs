//! Contracts and the units they cover.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{contracts, coverage};
use super::straight::LoadStraight;

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
/// contract moves along; coverage closed by a replacement or a change of owner stays closed.
pub fn update_contract(
    connection: &mut AnyConnection,
    id: i64,
    was: &ContractRecord,
    record: &ContractRecord,
) -> Result<(), DbError> {
    const OPERATION: &str = "changing a contract";
    diesel::update(contracts::table.find(id)).set(record).execute(connection).during(OPERATION)?;
    let own = coverage::contract_id.eq(id).and(coverage::former.eq(false));
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

/// The keys of the units a contract covers, or once covered; what it covered for a former owner (ENT-7)
/// with `true`, unless it covers that again.
pub fn covered_units(
    connection: &mut AnyConnection,
    contract: i64,
) -> Result<HashMap<i64, bool>, DbError> {
    let rows: Vec<(i64, bool)> = coverage::table
        .filter(coverage::contract_id.eq(contract))
        .order(coverage::former.desc())
        .select((coverage::unit_id, coverage::former))
        .load(connection)
        .during("reading a contract's units")?;
    Ok(rows.into_iter().collect())
}

/// The contracts, by number, that cover these units or once did.
pub fn contracts_of(
    connection: &mut AnyConnection,
    units: &[i64],
) -> Result<HashSet<(String, i64)>, DbError> {
    let query = coverage::table
        .inner_join(contracts::table)
        .filter(coverage::unit_id.eq_any(units))
        .select((contracts::number, coverage::unit_id));
    let rows: Vec<(String, i64)> =
        query.load_straight(connection).during("reading the contracts of units")?;
    Ok(rows.into_iter().collect())
}

#[derive(Insertable)]
#[diesel(table_name = coverage, treat_none_as_default_value = false)]
struct NewCoverage {
    contract_id: i64,
    unit_id: i64,
    from_on: NaiveDate,
    through_on: NaiveDate,
    former: bool,
}

/// A unit that a contract is to cover through its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToCover {
    pub unit_id: i64,
    pub from_on: NaiveDate,
    /// For a former owner (ENT-7): it ended before the unit was given away.
    pub former: bool,
}

/// Covers units through the contract's last day. One that it covered from the same day on, for a former
/// owner or its own that had it back, is covered by that row again.
pub fn cover_units(
    connection: &mut AnyConnection,
    contract_id: i64,
    through_on: NaiveDate,
    units: &[ToCover],
) -> Result<(), DbError> {
    const ROWS_A_STATEMENT: usize = 1_000;
    let row = |&ToCover { unit_id, from_on, former }: &ToCover| NewCoverage {
        contract_id,
        unit_id,
        from_on,
        through_on,
        former,
    };
    for chunk in units.chunks(ROWS_A_STATEMENT) {
        let rows: Vec<NewCoverage> = chunk.iter().map(row).collect();
        // On the inner connections: the enum of both knows no `on_conflict`.
        macro_rules! cover {
            ($connection:expr) => {
                diesel::insert_into(coverage::table)
                    .values(&rows)
                    .on_conflict((coverage::contract_id, coverage::unit_id, coverage::from_on))
                    .do_update()
                    .set((
                        coverage::through_on.eq(excluded(coverage::through_on)),
                        coverage::former.eq(excluded(coverage::former)),
                    ))
                    .execute($connection)
            };
        }
        match connection {
            AnyConnection::Sqlite(c) => cover!(c),
            AnyConnection::Postgres(c) => cover!(c),
        }
        .during("covering units")?;
    }
    Ok(())
}
