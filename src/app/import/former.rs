//! Contracts and units that were given away (ENT-7): whom a contract may cover a unit for.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::facts::Accounts;
use crate::db::contracts::{ContractRecord, ToCover, contracts_of};
use crate::db::tokens::links;
use crate::db::unit_care::{GivenAway, given_away};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::OrganizationId;

/// The units of a file that were given away, and who may cover them by now.
#[derive(Default)]
pub(super) struct FormerOwners {
    given: HashMap<i64, GivenAway>,
    /// Partners and their end customers.
    links: HashSet<(OrganizationId, OrganizationId)>,
    /// Contracts by number, with those of the units they cover or covered.
    covered: HashSet<(String, i64)>,
}

impl FormerOwners {
    /// Learns what there is to know of some units.
    pub fn learn(&mut self, connection: &mut AnyConnection, ids: &[i64]) -> Result<(), DbError> {
        let given = given_away(connection, ids)?;
        if given.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = given.keys().copied().collect();
        self.covered.extend(contracts_of(connection, &ids)?);
        self.links = links(connection)?;
        self.given.extend(given);
        Ok(())
    }

    /// Whether a contract's holder may cover a unit for whoever has it now: its owner, or a partner linked
    /// to that. A unit that was never given away anybody may.
    pub fn serves(&self, contract: &ContractRecord, unit: i64) -> bool {
        let holder = OrganizationId(contract.organization_id);
        let owner = self.given.get(&unit).and_then(|given| given.owner);
        owner.is_none_or(|owner| owner == holder || self.links.contains(&(holder, owner)))
    }

    /// The local day of an instant where a unit stands that was given away; in UTC for any other.
    pub fn day(&self, unit: i64, at: DateTime<Utc>) -> NaiveDate {
        self.given.get(&unit).map_or(at.date_naive(), |given| given.zone.local_date(at))
    }

    /// How a contract covers a unit, or why it does not. What it covered before stays as it is; what ended
    /// before the unit was given away is history.
    pub fn judge(
        &self,
        contract: &ContractRecord,
        unit_id: i64,
        serial: &str,
        accounts: &Accounts,
    ) -> Result<ToCover, String> {
        let from_on = contract.starts_on;
        let Some(given) = self.given.get(&unit_id).filter(|_| !self.serves(contract, unit_id))
        else {
            return Ok(ToCover { unit_id, from_on, former: false });
        };
        let known = self.covered.contains(&(contract.number.clone(), unit_id));
        if known || contract.ends_on < given.on {
            return Ok(ToCover { unit_id, from_on, former: true });
        }
        let name = |id: Option<i64>| {
            id.and_then(|id| accounts.name_of(id)).unwrap_or("another account").to_owned()
        };
        Err(format!(
            "{serial} was given to another account on {} and is {}'s; a contract of {} covers it no longer \
             (ENT-7)",
            given.on,
            name(given.owner.map(|owner| owner.0)),
            name(Some(contract.organization_id)),
        ))
    }

    /// Sees to it that these units, covered just now, are whose they were when they were judged. Whoever
    /// gives one away from now on waits for this write, and ends the cover.
    ///
    /// # Errors
    /// `Busy` when one was given away meanwhile: judge it again.
    pub fn still(&self, connection: &mut AnyConnection, ids: &[i64]) -> Result<(), DbError> {
        let now = given_away(connection, ids)?;
        match now.iter().find(|(unit, given)| self.given.get(unit) != Some(given)) {
            None => Ok(()),
            Some((unit, _)) => Err(DbError::Busy {
                operation: "covering units",
                detail: format!("unit row {unit} was given to another owner by another write"),
            }),
        }
    }
}
