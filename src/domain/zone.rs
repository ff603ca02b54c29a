//! Time zones: which local date an instant falls on, and when a local date starts and ends.
//!
//! Rules count in local dates of a site; events are instants. Here the two meet, also where a clock change falls on
//! midnight, doubles an hour, or leaves a whole day out.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeZone, Utc,
};
use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A time zone of the IANA database, such as `Europe/Amsterdam`; serialised as its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(Tz);

/// Why a zone's name or a local time was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ZoneError {
    /// No such zone.
    #[error("{name:?} is no IANA time zone{}", hint.map_or(": give one such as Europe/Amsterdam or America/New_York".to_owned(), |near| format!(": did you mean {near}?")))]
    Unknown {
        /// The name, cut to 80 characters.
        name: String,
        /// A zone whose name or whose city, in any case, is the one given.
        hint: Option<Zone>,
    },
    /// A local time that clocks skip.
    #[error(
        "{local} does not exist in {zone}: clocks go from {before} straight to {after}; give a time before or after that"
    )]
    Skipped {
        /// The local time asked for.
        local: NaiveDateTime,
        /// Where.
        zone: Zone,
        /// The instant of the change, by the offset in force until then.
        before: DateTime<FixedOffset>,
        /// The same instant, by the offset in force from then on.
        after: DateTime<FixedOffset>,
    },
    /// A local time that clocks show twice.
    #[error("{local} happens twice in {zone}: give {first} or {second} with its offset")]
    Doubled {
        /// The local time asked for.
        local: NaiveDateTime,
        /// Where.
        zone: Zone,
        /// The first time.
        first: DateTime<FixedOffset>,
        /// The second time.
        second: DateTime<FixedOffset>,
    },
    /// A local time so far off that it is no instant.
    #[error("{local} in {zone} is beyond the dates that can be reckoned with")]
    Beyond {
        /// The local time asked for.
        local: NaiveDateTime,
        /// Where.
        zone: Zone,
    },
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Zone = Zone(Tz::UTC);

    /// Reads the name of a zone, exactly as the IANA database writes it.
    ///
    /// # Errors
    /// [`ZoneError::Unknown`], naming the zone that may have been meant.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        name.parse().map(Self).map_err(|_| ZoneError::Unknown {
            // Cut: the text may be hostile and is shown to people.
            name: name.chars().take(80).collect(),
            hint: near(name),
        })
    }

    /// The names of all zones that are named after a place, and UTC, by name.
    pub fn names() -> Vec<&'static str> {
        let places = TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| {
            name.contains('/') && !["Etc/", "US/", "SystemV/"].iter().any(|of| name.starts_with(of))
        });
        let mut names: Vec<&'static str> = std::iter::once("UTC").chain(places).collect();
        names[1..].sort_unstable();
        names
    }

    /// The IANA name.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The zone for chrono.
    pub fn tz(&self) -> Tz {
        self.0
    }

    /// The local date on which the instant falls.
    pub fn local_date(&self, instant: DateTime<Utc>) -> NaiveDate {
        let utc = instant.naive_utc();
        let offset = self.0.offset_from_utc_datetime(&utc).fix();
        // Only within a day of the last instant there is, 260,000 years off, is there no local time to take.
        utc.checked_add_offset(offset).unwrap_or(utc).date()
    }

    /// The first instant of the local date `d`: the first midnight where it is doubled, the instant of the change where
    /// it is skipped. Where the whole date is skipped (Pacific/Apia, 2011-12-30) it is the first instant of the next day.
    pub fn start_of_day(&self, d: NaiveDate) -> DateTime<Utc> {
        let midnight = d.and_time(NaiveTime::MIN);
        match self.0.from_local_datetime(&midnight) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            // Without a change there is no gap: then `d` is at the very end of the calendar, where UTC must do.
            LocalResult::None => {
                self.change_over(midnight).map_or(midnight.and_utc(), |gap| gap.at)
            }
        }
    }

    /// The first instant after the local date `d`, that is the start of the next one: an instant is on or before `d` when
    /// it is earlier than this.
    pub fn end_of_day(&self, d: NaiveDate) -> DateTime<Utc> {
        d.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| self.start_of_day(next))
    }

    /// The instant at which clocks show `local`.
    ///
    /// # Errors
    /// [`ZoneError::Skipped`] and [`ZoneError::Doubled`] name the alternatives; nothing is guessed.
    pub fn resolve_local(&self, local: NaiveDateTime) -> Result<DateTime<Utc>, ZoneError> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) => Ok(at.to_utc()),
            LocalResult::Ambiguous(first, second) => Err(ZoneError::Doubled {
                local,
                zone: *self,
                first: first.fixed_offset(),
                second: second.fixed_offset(),
            }),
            LocalResult::None => Err(match self.change_over(local) {
                Some(gap) => ZoneError::Skipped {
                    local,
                    zone: *self,
                    before: gap.at.with_timezone(&gap.before),
                    after: gap.at.with_timezone(&gap.after),
                },
                None => ZoneError::Beyond { local, zone: *self },
            }),
        }
    }

    /// The change of clocks that skips `local`, if one does.
    fn change_over(&self, local: NaiveDateTime) -> Option<ChangeOver> {
        let (begin, offset) = GapInfo::new(&local, &self.0)?.begin?;
        let before = offset.fix();
        let at =
            begin.checked_sub_signed(Duration::seconds(before.local_minus_utc().into()))?.and_utc();
        let after = self.0.offset_from_utc_datetime(&at.naive_utc()).fix();
        Some(ChangeOver { at, before, after })
    }
}

/// A change of clocks forward.
struct ChangeOver {
    at: DateTime<Utc>,
    before: FixedOffset,
    after: FixedOffset,
}

/// The zone of that name or that city in any case.
fn near(name: &str) -> Option<Zone> {
    let wanted = name.trim().replace(' ', "_");
    let same = |tz: &&Tz| {
        let city = tz.name().rsplit('/').next().unwrap_or_default();
        tz.name().eq_ignore_ascii_case(&wanted) || city.eq_ignore_ascii_case(&wanted)
    };
    TZ_VARIANTS.iter().find(same).copied().map(Zone)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name)
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}
