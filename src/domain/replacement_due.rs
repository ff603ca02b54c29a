//! When a promised replacement is due (AMB-6): cut-offs in the depot's local time.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::CalendarError;
use super::programme::Programme;
use super::return_window::Place;
use super::service_level::Promise;

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

/// When the replacement approved at `approved_at` is due; none where nothing is sent in advance.
pub fn replacement_due(
    promise: Promise,
    approved_at: DateTime<Utc>,
    depot: &Place,
    ship_to: &Place,
    programme: &Programme,
) -> Result<Option<ReplacementDue>, CalendarError> {
    let hours = |n| ReplacementDue::DeliverBy { at: approved_at + TimeDelta::hours(n) };
    let ship_on = || {
        // After the cut-off, or on a day the depot is closed, the order counts from the next
        // business day; it then leaves on the first business day after that (AMB-6).
        let local = approved_at.with_timezone(&depot.zone.tz()).naive_local();
        let today = local.date();
        let counts = if local.time() <= programme.cut_off {
            depot.calendar.next_business_day_on_or_after(today)?
        } else {
            depot.calendar.add_business_days(today, 1)?
        };
        depot.calendar.add_business_days(counts, 1)
    };
    Ok(match promise {
        Promise::None | Promise::ReturnToFactory => None,
        Promise::FourHours => Some(hours(4)),
        Promise::TwoHours => Some(hours(2)),
        Promise::NextDayShip => Some(ReplacementDue::ShipOn { on: ship_on()? }),
        Promise::NextDayDelivery => {
            let mut on = ship_on()?;
            while !ship_to.calendar.is_business_day(on)? || !depot.calendar.is_business_day(on)? {
                on += TimeDelta::days(1);
            }
            Some(ReplacementDue::DeliverOn { on })
        }
    })
}
