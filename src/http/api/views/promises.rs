//! What was promised, and the engineer's visit (SVC-5, SVC-8).

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::promises::{PromiseKept, Promised};
use crate::domain::rma::visit::{Visit, VisitState};

/// What was promised, and whether it was kept (AMB-6, AMB-13).
#[derive(Debug, Serialize, ToSchema)]
pub struct PromiseView {
    /// replacement, visit (of an engineer) or repair.
    #[schema(example = "replacement")]
    pub what: String,
    /// ship_on, deliver_on or deliver_by; of a visit visit_on or visit_by.
    #[schema(example = "deliver_on")]
    pub promise: String,
    pub due_on: Option<NaiveDate>,
    /// An instant, where hours were promised.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was shipped or delivered, or an engineer first arrived; none before, and while a delivery is only estimated.
    pub done_at: Option<DateTime<Utc>>,
    /// Whether it was kept; none before it has happened.
    pub met: Option<bool>,
}

impl From<PromiseKept> for PromiseView {
    fn from(kept: PromiseKept) -> Self {
        let (due_on, due_at) = kept.due.day_or_instant();
        let promise = match (kept.what, kept.due) {
            (Promised::Visit, ReplacementDue::DeliverBy { .. }) => "visit_by",
            (Promised::Visit, _) => "visit_on",
            (_, due) => due.as_str(),
        };
        Self {
            what: kept.what.to_string(),
            promise: promise.to_owned(),
            due_on,
            due_at,
            done_at: kept.done.map(|done| done.at),
            met: kept.met,
        }
    }
}

/// A visit that took place.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitRecordView {
    pub engineer: String,
    pub arrived_at: DateTime<Utc>,
    /// replaced, could_not or customer_absent.
    #[schema(example = "replaced")]
    pub outcome: String,
    pub reason: Option<String>,
}

/// The engineer's visit to the site (SVC-5, SVC-8).
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitView {
    /// owed, planned, done, declined or void.
    #[schema(example = "planned")]
    pub state: String,
    #[schema(example = "SVC-5")]
    pub rule: String,
    /// The local day of the site it is promised for.
    pub due_on: Option<NaiveDate>,
    /// The instant it is promised by.
    pub due_at: Option<DateTime<Utc>>,
    /// Of the plan.
    pub engineer: Option<String>,
    pub planned_at: Option<DateTime<Utc>>,
    /// The first first.
    pub records: Vec<VisitRecordView>,
    /// Why it is declined or void.
    pub reason: Option<String>,
}

impl VisitView {
    pub(super) fn of(visit: &Visit) -> Option<Self> {
        if visit.state == VisitState::None {
            return None;
        }
        let (due_on, due_at) = match visit.due {
            Some(ReplacementDue::ShipOn { on } | ReplacementDue::DeliverOn { on }) => {
                (Some(on), None)
            }
            Some(ReplacementDue::DeliverBy { at }) => (None, Some(at)),
            None => (None, None),
        };
        let records = visit.records.iter().map(|record| VisitRecordView {
            engineer: record.engineer.clone(),
            arrived_at: record.arrived_at,
            outcome: record.outcome.to_string(),
            reason: record.reason.clone(),
        });
        Some(Self {
            state: visit.state.to_string(),
            rule: visit.rule().to_owned(),
            due_on,
            due_at,
            engineer: visit.plan.as_ref().map(|plan| plan.engineer.clone()),
            planned_at: visit.plan.as_ref().map(|plan| plan.at),
            records: records.collect(),
            reason: visit.reason.clone(),
        })
    }
}
