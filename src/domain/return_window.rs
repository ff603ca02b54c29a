//! The window a defective unit is owed back in (RET-1, AMB-1), as a date that explains itself.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarCode, CalendarError};
use super::programme::{DayCount, Programme};
use super::zone::Zone;
use crate::words;

words! {
    /// What a due date was counted from.
    AnchorKind("anchor") {
        Issued = "issued",
        Shipped = "shipped",
        Delivered = "delivered",
        /// A delivery nobody has proved yet (T6a).
        Estimated = "estimated",
    }
}

/// A site as the rules need it: its calendar with the site's own days on top, and its zone.
#[derive(Debug, Clone)]
pub struct Place {
    pub id: super::ids::SiteId,
    pub code: String,
    pub name: String,
    pub country: String,
    pub zone: Zone,
    pub calendar: Arc<Calendar>,
    /// A depot's own cut-off in its local time; the programme's where it has none (AMB-6).
    pub cut_off: Option<NaiveTime>,
    /// The address is complete enough to send something to.
    pub complete: bool,
}

impl Place {
    /// The local date of an instant at this place.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.zone.local_date(at)
    }
}

/// What a window counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub kind: AnchorKind,
    /// Local date at the ship-to site; day 0 of the count.
    pub on: NaiveDate,
}

/// A due date with everything it was computed from. Stored as computed; never recomputed in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDate {
    /// The last day on which a receipt, by its local date at the return site, is in time.
    pub due_on: NaiveDate,
    pub rule: String,
    pub anchor: Anchor,
    pub days: u32,
    pub count: DayCount,
    /// Business days added since: extensions, and time that stood still.
    #[serde(default)]
    pub added_days: u32,
    pub calendar: CalendarCode,
    /// The ship-to site's zone: anchors and reminders.
    pub zone: Zone,
    /// The return site's zone: the day ends there.
    pub return_zone: Zone,
    pub programme: String,
    /// Days on which a reminder goes out, ascending (T10).
    pub remind_on: Vec<NaiveDate>,
    /// The calendar's make-up working days are known to this day only, and the due date is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make_up_days_known_to: Option<NaiveDate>,
}

/// What a window's count alone gives, before anything moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub due_on: NaiveDate,
    /// Business days of the country's extension in it (RMA-12).
    pub extension: u32,
}

impl Programme {
    /// The last day of a window that counts from `anchor_on` on the ship-to site's calendar (RET-1), with
    /// its country's extension (RMA-12).
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] where the count starts or ends outside the calendar's known range.
    pub fn return_due_on(
        &self,
        anchor_on: NaiveDate,
        country: &str,
        calendar: &Calendar,
    ) -> Result<Counted, CalendarError> {
        let counted = calendar.add_days(anchor_on, self.return_days, self.return_count)?;
        // Nobody has extensions: the look-up is spared.
        let extension = if self.country_extensions.is_empty() {
            0
        } else {
            self.country_extensions.get(country).copied().unwrap_or(0)
        };
        let due_on = calendar.add_days(counted, extension, DayCount::Business)?;
        Ok(Counted { due_on, extension })
    }

    /// The days on which a reminder goes out before `due_on` (T10), ascending.
    ///
    /// # Errors
    /// As [`return_due_on`](Self::return_due_on).
    pub fn remind_on(
        &self,
        due_on: NaiveDate,
        calendar: &Calendar,
    ) -> Result<Vec<NaiveDate>, CalendarError> {
        let before = |days: &u32| match self.return_count {
            DayCount::Business => calendar.subtract_business_days(due_on, *days),
            DayCount::Calendar => {
                let day = due_on.checked_sub_days(Days::new(u64::from(*days)));
                calendar.known_day(day.unwrap_or(NaiveDate::MIN))
            }
        };
        let mut days =
            self.reminder_days.iter().map(before).collect::<Result<Vec<_>, CalendarError>>()?;
        days.sort_unstable();
        days.dedup();
        Ok(days)
    }
}

/// Computes windows for one RMA: the programme and the two places it is about.
pub struct Window<'a> {
    pub programme: &'a Programme,
    pub ship_to: &'a Place,
    pub return_zone: Zone,
}

impl Window<'_> {
    /// The due date counted from `anchor`, with the country's extension (RMA-12). Reminders that
    /// would lie before `today` are left out.
    pub fn due(&self, anchor: Anchor, today: NaiveDate) -> Result<DueDate, CalendarError> {
        let calendar = &self.ship_to.calendar;
        let counted = self.programme.return_due_on(anchor.on, &self.ship_to.country, calendar)?;
        let rule = if anchor.kind == AnchorKind::Estimated { "AMB-1" } else { "RET-1" };
        let due = DueDate {
            due_on: counted.due_on,
            rule: rule.to_owned(),
            anchor,
            days: self.programme.return_days,
            count: self.programme.return_count,
            added_days: counted.extension,
            calendar: calendar.code().clone(),
            zone: self.ship_to.zone,
            return_zone: self.return_zone,
            programme: self.programme.version.clone(),
            remind_on: Vec::new(),
            make_up_days_known_to: None,
        };
        self.complete(due, today)
    }

    /// The due date an estimated delivery gives (AMB-1): the window counted from it, but no earlier
    /// than so many business days from `today` that reminders can still go out.
    pub fn estimated(
        &self,
        delivered_on: NaiveDate,
        today: NaiveDate,
    ) -> Result<DueDate, CalendarError> {
        let anchor = Anchor { kind: AnchorKind::Estimated, on: delivered_on };
        let mut due = self.due(anchor, today)?;
        let least =
            self.ship_to.calendar.add_business_days(today, self.programme.estimate_least_days)?;
        due.due_on = due.due_on.max(least);
        self.complete(due, today)
    }

    /// The same window moved later by `days` business days.
    pub fn moved(
        &self,
        due: &DueDate,
        days: u32,
        today: NaiveDate,
    ) -> Result<DueDate, CalendarError> {
        let due_on = self.ship_to.calendar.add_days(due.due_on, days, DayCount::Business)?;
        let moved = DueDate { due_on, added_days: due.added_days + days, ..due.clone() };
        self.complete(moved, today)
    }

    /// The same window, ending no earlier than `least`.
    pub fn at_least(
        &self,
        due: &DueDate,
        least: NaiveDate,
        today: NaiveDate,
    ) -> Result<DueDate, CalendarError> {
        self.complete(DueDate { due_on: due.due_on.max(least), ..due.clone() }, today)
    }

    /// A window on the proved anchor that never ends earlier than the one it replaces (AMB-1).
    pub fn proved(
        &self,
        anchor: Anchor,
        before: &DueDate,
        today: NaiveDate,
    ) -> Result<DueDate, CalendarError> {
        let mut due = self.due(anchor, today)?;
        let extension = due.added_days;
        let since = before.added_days.saturating_sub(extension);
        due = self.moved(&due, since, today)?;
        self.at_least(&due, before.due_on, today)
    }

    /// Fills in what follows from the due date: reminders and the calendar's caveat.
    fn complete(&self, mut due: DueDate, today: NaiveDate) -> Result<DueDate, CalendarError> {
        let calendar = &self.ship_to.calendar;
        let mut remind_on = self.programme.remind_on(due.due_on, calendar)?;
        remind_on.retain(|day| *day >= today);
        due.remind_on = remind_on;
        due.make_up_days_known_to = calendar.caveat(due.due_on);
        Ok(due)
    }
}

impl Calendar {
    /// `days` days after `day`, business or calendar days; none to add leaves the day as it is.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] where the count starts or ends outside the known range.
    pub fn add_days(
        &self,
        day: NaiveDate,
        days: u32,
        count: DayCount,
    ) -> Result<NaiveDate, CalendarError> {
        match count {
            _ if days == 0 => Ok(day),
            DayCount::Business => self.add_business_days(day, days),
            DayCount::Calendar => {
                self.known_day(day)?;
                let end = day.checked_add_days(Days::new(u64::from(days)));
                self.known_day(end.unwrap_or(NaiveDate::MAX))
            }
        }
    }

    /// The day, refused outside the range the calendar knows.
    fn known_day(&self, day: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.is_business_day(day).map(|_| day)
    }
}
