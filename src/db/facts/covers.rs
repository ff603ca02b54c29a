//! The contracts that cover a unit: its own, and those of the chassis it stands in (ID-5).

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::{contracts, coverage, placements, units};
use crate::db::unit_care::is_marked;
use crate::domain::entitlement::ContractCover;
use crate::domain::ids::{ContractId, OrganizationId, UnitId};

/// A contract's cover of a unit, with the contract's row and the account that holds it.
#[derive(Debug, Clone)]
pub struct Cover {
    pub contract_id: ContractId,
    pub organization_id: OrganizationId,
    /// It is of the days of a former owner of the unit (ENT-7).
    pub former: bool,
    pub cover: ContractCover,
}

/// Every contract cover of a unit, running or not: its own, and those of the chassis it stands or stood
/// in, for the days it did (ID-5).
pub fn covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    let mut all = own_covers(connection, unit)?;
    all.extend(chassis_covers(connection, unit)?);
    Ok(all)
}

fn own_covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    type Row = ((i64, i64, bool), String, String, NaiveDate, NaiveDate, NaiveDate, bool);
    let rows: Vec<Row> = coverage::table
        .inner_join(contracts::table)
        .filter(coverage::unit_id.eq(unit.0))
        // Ended by a change of owner before it began, it never covered anything (ENT-7).
        .filter(coverage::through_on.ge(coverage::from_on))
        .order((contracts::number, coverage::from_on))
        .select((
            (contracts::id, contracts::organization_id, coverage::former),
            contracts::number,
            contracts::level,
            coverage::from_on,
            coverage::through_on,
            contracts::ends_on,
            contracts::media_retention,
        ))
        .load(connection)
        .during("loading a unit's contracts")?;
    rows.into_iter()
        .map(
            |(
                (id, holder, former),
                number,
                level,
                from_on,
                through_on,
                ends_on,
                media_retention,
            )| {
                let level = stored("reading a contract's level", &level)?;
                let through_on = through_on.min(ends_on);
                let through_chassis = None;
                let cover = ContractCover {
                    number,
                    level,
                    from_on,
                    through_on,
                    media_retention,
                    through_chassis,
                };
                let (contract_id, organization_id) = (ContractId(id), OrganizationId(holder));
                Ok(Cover { contract_id, organization_id, former, cover })
            },
        )
        .collect()
}

diesel::alias!(units as modules: Modules);

/// The days of the contract, of its cover of the chassis, and of the unit's place in it, together. The
/// contract or the chassis is of the unit's own account (ENT-7); a chassis marked as of the grey market
/// passes nothing on (ENT-6).
fn chassis_covers(connection: &mut AnyConnection, unit: UnitId) -> Result<Vec<Cover>, DbError> {
    const OPERATION: &str = "loading the contracts of a unit's chassis";
    type Span = (NaiveDate, NaiveDate, NaiveDate);
    type Row = (
        (i64, i64, bool),
        String,
        String,
        Span,
        (NaiveDate, Option<NaiveDate>),
        bool,
        (i64, String),
    );
    let owner = modules.field(units::organization_id);
    let own = units::organization_id.eq(owner).or(contracts::organization_id.nullable().eq(owner));
    let rows: Vec<Row> = placements::table
        .inner_join(coverage::table.on(coverage::unit_id.eq(placements::chassis_id)))
        .inner_join(contracts::table.on(contracts::id.eq(coverage::contract_id)))
        .inner_join(units::table.on(units::id.eq(placements::chassis_id)))
        .inner_join(modules.on(modules.field(units::id).eq(placements::unit_id)))
        .filter(placements::unit_id.eq(unit.0).and(own.assume_not_null()))
        .order((contracts::number, coverage::from_on, placements::from_on))
        .select((
            (contracts::id, contracts::organization_id, coverage::former),
            contracts::number,
            contracts::level,
            (coverage::from_on, coverage::through_on, contracts::ends_on),
            (placements::from_on, placements::through_on),
            contracts::media_retention,
            (units::id, units::serial_number),
        ))
        .load(connection)
        .during(OPERATION)?;
    let mut found = Vec::new();
    let mut marks: HashMap<i64, bool> = HashMap::new();
    for (contract, number, level, span, place, media, (chassis_id, chassis)) in rows {
        let marked = match marks.get(&chassis_id) {
            Some(marked) => *marked,
            None => is_marked(connection, UnitId(chassis_id))?,
        };
        marks.insert(chassis_id, marked);
        if marked {
            continue;
        }
        let (covered_from, covered_through, ends_on) = span;
        let (from_on, last) = (covered_from.max(place.0), covered_through.min(ends_on));
        let cover = ContractCover {
            number,
            level: stored(OPERATION, &level)?,
            from_on,
            through_on: place.1.map_or(last, |left| left.min(last)),
            media_retention: media,
            through_chassis: Some(stored(OPERATION, &chassis)?),
        };
        if cover.from_on <= cover.through_on {
            let (contract_id, organization_id) =
                (ContractId(contract.0), OrganizationId(contract.1));
            found.push(Cover { contract_id, organization_id, former: contract.2, cover });
        }
    }
    Ok(found)
}
