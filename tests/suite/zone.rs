//! Local dates and instants, where clock changes fall on midnight, double an hour or leave a day out.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, Utc};
use homeward::domain::zone::{Zone, ZoneError};
use proptest::prelude::*;

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

#[test]
fn a_day_starts_at_its_first_instant() {
    let table = [
        ("UTC", "2026-11-16", "2026-11-16T00:00:00Z"),
        ("America/New_York", "2026-11-16", "2026-11-16T05:00:00Z"),
        ("Asia/Kathmandu", "2026-11-16", "2026-11-15T18:15:00Z"),
        ("Pacific/Kiritimati", "2026-11-16", "2026-11-15T10:00:00Z"),
        // Midnight skipped: clocks went from 00:00 to 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        // 23:00 doubled on the day before: midnight itself came once.
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
        // Midnight doubled: at 00:01 clocks went back to 23:01 of the day before.
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
        // 00:00 doubled: at 01:00 clocks went back to 00:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        // The whole day skipped: the first instant of the next.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z"),
    ];
    for (name, day, start) in table {
        assert_eq!(zone(name).start_of_day(d(day)), at(start), "{name} {day}");
        assert_eq!(
            zone(name).end_of_day(d(day).pred_opt().unwrap()),
            at(start),
            "{name} before {day}"
        );
    }
}

#[test]
fn part_5_example_20_late_by_the_local_date() {
    let louisville = zone("America/Kentucky/Louisville");
    let due = d("2026-12-01");
    let on_time = at("2026-12-01T23:50:00-05:00");
    let late = at("2026-12-02T00:05:00-05:00");
    assert_eq!(louisville.local_date(on_time), due);
    assert_eq!(on_time.date_naive(), d("2026-12-02"), "in UTC it is tomorrow already");
    assert!(on_time < louisville.end_of_day(due) && late >= louisville.end_of_day(due));
    assert_eq!(louisville.local_date(late), d("2026-12-02"));
}

#[test]
fn local_times_resolve_or_name_the_alternatives() {
    let amsterdam = zone("Europe/Amsterdam");
    assert_eq!(
        amsterdam.resolve_local(local("2026-03-27T14:30:00")),
        Ok(at("2026-03-27T13:30:00Z"))
    );
    let skipped = amsterdam.resolve_local(local("2026-03-29T02:30:00")).unwrap_err();
    assert!(matches!(skipped, ZoneError::Skipped { .. }));
    assert_eq!(
        skipped.to_string(),
        "2026-03-29 02:30:00 does not exist in Europe/Amsterdam: clocks go from 2026-03-29 02:00:00 +01:00 straight to \
         2026-03-29 03:00:00 +02:00; give a time before or after that"
    );
    let doubled = amsterdam.resolve_local(local("2026-10-25T02:30:00")).unwrap_err();
    assert_eq!(
        doubled.to_string(),
        "2026-10-25 02:30:00 happens twice in Europe/Amsterdam: give 2026-10-25 02:30:00 +02:00 or \
         2026-10-25 02:30:00 +01:00 with its offset"
    );
    assert_eq!(
        amsterdam.resolve_local(local("2026-03-29T03:00:00")),
        Ok(at("2026-03-29T01:00:00Z"))
    );
    assert!(matches!(
        zone("Pacific/Apia").resolve_local(local("2011-12-30T12:00:00")),
        Err(ZoneError::Skipped { .. })
    ));
    assert!(matches!(amsterdam.resolve_local(NaiveDateTime::MIN), Err(ZoneError::Beyond { .. })));
}

#[test]
fn a_name_is_read_shown_and_refused_clearly() {
    let name = "America/Argentina/Buenos_Aires";
    assert_eq!(zone(name).to_string(), name);
    let json = serde_json::to_string(&zone(name)).unwrap();
    assert_eq!(json, format!("{name:?}"));
    assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone(name));
    let refused = |text: &str| Zone::parse(text).unwrap_err().to_string();
    assert_eq!(
        refused("europe/amsterdam"),
        r#""europe/amsterdam" is no IANA time zone: did you mean Europe/Amsterdam?"#
    );
    assert!(refused("Buenos Aires").ends_with("Buenos_Aires?"));
    assert!(refused("Middle-earth/\u{1b}[0m").contains("give one such as"));
    assert!(!refused("Middle-earth/\u{1b}[0m").contains('\u{1b}'));
    assert!(serde_json::from_str::<Zone>("\"\"").is_err());
}

#[test]
fn the_ends_of_time_do_not_panic() {
    for name in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(zone(name).start_of_day(day) <= zone(name).end_of_day(day));
        }
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            zone(name).local_date(instant);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// In any zone, on any day since 1970: nothing before the start carries the date, and the date begins there.
    #[test]
    fn the_start_is_the_first_instant(which in 0..chrono_tz::TZ_VARIANTS.len(), days in 0..30_000u64) {
        let zone = zone(chrono_tz::TZ_VARIANTS[which].name());
        let day = d("1970-01-01") + Days::new(days);
        let start = zone.start_of_day(day);
        let first = zone.local_date(start);
        // A zone's own wall clock, taken apart from the code under test.
        let wall = |instant: DateTime<Utc>| instant.with_timezone(&zone.tz()).date_naive();
        prop_assert!(first == day || (first == day + Days::new(1) && (0..48 * 4).all(|quarter| {
            wall(start + Duration::minutes(15) * (quarter - 96)) != day
        })), "{} {} starts {}", zone, day, start);
        for minutes in 1..=26 * 60 {
            prop_assert!(wall(start - Duration::minutes(minutes)) < day, "{} {} starts earlier", zone, day);
        }
        prop_assert!(zone.end_of_day(day) >= start);
        prop_assert_eq!(zone.local_date(start), wall(start));
    }

    #[test]
    fn a_resolved_local_time_reads_the_same(which in 0..chrono_tz::TZ_VARIANTS.len(), minutes in 0..43_000_000i64) {
        let zone = zone(chrono_tz::TZ_VARIANTS[which].name());
        let local = local("1970-01-01T00:00:00") + Duration::minutes(minutes);
        match zone.resolve_local(local) {
            Ok(at) => prop_assert_eq!(at.with_timezone(&zone.tz()).naive_local(), local),
            Err(ZoneError::Doubled { first, second, .. }) => {
                prop_assert!(first < second);
                prop_assert_eq!((first.naive_local(), second.naive_local()), (local, local));
            }
            Err(ZoneError::Skipped { before, after, .. }) => {
                prop_assert_eq!(before.to_utc(), after.to_utc());
                prop_assert!(before.naive_local() <= local && local < after.naive_local());
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
