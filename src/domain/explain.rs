//! Dates in one sentence a customer understands.

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::programme::DayCount;
use super::return_window::{AnchorKind, DueDate};

/// "Ten business days from delivery on Mon 16 Nov 2026 in the United States of America; Thu 26 Nov
/// is Thanksgiving Day; due Tue 1 Dec 2026". `country` is the ship-to site's, as it shall be read.
pub fn return_window(due: &DueDate, calendar: &Calendar, country: &str) -> String {
    let what = match due.count {
        DayCount::Business => "business day",
        DayCount::Calendar => "calendar day",
    };
    let plural = if due.days == 1 { "" } else { "s" };
    let from = match due.anchor.kind {
        AnchorKind::Issued => "the issue of the RMA",
        AnchorKind::Shipped => "the replacement's shipment",
        AnchorKind::Delivered => "delivery",
        AnchorKind::Estimated => "the estimated delivery",
    };
    let mut sentence = format!(
        "{} {what}{plural} from {from} on {} in {}{country}",
        capitalised(&number(due.days)),
        long(due.anchor.on),
        article(country),
    );
    if due.added_days > 0 {
        let plural = if due.added_days == 1 { "" } else { "s" };
        sentence.push_str(&format!(", and {} business day{plural} more", number(due.added_days)));
    }
    let holidays: Vec<_> = calendar.holidays_between(due.anchor.on, due.due_on).collect();
    let many = holidays.len() > 3;
    for (day, name) in holidays.iter().take(if many { 2 } else { 3 }) {
        sentence.push_str(&format!("; {} is {name}", day.format("%a %-d %b")));
    }
    if many {
        sentence.push_str(&format!("; {} more days are holidays", holidays.len() - 2));
    }
    sentence.push_str(&format!("; due {}", long(due.due_on)));
    if let Some(known_to) = due.make_up_days_known_to {
        sentence
            .push_str(&format!(" (make-up working days are announced to {} only)", long(known_to)));
    }
    sentence
}

/// The same before there is anything to count from.
pub fn return_window_to_come(days: u32, count: DayCount) -> String {
    let what = match count {
        DayCount::Business => "business",
        DayCount::Calendar => "calendar",
    };
    let plural = if days == 1 { " is" } else { "s are" };
    format!("{} {what} day{plural} given for the return.", capitalised(&number(days)))
}

/// `Mon 16 Nov 2026`: the weekday, because it is what people check a date by.
pub fn long(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// Some countries are spoken of with an article.
fn article(country: &str) -> &'static str {
    const WITH: [&str; 5] = ["United ", "Netherlands", "Philippines", "Bahamas", "Czech Republic"];
    if WITH.iter().any(|name| country.starts_with(name)) { "the " } else { "" }
}

fn number(n: u32) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    match WORDS.get(n as usize) {
        Some(word) => (*word).to_owned(),
        None => n.to_string(),
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
