//! The catalogue of service levels (AMB-22): what each of the eight is called and was called before, what
//! it promises, and from when to when it is offered. Data of a programme, versioned with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::checked;
use super::service_level::{Promise, ServiceLevel};

/// How many other names a level can have, and how long one is at the most.
const MOST_ALIASES: usize = 40;
const LONGEST_NAME: usize = 80;

/// A level as a programme offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelTerms {
    /// What it is called towards customers.
    pub name: String,
    /// What it is or was called elsewhere. Case, blanks and signs do not matter.
    pub aliases: BTreeSet<String>,
    pub promise: Promise,
    /// An engineer comes with the part.
    pub onsite: bool,
    /// The first day on which a cover of this level can begin; any day if none is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_from: Option<NaiveDate>,
    /// The last such day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_through: Option<NaiveDate>,
}

/// What a document says of a level; what it does not say is as it comes with the program.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Stated {
    name: Option<String>,
    aliases: Option<BTreeSet<String>>,
    promise: Option<Promise>,
    onsite: Option<bool>,
    offered_from: Option<NaiveDate>,
    offered_through: Option<NaiveDate>,
}

/// Every level with its terms, in the order of [`ServiceLevel::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<ServiceLevel, Stated>", into = "BTreeMap<ServiceLevel, LevelTerms>")]
pub struct Catalogue([LevelTerms; ServiceLevel::ALL.len()]);

/// A name that no level has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a service level; known are: {known}")]
pub struct UnknownLevel {
    pub value: String,
    pub known: String,
}

/// A level on a day outside its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the level {level} is offered {range}; a cover that begins on {on} needs another (AMB-22)")]
pub struct NotOffered {
    pub level: ServiceLevel,
    pub range: String,
    pub on: NaiveDate,
}

impl LevelTerms {
    /// As the rulebook has the level (SVC-1 to SVC-8), with the names its sources use. A name that says
    /// nothing of hardware, such as a tier of support, is the level without a hardware option.
    fn standard(level: ServiceLevel) -> Self {
        let (name, aliases): (&str, &[&str]) = match level {
            ServiceLevel::Core => {
                ("Core", &["Care", "Care Core", "Care Plus", "Advanced Care", "Premium Care"])
            }
            ServiceLevel::CorePlus => {
                ("Core Plus", &["Care Core Plus", "Return to Factory", "RTF"])
            }
            ServiceLevel::NextDayDelivery => (
                "Next-Day Delivery",
                &["NBD", "ND", "NBD Delivery", "Next Business Day", "Next Business Day Delivery"],
            ),
            ServiceLevel::NextDayShip => ("Next-Day Ship", &["NBD Ship", "Next Business Day Ship"]),
            ServiceLevel::NextDayOnsite => {
                ("Next-Day Onsite", &["NBD Onsite", "Next Business Day Onsite"])
            }
            ServiceLevel::SameDay => ("Same-Day", &["SD", "Same-Day 4-Hour", "4-Hour"]),
            ServiceLevel::SameDay2Hour => ("Same-Day 2-Hour", &["SD 2-Hour", "2-Hour"]),
            ServiceLevel::SameDayOnsite => {
                ("Same-Day Onsite", &["SD Onsite", "Same-Day 4-Hour Onsite", "4-Hour Onsite"])
            }
        };
        Self {
            name: name.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            promise: level.standard_promise(),
            onsite: level.standard_onsite(),
            offered_from: None,
            offered_through: None,
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether a cover of this level can begin on `on`, a local date of the site.
    pub fn is_offered(&self, on: NaiveDate) -> bool {
        self.offered_from.is_none_or(|from| from <= on)
            && self.offered_through.is_none_or(|through| on <= through)
    }

    fn range(&self) -> String {
        match (self.offered_from, self.offered_through) {
            (Some(from), Some(through)) => format!("from {from} to {through}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(through)) => format!("to {through}"),
            (None, None) => "on any day".to_owned(),
        }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        BTreeMap::<ServiceLevel, Stated>::new().into()
    }
}

impl From<BTreeMap<ServiceLevel, Stated>> for Catalogue {
    fn from(mut stated: BTreeMap<ServiceLevel, Stated>) -> Self {
        Self(std::array::from_fn(|at| {
            let level = ServiceLevel::ALL[at];
            let standard = LevelTerms::standard(level);
            let said = stated.remove(&level).unwrap_or_default();
            LevelTerms {
                name: said.name.unwrap_or(standard.name),
                aliases: said.aliases.unwrap_or(standard.aliases),
                promise: said.promise.unwrap_or(standard.promise),
                onsite: said.onsite.unwrap_or(standard.onsite),
                offered_from: said.offered_from,
                offered_through: said.offered_through,
            }
        }))
    }
}

impl From<Catalogue> for BTreeMap<ServiceLevel, LevelTerms> {
    fn from(catalogue: Catalogue) -> Self {
        ServiceLevel::ALL.iter().copied().zip(catalogue.0).collect()
    }
}

/// A name without what people write differently: case, blanks, hyphens.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Catalogue {
    pub fn terms(&self, level: ServiceLevel) -> &LevelTerms {
        // The array has a place for each level, in the order of their declaration.
        &self.0[level as usize]
    }

    pub fn terms_mut(&mut self, level: ServiceLevel) -> &mut LevelTerms {
        &mut self.0[level as usize]
    }

    fn levels(&self) -> impl Iterator<Item = (ServiceLevel, &LevelTerms)> {
        ServiceLevel::ALL.iter().copied().zip(&self.0)
    }

    /// The level of a name: its own word, or what it is or was called.
    ///
    /// # Errors
    /// Names every level with its names.
    pub fn find(&self, name: &str) -> Result<ServiceLevel, UnknownLevel> {
        if let Ok(level) = name.parse() {
            return Ok(level);
        }
        let wanted = folded(name);
        let readable = checked("the name", name, LONGEST_NAME).is_ok();
        let has = |(level, terms): &(ServiceLevel, &LevelTerms)| {
            folded(level.as_str()) == wanted || terms.names().any(|known| folded(known) == wanted)
        };
        match self.levels().find(has).filter(|_| readable) {
            Some((level, _)) => Ok(level),
            None => {
                Err(UnknownLevel { value: name.chars().take(80).collect(), known: self.known() })
            }
        }
    }

    /// Every level with what else it is called.
    pub fn known(&self) -> String {
        let mut text = String::new();
        for (level, terms) in self.levels() {
            let comma = if text.is_empty() { "" } else { ", " };
            let aliases: Vec<&str> = terms.aliases.iter().map(String::as_str).collect();
            // Writing to a string cannot fail.
            let _ = match aliases.is_empty() {
                true => write!(text, "{comma}{level}"),
                false => write!(text, "{comma}{level} ({})", aliases.join(", ")),
            };
        }
        text
    }

    /// Whether a cover of the level can begin on `on`.
    ///
    /// # Errors
    /// Says from when to when it is offered.
    pub fn offered(&self, level: ServiceLevel, on: NaiveDate) -> Result<(), NotOffered> {
        let terms = self.terms(level);
        if terms.is_offered(on) {
            return Ok(());
        }
        Err(NotOffered { level, range: terms.range(), on })
    }

    /// What is wrong with it: the value, and what it must be.
    pub(super) fn fault(&self) -> Option<(String, &'static str)> {
        let mut owners: BTreeMap<String, ServiceLevel> = BTreeMap::new();
        for (level, _) in self.levels() {
            owners.insert(folded(level.as_str()), level);
        }
        for (level, terms) in self.levels() {
            if terms.aliases.len() > MOST_ALIASES {
                return Some((
                    format!("{level} with {} aliases", terms.aliases.len()),
                    "at most 40",
                ));
            }
            if terms.offered_from.zip(terms.offered_through).is_some_and(|(a, b)| b < a) {
                let value = format!("{level} offered {}", terms.range());
                return Some((value, "a range whose last day is not before its first"));
            }
            for name in terms.names() {
                let key = folded(name);
                if checked("the name", name, LONGEST_NAME).is_err() || key.is_empty() {
                    let value =
                        format!("{:?} for {level}", name.chars().take(80).collect::<String>());
                    return Some((value, "a name of 1 to 80 characters, with letters or digits"));
                }
                if *owners.entry(key).or_insert(level) != level {
                    let value = format!("{name:?} for {level}");
                    return Some((value, "a name that no other level has"));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_that_comes_with_the_program_is_sound_and_reads_itself() {
        let catalogue = Catalogue::default();
        assert_eq!(catalogue.fault(), None);
        let text = serde_json::to_string(&catalogue).expect("JSON");
        assert_eq!(serde_json::from_str::<Catalogue>(&text).expect("a catalogue"), catalogue);
        for (level, terms) in catalogue.levels() {
            for name in terms.names().chain([level.as_str()]) {
                assert_eq!(catalogue.find(&name.to_uppercase()), Ok(level), "{name}");
            }
        }
    }

    #[test]
    fn faults_are_named() {
        let with = |change: fn(&mut LevelTerms)| {
            let mut catalogue = Catalogue::default();
            change(catalogue.terms_mut(ServiceLevel::SameDay));
            catalogue.fault().map(|(value, must)| format!("{value}: {must}"))
        };
        let taken = with(|terms| terms.aliases.extend(["core-PLUS".to_owned()]));
        assert_eq!(
            taken.as_deref(),
            Some("\"core-PLUS\" for same_day: a name that no other level has")
        );
        assert!(with(|terms| terms.name = "--".to_owned()).is_some());
        assert!(with(|terms| terms.aliases = (0..41).map(|n| format!("A{n}")).collect()).is_some());
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let mut catalogue = Catalogue::default();
        let terms = catalogue.terms_mut(ServiceLevel::Core);
        (terms.offered_from, terms.offered_through) = (day("2026-02-01"), day("2026-01-31"));
        assert!(catalogue.fault().is_some());
    }
}
