//! What holds for every question: clock changes and leap days move no date, later is never earlier, and
//! what an analysis owes follows the calendar of the year.

use std::sync::LazyLock;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use homeward::domain::analysis::{
    AnalysisError, Milestones, RaVerdict, failure_analysis_final_due, failure_analysis_interim_due,
    ra_eligibility, repair_analysis_due,
};
use homeward::domain::calendar::{CalendarCode, Calendars};
use homeward::domain::explain::WindowQuestion;
use homeward::domain::programme::{FailureAnalysisClock, Programme};
use homeward::domain::return_window::AnchorKind;
use homeward::domain::rma::tracks::Mode;
use homeward::domain::zone::Zone;
use proptest::prelude::*;

static CODES: LazyLock<Vec<CalendarCode>> = LazyLock::new(|| Calendars::builtin().codes());

/// Zones whose clocks change, at midnight and elsewhere, and one that never changes.
const ZONES: [&str; 8] = [
    "Europe/Amsterdam",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kolkata",
];

fn due(code: &CalendarCode, zone: Zone, at: DateTime<Utc>) -> Option<NaiveDate> {
    let programme = Programme::default();
    let calendar = Calendars::builtin().get(code).expect("a calendar");
    let question = WindowQuestion {
        mode: Mode::AdvanceReplacement,
        anchor: AnchorKind::Delivered,
        at,
        calendar: &calendar,
        place: "here",
        zone,
        programme: &programme,
    };
    question.answer().ok().map(|answer| answer.due_on)
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

proptest! {
    /// Whenever in a local day something happened, also one of 23 or 25 hours: the same day is due, and
    /// it is the tenth business day after it.
    #[test]
    fn no_clock_change_moves_a_date(
        which in 0..CODES.len(), name in prop::sample::select(&ZONES), days in 0u64..5_400, part in 0.0f64..1.0,
    ) {
        let on = day("2011-01-01") + Days::new(days);
        let zone = zone(name);
        let (start, end) = (zone.start_of_day(on), zone.end_of_day(on));
        let length = (end - start).num_milliseconds() - 1;
        let at = start + TimeDelta::milliseconds((length as f64 * part) as i64);
        let calendar = Calendars::builtin().get(&CODES[which]).expect("a calendar");
        let works = |day: &NaiveDate| calendar.is_business_day(*day).expect("a known day");
        let walked = on.iter_days().skip(1).filter(works).nth(9);
        for instant in [start, at, end - TimeDelta::milliseconds(1)] {
            prop_assert_eq!(due(&CODES[which], zone, instant), walked);
        }
    }

    /// What happened later is due no earlier, to the second.
    #[test]
    fn later_is_never_due_earlier(
        which in 0..CODES.len(), name in prop::sample::select(&ZONES),
        seconds in 0i64..450_000_000, more in 0i64..4_000_000,
    ) {
        let first: DateTime<Utc> = "2011-01-01T00:00:00Z".parse().expect("an instant");
        let at = first + TimeDelta::seconds(seconds);
        let zone = zone(name);
        let (early, late) =
            (due(&CODES[which], zone, at), due(&CODES[which], zone, at + TimeDelta::seconds(more)));
        prop_assert!(early <= late, "{:?} {:?}", early, late);
    }

    /// ANA-6, ANA-7: calendar days are as many as they are called, in leap years too; a failure analysis
    /// counts from the later of its two days.
    #[test]
    fn an_analysis_counts_calendar_days(days in 0u64..20_000, apart in -400i64..400) {
        let programme = Programme::default();
        let received = day("1999-12-31") + Days::new(days);
        let agreed = received + TimeDelta::days(apart);
        let ra = repair_analysis_due(received, &programme).expect("a date");
        prop_assert_eq!((ra.due_on - received).num_days(), 30);
        let fa = failure_analysis_interim_due(received, Some(agreed), &programme).expect("a date");
        prop_assert_eq!((fa.due_on - received.max(agreed)).num_days(), 15);
        let literal = Programme {
            failure_analysis_clock: FailureAnalysisClock::Received,
            ..Programme::default()
        };
        let fa = failure_analysis_interim_due(received, Some(agreed), &literal).expect("a date");
        prop_assert_eq!((fa.anchor_on, (fa.due_on - received).num_days()), (received, 15));
    }

    /// ANA-2 to ANA-4: five years to the day, and an ended product has none whatever its age.
    #[test]
    fn a_repair_analysis_is_free_for_five_years(days in 0u64..20_000, later in -100i64..100) {
        let programme = Programme::default();
        let frs = day("1999-12-31") + Days::new(days);
        let clamped = frs + chrono::Months::new(60);
        let requested = clamped + TimeDelta::days(later);
        let product = Milestones { frs_on: Some(frs), ..Milestones::default() };
        let found = ra_eligibility(&product, requested, &programme).expect("a verdict");
        // A leap day's fifth anniversary is the first of March.
        let last = if clamped.format("%d").to_string() == frs.format("%d").to_string() {
            clamped
        } else {
            clamped + Days::new(1)
        };
        let expected = if requested <= last { RaVerdict::NoApproval } else { RaVerdict::Approval };
        prop_assert_eq!(found.verdict, expected);
        for (end, refused) in [(requested, true), (requested + Days::new(1), false)] {
            for product in [
                Milestones { eol_on: Some(end), ..product },
                Milestones { eos_on: Some(end), ..product },
            ] {
                let found = ra_eligibility(&product, requested, &programme).expect("a verdict");
                prop_assert_eq!(found.verdict == RaVerdict::Refused, refused);
                prop_assert_eq!(found.rule == "ANA-4", refused);
            }
        }
    }
}

#[test]
fn an_analysis_beyond_reckoning_or_turned_round_is_refused() {
    let programme = Programme::default();
    assert_eq!(
        repair_analysis_due(NaiveDate::MAX, &programme),
        Err(AnalysisError::OutOfRange(NaiveDate::MAX))
    );
    let (interim, promised) = (day("2027-01-27"), day("2027-03-01"));
    let due = failure_analysis_final_due(interim, promised, &programme).expect("a date");
    assert_eq!((due.due_on, due.days), (promised, None));
    let refused = failure_analysis_final_due(promised, interim, &programme);
    assert!(matches!(refused, Err(AnalysisError::FinalBeforeInterim { .. })), "{refused:?}");
    let unknown = ra_eligibility(&Milestones::default(), promised, &programme).expect("a verdict");
    assert_eq!((unknown.verdict, unknown.rule), (RaVerdict::Approval, "ANA-3"));
}
