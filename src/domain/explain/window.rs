//! The return window in one sentence.

use chrono::NaiveDate;

use super::text::{
    in_country, number_first, plural, push_caveat, push_holidays, push_long, push_number,
    push_number_first,
};
use crate::domain::calendar::Calendar;
use crate::domain::programme::DayCount;
use crate::domain::return_window::{AnchorKind, DueDate};

/// Why business days were added to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addition {
    /// Not told apart: several reasons, or one that is not known here.
    Unsaid,
    /// RMA-12.
    Country,
    /// T11.
    Extension,
    /// T13: the claim stood still.
    Claim,
    /// T9: the dock held a wrong box.
    Dock,
    /// T20: until a working unit was delivered.
    DeadOnArrival,
}

impl Addition {
    fn why(self) -> &'static str {
        match self {
            Self::Unsaid => "",
            Self::Country => " for returns from this country",
            Self::Extension => " as an extension",
            Self::Claim => " while a claim of delivery was looked into",
            Self::Dock => " while the dock held the box",
            Self::DeadOnArrival => " until a working replacement was delivered",
        }
    }
}

/// Everything the sentence says.
#[derive(Debug, Clone, Copy)]
pub struct WindowWords<'a> {
    pub days: u32,
    pub count: DayCount,
    pub anchor: AnchorKind,
    pub anchor_on: NaiveDate,
    /// Business days added, each with its reason, in the order they came.
    pub additions: &'a [(u32, Addition)],
    pub due_on: NaiveDate,
    /// The due date is what the count gives, so it need not be looked at whether it is later.
    pub as_counted: bool,
    pub make_up_days_known_to: Option<NaiveDate>,
    pub calendar: &'a Calendar,
    /// `in the United States of America`.
    pub place: &'a str,
}

impl WindowWords<'_> {
    /// Writes the sentence, without a full stop.
    pub fn write(&self, out: &mut String) {
        push_number_first(out, self.days);
        out.push_str(match self.count {
            DayCount::Business => " business day",
            DayCount::Calendar => " calendar day",
        });
        out.push_str(plural(self.days));
        out.push_str(match self.anchor {
            AnchorKind::Issued => " from the issue of the RMA on ",
            AnchorKind::Shipped => " from the replacement's shipment on ",
            AnchorKind::Delivered => " from delivery on ",
            AnchorKind::Estimated => " from the estimated delivery on ",
        });
        push_long(out, self.anchor_on);
        out.push(' ');
        out.push_str(self.place);
        for (days, why) in self.additions.iter().filter(|(days, _)| *days > 0) {
            out.push_str(", and ");
            push_number(out, *days);
            out.push_str(" business day");
            out.push_str(plural(*days));
            out.push_str(" more");
            out.push_str(why.why());
        }
        self.push_skipped(out);
        out.push_str("; due ");
        push_long(out, self.due_on);
        push_caveat(out, self.make_up_days_known_to);
    }

    /// Holidays the count skipped, and a date that is later than what the count alone gives.
    fn push_skipped(&self, out: &mut String) {
        if self.as_counted && self.count == DayCount::Business {
            return push_holidays(out, self.calendar, self.anchor_on, self.due_on);
        }
        let added: u32 = self.additions.iter().map(|(days, _)| days).sum();
        let end = self.calendar.add_days(self.anchor_on, self.days, self.count).ok();
        // Calendar days skip nothing; the business days added to them do.
        let from = match (self.count, end) {
            (DayCount::Calendar, Some(end)) => end,
            _ => self.anchor_on,
        };
        push_holidays(out, self.calendar, from, self.due_on);
        let counted =
            end.and_then(|end| self.calendar.add_days(end, added, DayCount::Business).ok());
        if counted.is_some_and(|counted| counted < self.due_on) {
            out.push_str(match self.anchor {
                AnchorKind::Estimated => "; later than that, so that reminders can still go out",
                _ => "; later than that, for a date once given is not taken back",
            });
        }
    }
}

/// "Ten business days from delivery on Mon 16 Nov 2026 in the United States of America; Thu 26 Nov
/// is Thanksgiving Day; due Tue 1 Dec 2026". `country` is the ship-to site's, as it shall be read.
pub fn return_window(due: &DueDate, calendar: &Calendar, country: &str) -> String {
    let additions = [(due.added_days, Addition::Unsaid)];
    let mut sentence = String::with_capacity(160);
    words_of(due, &additions, calendar, &in_country(country)).write(&mut sentence);
    sentence
}

/// A stored due date as the sentence needs it.
pub(super) fn words_of<'a>(
    due: &DueDate,
    additions: &'a [(u32, Addition)],
    calendar: &'a Calendar,
    place: &'a str,
) -> WindowWords<'a> {
    WindowWords {
        days: due.days,
        count: due.count,
        anchor: due.anchor.kind,
        anchor_on: due.anchor.on,
        additions,
        due_on: due.due_on,
        as_counted: false,
        make_up_days_known_to: due.make_up_days_known_to,
        calendar,
        place,
    }
}

/// The same before there is anything to count from.
pub fn return_window_to_come(days: u32, count: DayCount) -> String {
    let what = match count {
        DayCount::Business => "business",
        DayCount::Calendar => "calendar",
    };
    let are = if days == 1 { "is" } else { "are" };
    format!("{} {what} day{} {are} given for the return.", number_first(days), plural(days))
}
