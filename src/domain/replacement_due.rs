//! When a promised replacement is due (AMB-6): cut-offs in the depot's local time.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use super::programme::Programme;
use super::return_window::Place;
use super::service_level::Promise;
use super::zone::Zone;

/// When a replacement is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "promise", rename_all = "snake_case")]
pub enum ReplacementDue {
    /// To leave the depot on this local date (SVC-4).
    ShipOn { on: NaiveDate },
    /// To arrive on this local date (SVC-3, SVC-5).
    DeliverOn { on: NaiveDate },
    /// To arrive by this instant: elapsed hours, day and night (SVC-6 to SVC-8).
    DeliverBy { at: DateTime<Utc> },
}

impl ReplacementDue {
    /// The local day, or the instant where hours are promised: one of the two.
    pub fn day_or_instant(self) -> (Option<NaiveDate>, Option<DateTime<Utc>>) {
        match self {
            Self::ShipOn { on } | Self::DeliverOn { on } => (Some(on), None),
            Self::DeliverBy { at } => (None, Some(at)),
        }
    }

    /// The word of the promise, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShipOn { .. } => "ship_on",
            Self::DeliverOn { .. } => "deliver_on",
            Self::DeliverBy { .. } => "deliver_by",
        }
    }
}

/// Where and until when a promised replacement leaves: the depot's calendar, its zone and the latest
/// local time that still counts as that day.
#[derive(Debug, Clone, Copy)]
pub struct Dispatch<'a> {
    pub calendar: &'a Calendar,
    pub zone: Zone,
    pub cut_off: NaiveTime,
}

impl Dispatch<'_> {
    /// The day on which what was approved at `approved_at` leaves. After the cut-off, or on a day the
    /// depot is closed, the order counts from the next business day; it then leaves on the first
    /// business day after that (AMB-6).
    pub fn ships_on(&self, approved_at: DateTime<Utc>) -> Result<NaiveDate, CalendarError> {
        let counts_from = self.counts_from(approved_at)?;
        self.calendar.add_business_days(counts_from, 1)
    }

    /// The business day as whose order it is taken.
    pub fn counts_from(&self, approved_at: DateTime<Utc>) -> Result<NaiveDate, CalendarError> {
        let local = approved_at.with_timezone(&self.zone.tz()).naive_local();
        if local.time() <= self.cut_off {
            self.calendar.next_business_day_on_or_after(local.date())
        } else {
            self.calendar.add_business_days(local.date(), 1)
        }
    }

    /// The first day from the shipping on that is a business day at the depot and at the site (AMB-6).
    pub fn delivers_on(
        &self,
        approved_at: DateTime<Utc>,
        site: &Calendar,
    ) -> Result<NaiveDate, CalendarError> {
        let mut on = self.ships_on(approved_at)?;
        while !site.is_business_day(on)? || !self.calendar.is_business_day(on)? {
            on += TimeDelta::days(1);
        }
        Ok(on)
    }
}

impl Promise {
    /// The elapsed hours a promise gives, day and night (SVC-6 to SVC-8).
    pub fn hours(self) -> Option<i64> {
        match self {
            Self::FourHours => Some(4),
            Self::TwoHours => Some(2),
            _ => None,
        }
    }
}

/// AMB-6: a depot's own cut-off, else the programme's.
pub fn cut_off_of(depot: &Place, programme: &Programme) -> NaiveTime {
    depot.cut_off.unwrap_or(programme.cut_off)
}

/// When the engineer who comes with a promised replacement is due (SVC-5, SVC-8): with its delivery. A
/// programme that sends an engineer after a part that is only promised to leave (AMB-22) has him come on
/// the site's next business day.
pub fn visit_due(
    promised: Option<ReplacementDue>,
    site: &Calendar,
) -> Result<Option<ReplacementDue>, CalendarError> {
    Ok(match promised {
        Some(ReplacementDue::ShipOn { on }) => {
            Some(ReplacementDue::DeliverOn { on: site.add_business_days(on, 1)? })
        }
        other => other,
    })
}

/// When the replacement approved at `approved_at` is due; none where nothing is sent in advance.
pub fn replacement_due(
    promise: Promise,
    approved_at: DateTime<Utc>,
    depot: &Place,
    ship_to: &Place,
    programme: &Programme,
) -> Result<Option<ReplacementDue>, CalendarError> {
    if let Some(hours) = promise.hours() {
        let at = approved_at + TimeDelta::hours(hours);
        return Ok(Some(ReplacementDue::DeliverBy { at }));
    }
    let cut_off = cut_off_of(depot, programme);
    let depot = Dispatch { calendar: &depot.calendar, zone: depot.zone, cut_off };
    Ok(match promise {
        Promise::NextDayShip => Some(ReplacementDue::ShipOn { on: depot.ships_on(approved_at)? }),
        Promise::NextDayDelivery => {
            let on = depot.delivers_on(approved_at, &ship_to.calendar)?;
            Some(ReplacementDue::DeliverOn { on })
        }
        _ => None,
    })
}
