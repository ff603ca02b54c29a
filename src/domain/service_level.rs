//! The eight hardware replacement levels of a contract (SVC-1 to SVC-8), and what can be promised.

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// A contract's hardware replacement level (SVC-1 … SVC-8).
    ServiceLevel("service level") {
        Core = "core",
        CorePlus = "core_plus",
        NextDayDelivery = "next_day_delivery",
        NextDayShip = "next_day_ship",
        NextDayOnsite = "next_day_onsite",
        SameDay = "same_day",
        SameDay2Hour = "same_day_2_hour",
        SameDayOnsite = "same_day_onsite",
    }
}

/// What a level promises when hardware fails. Ordered, so that the best of several entitlements is their
/// maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// No hardware option (SVC-1).
    None,
    /// Repair or replacement after the unit's return (SVC-2, WAR-5).
    ReturnToFactory,
    /// An advance replacement shipped the next business day (SVC-4).
    NextDayShip,
    /// An advance replacement delivered the next business day (SVC-3, SVC-5).
    NextDayDelivery,
    /// An advance replacement delivered in four elapsed hours (SVC-6, SVC-8).
    FourHours,
    /// An advance replacement delivered in two elapsed hours (SVC-7).
    TwoHours,
}

impl Promise {
    /// The word it is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ReturnToFactory => "return_to_factory",
            Self::NextDayShip => "next_day_ship",
            Self::NextDayDelivery => "next_day_delivery",
            Self::FourHours => "four_hours",
            Self::TwoHours => "two_hours",
        }
    }

    /// Whether the replacement goes out before the defective unit is back (RMA-8).
    pub fn is_advance(self) -> bool {
        self > Self::ReturnToFactory
    }
}

impl ServiceLevel {
    /// What the level promises unless a programme's catalogue says otherwise (AMB-22).
    pub(super) fn standard_promise(self) -> Promise {
        match self {
            Self::Core => Promise::None,
            Self::CorePlus => Promise::ReturnToFactory,
            Self::NextDayShip => Promise::NextDayShip,
            Self::NextDayDelivery | Self::NextDayOnsite => Promise::NextDayDelivery,
            Self::SameDay | Self::SameDayOnsite => Promise::FourHours,
            Self::SameDay2Hour => Promise::TwoHours,
        }
    }

    /// Whether an engineer comes with the part, unless a programme's catalogue says otherwise.
    pub(super) fn standard_onsite(self) -> bool {
        matches!(self, Self::NextDayOnsite | Self::SameDayOnsite)
    }
}
