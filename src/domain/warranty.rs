//! When a unit's warranty starts and which day is its last (WAR-1 to WAR-4).

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::programme::Programme;

/// What the register knows of a unit's sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The factory ship date (WAR-1).
    pub shipped_on: NaiveDate,
    /// Sold through an authorised distributor (WAR-2).
    pub through_distributor: bool,
    /// The distributor's resale, once reported.
    pub resold_on: Option<NaiveDate>,
    /// When the customer registered the unit (WAR-4).
    pub registered_on: Option<NaiveDate>,
    /// A last covered day granted by a repair or replacement.
    pub cover_through_on: Option<NaiveDate>,
    /// The unit came as a replacement: it carries no term of its own, only what it took over.
    pub is_replacement: bool,
}

/// A warranty's term, with the rule that gave its start and the terms it was read from (WAR-8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warranty {
    /// First day of the term; cover itself runs from shipment (AMB-2).
    pub start_on: NaiveDate,
    /// Last covered day, local date of the installed site (AMB-4).
    pub last_covered_on: NaiveDate,
    /// The resale date is not known yet: the start may still move earlier (AMB-2).
    pub provisional: bool,
    /// Registration activated it (WAR-4).
    pub registered: bool,
    pub rule: String,
    pub terms_version: String,
}

/// Why a warranty cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarrantyError {
    #[error(
        "the resale date {resold_on} is before the factory ship date {shipped_on}; correct one of them (AMB-2)"
    )]
    ResoldBeforeShipped { resold_on: NaiveDate, shipped_on: NaiveDate },
    #[error("the date {0} is too far from today to compute a warranty from")]
    OutOfRange(NaiveDate),
}

/// The same day `months` later; where that month has no such day, the first of the next (AMB-4:
/// an anniversary rolls forward, 29 Feb 2028 to 1 Mar 2029).
pub fn anniversary(from: NaiveDate, months: u32) -> Option<NaiveDate> {
    let clamped = from.checked_add_months(Months::new(months))?;
    if clamped.day() == from.day() { Some(clamped) } else { clamped.checked_add_days(Days::new(1)) }
}

impl Warranty {
    /// Computes the term of one unit.
    pub fn of(sale: &Sale, programme: &Programme) -> Result<Self, WarrantyError> {
        let shipped_on = sale.shipped_on;
        let range = || WarrantyError::OutOfRange(shipped_on);
        let cap = Days::new(u64::from(programme.distributor_cap_days));
        let latest_start = shipped_on.checked_add_days(cap).ok_or_else(range)?;
        let (start_on, rule, provisional) = match (sale.through_distributor, sale.resold_on) {
            (_, Some(resold_on)) if resold_on < shipped_on => {
                return Err(WarrantyError::ResoldBeforeShipped { resold_on, shipped_on });
            }
            (false, None) => (shipped_on, "WAR-1", false),
            (_, Some(resold_on)) => (resold_on.min(latest_start), "WAR-2", false),
            (true, None) => (latest_start, "AMB-2", true),
        };
        if sale.is_replacement {
            return Ok(Self::taken_over(sale, programme));
        }
        let end = anniversary(start_on, programme.warranty_months).ok_or_else(range)?;
        let last_of_term = end.pred_opt().ok_or_else(range)?;
        let last_covered_on = last_of_term.max(sale.cover_through_on.unwrap_or(last_of_term));
        Ok(Self {
            start_on,
            last_covered_on,
            provisional,
            registered: sale.registered_on.is_some() || !programme.registration_required,
            rule: rule.to_owned(),
            terms_version: programme.terms_version.clone(),
        })
    }

    /// The cover a replacement took over at shipment: the remainder of the unit it replaced, or the
    /// programme's days, whichever is longer (T5).
    fn taken_over(sale: &Sale, programme: &Programme) -> Self {
        let nothing = sale.shipped_on.pred_opt().unwrap_or(sale.shipped_on);
        Self {
            start_on: sale.shipped_on,
            last_covered_on: sale.cover_through_on.unwrap_or(nothing),
            provisional: false,
            registered: sale.registered_on.is_some() || !programme.registration_required,
            rule: "T5".to_owned(),
            terms_version: programme.terms_version.clone(),
        }
    }

    /// Whether a failure on `day` (local date of the installed site) is inside the cover. A failure
    /// before the term's start is covered too (AMB-2), but none before shipment.
    pub fn covers(&self, day: NaiveDate, shipped_on: NaiveDate) -> bool {
        (shipped_on..=self.last_covered_on).contains(&day)
    }
}
