//! Business-day counting: the rulebook's worked examples, and every calendar against a slow count of its own that reads the
//! CSV files by itself.

mod imported;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use chrono::{Datelike, Days, NaiveDate, Weekday, WeekdaySet};
use homeward::domain::calendar::{
    Calendar, CalendarCode, CalendarDefinition, CalendarError, Calendars, DayOff,
};
use proptest::prelude::*;

use imported::plain;

fn d(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn code(text: &str) -> CalendarCode {
    text.parse().unwrap()
}

fn cal(text: &str) -> Arc<Calendar> {
    Calendars::builtin().get(&code(text)).unwrap()
}

fn named(days: &[(&str, &str)]) -> Vec<(NaiveDate, String)> {
    days.iter().map(|(date, name)| (d(date), (*name).to_owned())).collect()
}

/// A calendar as the files have it, walked day by day.
#[derive(Default)]
struct Slow {
    weekend: Vec<Weekday>,
    holidays: BTreeMap<NaiveDate, String>,
    worked: BTreeSet<NaiveDate>,
    from: NaiveDate,
    to: NaiveDate,
    known_to: Option<NaiveDate>,
}

impl Slow {
    fn works(&self, day: NaiveDate) -> bool {
        let off = self.weekend.contains(&day.weekday()) || self.holidays.contains_key(&day);
        self.worked.contains(&day) || !off
    }

    /// Walks one day at a time until `n` business days are met; `None` when it would leave the range.
    fn walk(&self, mut day: NaiveDate, n: u32, forward: bool) -> Option<NaiveDate> {
        let mut left = n;
        while left > 0 {
            day = if forward { day.succ_opt()? } else { day.pred_opt()? };
            if day < self.from || day > self.to {
                return None;
            }
            left -= u32::from(self.works(day));
        }
        Some(day)
    }

    fn between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        sign * first
            .iter_days()
            .skip(1)
            .take_while(|day| *day <= last)
            .filter(|day| self.works(*day))
            .count() as i64
    }
}

fn records(file: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/calendar").join(file);
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

static SLOW: LazyLock<Vec<(CalendarCode, Slow)>> = LazyLock::new(|| {
    let mut all: HashMap<String, Slow> = HashMap::new();
    let mut order = Vec::new();
    for row in records("ranges.csv") {
        order.push(row[0].to_owned());
        let slow = all.entry(row[0].to_owned()).or_default();
        (slow.from, slow.to, slow.known_to) = (d(&row[1]), d(&row[2]), row[3].parse().ok());
    }
    for row in records("weekends.csv") {
        all.get_mut(&row[0]).unwrap().weekend =
            row[1].split(' ').map(|day| day.parse().unwrap()).collect();
    }
    for row in records("holidays.csv") {
        all.get_mut(&row[0]).unwrap().holidays.insert(d(&row[1]), row[2].to_owned());
    }
    for row in records("working_days.csv") {
        all.get_mut(&row[0]).unwrap().worked.insert(d(&row[1]));
    }
    order.into_iter().map(|name| (code(&name), all.remove(&name).unwrap())).collect()
});

// ---- Worked examples ----

#[test]
fn part_5_worked_examples() {
    // (example, calendar, day 0, business days, the nth business day)
    let table = [
        ("1 AMB-1 Thanksgiving", "US", "2026-11-16", 10, "2026-12-01"),
        ("1 anchor issued", "US", "2026-11-12", 10, "2026-11-27"),
        ("2", "NL", "2026-11-16", 10, "2026-11-30"),
        ("3 US", "US", "2026-12-18", 10, "2027-01-05"),
        ("3 NL", "NL", "2026-12-18", 10, "2027-01-05"),
        ("4 day 0 on a Saturday", "US", "2026-11-14", 10, "2026-11-30"),
        ("8 WAR-5", "MX", "2026-11-30", 20, "2026-12-29"),
        ("9 business day after the cut-off's", "NL", "2026-03-27", 1, "2026-03-30"),
        ("11 before the cut-off", "US", "2026-12-24", 1, "2026-12-28"),
        ("11 after the cut-off", "US", "2026-12-24", 2, "2026-12-29"),
        ("19 P2", "US", "2026-11-25", 1, "2026-11-27"),
        ("19 P3", "US", "2026-11-25", 3, "2026-12-01"),
        ("6 Riyadh, shipped data", "SA", "2026-06-05", 10, "2026-06-18"),
    ];
    for (example, calendar, from, n, due) in table {
        assert_eq!(cal(calendar).add_business_days(d(from), n), Ok(d(due)), "example {example}");
    }
}

#[test]
fn part_5_example_6_the_weekend_set_decides() {
    let mask = |weekend: &[Weekday]| {
        let definition = CalendarDefinition {
            weekend: weekend.iter().copied().collect(),
            ..plain("MASK", "2026-01-01", "2026-12-31")
        };
        Calendar::try_from(&definition).unwrap().add_business_days(d("2026-06-05"), 10).unwrap()
    };
    assert_eq!(mask(&[Weekday::Fri, Weekday::Sat]), d("2026-06-18"));
    assert_eq!(mask(&[Weekday::Sat, Weekday::Sun]), d("2026-06-19"));
    // Friday and Sunday apart, one day, and no weekend at all.
    assert_eq!(mask(&[Weekday::Fri, Weekday::Sun]), d("2026-06-18"));
    assert_eq!(mask(&[Weekday::Sun]), d("2026-06-17"));
    assert_eq!(mask(&[]), d("2026-06-15"));
}

#[test]
fn chinese_make_up_days_are_worked() {
    let cn = cal("CN");
    for worked in ["2026-09-20", "2026-10-10"] {
        assert_eq!(cn.is_business_day(d(worked)), Ok(true), "{worked}");
        assert_eq!(cn.day_off(d(worked)), Ok(None), "{worked}");
    }
    // Fri 09-18 → Sun 20, Mon 21 … Thu 24; Fri 25 off; Mon 28, Tue 29, Wed 30; 10-01…07 off; Thu 8, Fri 9, Sat 10.
    assert_eq!(cn.add_business_days(d("2026-09-18"), 1), Ok(d("2026-09-20")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 5), Ok(d("2026-09-24")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 6), Ok(d("2026-09-28")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 8), Ok(d("2026-09-30")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 9), Ok(d("2026-10-08")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 11), Ok(d("2026-10-10")));
    assert_eq!(cn.add_business_days(d("2026-09-18"), 12), Ok(d("2026-10-12")));
    assert_eq!(cn.business_days_between(d("2026-09-30"), d("2026-10-08")), Ok(1));
}

#[test]
fn caveat_where_make_up_days_are_not_announced_yet() {
    let cn = cal("CN");
    assert_eq!(cn.make_up_days_known_to(), Some(d("2026-12-31")));
    assert_eq!(cn.caveat(d("2026-12-31")), None);
    assert_eq!(cn.caveat(d("2027-01-01")), Some(d("2026-12-31")));
    assert_eq!(cal("US").caveat(d("2035-12-31")), None);
}

#[test]
fn why_a_day_is_off() {
    let us = cal("US");
    assert_eq!(us.day_off(d("2026-11-26")), Ok(Some(DayOff::Holiday("Thanksgiving Day"))));
    assert_eq!(us.day_off(d("2026-11-28")), Ok(Some(DayOff::Weekend)));
    assert_eq!(us.day_off(d("2026-11-27")), Ok(None));
    // Independence Day 2026 is a Saturday: off as a weekend day, and observed on the Friday.
    assert_eq!(us.day_off(d("2026-07-04")), Ok(Some(DayOff::Weekend)));
    let skipped: Vec<_> = us.holidays_between(d("2026-11-11"), d("2027-01-01")).collect();
    let expected = [
        ("2026-11-26", "Thanksgiving Day"),
        ("2026-12-25", "Christmas Day"),
        ("2027-01-01", "New Year's Day"),
    ];
    assert_eq!(skipped, expected.map(|(date, name)| (d(date), name)));
    assert_eq!(us.holidays_between(d("2027-01-01"), d("2026-11-11")).count(), 0);
    assert_eq!(
        us.holidays_between(NaiveDate::MIN, NaiveDate::MAX).last().unwrap().0,
        d("2035-12-25")
    );
    // A name with a comma is quoted in the file.
    let name = "Saint Francis of Assisi, Patron Saint of Italy";
    assert_eq!(cal("IT").day_off(d("2027-10-04")), Ok(Some(DayOff::Holiday(name))));
}

// ---- All calendars against the slow count ----

#[test]
fn every_day_of_every_calendar_is_as_the_files_say() {
    let calendars = Calendars::builtin();
    let mut codes: Vec<_> = SLOW.iter().map(|(code, _)| code.clone()).collect();
    codes.sort();
    assert_eq!((calendars.codes(), codes.len()), (codes, 76));
    assert_eq!(SLOW.iter().map(|(_, slow)| slow.holidays.len()).sum::<usize>(), 26_650);
    for (code, slow) in SLOW.iter() {
        let calendar = calendars.get(code).unwrap();
        assert_eq!((calendar.code(), calendar.known()), (code, (slow.from, slow.to)));
        assert_eq!(calendar.make_up_days_known_to(), slow.known_to, "{code}");
        assert_eq!(
            calendar.weekend(),
            slow.weekend.iter().copied().collect::<WeekdaySet>(),
            "{code}"
        );
        for day in slow.from.iter_days().take_while(|day| *day <= slow.to) {
            let expected = match slow.holidays.get(&day) {
                _ if slow.works(day) => None,
                Some(name) if !slow.weekend.contains(&day.weekday()) => Some(DayOff::Holiday(name)),
                _ => Some(DayOff::Weekend),
            };
            assert_eq!(calendar.day_off(day), Ok(expected), "{code} {day}");
            assert_eq!(calendar.is_business_day(day), Ok(slow.works(day)), "{code} {day}");
        }
    }
}

/// A calendar, and two dates in its range.
fn case() -> impl Strategy<Value = (usize, NaiveDate, NaiveDate)> {
    (0..SLOW.len(), any::<u32>(), any::<u32>()).prop_map(|(which, a, b)| {
        let slow = &SLOW[which].1;
        let len = (slow.to - slow.from).num_days() as u32 + 1;
        let at = |seed| slow.from + Days::new(u64::from(seed % len));
        (which, at(a), at(b))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn counts_equal_the_slow_count((which, from, to) in case(), n in prop_oneof![0..30u32, 0..7000u32]) {
        let (code, slow) = &SLOW[which];
        let calendar = Calendars::builtin().get(code).unwrap();
        prop_assert_eq!(calendar.add_business_days(from, n).ok(), slow.walk(from, n, true));
        prop_assert_eq!(calendar.subtract_business_days(from, n).ok(), slow.walk(from, n, false));
        prop_assert_eq!(calendar.business_days_between(from, to), Ok(slow.between(from, to)));
        let next = from.iter_days().take_while(|day| *day <= slow.to).find(|day| slow.works(*day));
        prop_assert_eq!(calendar.next_business_day_on_or_after(from).ok(), next);
        let listed: Vec<_> = calendar.holidays_between(from, to).collect();
        let expected: Vec<_> = slow.holidays.iter()
            .filter(|(day, _)| from < **day && **day <= to && !slow.weekend.contains(&day.weekday()))
            .map(|(day, name)| (*day, name.as_str()))
            .collect();
        prop_assert_eq!(listed, expected);
        let weekends: Vec<_> = calendar.worked_days_off(from, to).collect();
        let expected: Vec<_> = from.iter_days().skip(1).take_while(|day| *day <= to)
            .filter(|day| slow.weekend.contains(&day.weekday()) && slow.works(*day)).collect();
        prop_assert_eq!(weekends, expected);
    }

    #[test]
    fn adding_is_monotone_and_subtracting_its_inverse((which, from, to) in case(), n in 1..400u32) {
        let calendar = Calendars::builtin().get(&SLOW[which].0).unwrap();
        let (from, to) = (from.min(to), from.max(to));
        if let (Ok(early), Ok(late)) = (calendar.add_business_days(from, n), calendar.add_business_days(to, n)) {
            prop_assert!(early <= late, "a later anchor is due no earlier");
        }
        if let Ok(due) = calendar.add_business_days(from, n) {
            prop_assert!(due > from && calendar.is_business_day(due).unwrap());
            prop_assert!(calendar.add_business_days(from, n - 1).unwrap() < due);
            prop_assert_eq!(calendar.business_days_between(from, due), Ok(i64::from(n)));
            prop_assert_eq!(calendar.business_days_between(due, from), Ok(-i64::from(n)));
            if calendar.is_business_day(from).unwrap() {
                prop_assert_eq!(calendar.subtract_business_days(due, n), Ok(from));
            }
        }
    }

    #[test]
    fn site_days_equal_the_slow_count(
        (which, from, _) in case(),
        closed in prop::collection::vec(0..120u64, 0..8),
        worked in prop::collection::vec(0..120u64, 0..8),
        n in 1..60u32,
    ) {
        let (code, slow) = &SLOW[which];
        let on = |offsets: &[u64]| -> Vec<NaiveDate> { offsets.iter().map(|days| from + Days::new(*days)).collect() };
        let (closed, worked) = (on(&closed), on(&worked));
        let reasons: Vec<_> = closed.iter().map(|day| (*day, "stocktaking".to_owned())).collect();
        let site = Calendars::builtin().get(code).unwrap().with_site_days(&reasons, &worked);
        let works = |day: NaiveDate| !closed.contains(&day) && (worked.contains(&day) || slow.works(day));
        let expected = from.iter_days().skip(1).take_while(|day| *day <= slow.to)
            .filter(|day| works(*day)).nth(n as usize - 1);
        prop_assert_eq!(site.add_business_days(from, n).ok(), expected);
        let last = from + Days::new(120);
        let counted: Vec<_> = site.worked_days_off(from, last).collect();
        let is_off = |day: &NaiveDate| slow.weekend.contains(&day.weekday()) || slow.holidays.contains_key(day);
        let expected: Vec<_> = from.iter_days().skip(1).take_while(|day| *day <= last.min(slow.to))
            .filter(|day| is_off(day) && works(*day)).collect();
        prop_assert_eq!(counted, expected);
        for day in from.iter_days().take(120).take_while(|day| *day <= slow.to) {
            prop_assert_eq!(site.is_business_day(day), Ok(works(day)));
            let is_closed = site.day_off(day) == Ok(Some(DayOff::Closed("stocktaking")));
            prop_assert_eq!(is_closed, closed.contains(&day));
            let usual = slow.weekend.contains(&day.weekday()) && !worked.contains(&day) && !slow.worked.contains(&day);
            let eve = day.pred_opt().unwrap();
            prop_assert_eq!(site.holidays_between(eve, day).count() == 1, !works(day) && !usual, "{}", day);
        }
    }

    #[test]
    fn the_code_takes_what_it_says_and_no_more(text in ".{0,24}") {
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        let good = (1..=20).contains(&text.chars().count()) && text.chars().all(allowed);
        prop_assert_eq!(CalendarCode::parse(&text).is_ok(), good);
        prop_assert_eq!(serde_json::from_value::<CalendarCode>(text.clone().into()).is_ok(), good);
    }
}

// ---- Refusals ----

#[test]
fn outside_the_known_range_is_refused_at_both_ends() {
    for (code, slow) in SLOW.iter() {
        let calendar = Calendars::builtin().get(code).unwrap();
        let (before, after) = (slow.from.pred_opt().unwrap(), slow.to.succ_opt().unwrap());
        for outside in [before, after, NaiveDate::MIN, NaiveDate::MAX] {
            let refused = CalendarError::OutOfRange {
                code: code.clone(),
                date: outside,
                from: slow.from,
                to: slow.to,
            };
            assert_eq!(calendar.is_business_day(outside), Err(refused.clone()));
            assert_eq!(calendar.day_off(outside), Err(refused.clone()));
            assert_eq!(calendar.add_business_days(outside, 0), Err(refused.clone()));
            assert_eq!(calendar.subtract_business_days(outside, 1), Err(refused.clone()));
            assert_eq!(calendar.next_business_day_on_or_after(outside), Err(refused.clone()));
            assert_eq!(calendar.business_days_between(slow.from, outside), Err(refused.clone()));
            assert_eq!(calendar.business_days_between(outside, slow.to), Err(refused));
        }
        let all = calendar.business_days_between(slow.from, slow.to).unwrap() as u32;
        let last = calendar.add_business_days(slow.from, all).unwrap();
        assert!(last <= slow.to);
        let past = |date| CalendarError::OutOfRange {
            code: code.clone(),
            date,
            from: slow.from,
            to: slow.to,
        };
        for n in [all + 1, u32::MAX] {
            assert_eq!(calendar.add_business_days(slow.from, n), Err(past(after)), "{code}");
            assert_eq!(
                calendar.subtract_business_days(slow.to, n.max(all + 2)),
                Err(past(before)),
                "{code}"
            );
        }
    }
    let message = cal("LK").is_business_day(d("2027-01-01")).unwrap_err().to_string();
    for part in ["LK", "2010-01-01", "2026-12-31", "2027-01-01"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_unknown_code_names_near_ones() {
    let hint = |text: &str| match Calendars::builtin().get(&code(text)) {
        Err(CalendarError::Unknown { hint, .. }) => {
            hint.into_iter().map(String::from).collect::<Vec<_>>()
        }
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(hint("US-NV"), ["US", "US-CA", "US-KY"]);
    assert_eq!(hint("UK"), ["GB", "GB-ENG", "GB-SCT", "UA", "US"]);
    assert_eq!(hint("GB-SCO")[0], "GB");
    assert_eq!(hint("ACME-LAX"), Vec::<String>::new());
    let message = Calendars::builtin().get(&code("US-NV")).unwrap_err().to_string();
    assert_eq!(message, "there is no calendar US-NV; did you mean US, US-CA or US-KY?");
    let hostile = CalendarCode::parse("us\r\n<script>").unwrap_err().to_string();
    assert!(hostile.starts_with(r#""us\r\n<script>" is no calendar code"#), "{hostile}");
}

// ---- Regions ----

#[test]
fn a_region_holds_the_national_days() {
    // What the lists themselves leave out, each a fact of that region: no public holiday in these states, or moved.
    let left_out = |region: &str, day: NaiveDate, name: &str| match region {
        "US-CA" | "US-KY" => name == "Columbus Day",
        "IN-MH" => day == d("2026-03-04"),
        _ => false,
    };
    let calendars = Calendars::builtin();
    let regions: Vec<_> =
        calendars.codes().into_iter().filter(|code| code.as_str().contains('-')).collect();
    assert_eq!(regions.len(), 12);
    for region in regions {
        let calendar = calendars.get(&region).unwrap();
        let nation = cal(region.as_str().split('-').next().unwrap());
        for (day, name) in nation.holidays_between(NaiveDate::MIN, NaiveDate::MAX) {
            let works = calendar.is_business_day(day).unwrap();
            assert_eq!(works, left_out(region.as_str(), day, name), "{region} {day} {name}");
        }
    }
    assert_eq!(cal("DE-BY").is_business_day(d("2026-01-06")), Ok(false), "Epiphany in Bavaria");
    assert_eq!(cal("DE").is_business_day(d("2026-01-06")), Ok(true));
}

// ---- A site's own days ----

#[test]
fn site_days_lie_on_top() {
    let base = cal("US");
    let closed = named(&[
        ("2026-11-27", "bridge day"),
        ("2026-12-05", "flood"),
        ("2026-12-12", "fire drill"),
        ("2040-01-02", "beyond"),
    ]);
    let worked =
        [d("2026-11-26"), d("2026-11-27"), d("2026-11-28"), d("2026-12-12"), d("1999-01-01")];
    let site = base.with_site_days(&closed, &worked);
    assert_eq!(site.day_off(d("2026-11-26")), Ok(None), "worked wins over the holiday");
    assert_eq!(site.day_off(d("2026-11-28")), Ok(None), "worked wins over the weekend");
    assert_eq!(
        site.day_off(d("2026-11-27")),
        Ok(Some(DayOff::Closed("bridge day"))),
        "closed wins over worked"
    );
    assert_eq!(
        site.day_off(d("2026-12-05")),
        Ok(Some(DayOff::Closed("flood"))),
        "a Saturday's reason is kept"
    );
    let skipped: Vec<_> =
        site.holidays_between(d("2026-11-20"), d("2026-12-24")).map(|(_, name)| name).collect();
    assert_eq!(
        skipped,
        ["bridge day", "fire drill"],
        "a closed Saturday nobody works costs no day"
    );
    assert_eq!(site.add_business_days(d("2026-11-25"), 3), Ok(d("2026-11-30")));
    assert_eq!((site.code(), site.known()), (base.code(), base.known()));
    assert_eq!(site.day_off(d("2040-01-02")), base.day_off(d("2040-01-02")));
    assert_eq!(base.day_off(d("2026-11-27")), Ok(None), "the calendar below is untouched");
    let again = site.with_site_days(&[], &[d("2026-11-27")]);
    assert_eq!(
        again.day_off(d("2026-11-27")),
        Ok(Some(DayOff::Closed("bridge day"))),
        "an earlier closing stays"
    );
    let renamed = site.with_site_days(&named(&[("2026-12-05", "flood, day 2")]), &[]);
    assert_eq!(renamed.holidays_between(d("2026-12-04"), d("2026-12-05")).count(), 0);
}

// ---- Bounds and sharing ----

#[test]
fn the_longest_range_is_counted_right_to_its_ends() {
    // Every day works but Sunday, over two centuries with and without leap centuries: 1900 was none, 2000 was one.
    let definition = CalendarDefinition {
        weekend: WeekdaySet::single(Weekday::Sun),
        ..plain("LONG", "1900-01-01", "2099-12-31")
    };
    let long = Calendar::try_from(&definition).unwrap();
    let slow = Slow {
        weekend: vec![Weekday::Sun],
        from: definition.from,
        to: definition.to,
        ..Slow::default()
    };
    assert_eq!(
        long.business_days_between(slow.from, slow.to),
        Ok(slow.between(slow.from, slow.to))
    );
    for n in [1, 63, 64, 65, 60_000, 62_609] {
        assert_eq!(long.add_business_days(slow.from, n).ok(), slow.walk(slow.from, n, true), "{n}");
        assert_eq!(
            long.subtract_business_days(slow.to, n).ok(),
            slow.walk(slow.to, n, false),
            "{n}"
        );
    }
}

#[test]
fn calendars_are_shared_between_threads() {
    let calendars = Calendars::builtin();
    let got: Vec<_> = std::thread::scope(|scope| {
        let ask = || calendars.get(&code("JP")).unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(got.iter().all(|calendar| Arc::ptr_eq(calendar, &got[0])));
}
