//! Instants as both databases keep them: naive UTC, to the microsecond.

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

/// The stored form of an instant. PostgreSQL keeps microseconds and SQLite all that is given, so
/// the rest is cut off here and both give back the same.
pub fn to_naive(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.trunc_subsecs(6).naive_utc()
}

/// The instant of its stored form.
pub fn from_naive(stored: NaiveDateTime) -> DateTime<Utc> {
    stored.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_cut_off_not_rounded() {
        let instant = DateTime::from_timestamp(1_700_000_000, 123_456_999);
        let kept = instant.map(|i| from_naive(to_naive(i)));
        assert_eq!(kept, DateTime::from_timestamp(1_700_000_000, 123_456_000));
    }
}
