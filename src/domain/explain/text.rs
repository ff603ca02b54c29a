//! Days, numbers and places as a sentence says them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::domain::calendar::{Calendar, CalendarCode};
use crate::domain::zone::Zone;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Mon 16 Nov 2026`: the weekday, because it is what people check a date by.
pub fn long(day: NaiveDate) -> String {
    let mut text = String::with_capacity(16);
    push_long(&mut text, day);
    text
}

/// As [`long`], onto a text; written by hand, for it is written a million times.
pub(super) fn push_long(out: &mut String, day: NaiveDate) {
    push_short(out, day);
    out.push(' ');
    match u32::try_from(day.year()) {
        Ok(year @ 1000..=9999) => {
            push_two(out, year / 100);
            push_two(out, year % 100);
        }
        _ => out.push_str(&day.format("%Y").to_string()),
    }
}

/// `Thu 26 Nov`.
pub(super) fn push_short(out: &mut String, day: NaiveDate) {
    out.push_str(WEEKDAYS[day.weekday().num_days_from_monday() as usize]);
    out.push(' ');
    let number = day.day();
    if number < 10 {
        out.push(digit(number));
    } else {
        push_two(out, number);
    }
    out.push(' ');
    out.push_str(MONTHS[day.month0() as usize]);
}

/// `2026-11-16`, as everywhere a machine reads it.
pub fn push_iso(out: &mut String, day: NaiveDate) {
    match u32::try_from(day.year()) {
        Ok(year @ 1000..=9999) => {
            push_two(out, year / 100);
            push_two(out, year % 100);
            out.push('-');
            push_two(out, day.month());
            out.push('-');
            push_two(out, day.day());
        }
        _ => out.push_str(&day.to_string()),
    }
}

/// All numbers of two digits, one after the other.
const TWO: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// The last two decimal digits.
fn push_two(out: &mut String, number: u32) {
    let at = (number % 100) as usize * 2;
    out.push_str(&TWO[at..at + 2]);
}

/// The last decimal digit.
fn digit(number: u32) -> char {
    char::from(b'0' + (number % 10) as u8)
}

/// `Thu 24 Dec 2026 at 14:59 (America/Kentucky/Louisville)`.
pub fn moment(at: DateTime<Utc>, zone: Zone) -> String {
    let local = at.with_timezone(&zone.tz()).naive_local();
    format!("{} at {} ({zone})", long(local.date()), local.format("%H:%M"))
}

const NUMBERS: [&str; 21] = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const CAPITALISED: [&str; 21] = [
    "No",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
    "Twenty",
];

/// A number in words as far as people read them faster, else in digits.
pub(super) fn push_number(out: &mut String, n: u32) {
    match NUMBERS.get(n as usize) {
        Some(word) => out.push_str(word),
        None => out.push_str(&n.to_string()),
    }
}

/// As [`push_number`], at the beginning of a sentence.
pub(super) fn push_number_first(out: &mut String, n: u32) {
    match CAPITALISED.get(n as usize) {
        Some(word) => out.push_str(word),
        None => out.push_str(&n.to_string()),
    }
}

pub(super) fn number(n: u32) -> String {
    let mut text = String::new();
    push_number(&mut text, n);
    text
}

pub(super) fn number_first(n: u32) -> String {
    let mut text = String::new();
    push_number_first(&mut text, n);
    text
}

pub(super) fn plural(n: u32) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// A country's name in English, as carriers read it; its code where it has none.
pub fn country_name(code: &str) -> String {
    let Ok(country) = celes::Country::from_alpha2(code) else { return code.to_owned() };
    let name = country.long_name.strip_prefix("The ").unwrap_or(country.long_name);
    name.replace(" Of ", " of ").replace(" And ", " and ").replace(" The ", " the ")
}

/// `in the Netherlands`. `country` is the name as it shall be read.
pub(super) fn in_country(country: &str) -> String {
    /// Some countries are spoken of with an article.
    const WITH: [&str; 5] = ["United ", "Netherlands", "Philippines", "Bahamas", "Czech Republic"];
    let article = if WITH.iter().any(|name| country.starts_with(name)) { "the " } else { "" };
    format!("in {article}{country}")
}

/// The country whose days a calendar lists, by its code; none for a calendar of an operator's own.
pub(super) fn country_of(calendar: &CalendarCode) -> Option<&str> {
    let code = calendar.as_str().split('-').next().unwrap_or_default();
    celes::Country::from_alpha2(code).is_ok().then_some(code)
}

/// Where a calendar's days are kept: `in the United States of America`, with its code where it is a
/// region's, or `by the calendar ACME-LAX`.
pub fn place_of(calendar: &CalendarCode) -> String {
    match country_of(calendar) {
        Some(country) if country == calendar.as_str() => in_country(&country_name(country)),
        Some(country) => format!("{} ({calendar})", in_country(&country_name(country))),
        None => format!("by the calendar {calendar}"),
    }
}

/// What a count from `from` to `to` met beside plain weekends, each after `; `: the named days off that it
/// skipped, and the weekend days and holidays that it counted.
pub(super) fn push_holidays(out: &mut String, calendar: &Calendar, from: NaiveDate, to: NaiveDate) {
    let mut first = [None; 3];
    let mut count = 0;
    for named in calendar.holidays_between(from, to) {
        if let Some(place) = first.get_mut(count) {
            *place = Some(named);
        }
        count += 1;
    }
    let many = count > first.len();
    for (day, name) in first.iter().take(if many { 2 } else { 3 }).flatten() {
        out.push_str("; ");
        push_short(out, *day);
        out.push_str(" is ");
        out.push_str(name);
    }
    if many {
        out.push_str("; ");
        out.push_str(&(count - 2).to_string());
        out.push_str(" more days are holidays");
    }
    push_worked(out, calendar.worked_days_off(from, to));
}

fn push_worked(out: &mut String, mut days: impl Iterator<Item = NaiveDate>) {
    let Some(first) = days.next() else { return };
    out.push_str("; ");
    push_short(out, first);
    let Some(second) = days.next() else { return out.push_str(" is worked") };
    let more = days.count();
    out.push_str(if more == 0 { " and " } else { ", " });
    push_short(out, second);
    if more > 0 {
        out.push_str(" and ");
        out.push_str(&more.to_string());
        out.push_str(" more day");
        out.push_str(plural(u32::try_from(more).unwrap_or(u32::MAX)));
        out.push_str(" off");
    }
    out.push_str(" are worked");
}

/// Says so where an answer reaches past the last day make-up working days are known for.
pub(super) fn push_caveat(out: &mut String, known_to: Option<NaiveDate>) {
    if let Some(known_to) = known_to {
        out.push_str(" (make-up working days are announced to ");
        push_long(out, known_to);
        out.push_str(" only)");
    }
}
