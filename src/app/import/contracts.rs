//! `homeward import contracts`: a contract and the units it covers, one a row.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::columns::columns;
use super::facts::Accounts;
use super::fields::{Fields, date};
use super::former::FormerOwners;
use super::problems::{Problem, Problems};
use super::{Counts, ImportError, Importer, Progress};
use crate::app::programmes::Versions;
use crate::db::contracts::{
    ContractRecord, ToCover, contracts, cover_units, covered_units, insert_contract,
    update_contract,
};
use crate::db::units::{LOOK_UP, units_by_serial};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::{Manufacturer, SerialNumber};
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
});

struct Draft {
    first_line: u64,
    record: ContractRecord,
    /// The units by key, each with the line that names it.
    units: BTreeMap<(String, String), u64>,
    /// Those that the register knows and that it may cover.
    covers: Vec<ToCover>,
}

pub(super) struct Contracts {
    accounts: Accounts,
    programmes: Versions,
    today: NaiveDate,
    drafts: BTreeMap<String, Draft>,
    former: FormerOwners,
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
        let unit = match (manufacturer?, serial_number?) {
            (None, None) => None,
            (Some(manufacturer), Some(serial)) => {
                Some((String::from(manufacturer), String::from(serial)))
            }
            (Some(_), None) => {
                fields.refuse(Col::SerialNumber, "a manufacturer is given without a serial number");
                None
            }
            (None, Some(_)) => {
                fields.refuse(Col::Manufacturer, "a serial number is given without a manufacturer");
                None
            }
        };
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
        unit: Option<(String, String)>,
        fields: &mut Fields<'_>,
    ) {
        let line = fields.line;
        let draft = self.drafts.entry(record.number.clone()).or_insert_with(|| Draft {
            first_line: line,
            record: record.clone(),
            units: BTreeMap::new(),
            covers: Vec::new(),
        });
        if let Some((column, what)) = differs(&draft.record, &record) {
            return fields
                .refuse(column, format!("line {} says {what} of this contract", draft.first_line));
        }
        let Some(unit) = unit else { return };
        if let Some(earlier) = draft.units.get(&unit) {
            return fields
                .refuse(Col::SerialNumber, format!("line {earlier} has the same already"));
        }
        draft.units.insert(unit, line);
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
        let mut known: HashMap<(String, String), i64> = HashMap::new();
        for chunk in serials.chunks(LOOK_UP) {
            let rows = units_by_serial(connection, chunk)?;
            self.former.learn(connection, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
            known.extend(rows.into_iter().map(|r| ((r.manufacturer, r.serial_number), r.id)));
        }
        let column = Col::ALL.get(usize::from(Col::SerialNumber)).map(|c| c.name);
        for draft in self.drafts.values_mut() {
            for (unit, line) in &draft.units {
                let found = match known.get(unit) {
                    Some(id) => self.former.judge(&draft.record, *id, &unit.1, &self.accounts),
                    None => Err(format!(
                        "there is no unit {:?} of {:?}; import it first",
                        unit.1, unit.0
                    )),
                };
                match found {
                    Ok(to_cover) => draft.covers.push(to_cover),
                    Err(reason) => {
                        problems.add(Problem { line: *line, column, reason });
                        problems.refuse_row();
                    }
                }
            }
        }
        // A contract none of whose units can be covered is not brought in empty.
        self.drafts.retain(|_, draft| draft.units.is_empty() || !draft.covers.is_empty());
        Ok(())
    }

    fn store(
        &self,
        connection: &mut AnyConnection,
        _: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError> {
        let stored: HashMap<String, (i64, ContractRecord)> = contracts(connection)?
            .into_iter()
            .map(|(id, record)| (record.number.clone(), (id, record)))
            .collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.drafts.len() as u64);
        for draft in self.drafts.values() {
            let record = &draft.record;
            match stored.get(&record.number) {
                None => {
                    let id = insert_contract(connection, record)?;
                    self.cover(connection, id, draft.record.ends_on, &draft.covers)?;
                    counts.added += 1;
                }
                Some((id, was)) => {
                    if self.bring_up_to_date(connection, *id, was, draft)? {
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
    /// covered for a former owner is covered again from today on, where the contract may serve the new one.
    fn bring_up_to_date(
        &self,
        connection: &mut AnyConnection,
        id: i64,
        was: &ContractRecord,
        draft: &Draft,
    ) -> Result<bool, DbError> {
        if *was != draft.record {
            update_contract(connection, id, was, &draft.record)?;
        }
        let covered = covered_units(connection, id)?;
        let mut fresh = Vec::new();
        for new in &draft.covers {
            match covered.get(&new.unit_id) {
                None => fresh.push(*new),
                Some(true) if self.former.serves(&draft.record, new.unit_id) => {
                    let from_on = new.from_on.max(self.today);
                    fresh.extend(
                        (from_on <= draft.record.ends_on).then_some(ToCover { from_on, ..*new }),
                    );
                }
                Some(_) => {}
            }
        }
        self.cover(connection, id, draft.record.ends_on, &fresh)?;
        Ok(*was != draft.record || !fresh.is_empty())
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
