//! When something recurs: a cron expression in a time zone, and the instants it names.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

use super::zone::Zone;

/// A cron expression of five fields: minute, hour, day of the month, month, day of the week.
///
/// Where both days are restricted, a day has to meet **both** (`0 6 1-7 * MON` is the first Monday of
/// a month, not every Monday and every one of the first seven days). This is said here on purpose:
/// the old cron joins them by "or".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron(String);

/// Why a cron expression was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no cron expression of five fields (minute, hour, day of month, month, day of week; \
     for instance \"0 6 * * MON\"): {reason}"
)]
pub struct CronError {
    /// Cut to 80 characters.
    pub text: String,
    pub reason: String,
}

impl Cron {
    /// # Errors
    /// Another number of fields, a field that is wrong, or a day that never comes.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let bad = |reason: String| CronError { text: text.chars().take(80).collect(), reason };
        let fields = text.split_whitespace().count();
        if fields != 5 {
            return Err(bad(format!("it has {fields}")));
        }
        let cron = read(text).map_err(|error| bad(error.to_string()))?;
        cron.find_next_occurrence(&DateTime::UNIX_EPOCH, false)
            .map_err(|_| bad("it names a day that never comes".to_owned()))?;
        Ok(Self(text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first instant after `after` that clocks in `zone` show a time of this expression. A time
    /// that clocks skip comes when they have skipped it; one they show twice comes once, unless the
    /// expression recurs within the hour. None where there is no later one to reckon with.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
        let cron = read(&self.0).ok()?;
        let mut from = after;
        // A step forward where a change of clocks led back to an instant already passed.
        for _ in 0..240 {
            let local = from.with_timezone(&zone.tz());
            let found = cron.find_next_occurrence(&local, false).ok()?.to_utc();
            if found > after {
                return Some(found);
            }
            from += TimeDelta::minutes(1);
        }
        None
    }
}

fn read(text: &str) -> Result<croner::Cron, croner::errors::CronError> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .dom_and_dow(true)
        .build()
        .parse(text)
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Cron {
    type Err = CronError;
    fn from_str(text: &str) -> Result<Self, CronError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;
    fn try_from(text: String) -> Result<Self, CronError> {
        Self::parse(&text)
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.0
    }
}
