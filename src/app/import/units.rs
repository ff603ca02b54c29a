//! `homeward import units`: a million rows are nothing unusual here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use chrono::NaiveDate;

use super::chassis::{Chassis, Days, Kept, Key, Named};
use super::columns::columns;
use super::facts::{Accounts, Catalogue, Met, Places};
use super::fields::{Fields, date, one_line};
use super::owners::Owners;
use super::problems::Problems;
use super::redating::Redating;
use super::{Counts, ImportError, Importer, Progress};
use crate::db::placements;
use crate::db::unit_history;
use crate::db::units::{
    LOOK_UP, NewUnit, UnitChange, UnitRow, any_unit, insert_units, units_by_serial, update_unit,
};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::{Manufacturer, PartNumber, SerialNumber};
use crate::domain::rma::Stamp;
use crate::domain::site::{SiteKind, UnitStatus};

columns!(Col {
    Manufacturer "manufacturer" required "the manufacturer's name",
    SerialNumber "serial_number" required "as written on the unit; with the manufacturer the unit's key",
    PartNumber "part_number" required "a known product of the manufacturer",
    Account "account" optional "whose unit it is; empty for stock at a depot",
    Site "site" required "the code of the site where it stands",
    ShippedOn "shipped_on" required "when it left the factory, YYYY-MM-DD",
    Distributor "distributor" optional "who resold it; may be empty",
    ResoldOn "resold_on" optional "when it was resold, not before shipped_on; may be empty",
    RegisteredOn "registered_on" optional "when it was registered, not before shipped_on; may be empty",
    ChassisSerial "chassis_serial" optional "the chassis it stands in, of the same manufacturer, account and site; empty: it stands in none; a file without this column leaves it where it is",
});

/// A row that was taken, kept small: names that repeat are kept once.
pub(super) struct Taken {
    manufacturer: Rc<str>,
    pub serial_number: Rc<str>,
    part_number: Rc<str>,
    pub organization_id: Option<i64>,
    pub site_id: i64,
    shipped_on: NaiveDate,
    distributor: Option<Rc<str>>,
    resold_on: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
}

pub(super) struct Units {
    accounts: Accounts,
    places: Places,
    catalogue: Catalogue,
    names: HashSet<Rc<str>>,
    met: Met<(Rc<str>, Rc<str>)>,
    rows: Vec<Taken>,
    chassis: Chassis,
}

impl Units {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let manufacturer = checked::<Manufacturer>(fields, Col::Manufacturer);
        let serial_number = checked::<SerialNumber>(fields, Col::SerialNumber);
        let part_number = checked::<PartNumber>(fields, Col::PartNumber);
        let whereabouts = self.whereabouts(fields);
        let distributor = fields.optional(Col::Distributor, one_line);
        let shipped_on = fields.read(Col::ShippedOn, date);
        let resold_on = fields.optional(Col::ResoldOn, |v| not_before(v, shipped_on, "AMB-2"));
        let registered_on =
            fields.optional(Col::RegisteredOn, |v| not_before(v, shipped_on, "WAR-1"));
        let chassis = fields.optional(Col::ChassisSerial, |v| {
            v.parse::<SerialNumber>().map(|_| v).map_err(|error| error.to_string())
        });
        self.chassis.said |= fields.has(Col::ChassisSerial);
        let (manufacturer, serial_number) = (manufacturer?, serial_number?);
        if let Err(reason) = self.catalogue.check(manufacturer, part_number?) {
            fields.refuse(Col::PartNumber, reason);
        }
        let manufacturer = self.name(manufacturer);
        let serial_number: Rc<str> = Rc::from(serial_number);
        let key = (Rc::clone(&manufacturer), Rc::clone(&serial_number));
        if let Err(reason) = self.met.note(key, fields.line) {
            fields.refuse(Col::SerialNumber, reason);
        }
        let (organization_id, site_id) = whereabouts?;
        let taken = Taken {
            manufacturer,
            serial_number,
            part_number: self.name(part_number?),
            organization_id,
            site_id,
            shipped_on: shipped_on?,
            distributor: distributor?.map(|name| self.name(name)),
            resold_on: resold_on?,
            registered_on: registered_on?,
        };
        let chassis = chassis?;
        if !fields.is_refused() {
            if let Some(serial) = chassis {
                let (line, module, chassis) = (fields.line, taken.key(), self.name(serial));
                self.chassis.named.push(Named { line, module, chassis });
            }
            self.rows.push(taken);
        }
        Some(())
    }

    /// Account and site, which have to fit each other: stock lies at a depot, an installed unit
    /// stands at a customer site of its account.
    fn whereabouts(&self, fields: &mut Fields<'_>) -> Option<(Option<i64>, i64)> {
        let account = fields.optional(Col::Account, |v| self.accounts.get(v));
        let place = fields.read(Col::Site, |v| self.places.get(v));
        let (account, place) = (account?, place?);
        let wrong = match (account, place.kind) {
            (None, SiteKind::Depot) => None,
            (None, _) => Some("a unit without an account is stock, and stock lies at a depot"),
            (Some(_), SiteKind::Customer) if place.organization == account => None,
            (Some(_), SiteKind::Customer) => Some("the site belongs to another organization"),
            (Some(_), _) => Some("a unit of an account stands at a customer site"),
        };
        if let Some(reason) = wrong {
            fields.refuse(Col::Site, reason);
        }
        Some((account, place.id))
    }

    fn name(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.names.get(name) {
            return Rc::clone(known);
        }
        let made: Rc<str> = Rc::from(name);
        self.names.insert(Rc::clone(&made));
        made
    }
}

/// A text that an identifier type accepts.
fn checked<'a, T>(fields: &mut Fields<'a>, column: Col) -> Option<&'a str>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    fields.read(column, |v| v.parse::<T>().map(|_| v))
}

/// A date that is not before the ship date.
fn not_before(value: &str, shipped_on: Option<NaiveDate>, rule: &str) -> Result<NaiveDate, String> {
    let date = date(value)?;
    match shipped_on {
        Some(shipped) if date < shipped => {
            Err(format!("{date} is before the unit was shipped on {shipped} ({rule})"))
        }
        _ => Ok(date),
    }
}

impl Taken {
    pub fn key(&self) -> Key {
        (Rc::clone(&self.manufacturer), Rc::clone(&self.serial_number))
    }

    fn status(&self) -> UnitStatus {
        if self.organization_id.is_some() { UnitStatus::Installed } else { UnitStatus::Stock }
    }

    fn new_unit(&self) -> NewUnit<'_> {
        NewUnit {
            manufacturer: &self.manufacturer,
            serial_number: &self.serial_number,
            part_number: &self.part_number,
            organization_id: self.organization_id,
            site_id: self.site_id,
            status: self.status().as_str(),
            shipped_on: self.shipped_on,
            distributor: self.distributor.as_deref(),
            resold_on: self.resold_on,
            registered_on: self.registered_on,
        }
    }

    /// What the stored unit becomes.
    fn change(&self) -> UnitChange<'_> {
        UnitChange {
            part_number: &self.part_number,
            organization_id: self.organization_id,
            site_id: self.site_id,
            shipped_on: self.shipped_on,
            distributor: self.distributor.as_deref(),
            resold_on: self.resold_on,
            registered_on: self.registered_on,
        }
    }

    /// Whether the unit is no longer what the file takes it for: promised, sent to a customer as a
    /// replacement, replaced. Homeward then knows more of it than the file; of a replacement also
    /// when the customer's next list has it, for its cover runs from its own shipping.
    fn has_moved_on(&self, was: &UnitRow) -> bool {
        was.status != self.status().as_str() || was.replaces_unit_id.is_some()
    }
}

fn is_unchanged(change: &UnitChange<'_>, was: &UnitRow) -> bool {
    change.part_number == was.part_number
        && change.organization_id == was.organization_id
        && change.site_id == was.site_id
        && change.shipped_on == was.shipped_on
        && change.distributor == was.distributor.as_deref()
        && change.resold_on == was.resold_on
        && change.registered_on == was.registered_on
}

impl Importer for Units {
    fn load(connection: &mut AnyConnection, _: NaiveDate) -> Result<Self, ImportError> {
        Ok(Self {
            accounts: Accounts::load(connection)?,
            places: Places::load(connection)?,
            catalogue: Catalogue::load(connection)?,
            names: HashSet::new(),
            met: Met::default(),
            rows: Vec::new(),
            chassis: Chassis::default(),
        })
    }

    fn row(&mut self, fields: &mut Fields<'_>) {
        // What is refused is noted; there is nothing more to do with it.
        let _ = self.take(fields);
    }

    /// ID-5: a chassis may stand in the file after its modules.
    fn judge(
        &mut self,
        connection: &mut AnyConnection,
        problems: &mut Problems,
    ) -> Result<(), DbError> {
        let column = Col::ALL.get(usize::from(Col::ChassisSerial)).map(|c| c.name);
        let bad = self.chassis.judge(&self.rows, connection, problems, column)?;
        if !bad.is_empty() {
            self.rows.retain(|taken| !bad.contains(&taken.key()));
            self.chassis.named.retain(|named| !bad.contains(&named.module));
        }
        Ok(())
    }

    fn store(
        &self,
        connection: &mut AnyConnection,
        stamp: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError> {
        let mut counts = Counts::default();
        let compare = any_unit(connection)?;
        let mut redating = Redating::new(stamp);
        let owners = Owners { accounts: &self.accounts, places: &self.places, stamp };
        progress.begin("storing", self.rows.len() as u64);
        let mut kept = Vec::new();
        let mut moved = Vec::new();
        for chunk in self.rows.chunks(LOOK_UP) {
            let compare = compare.then_some((&mut redating, &owners));
            store_chunk(connection, chunk, compare, &mut kept, &mut moved)?;
            progress.reach(kept.len() as u64);
        }
        let left = moved.iter().copied().collect();
        let days = Days { places: &self.places, now: stamp.recorded_at, left };
        for row in self.chassis.store(&self.rows, &kept, connection, &days)? {
            if kept[row] == Kept::Unchanged {
                kept[row] = Kept::Changed;
            }
        }
        for (on, moved) in by_day(&moved, &days)? {
            placements::part_strangers(connection, &moved, on)?;
        }
        for kept in kept {
            match kept {
                Kept::Added => counts.added += 1,
                Kept::Changed => counts.changed += 1,
                Kept::Unchanged => counts.unchanged += 1,
                Kept::MovedOn => {
                    (counts.unchanged, counts.moved_on) =
                        (counts.unchanged + 1, counts.moved_on + 1)
                }
            }
        }
        progress.end();
        Ok(counts)
    }
}

/// Units that moved, by the day it was at the site each stood at.
fn by_day(moved: &[(i64, i64)], at: &Days<'_>) -> Result<BTreeMap<NaiveDate, Vec<i64>>, DbError> {
    let mut days: BTreeMap<NaiveDate, Vec<i64>> = BTreeMap::new();
    for (unit, site) in moved {
        days.entry(at.at(*site)?).or_default().push(*unit);
    }
    Ok(days)
}

/// Adds to `kept` what became of each row, and to `moved` the units that have another account or
/// stand at another site since, each with the site it stood at.
fn store_chunk(
    connection: &mut AnyConnection,
    chunk: &[Taken],
    mut compare: Option<(&mut Redating<'_>, &Owners<'_>)>,
    kept: &mut Vec<Kept>,
    moved: &mut Vec<(i64, i64)>,
) -> Result<(), DbError> {
    let mut stored: HashMap<(String, String), UnitRow> = HashMap::new();
    if compare.is_some() {
        let serials: Vec<&str> = chunk.iter().map(|taken| &*taken.serial_number).collect();
        for row in units_by_serial(connection, &serials)? {
            stored.insert((row.manufacturer.clone(), row.serial_number.clone()), row);
        }
    }
    let mut fresh = Vec::with_capacity(chunk.len());
    let mut learned = Vec::new();
    for taken in chunk {
        if stored.is_empty() {
            fresh.push(taken.new_unit());
            kept.push(Kept::Added);
            continue;
        }
        let key = (taken.manufacturer.to_string(), taken.serial_number.to_string());
        let Some(was) = stored.get(&key) else {
            fresh.push(taken.new_unit());
            kept.push(Kept::Added);
            continue;
        };
        let change = taken.change();
        if taken.has_moved_on(was) {
            kept.push(Kept::MovedOn);
        } else if is_unchanged(&change, was) {
            kept.push(Kept::Unchanged);
        } else {
            if let Some((redating, owners)) = &mut compare {
                if !owners.change(connection, was, &change)? {
                    kept.push(Kept::MovedOn);
                    continue;
                }
                learned.extend(redating.of(connection, was, &change)?);
            }
            let stays =
                (was.organization_id, was.site_id) == (change.organization_id, change.site_id);
            moved.extend((!stays).then_some((was.id, was.site_id)));
            update_unit(connection, was, change)?;
            kept.push(Kept::Changed);
        }
    }
    unit_history::add(connection, &learned)?;
    insert_units(connection, &fresh)
}
