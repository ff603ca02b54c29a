//! Imported calendars: what is taken, what is refused, and what it replaces.

use super::*;

pub(super) fn plain(name: &str, from: &str, to: &str) -> CalendarDefinition {
    CalendarDefinition {
        code: code(name),
        weekend: WeekdaySet::from_array([Weekday::Sat, Weekday::Sun]),
        from: d(from),
        to: d(to),
        make_up_days_known_to: None,
        holidays: Vec::new(),
        working_days: Vec::new(),
    }
}

#[test]
fn an_imported_calendar_replaces_the_builtin_one() {
    let mut calendars = Calendars::builtin();
    let old = calendars.clone();
    let day = d("2026-11-17");
    let holidays = vec![(day, "戰後紀念日".to_owned()), (day, "Second name".to_owned())];
    calendars.add(CalendarDefinition { holidays, ..plain("US", "2026-01-01", "2028-02-29") });
    calendars.add(plain("ACME-LAX", "2026-01-01", "2026-12-31"));
    assert_eq!(calendars.codes().len(), 77);
    let us = calendars.get(&code("US")).unwrap();
    assert_eq!(us.day_off(day), Ok(Some(DayOff::Holiday("戰後紀念日; Second name"))));
    assert_eq!(us.known().1, d("2028-02-29"));
    assert_eq!(us.is_business_day(d("2028-02-29")), Ok(true));
    assert!(Arc::ptr_eq(&us, &calendars.get(&code("US")).unwrap()), "made once");
    assert_eq!(old.get(&code("US")).unwrap().day_off(day), Ok(None));
}

#[test]
fn a_definition_round_trips_and_is_checked() {
    let good = CalendarDefinition {
        weekend: WeekdaySet::from_array([Weekday::Fri, Weekday::Sat]),
        make_up_days_known_to: Some(d("2026-06-30")),
        holidays: named(&[("2026-02-22", "Founding Day")]),
        working_days: vec![d("2026-02-28")],
        ..plain("SA-X", "2026-01-01", "2026-12-31")
    };
    let json = serde_json::to_value(&good).unwrap();
    assert_eq!(json["weekend"], serde_json::json!(["Fri", "Sat"]));
    assert_eq!(serde_json::from_value::<CalendarDefinition>(json).unwrap(), good);

    let base = || plain("BAD", "2026-01-01", "2026-12-31");
    let table = [
        ("ends on 2025-12-31", plain("BAD", "2026-01-01", "2025-12-31")),
        ("longer than 200 years", plain("BAD", "1900-01-01", "2100-01-01")),
        ("leaves the years", plain("BAD", "0000-12-31", "0100-01-01")),
        ("all seven", CalendarDefinition { weekend: WeekdaySet::ALL, ..base() }),
        (
            "holiday 2027-01-01",
            CalendarDefinition { holidays: named(&[("2027-01-01", "x")]), ..base() },
        ),
        (
            "working day 2025-12-31",
            CalendarDefinition { working_days: vec![d("2025-12-31")], ..base() },
        ),
        (
            "last known make-up day 2027-01-01",
            CalendarDefinition { make_up_days_known_to: Some(d("2027-01-01")), ..base() },
        ),
        (
            "has no name",
            CalendarDefinition { holidays: named(&[("2026-05-01", "\u{3000} ")]), ..base() },
        ),
        (
            "control characters",
            CalendarDefinition { holidays: named(&[("2026-05-01", "a\u{1b}[2Jb")]), ..base() },
        ),
        (
            "longer than 200 char",
            CalendarDefinition { holidays: named(&[("2026-05-01", &"x".repeat(201))]), ..base() },
        ),
        (
            "as a holiday and as a working day",
            CalendarDefinition {
                holidays: named(&[("2026-05-01", "x")]),
                working_days: vec![d("2026-05-01")],
                ..base()
            },
        ),
    ];
    for (part, bad) in table {
        let message = bad.validate().unwrap_err().to_string();
        assert!(
            message.starts_with("calendar BAD is malformed: ") && message.contains(part),
            "{message}"
        );
        let json = serde_json::to_value(&bad).unwrap();
        let read = serde_json::from_value::<CalendarDefinition>(json).unwrap_err().to_string();
        assert!(read.contains(part), "{read}");
        let mut calendars = Calendars::builtin();
        calendars.add(bad);
        assert_eq!(calendars.get(&code("BAD")).unwrap_err().to_string(), message);
    }
    plain("LONG", "1900-01-01", "2099-12-31").validate().unwrap();
}
