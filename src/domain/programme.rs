//! The numbers of a manufacturer's policy. Versioned data: an RMA keeps the version it was issued under.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use crate::words;

words! {
    /// What the return window counts from (AMB-1).
    AnchorRule("anchor of the return window") {
        /// The RMA's issue.
        Issued = "issued",
        /// The replacement's shipment.
        Shipped = "shipped",
        /// The later of issue and the replacement's delivery.
        Delivered = "delivered",
    }
}

words! {
    /// Whether a window counts business days or calendar days.
    DayCount("way of counting days") {
        Business = "business",
        Calendar = "calendar",
    }
}

words! {
    /// What the interim clock of a failure analysis counts from (AMB-16).
    FailureAnalysisClock("clock of a failure analysis") {
        /// The later of the receipt and the agreement on the analysis.
        Agreed = "agreed",
        /// The receipt at the repair centre, to the letter.
        Received = "received",
    }
}

/// Of versions in the order they were added, each with its manufacturer ('*' for every other one) and the
/// day it serves from, the one that serves a manufacturer on `day`: its own newest by then, else that of
/// '*'. Of two from the same day the one added later.
pub fn serving<'v, T>(
    versions: &'v [(String, NaiveDate, T)],
    manufacturer: &str,
    day: NaiveDate,
) -> Option<&'v T> {
    let newest = |whose: &str| {
        let serves = |(m, from, _): &&'v (String, NaiveDate, T)| m == whose && *from <= day;
        // The last of equal maxima.
        versions.iter().filter(serves).max_by_key(|(_, from, _)| *from)
    };
    newest(manufacturer).or_else(|| newest("*")).map(|(.., version)| version)
}

/// A programme: every number the rules leave to policy, with the rulebook's readings as defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Programme {
    /// The version kept on every RMA issued under it.
    pub version: String,
    /// The warranty terms' version, kept on every warranty answer (WAR-8).
    pub terms_version: String,
    /// RET-1: days until the defective unit is due.
    pub return_days: u32,
    /// RET-1: whether those are business days (of the ship-to site's calendar).
    pub return_count: DayCount,
    /// AMB-1: what they count from.
    pub return_anchor: AnchorRule,
    /// T10: reminders this many days before the due date, business or calendar days as the window's
    /// own; 0 is the due day itself.
    pub reminder_days: BTreeSet<u32>,
    /// T6a: business days after shipping without proof of delivery until it is estimated.
    pub estimate_after_days: u32,
    /// AMB-1: business days after shipping at which an unproven delivery is taken to have happened.
    pub estimated_transit_days: u32,
    /// AMB-1: business days an estimated window leaves at the least, so that reminders can go out.
    pub estimate_least_days: u32,
    /// RMA-12: more business days for returns from a country, by ISO 3166-1 code.
    pub country_extensions: BTreeMap<String, u32>,
    /// RMA-12: countries a failed unit cannot be exported from: nothing is asked back.
    pub no_return_countries: BTreeSet<String>,
    /// Countries a replacement goes to only after an export check has released it.
    pub export_check_countries: BTreeSet<String>,
    /// WAR-5: business days from receipt until the repaired unit ships.
    pub repair_days: u32,
    /// Calendar days a repaired or replacement unit is covered at the least.
    pub repair_cover_days: u32,
    /// WAR-2: calendar days after shipment at which a distributor's unit starts its term at the latest.
    pub distributor_cap_days: u32,
    /// WAR-3: months of warranty.
    pub warranty_months: u32,
    /// WAR-4: whether an unregistered unit waits on hold.
    pub registration_required: bool,
    /// AMB-25: the best of contract and warranty; off: a contract, where there is one, alone.
    pub best_of_both: bool,
    /// AMB-6: the latest local time at the depot that still counts as that business day.
    pub cut_off: NaiveTime,
    /// T13: business days to decide a claim of delivery.
    pub claim_days: u32,
    /// T20: calendar days from delivery within which a replacement counts as dead on arrival.
    pub dead_on_arrival_days: u32,
    /// T19: calendar days after closing within which an RMA can be reopened.
    pub reopen_days: u32,
    /// ANA-2: years after first revenue shipment in which a repair analysis needs no approval.
    pub repair_analysis_years: u32,
    /// ANA-6: calendar days from receipt at the repair centre until a repair analysis is posted.
    pub repair_analysis_days: u32,
    /// ANA-7: calendar days until a failure analysis posts its interim report.
    pub failure_analysis_days: u32,
    /// AMB-16: what those count from.
    pub failure_analysis_clock: FailureAnalysisClock,
    /// SYS-11: calendar days before a milestone of a product's life from which it counts as approaching.
    pub milestone_notice_days: u32,
    /// AMB-22: the service levels, their names, what they promise and when they are offered.
    pub service_levels: Catalogue,
}

impl Default for Programme {
    fn default() -> Self {
        Self {
            version: "2026.1".to_owned(),
            terms_version: "2026.1".to_owned(),
            return_days: 10,
            return_count: DayCount::Business,
            return_anchor: AnchorRule::Delivered,
            reminder_days: BTreeSet::from([5, 2, 0]),
            estimate_after_days: 10,
            estimated_transit_days: 3,
            estimate_least_days: 5,
            country_extensions: BTreeMap::new(),
            no_return_countries: BTreeSet::new(),
            export_check_countries: BTreeSet::new(),
            repair_days: 20,
            repair_cover_days: 90,
            distributor_cap_days: 90,
            warranty_months: 12,
            registration_required: true,
            best_of_both: true,
            cut_off: NaiveTime::MIN + chrono::TimeDelta::hours(15),
            claim_days: 10,
            dead_on_arrival_days: 30,
            reopen_days: 365,
            repair_analysis_years: 5,
            repair_analysis_days: 30,
            failure_analysis_days: 15,
            failure_analysis_clock: FailureAnalysisClock::Agreed,
            milestone_notice_days: 180,
            service_levels: Catalogue::default(),
        }
    }
}

/// Why a programme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("programme: {field} is {value}, but must be {must}")]
pub struct ProgrammeError {
    pub field: &'static str,
    pub value: String,
    pub must: &'static str,
}

impl Programme {
    /// Checks every number against what the arithmetic can carry.
    pub fn check(&self) -> Result<(), ProgrammeError> {
        let within = |field, value: u32, least: u32, most: u32, must| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(ProgrammeError { field, value: value.to_string(), must })
            }
        };
        let day = "between 1 and 1,000 days";
        within("return_days", self.return_days, 1, 1000, day)?;
        within("estimate_after_days", self.estimate_after_days, 1, 1000, day)?;
        within("estimated_transit_days", self.estimated_transit_days, 1, 1000, day)?;
        within("estimate_least_days", self.estimate_least_days, 1, 1000, day)?;
        within("repair_days", self.repair_days, 1, 1000, day)?;
        within("repair_cover_days", self.repair_cover_days, 0, 10_000, "at most 10,000 days")?;
        within("distributor_cap_days", self.distributor_cap_days, 0, 1000, "at most 1,000 days")?;
        within("warranty_months", self.warranty_months, 0, 1200, "at most 1,200 months")?;
        within("claim_days", self.claim_days, 1, 1000, day)?;
        within("dead_on_arrival_days", self.dead_on_arrival_days, 0, 1000, "at most 1,000 days")?;
        within("reopen_days", self.reopen_days, 0, 10_000, "at most 10,000 days")?;
        within("repair_analysis_years", self.repair_analysis_years, 0, 100, "at most 100 years")?;
        within("repair_analysis_days", self.repair_analysis_days, 1, 1000, day)?;
        within("failure_analysis_days", self.failure_analysis_days, 1, 1000, day)?;
        let notice = self.milestone_notice_days;
        within("milestone_notice_days", notice, 0, 10_000, "at most 10,000 days")?;
        if let Some(days) = self.reminder_days.iter().find(|days| **days > 1000) {
            within("reminder_days", *days, 0, 1000, "at most 1,000 days")?;
        }
        if let Some((value, must)) = self.service_levels.fault() {
            return Err(ProgrammeError { field: "service_levels", value, must });
        }
        for (field, value) in [("version", &self.version), ("terms_version", &self.terms_version)] {
            if value.trim().is_empty() || value.len() > 40 {
                let must = "1 to 40 characters";
                return Err(ProgrammeError { field, value: format!("{value:?}"), must });
            }
        }
        Ok(())
    }
}
