//! `homeward import contracts`: a contract and the units and software it covers, one a row.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::columns::columns;
use super::facts::Accounts;
use super::fields::{Fields, date, one_line};
use super::former::FormerOwners;
use super::problems::{Problem, Problems};
use super::software::{self, Fresh, Key, Shelf, Software, mistaken};
use super::{Counts, ImportError, Importer, Progress};
use crate::app::programmes::Versions;
use crate::db::contracts::{
    ContractRecord, ToCover, contracts, cover_units, covered_units, insert_contract,
    update_contract,
};
use crate::db::units::{LOOK_UP, UnitRow, units_by_serial};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::{Manufacturer, PartNumber, SerialNumber, Ssrn};
use crate::domain::rma::Stamp;
use crate::domain::service_level::ServiceLevel;

columns!(Col {
    ContractNumber "contract_number" required "the contract's key; repeated for each unit it covers",
    Account "account" required "the organization that holds it",
    Level "level" required "core, core_plus, next_day_delivery, next_day_ship, next_day_onsite, same_day, same_day_2_hour, same_day_onsite, or another name in the manufacturer's programme; offered on the first day",
    StartsOn "starts_on" required "first day, YYYY-MM-DD",
    EndsOn "ends_on" required "last day, inclusive",
    MediaRetention "media_retention" optional "true or false (also when empty): whether defective media may be kept",
    Manufacturer "manufacturer" optional "a covered unit's manufacturer; empty for a contract without units yet",
    SerialNumber "serial_number" optional "the covered unit's serial number",
    Ssrn "ssrn" optional "in its place, the software support reference number of covered software (ID-5)",
    PartNumber "part_number" optional "of software that is not known yet: its product",
    Site "site" optional "of software that is not known yet: the customer's site it runs at",
});

struct Draft {
    first_line: u64,
    record: ContractRecord,
    /// The units by key, each with the line that names it.
    units: BTreeMap<Key, (u64, Option<Software>)>,
    /// Those that the register knows and that it may cover.
    covers: Vec<ToCover>,
    /// Software that the register does not have yet.
    fresh: Vec<Key>,
}

impl Draft {
    /// Finds what its rows name, among what is stored and what is new; what cannot be found, with the line
    /// and the column that name it.
    fn find(
        &mut self,
        known: &HashMap<Key, UnitRow>,
        (shelf, former, accounts): (&Shelf, &FormerOwners, &Accounts),
        fresh: &mut BTreeMap<Key, Fresh>,
    ) -> Vec<(u64, &'static str, String)> {
        let (account, from_on) = (self.record.organization_id, self.record.starts_on);
        let mut wrong = Vec::new();
        for (unit, (line, software)) in &self.units {
            let found = match (known.get(unit), software) {
                (Some(row), software) => match mistaken(row, software.as_ref(), account) {
                    None => former
                        .judge(&self.record, row.id, &unit.1, accounts)
                        .map(|to_cover| self.covers.push(to_cover))
                        .map_err(|reason| ("serial_number", reason)),
                    Some(wrong) => Err(wrong),
                },
                (None, Some(_))
                    if fresh.get(unit).is_some_and(|new| new.organization_id != account) =>
                {
                    Err(("ssrn", format!("{} is another account's in this file", unit.1)))
                }
                (None, Some(software)) => {
                    shelf.fresh(unit, software, (account, from_on)).map(|new| {
                        fresh.entry(unit.clone()).or_insert(new);
                        self.fresh.push(unit.clone());
                    })
                }
                (None, None) => {
                    let (manufacturer, serial) = unit;
                    let reason =
                        format!("there is no unit {serial:?} of {manufacturer:?}; import it first");
                    Err(("serial_number", reason))
                }
            };
            wrong.extend(found.err().map(|(column, reason)| (*line, column, reason)));
        }
        wrong
    }
}

pub(super) struct Contracts {
    accounts: Accounts,
    programmes: Versions,
    today: NaiveDate,
    drafts: BTreeMap<String, Draft>,
    former: FormerOwners,
    shelf: Shelf,
    fresh: BTreeMap<Key, Fresh>,
}

impl Contracts {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let number = fields.line_of_text(Col::ContractNumber);
        let account = fields.read(Col::Account, |v| self.accounts.get(v));
        let starts_on = fields.read(Col::StartsOn, date);
        let ends_on = fields.read(Col::EndsOn, date);
        let media_retention = fields.optional(Col::MediaRetention, truth);
        let manufacturer = fields.optional(Col::Manufacturer, str::parse::<Manufacturer>);
        let serial_number = fields.optional(Col::SerialNumber, str::parse::<SerialNumber>);
        let level = match &manufacturer {
            Some(whose) => fields.read(Col::Level, |v| self.level(v, whose.as_ref(), starts_on)),
            None => None,
        };
        if let (Some(starts_on), Some(ends_on)) = (starts_on, ends_on)
            && ends_on < starts_on
        {
            fields.refuse(Col::EndsOn, format!("{ends_on} is before {starts_on}"));
        }
        let software = software(fields);
        let unit = covered(fields, manufacturer?, serial_number?, software?);
        let record = ContractRecord {
            number: number?.to_owned(),
            organization_id: account?,
            level: level?.as_str().to_owned(),
            starts_on: starts_on?,
            ends_on: ends_on?,
            media_retention: media_retention?.unwrap_or(false),
        };
        if !fields.is_refused() {
            self.put(record, unit, fields);
        }
        Some(())
    }

    /// AMB-22: the level of a name, by the catalogue that serves on the cover's first day, or today where
    /// that is past: older names and what is no longer offered stand in the newer catalogue.
    fn level(
        &self,
        name: &str,
        manufacturer: Option<&Manufacturer>,
        starts_on: Option<NaiveDate>,
    ) -> Result<ServiceLevel, String> {
        let whose = manufacturer.map_or("*", |manufacturer| manufacturer.as_str());
        let day = starts_on.map_or(self.today, |first| first.max(self.today));
        let catalogue = &self.programmes.on(whose, day).service_levels;
        let level = catalogue.find(name).map_err(|error| error.to_string())?;
        if let Some(first) = starts_on {
            catalogue.offered(level, first).map_err(|error| error.to_string())?;
        }
        Ok(level)
    }

    fn put(
        &mut self,
        record: ContractRecord,
        unit: Option<(Key, Option<Software>)>,
        fields: &mut Fields<'_>,
    ) {
        let line = fields.line;
        let draft = self.drafts.entry(record.number.clone()).or_insert_with(|| Draft {
            first_line: line,
            record: record.clone(),
            units: BTreeMap::new(),
            covers: Vec::new(),
            fresh: Vec::new(),
        });
        if let Some((column, what)) = differs(&draft.record, &record) {
            return fields
                .refuse(column, format!("line {} says {what} of this contract", draft.first_line));
        }
        let Some((unit, software)) = unit else { return };
        if let Some((earlier, _)) = draft.units.get(&unit) {
            let column = if software.is_some() { Col::Ssrn } else { Col::SerialNumber };
            return fields.refuse(column, format!("line {earlier} has the same already"));
        }
        draft.units.insert(unit, (line, software));
    }
}

/// The first value in which two rows of one contract differ.
fn differs(first: &ContractRecord, row: &ContractRecord) -> Option<(Col, String)> {
    if first.organization_id != row.organization_id {
        Some((Col::Account, "another account".to_owned()))
    } else if first.level != row.level {
        Some((Col::Level, first.level.clone()))
    } else if first.starts_on != row.starts_on {
        Some((Col::StartsOn, first.starts_on.to_string()))
    } else if first.ends_on != row.ends_on {
        Some((Col::EndsOn, first.ends_on.to_string()))
    } else if first.media_retention != row.media_retention {
        Some((Col::MediaRetention, first.media_retention.to_string()))
    } else {
        None
    }
}

/// What a row covers: a unit, software, or nothing yet.
fn covered(
    fields: &mut Fields<'_>,
    manufacturer: Option<Manufacturer>,
    serial_number: Option<SerialNumber>,
    software: Option<(Ssrn, Software)>,
) -> Option<(Key, Option<Software>)> {
    let (column, reason) = match (manufacturer, serial_number, software) {
        (None, None, None) => return None,
        (Some(manufacturer), Some(serial), None) => {
            return Some(((manufacturer.into(), serial.into()), None));
        }
        (Some(manufacturer), None, Some((ssrn, software))) => {
            return Some(((manufacturer.into(), ssrn.into()), Some(software)));
        }
        (_, Some(_), Some(_)) => (Col::Ssrn, "a row covers a unit or software, not both (ID-5)"),
        (Some(_), None, None) => {
            (Col::SerialNumber, "a manufacturer is given without a serial number")
        }
        (None, Some(_), None) => {
            (Col::Manufacturer, "a serial number is given without a manufacturer")
        }
        (None, None, Some(_)) => (Col::Manufacturer, "an SSRN is given without a manufacturer"),
    };
    fields.refuse(column, reason);
    None
}

/// The SSRN of a row, with what the row says of its software.
fn software(fields: &mut Fields<'_>) -> Option<Option<(Ssrn, Software)>> {
    let ssrn = fields.optional(Col::Ssrn, str::parse::<Ssrn>);
    let part_number = fields.optional(Col::PartNumber, str::parse::<PartNumber>);
    let site = fields.optional(Col::Site, one_line);
    let (ssrn, part_number, site) = (ssrn?, part_number?, site?);
    let Some(ssrn) = ssrn else {
        for (column, given) in
            [(Col::PartNumber, part_number.is_some()), (Col::Site, site.is_some())]
        {
            if given {
                fields.refuse(column, "it is said of software alone: give its `ssrn` (ID-5)");
            }
        }
        return Some(None);
    };
    let part_number = part_number.map(String::from);
    Some(Some((ssrn, Software { part_number, site: site.map(str::to_owned) })))
}

fn truth(value: &str) -> Result<bool, String> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(format!("{shown:?} is neither true nor false"))
        }
    }
}

impl Importer for Contracts {
    fn load(connection: &mut AnyConnection, today: NaiveDate) -> Result<Self, ImportError> {
        Ok(Self {
            accounts: Accounts::load(connection)?,
            programmes: Versions::load(connection)?,
            today,
            drafts: BTreeMap::new(),
            former: FormerOwners::default(),
            shelf: Shelf::load(connection)?,
            fresh: BTreeMap::new(),
        })
    }

    fn row(&mut self, fields: &mut Fields<'_>) {
        // What is refused is noted; there is nothing more to do with it.
        let _ = self.take(fields);
    }

    /// Finds the covered units, only now that all are known: a chunk at a time, not one a row.
    fn judge(
        &mut self,
        connection: &mut AnyConnection,
        problems: &mut Problems,
    ) -> Result<(), DbError> {
        let units = self.drafts.values().flat_map(|draft| draft.units.keys());
        let serials: Vec<&str> = units.map(|(_, serial)| serial.as_str()).collect();
        let mut known: HashMap<Key, UnitRow> = HashMap::new();
        for chunk in serials.chunks(LOOK_UP) {
            let rows = units_by_serial(connection, chunk)?;
            self.former.learn(connection, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
            for row in rows {
                known.insert((row.manufacturer.clone(), row.serial_number.clone()), row);
            }
        }
        let judged_by = (&self.shelf, &self.former, &self.accounts);
        for draft in self.drafts.values_mut() {
            for (line, column, reason) in draft.find(&known, judged_by, &mut self.fresh) {
                problems.add(Problem { line, column: Some(column), reason });
                problems.refuse_row();
            }
        }
        // A contract none of whose units can be covered is not brought in empty.
        let covers = |draft: &Draft| !draft.covers.is_empty() || !draft.fresh.is_empty();
        self.drafts.retain(|_, draft| draft.units.is_empty() || covers(draft));
        Ok(())
    }

    fn store(
        &self,
        connection: &mut AnyConnection,
        stamp: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError> {
        let stored: HashMap<String, (i64, ContractRecord)> = contracts(connection)?
            .into_iter()
            .map(|(id, record)| (record.number.clone(), (id, record)))
            .collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.drafts.len() as u64);
        let fresh = software::add(connection, &self.fresh)?;
        for draft in self.drafts.values() {
            let record = &draft.record;
            let added = draft.fresh.iter().filter_map(|key| fresh.get(key));
            let from_on = record.starts_on;
            let added = added.map(|&unit_id| ToCover { unit_id, from_on, former: false });
            let units: Vec<ToCover> = draft.covers.iter().copied().chain(added).collect();
            match stored.get(&record.number) {
                None => {
                    let id = insert_contract(connection, record)?;
                    self.cover(connection, id, record.ends_on, &units)?;
                    counts.added += 1;
                }
                Some((id, was)) => {
                    let at = stamp.recorded_at;
                    if self.bring_up_to_date(connection, (*id, was), (record, &units), at)? {
                        counts.changed += 1;
                    } else {
                        counts.unchanged += 1;
                    }
                }
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}

impl Contracts {
    /// Changes a contract and covers the units it did not cover; says whether anything was different.
    /// A unit that is not in the file stays covered: replacements are, and no file knows of them. One
    /// covered for a former owner is covered again from its day of `at` on, where the contract may serve the
    /// new one.
    fn bring_up_to_date(
        &self,
        connection: &mut AnyConnection,
        (id, was): (i64, &ContractRecord),
        (record, units): (&ContractRecord, &[ToCover]),
        at: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        if was != record {
            update_contract(connection, id, was, record)?;
        }
        let covered = covered_units(connection, id)?;
        let mut fresh = Vec::new();
        for new in units {
            match covered.get(&new.unit_id) {
                None => fresh.push(*new),
                Some(true) if self.former.serves(record, new.unit_id) => {
                    let from_on = new.from_on.max(self.former.day(new.unit_id, at));
                    fresh
                        .extend((from_on <= record.ends_on).then_some(ToCover { from_on, ..*new }));
                }
                Some(_) => {}
            }
        }
        self.cover(connection, id, record.ends_on, &fresh)?;
        Ok(was != record || !fresh.is_empty())
    }

    fn cover(
        &self,
        connection: &mut AnyConnection,
        contract: i64,
        through_on: NaiveDate,
        units: &[ToCover],
    ) -> Result<(), DbError> {
        cover_units(connection, contract, through_on, units)?;
        units.chunks(LOOK_UP).try_for_each(|chunk| {
            let ids: Vec<i64> = chunk.iter().map(|unit| unit.unit_id).collect();
            self.former.still(connection, &ids)
        })
    }
}
