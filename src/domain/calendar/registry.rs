//! All calendars the program knows: those it comes with and those that were imported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{Calendar, CalendarCode, CalendarDefinition, CalendarError, builtin};

/// The calendars by code. Making one is free and a clone shares what was read: a calendar is read when it is first asked
/// for.
#[derive(Debug, Clone, Default)]
pub struct Calendars {
    imported: BTreeMap<CalendarCode, Arc<Imported>>,
}

#[derive(Debug)]
struct Imported {
    definition: CalendarDefinition,
    calendar: OnceLock<Result<Arc<Calendar>, CalendarError>>,
}

impl Calendars {
    /// The 76 that come with the program: 64 countries and 12 regions, 2010 to 2035 (Sri Lanka to 2026).
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Takes in a calendar; one of the same code, imported or builtin, is replaced. A definition that
    /// [`CalendarDefinition::validate`] refuses is refused by [`get`](Self::get) in the same words: validate first.
    pub fn add(&mut self, def: CalendarDefinition) {
        let code = def.code.clone();
        let imported = Imported { definition: def, calendar: OnceLock::new() };
        self.imported.insert(code, Arc::new(imported));
    }

    /// The calendar of this code.
    ///
    /// # Errors
    /// [`CalendarError::Unknown`] with near codes, [`CalendarError::Malformed`] for a bad definition.
    pub fn get(&self, code: &CalendarCode) -> Result<Arc<Calendar>, CalendarError> {
        if let Some(imported) = self.imported.get(code) {
            let make = || Calendar::try_from(&imported.definition).map(Arc::new);
            return imported.calendar.get_or_init(make).clone();
        }
        match builtin::get(code) {
            Some(found) => found,
            None => Err(CalendarError::Unknown { code: code.clone(), hint: self.near(code) }),
        }
    }

    /// All codes, in alphabetical order.
    pub fn codes(&self) -> Vec<CalendarCode> {
        let all: BTreeSet<CalendarCode> =
            builtin::codes().chain(self.imported.keys().cloned()).collect();
        all.into_iter().collect()
    }

    /// Up to five codes that may have been meant.
    fn near(&self, code: &CalendarCode) -> Vec<CalendarCode> {
        // Two that are widely written and are not ISO 3166's.
        let country = match code.as_str().split('-').next().unwrap_or_default() {
            "UK" => "GB",
            "EL" => "GR",
            other => other,
        };
        let mut found: Vec<(usize, CalendarCode)> = Vec::new();
        for candidate in self.codes() {
            let text = candidate.as_str();
            let same_country = text.split('-').next() == Some(country);
            let distance = strsim::osa_distance(code.as_str(), text);
            let same_initial = text.as_bytes().first() == code.as_str().as_bytes().first();
            if same_country {
                found.push((usize::from(text != country), candidate));
            } else if distance <= 1 && same_initial || distance == 1 && text.len() > 2 {
                found.push((1 + distance, candidate));
            }
        }
        found.sort();
        found.into_iter().map(|(_, code)| code).take(5).collect()
    }
}
