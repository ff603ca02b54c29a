//! The engineer's visit to the site (SVC-5, SVC-8): a small state beside the six tracks.
//!
//! It is owed where the entitlement kept at issue brings an engineer and a replacement goes out in
//! advance: the engineer comes with the part. The rulebook says no more, and this is the reading: the visit
//! is due with the delivery that is promised; an engineer who came in time has kept the promise, also where
//! nobody was there or a part was missing, and then comes again; a customer who buys the defective unit
//! (T12) keeps the promise of a replacement, and with it the engineer. RMAs that an older program issued
//! owe no visit, but one can be planned on them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::event::{Event, Terms};
use super::state::Rma;
use super::tracks::{Authorisation, Exposure, Mode, Outbound};
use crate::domain::replacement_due::ReplacementDue;
use crate::words;

words! {
    /// How an engineer's visit stands.
    VisitState("state of an engineer's visit") {
        /// None is promised.
        None = "none",
        /// Promised, and not planned.
        Owed = "owed",
        Planned = "planned",
        /// The engineer came, and the unit was replaced.
        Done = "done",
        /// The customer wants none.
        Declined = "declined",
        /// There is nothing left to install: the RMA ended, or its replacement was dead on arrival.
        Void = "void",
    }
}

words! {
    /// What a visit came to.
    VisitOutcome("outcome of a visit") {
        Replaced = "replaced",
        /// The engineer was there and could not replace the unit.
        CouldNot = "could_not",
        /// Nobody let the engineer in.
        CustomerAbsent = "customer_absent",
    }
}

/// Who is to come, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPlan {
    pub engineer: String,
    pub at: DateTime<Utc>,
}

/// A visit that took place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRecord {
    pub engineer: String,
    pub arrived_at: DateTime<Utc>,
    pub outcome: VisitOutcome,
    pub reason: Option<String>,
}

/// The visit of an RMA, with what it has come to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub state: VisitState,
    /// As promised at issue: by a local day of the site, or by an instant.
    pub due: Option<ReplacementDue>,
    pub plan: Option<VisitPlan>,
    /// The first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<VisitRecord>,
    /// Why it is declined or void.
    pub reason: Option<String>,
}

impl Default for Visit {
    fn default() -> Self {
        let state = VisitState::None;
        Self { state, due: None, plan: None, records: Vec::new(), reason: None }
    }
}

impl Visit {
    /// Somebody still has to come.
    pub fn is_live(&self) -> bool {
        matches!(self.state, VisitState::Owed | VisitState::Planned)
    }

    /// The level's rule: by the day SVC-5, by the hour SVC-8.
    pub fn rule(&self) -> &'static str {
        match self.due {
            Some(ReplacementDue::DeliverBy { .. }) => "SVC-8",
            _ => "SVC-5",
        }
    }

    /// When an engineer first stood at the site, whatever came of it.
    pub fn first_arrival(&self) -> Option<DateTime<Utc>> {
        self.records.iter().map(|record| record.arrived_at).min()
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            // Issued anew, it begins anew, and is promised by the terms of that day.
            Event::Issued { .. } => *self = Self::default(),
            Event::VisitPromised { due } => {
                *self = Self { state: VisitState::Owed, due: Some(*due), ..Self::default() };
            }
            Event::VisitPlanned { engineer, at } | Event::VisitMoved { engineer, at, .. } => {
                self.state = VisitState::Planned;
                self.reason = None;
                self.plan = Some(VisitPlan { engineer: engineer.clone(), at: *at });
            }
            Event::VisitRecorded { engineer, arrived_at, outcome, reason } => {
                let (engineer, arrived_at) = (engineer.clone(), *arrived_at);
                let record =
                    VisitRecord { engineer, arrived_at, outcome: *outcome, reason: reason.clone() };
                self.records.push(record);
                self.plan = None;
                if *outcome == VisitOutcome::Replaced {
                    self.state = VisitState::Done;
                    self.reason = None;
                } else if self.state == VisitState::Planned || self.state == VisitState::None {
                    self.state = VisitState::Owed;
                }
            }
            Event::VisitWithdrawn { reason } => self.end(VisitState::Declined, reason),
            Event::VisitVoided { reason, .. } => self.end(VisitState::Void, reason),
            _ => {}
        }
    }

    fn end(&mut self, state: VisitState, reason: &str) {
        self.state = state;
        self.plan = None;
        self.reason = Some(reason.to_owned());
    }
}

impl Terms {
    /// Whether an engineer comes with the replacement.
    pub fn brings_an_engineer(&self) -> bool {
        self.entitlement.onsite && self.mode == Mode::AdvanceReplacement
    }
}

impl Rma {
    /// From when on the visit waits on somebody's desk: planned, from the first hour of its day at the
    /// site; without a plan, from the end of the time that was promised. None where neither is to come.
    pub fn visit_wanted_at(&self) -> Option<DateTime<Utc>> {
        let zone = self.terms.as_ref()?.ship_to.zone;
        match (self.visit.state, &self.visit.plan, self.visit.due) {
            (VisitState::Planned, Some(plan), _) => {
                Some(zone.start_of_day(zone.local_date(plan.at)))
            }
            (VisitState::Owed, _, Some(ReplacementDue::DeliverBy { at })) => Some(at),
            (
                VisitState::Owed,
                _,
                Some(ReplacementDue::DeliverOn { on } | ReplacementDue::ShipOn { on }),
            ) => Some(zone.end_of_day(on)),
            _ => None,
        }
    }

    /// Why nobody is to come any more: the RMA ended, its replacement came back unopened, or was dead on
    /// arrival, so that the engineer comes with the child's (T20). None where there is something to install.
    pub(super) fn no_visit_because(&self) -> Option<String> {
        if self.outbound == Outbound::Returned {
            return Some("the replacement came back unopened".to_owned());
        }
        let ended = matches!(self.authorisation, Authorisation::Denied | Authorisation::Cancelled);
        if ended && self.exposure != Exposure::Purchased {
            return Some(format!("the RMA is {}", self.authorisation));
        }
        let child = self.dead_on_arrival?;
        Some(format!(
            "the replacement was dead on arrival and {child} sends the next, with an engineer of its own"
        ))
    }
}
