//! The events of an RMA, and what a command came to.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::rma::{Tracks, status};
use super::terms::CarriageView;
use crate::app::expect::Expectation;
use crate::app::look::HistoryLine;
use crate::domain::replacement_due::ReplacementDue;

/// One event of an RMA's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    pub sequence: i64,
    #[schema(example = "delivered")]
    pub kind: String,
    /// When it happened in the world.
    pub occurred_at: DateTime<Utc>,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    #[schema(example = "carrier:ups")]
    pub actor: String,
    pub source: String,
}

impl From<HistoryLine> for EventView {
    fn from(line: HistoryLine) -> Self {
        Self {
            sequence: line.sequence,
            kind: line.kind,
            occurred_at: line.occurred_at,
            recorded_at: line.recorded_at,
            actor: line.actor,
            source: line.source,
        }
    }
}

/// The events of an RMA, the first first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Events {
    pub events: Vec<EventView>,
}

/// What a command came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    #[schema(example = "R0021056835")]
    pub number: String,
    /// The version after it; the ETag.
    pub version: i64,
    pub status: String,
    pub tracks: Tracks,
    pub due_on: Option<NaiveDate>,
    /// The kinds of the events it led to, in their order.
    #[schema(example = json!(["delivered", "window_opened"]))]
    pub events: Vec<String>,
    /// The RMA opened on a replacement that was dead on arrival.
    pub child: Option<String>,
    /// Of a request alone: what it can expect.
    pub expect: Option<ExpectationView>,
}

/// What a request can expect as things stand (AMB-11): advice, judged again when the RMA is issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpectationView {
    /// issue, hold, or refuse where the operator's register lacks something.
    #[schema(example = "issue")]
    pub prospect: String,
    /// What it would wait for: entitlement, registration, export, information or price.
    pub hold: Option<String>,
    /// The entitlement, or what stands in the way, in a sentence.
    pub because: String,
    /// advance_replacement or return_to_factory.
    #[schema(example = "advance_replacement")]
    pub mode: Option<String>,
    /// The day the replacement would leave or arrive, were the RMA issued now.
    pub replacement_due_on: Option<NaiveDate>,
    /// The instant, where hours are promised.
    pub replacement_due_at: Option<DateTime<Utc>>,
    pub carriage: Option<CarriageView>,
}

impl From<Expectation> for ExpectationView {
    fn from(expected: Expectation) -> Self {
        let (replacement_due_on, replacement_due_at) =
            expected.replacement_due.map_or((None, None), ReplacementDue::day_or_instant);
        Self {
            prospect: expected.prospect.to_string(),
            hold: expected.hold.map(|reason| reason.to_string()),
            because: expected.because,
            mode: expected.mode.map(|mode| mode.to_string()),
            replacement_due_on,
            replacement_due_at,
            carriage: expected.carriage.as_ref().map(Into::into),
        }
    }
}

impl OutcomeView {
    pub fn of(outcome: &crate::app::rmas::Outcome) -> Self {
        let rma = &outcome.rma;
        Self {
            number: rma.number.to_string(),
            version: rma.version,
            status: status(rma.is_open).to_owned(),
            tracks: Tracks::of(rma),
            due_on: rma.due.as_ref().map(|due| due.due_on),
            events: outcome.events.iter().map(|event| event.kind().to_owned()).collect(),
            child: None,
            expect: None,
        }
    }
}
