//! Instants as people read them, in the reader's zone, which is said beside them (AMB-18).

use chrono::{DateTime, SecondsFormat, Utc};

use crate::domain::explain::long;
use crate::domain::zone::Zone;

/// An instant for machines and for people.
pub struct When {
    /// RFC 3339 with the zone's offset.
    pub iso: String,
    /// `Mon 16 Nov 2026, 09:30`.
    pub text: String,
    /// `16 Nov 2026, 09:30`, for tables.
    pub short: String,
    /// `CST`, or `UTC+07:00` where a zone has no letters of its own.
    pub offset: String,
}

impl When {
    pub fn of(at: DateTime<Utc>, zone: Zone) -> Self {
        let local = at.with_timezone(&zone.tz());
        let letters = local.format("%Z").to_string();
        let offset = match letters.starts_with(|first: char| first.is_ascii_alphabetic()) {
            true => letters,
            false => format!("UTC{}", local.format("%:z")),
        };
        Self {
            iso: local.to_rfc3339_opts(SecondsFormat::Secs, true),
            short: local.format("%-d %b %Y, %H:%M").to_string(),
            text: format!("{}, {}", long(local.date_naive()), local.format("%H:%M")),
            offset,
        }
    }
}
