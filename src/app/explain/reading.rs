//! The values of a question, read from text.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::questions::Unanswered;
use crate::app::import::{date as day, time_of_day};
use crate::domain::zone::{Zone, ZoneError};

/// A date that has to be there.
pub(super) fn date(column: &'static str, text: &str) -> Result<NaiveDate, Unanswered> {
    match optional_date(column, text)? {
        Some(date) => Ok(date),
        None => Err(Unanswered::new(column, "a date is needed, as YYYY-MM-DD")),
    }
}

/// A date, unless the cell is empty.
pub(super) fn optional_date(
    column: &'static str,
    text: &str,
) -> Result<Option<NaiveDate>, Unanswered> {
    if text.is_empty() {
        return Ok(None);
    }
    day(text).map(Some).map_err(|reason| Unanswered::new(column, reason))
}

/// A word of a list; `needed` says what is missing where the cell is empty.
pub(super) fn word<T: FromStr<Err: std::fmt::Display>>(
    column: &'static str,
    text: &str,
    needed: &str,
) -> Result<T, Unanswered> {
    if text.is_empty() {
        return Err(Unanswered::new(column, needed));
    }
    text.parse().map_err(|error: T::Err| Unanswered::new(column, error.to_string()))
}

/// `true`, or an empty cell.
pub(super) fn flag(column: &'static str, text: &str) -> Result<bool, Unanswered> {
    match text {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(Unanswered::new(column, format!("{shown:?} is neither true nor empty")))
        }
    }
}

/// A time of day, `15:00`.
pub(super) fn time(column: &'static str, text: &str) -> Result<Option<NaiveTime>, Unanswered> {
    if text.is_empty() {
        return Ok(None);
    }
    time_of_day(text).map(Some).map_err(|reason| Unanswered::new(column, reason))
}

/// An instant with its offset (RFC 3339). A local time without one is refused with the offsets it could
/// have in `zone`; one that a clock change skips or doubles says so.
pub(super) fn instant(
    column: &'static str,
    text: &str,
    zone: Option<Zone>,
) -> Result<DateTime<Utc>, Unanswered> {
    match plain(text.as_bytes()) {
        Some(at) => Ok(at),
        None => DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc())
            .map_err(|_| Unanswered::new(column, no_instant(text, zone))),
    }
}

/// `2026-11-16T09:30:00-05:00` and `…Z`, the forms a million questions come in; everything else is left
/// to the library.
fn plain(text: &[u8]) -> Option<DateTime<Utc>> {
    let (local, offset) = text.split_at_checked(19)?;
    let shaped = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if shaped.iter().any(|(at, byte)| local[*at] != *byte) {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |n, byte| {
            byte.is_ascii_digit().then(|| n * 10 + u32::from(byte - b'0'))
        })
    };
    let seconds_east = match offset {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i64::from(hours * 3600 + minutes * 60);
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let year = i32::try_from(number(&local[..4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&local[5..7])?, number(&local[8..10])?)?;
    let (hour, minute) = (number(&local[11..13])?, number(&local[14..16])?);
    let time = date.and_hms_opt(hour, minute, number(&local[17..19])?)?;
    time.checked_sub_signed(chrono::TimeDelta::seconds(seconds_east)).map(|at| at.and_utc())
}

fn no_instant(text: &str, zone: Option<Zone>) -> String {
    let shown: String = text.chars().take(60).collect();
    if shown.is_empty() {
        return "an instant with its offset is needed, such as 2026-11-16T09:30:00-05:00"
            .to_owned();
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let (Some(local), Some(zone)) = (local, zone) else {
        return format!(
            "{shown:?} is not an instant with its offset; write it such as 2026-11-16T09:30:00-05:00"
        );
    };
    match zone.resolve_local(local) {
        Ok(at) => format!(
            "{shown:?} has no offset; if it is meant in {zone}, write {}",
            at.with_timezone(&zone.tz()).to_rfc3339()
        ),
        Err(error @ (ZoneError::Skipped { .. } | ZoneError::Doubled { .. })) => error.to_string(),
        Err(error) => format!("{shown:?} has no offset, and {error}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The quick way reads what the library reads, or leaves it alone.
        #[test]
        fn the_quick_way_agrees_with_the_library(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])"
        ) {
            let library = DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc());
            if let Some(quick) = plain(text.as_bytes()) {
                prop_assert_eq!(Some(quick), library);
            }
        }
    }

    #[test]
    fn an_instant_is_read_with_any_offset() {
        for (text, utc) in [
            ("2026-11-16T09:30:00-05:00", "2026-11-16T14:30:00Z"),
            ("2026-11-16T09:30:00Z", "2026-11-16T09:30:00Z"),
            ("2026-11-16T09:30:00.25+05:45", "2026-11-16T03:45:00.250Z"),
            ("2026-11-16t09:30:00z", "2026-11-16T09:30:00Z"),
        ] {
            let at = instant("at", text, None).expect(text);
            assert_eq!(at, utc.parse::<DateTime<Utc>>().expect("an instant"), "{text}");
        }
    }
}
