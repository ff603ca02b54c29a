//! Instants and days from outside: RFC 3339, an instant with its offset.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::{Deserialize, Deserializer};

/// An instant whose offset was given, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl std::str::FromStr for Instant {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Ok(Self(at.to_utc().trunc_subsecs(6))),
            Err(error) => Err(format!(
                "{:?} is not an instant of RFC 3339 with its offset, such as 2026-11-16T09:30:00-05:00 ({error})",
                text.chars().take(60).collect::<String>()
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the years 0001 to 9999, which both databases can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl std::str::FromStr for Day {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let shape = text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let day = if shape && text.len() == 10 && !text.starts_with("0000") {
            text.parse().ok()
        } else {
            None
        };
        let shown = || text.chars().take(60).collect::<String>();
        day.map(Self).ok_or_else(|| format!("{:?} is not a day, such as 2026-11-16", shown()))
    }
}
