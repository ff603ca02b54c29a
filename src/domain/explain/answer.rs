//! An answer with everything it was read from.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::domain::calendar::CalendarCode;
use crate::domain::service_level::ServiceLevel;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What a date or verdict is about.
    Subject("subject of an explanation") {
        ReturnWindow = "return_window",
        Warranty = "warranty",
        Entitlement = "entitlement",
        /// Who pays carriage (WAR-6, AMB-26).
        Carriage = "carriage",
        Replacement = "replacement",
        /// When an engineer is due at the site (SVC-5, SVC-8).
        Visit = "visit",
        Repair = "repair",
        Analysis = "analysis",
        RaEligibility = "ra_eligibility",
        /// The last day a proof of delivery is waited for (T6a).
        DeliveryEstimate = "delivery_estimate",
        /// The day a claim of delivery is decided by (T13).
        Claim = "claim",
        /// The last covered day of a repaired or replaced unit (T15).
        Cover = "cover",
        /// The last day a replacement counts as dead on arrival (T20).
        DeadOnArrival = "dead_on_arrival",
        /// The last day a closed RMA can be reopened (T19).
        Reopening = "reopening",
    }
}

/// A date or a verdict that explains itself. What a subject does not have is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub what: Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// An instant, where hours are promised instead of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The standard name of the level asked for, or of the contract that entitles (AMB-22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<ServiceLevel>,
    /// First day of a warranty's term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_covered_on: Option<NaiveDate>,
    /// The start may still move earlier (AMB-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional: Option<bool>,
    /// Whether the day asked for is covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<bool>,
    /// Whether a promise was kept, once what was promised has happened (AMB-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// Days on which a reminder goes out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remind_on: Vec<NaiveDate>,
    pub rule: String,
    /// What was counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<&'static str>,
    /// Day 0 of the count, a local date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The version of the policy, or of the warranty's terms.
    pub programme: String,
    /// The answer reaches past the last day make-up working days are known for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make_up_days_known_to: Option<NaiveDate>,
    /// One sentence.
    pub because: String,
}

impl Explanation {
    /// An answer that says nothing yet but what it is about, its rule, its policy and its sentence.
    pub(super) fn new(what: Subject, rule: &str, programme: &str, because: String) -> Self {
        Self {
            what,
            due_on: None,
            due_at: None,
            verdict: None,
            service_level: None,
            start_on: None,
            last_covered_on: None,
            provisional: None,
            covered: None,
            met: None,
            remind_on: Vec::new(),
            rule: rule.to_owned(),
            anchor: None,
            anchor_on: None,
            calendar: None,
            zone: None,
            programme: programme.to_owned(),
            make_up_days_known_to: None,
            because,
        }
    }
}
