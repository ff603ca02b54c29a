//! Software that a contract covers by its SSRN (ID-5): it stands in the register beside the units, with a
//! status of its own, from the first contract that names it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::facts::{Catalogue, Places};
use crate::db::units::{LOOK_UP, NewUnit, UnitRow, insert_units, units_by_serial};
use crate::db::{AnyConnection, DbError};
use crate::domain::site::{SiteKind, UnitStatus};

/// A unit or a piece of software: its manufacturer, and its serial number or SSRN.
pub(super) type Key = (String, String);

/// Software as a row of a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Software {
    /// Needed where it is not known yet, as the site is.
    pub part_number: Option<String>,
    pub site: Option<String>,
}

/// Software to be added to the register.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    pub part_number: String,
    pub site_id: i64,
    pub organization_id: i64,
    /// The contract's first day.
    pub from_on: NaiveDate,
}

/// What rows about software refer to.
pub(super) struct Shelf {
    catalogue: Catalogue,
    places: Places,
}

impl Shelf {
    pub fn load(connection: &mut AnyConnection) -> Result<Self, DbError> {
        Ok(Self { catalogue: Catalogue::load(connection)?, places: Places::load(connection)? })
    }

    /// Software that is not known yet, or the column that keeps it from being taken in, and why.
    pub fn fresh(
        &self,
        key: &Key,
        software: &Software,
        (organization_id, from_on): (i64, NaiveDate),
    ) -> Result<Fresh, (&'static str, String)> {
        let (manufacturer, ssrn) = key;
        let needed = |what: &'static str| {
            (what, format!("{ssrn} is new, so its {} is needed (ID-5)", what.replace('_', " ")))
        };
        let part_number = software.part_number.clone().ok_or_else(|| needed("part_number"))?;
        let code = software.site.as_deref().ok_or_else(|| needed("site"))?;
        let known = self.catalogue.check(manufacturer, &part_number);
        known.map_err(|reason| ("part_number", reason))?;
        let place = self.places.get(code).map_err(|reason| ("site", reason))?;
        if place.kind != SiteKind::Customer || place.organization != Some(organization_id) {
            return Err(("site", "software runs at a site of the contract's account".to_owned()));
        }
        Ok(Fresh { part_number, site_id: place.id, organization_id, from_on })
    }
}

/// Why a row that is stored is not what a file takes it for; none where it is.
pub(super) fn mistaken(
    row: &UnitRow,
    software: Option<&Software>,
    account: i64,
) -> Option<(&'static str, String)> {
    let number = &row.serial_number;
    match (row.status == UnitStatus::Software.as_str(), software) {
        (true, None) => {
            let reason = format!("{number} is the SSRN of software; give it as `ssrn` (ID-5)");
            Some(("serial_number", reason))
        }
        (false, Some(_)) => {
            let reason = format!("{number} is a unit's serial number, no SSRN (ID-5)");
            Some(("ssrn", reason))
        }
        (true, Some(_)) if row.organization_id != Some(account) => {
            Some(("ssrn", format!("{number} belongs to another account")))
        }
        _ => None,
    }
}

/// Adds what is new, and gives the keys of all of it.
pub(super) fn add(
    connection: &mut AnyConnection,
    fresh: &BTreeMap<Key, Fresh>,
) -> Result<HashMap<Key, i64>, DbError> {
    if fresh.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<NewUnit<'_>> = fresh
        .iter()
        .map(|((manufacturer, ssrn), new)| NewUnit {
            manufacturer,
            serial_number: ssrn,
            part_number: &new.part_number,
            organization_id: Some(new.organization_id),
            site_id: new.site_id,
            status: UnitStatus::Software.as_str(),
            shipped_on: new.from_on,
            distributor: None,
            resold_on: None,
            registered_on: None,
        })
        .collect();
    insert_units(connection, &rows)?;
    let numbers: Vec<&str> = fresh.keys().map(|(_, ssrn)| ssrn.as_str()).collect();
    let mut ids = HashMap::new();
    for chunk in numbers.chunks(LOOK_UP) {
        for row in units_by_serial(connection, chunk)? {
            ids.insert((row.manufacturer, row.serial_number), row.id);
        }
    }
    Ok(ids)
}
