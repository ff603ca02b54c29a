//! A calendar as it is imported, stored and exported.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, WeekdaySet};
use serde::{Deserialize, Serialize};

use super::{CalendarCode, CalendarError};

/// A calendar as data. Deserialising validates; a definition built in place is validated by
/// [`validate`](Self::validate), or at the latest when a [`Calendar`](super::Calendar) is made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CalendarDefinition {
    /// Its code.
    pub code: CalendarCode,
    /// Weekdays off; serialised as `["Sat", "Sun"]`. May be empty, may not hold all seven.
    #[serde(with = "weekdays")]
    pub weekend: WeekdaySet,
    /// First date anything is known about.
    pub from: NaiveDate,
    /// Last date anything is known about, at most 200 years after `from`.
    pub to: NaiveDate,
    /// Where make-up working days are announced year by year: the last date they are known for.
    pub make_up_days_known_to: Option<NaiveDate>,
    /// Holidays with their names, in any order; holidays on weekend days may be listed.
    pub holidays: Vec<(NaiveDate, String)>,
    /// Weekend days that are worked.
    pub working_days: Vec<NaiveDate>,
}

/// The same fields before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    code: CalendarCode,
    #[serde(with = "weekdays")]
    weekend: WeekdaySet,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    make_up_days_known_to: Option<NaiveDate>,
    holidays: Vec<(NaiveDate, String)>,
    #[serde(default)]
    working_days: Vec<NaiveDate>,
}

impl TryFrom<Unchecked> for CalendarDefinition {
    type Error = CalendarError;

    fn try_from(raw: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked { code, weekend, from, to, make_up_days_known_to, holidays, working_days } =
            raw;
        let made = Self { code, weekend, from, to, make_up_days_known_to, holidays, working_days };
        made.validate()?;
        Ok(made)
    }
}

impl CalendarDefinition {
    /// The longest range, in years.
    pub const MAX_YEARS: u32 = 200;
    /// The longest name of a holiday, in characters.
    pub const MAX_NAME: usize = 200;

    /// Checks that the data make a calendar.
    ///
    /// # Errors
    /// [`CalendarError::Malformed`] naming the first thing that is wrong: the range turned round, over 200 years or
    /// outside the years 1 to 9999; all seven weekdays off; a date outside the range; a day that is both holiday and
    /// working day; a name that is empty, too long or holds control characters.
    pub fn validate(&self) -> Result<(), CalendarError> {
        self.check_range()
            .and_then(|()| self.check_days())
            .map_err(|problem| CalendarError::Malformed { code: self.code.clone(), problem })
    }

    fn check_range(&self) -> Result<(), String> {
        let (from, to) = (self.from, self.to);
        if from > to {
            return Err(format!("its range ends on {to}, before it starts on {from}"));
        }
        if from.year() < 1 || to.year() > 9999 {
            return Err(format!("its range {from} to {to} leaves the years 0001 to 9999"));
        }
        if to.years_since(from).is_some_and(|years| years >= Self::MAX_YEARS) {
            return Err(format!(
                "its range {from} to {to} is longer than {} years: give fewer",
                Self::MAX_YEARS
            ));
        }
        if self.weekend == WeekdaySet::ALL {
            return Err("all seven weekdays are off: leave at least one to work".to_owned());
        }
        Ok(())
    }

    fn check_days(&self) -> Result<(), String> {
        let inside = |what: &str, date: NaiveDate| {
            if (self.from..=self.to).contains(&date) {
                return Ok(());
            }
            Err(format!("{what} {date} lies outside its range {} to {}", self.from, self.to))
        };
        if let Some(date) = self.make_up_days_known_to {
            inside("the last known make-up day", date)?;
        }
        let mut worked = BTreeSet::new();
        for &date in &self.working_days {
            inside("the working day", date)?;
            worked.insert(date);
        }
        for (date, name) in &self.holidays {
            inside("the holiday", *date)?;
            if worked.contains(date) {
                return Err(format!(
                    "{date} is listed as a holiday and as a working day: keep one"
                ));
            }
            check_name(*date, name)?;
        }
        Ok(())
    }
}

fn check_name(date: NaiveDate, name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err(format!("the holiday {date} has no name"));
    }
    if name.chars().any(char::is_control) {
        return Err(format!("the name of the holiday {date} holds control characters"));
    }
    if name.chars().count() > CalendarDefinition::MAX_NAME {
        return Err(format!(
            "the name of the holiday {date} is longer than {} characters",
            CalendarDefinition::MAX_NAME
        ));
    }
    Ok(())
}

/// A weekday set as a list of names, Monday first.
mod weekdays {
    use chrono::{Weekday, WeekdaySet};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(set: &WeekdaySet, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(set.iter(Weekday::Mon))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<WeekdaySet, D::Error> {
        Ok(Vec::<Weekday>::deserialize(from)?.into_iter().collect())
    }
}
