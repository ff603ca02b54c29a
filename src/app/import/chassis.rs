//! The column `chassis_serial` of a file of units (ID-5): which chassis a module stands in. A module's
//! chassis stands in none itself, is of the same account and stands at the same site.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, Utc};

use super::facts::Places;
use super::problems::{Problem, Problems};
use super::units::Taken;
use crate::db::placements::{self, NewPlacement, Placement};
use crate::db::units::{LOOK_UP, UnitRow, units_by_serial};
use crate::db::{AnyConnection, DbError};
use crate::domain::site::UnitStatus;

/// Manufacturer and serial number.
pub(super) type Key = (Rc<str>, Rc<str>);

/// A module's row and the chassis it names.
pub(super) struct Named {
    pub line: u64,
    pub module: Key,
    pub chassis: Rc<str>,
}

impl Named {
    fn chassis_key(&self) -> Key {
        (Rc::clone(&self.module.0), Rc::clone(&self.chassis))
    }
}

/// What the file says of chassis.
#[derive(Default)]
pub(super) struct Chassis {
    /// The file has the column: an empty cell then takes a module out of its chassis.
    pub said: bool,
    pub named: Vec<Named>,
}

/// The day of the import, where a unit stands and where it stood.
pub(super) struct Days<'f> {
    pub places: &'f Places,
    pub now: DateTime<Utc>,
    /// Of units that moved with this file, the site each stood at.
    pub left: HashMap<i64, i64>,
}

impl Days<'_> {
    /// At a site, by its key.
    pub fn at(&self, site: i64) -> Result<NaiveDate, DbError> {
        Ok(self.places.zone_of(site)?.local_date(self.now))
    }

    fn where_it_stood(&self, unit: &UnitRow) -> Result<NaiveDate, DbError> {
        self.at(self.left.get(&unit.id).copied().unwrap_or(unit.site_id))
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Added,
    Changed,
    Unchanged,
    /// Homeward knows more of the unit than the file.
    MovedOn,
}

/// The register's units by their keys, and the places around them by the units' ids.
#[derive(Default)]
struct Register {
    units: HashMap<(String, String), UnitRow>,
    standing: HashMap<i64, Placement>,
    /// What stands in each chassis now.
    inside: HashMap<i64, HashSet<i64>>,
}

impl Register {
    fn load<'k>(
        connection: &mut AnyConnection,
        keys: impl Iterator<Item = &'k Key>,
    ) -> Result<Self, DbError> {
        let serials: HashSet<&str> = keys.map(|(_, serial)| &**serial).collect();
        let serials: Vec<&str> = serials.into_iter().collect();
        let mut register = Self::default();
        for chunk in serials.chunks(LOOK_UP) {
            let rows = units_by_serial(connection, chunk)?;
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            placements::around(connection, &ids)?.into_iter().for_each(|p| register.note(p));
            let keyed = rows.into_iter();
            let keyed =
                keyed.map(|row| ((row.manufacturer.clone(), row.serial_number.clone()), row));
            register.units.extend(keyed);
        }
        Ok(register)
    }

    fn note(&mut self, place: Placement) {
        if place.through_on.is_none() {
            self.inside.entry(place.chassis_id).or_default().insert(place.unit_id);
            self.standing.insert(place.unit_id, place);
        }
    }

    fn unit(&self, (manufacturer, serial): &Key) -> Option<&UnitRow> {
        self.units.get(&(manufacturer.to_string(), serial.to_string()))
    }
}

impl Chassis {
    /// Judges every row that names a chassis; gives the modules of those that are bad.
    pub fn judge(
        &self,
        rows: &[Taken],
        connection: &mut AnyConnection,
        problems: &mut Problems,
        column: Option<&'static str>,
    ) -> Result<HashSet<Key>, DbError> {
        if self.named.is_empty() {
            return Ok(HashSet::new());
        }
        let chassis: Vec<Key> = self.named.iter().map(Named::chassis_key).collect();
        let keys = chassis.iter().chain(self.named.iter().map(|named| &named.module));
        let file = Judging {
            register: Register::load(connection, keys)?,
            rows: rows.iter().map(|taken| (taken.key(), taken)).collect(),
            modules: self.named.iter().map(|named| &named.module).collect(),
        };
        let mut bad = HashSet::new();
        for named in &self.named {
            if let Some(reason) = file.fault(named) {
                problems.add(Problem { line: named.line, column, reason });
                problems.refuse_row();
                bad.insert(named.module.clone());
            }
        }
        Ok(bad)
    }

    /// Stores the places once all units are; gives the rows that said a different one.
    pub fn store(
        &self,
        rows: &[Taken],
        kept: &[Kept],
        connection: &mut AnyConnection,
        days: &Days<'_>,
    ) -> Result<Vec<usize>, DbError> {
        let mut moved = Vec::new();
        if !self.said || (self.named.is_empty() && !placements::any(connection)?) {
            return Ok(moved);
        }
        let named: HashMap<&Key, Key> =
            self.named.iter().map(|named| (&named.module, named.chassis_key())).collect();
        for (chunk, first) in rows.chunks(LOOK_UP).zip((0..).step_by(LOOK_UP)) {
            let keys: Vec<Key> = chunk.iter().map(Taken::key).collect();
            let register = Register::load(connection, keys.iter().chain(named_of(&named, &keys)))?;
            let mut fresh = Vec::new();
            for (key, row) in keys.iter().zip(first..) {
                let Some(unit) = register.unit(key).filter(|_| kept[row] != Kept::MovedOn) else {
                    continue;
                };
                let chassis = named.get(key).and_then(|key| register.unit(key));
                // The register may know more than the file's rows said of each other.
                if chassis.is_some_and(|chassis| is_retired(chassis) || !together(unit, chassis)) {
                    continue;
                }
                let place = register.standing.get(&unit.id);
                if place.map(|place| place.chassis_id) == chassis.map(|chassis| chassis.id) {
                    continue;
                }
                moved.push(row);
                if let Some(place) = place {
                    placements::end(connection, place, days.where_it_stood(unit)?)?;
                }
                let Some(chassis) = chassis else { continue };
                // A unit that is new to the register came with its chassis; of another, an earlier file has
                // said where it stood until today.
                let from_on = match kept[row] {
                    Kept::Added => unit.shipped_on.max(chassis.shipped_on),
                    _ => days.at(unit.site_id)?,
                };
                fresh.push(NewPlacement { unit_id: unit.id, chassis_id: chassis.id, from_on });
            }
            placements::add(connection, &fresh)?;
        }
        Ok(moved)
    }
}

fn named_of<'n>(named: &'n HashMap<&Key, Key>, keys: &'n [Key]) -> impl Iterator<Item = &'n Key> {
    keys.iter().filter_map(|key| named.get(key))
}

/// A file's rows and the register, to judge by.
struct Judging<'f> {
    register: Register,
    rows: HashMap<Key, &'f Taken>,
    /// The rows that name a chassis.
    modules: HashSet<&'f Key>,
}

impl Judging<'_> {
    /// Why a module cannot stand in the chassis it names.
    fn fault(&self, named: &Named) -> Option<String> {
        let chassis = &named.chassis;
        let key = named.chassis_key();
        // Only rows that were taken name a chassis.
        let module = self.rows.get(&named.module)?;
        if key == named.module {
            return Some("a unit cannot stand in itself".to_owned());
        }
        let Some(organization) = module.organization_id else {
            return Some("stock at a depot stands in no chassis".to_owned());
        };
        if self.register.unit(&key).is_some_and(is_retired) {
            // Its modules went on with the unit that replaced it: an old list does not bring them back.
            let stands = self.register.unit(&named.module);
            let stands = stands.is_some_and(|unit| self.register.standing.contains_key(&unit.id));
            return (!stands)
                .then(|| format!("{chassis} is retired; name the unit that replaced it (T5)"));
        }
        let place = match (self.rows.get(&key), self.register.unit(&key)) {
            (Some(row), _) if self.modules.contains(&key) => {
                return Some(nested(&row.serial_number));
            }
            (Some(row), _) => (row.organization_id, row.site_id),
            (None, Some(unit)) if unit.status != UnitStatus::Installed.as_str() => {
                return Some(format!("{chassis} is {}, not installed", unit.status));
            }
            (None, Some(unit)) if self.register.standing.contains_key(&unit.id) => {
                return Some(nested(chassis));
            }
            (None, Some(unit)) => (unit.organization_id, unit.site_id),
            (None, None) => {
                return Some(format!(
                    "there is no unit {chassis:?} of {}; import it first, or in this file",
                    named.module.0
                ));
            }
        };
        if place != (Some(organization), module.site_id) {
            return Some(format!("{chassis} is of another account or stands at another site"));
        }
        let own = self.register.unit(&named.module)?.id;
        let inside = self.register.inside.get(&own).map_or(0, HashSet::len);
        (inside > 0).then(|| {
            format!(
                "{inside} units stand in it, and a chassis stands in no other; take them out first"
            )
        })
    }
}

/// Of one account and at one site, as a module and its chassis are.
fn together(unit: &UnitRow, chassis: &UnitRow) -> bool {
    (unit.organization_id, unit.site_id) == (chassis.organization_id, chassis.site_id)
}

/// Another unit stands in its place.
fn is_retired(unit: &UnitRow) -> bool {
    unit.status == UnitStatus::Retired.as_str()
}

fn nested(chassis: &str) -> String {
    format!("{chassis} stands in a chassis itself; one level is kept")
}
