//! An RMA as a whole.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::analysis::AnalysisView;
use super::promises::{PromiseView, VisitView};
use super::terms::{DispatchView, MoneyView, TermsView};
use super::transport::{ClaimView, LabelView, ReplacementView, TransferView};
use crate::domain::rma::Rma;

/// Open or Closed (AMB-28).
pub fn status(is_open: bool) -> &'static str {
    if is_open { "Open" } else { "Closed" }
}

/// The six tracks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tracks {
    #[schema(example = "issued")]
    pub authorisation: String,
    #[schema(example = "delivered")]
    pub outbound: String,
    #[schema(example = "awaiting")]
    pub inbound: String,
    #[schema(example = "none")]
    pub repair: String,
    #[schema(example = "none")]
    pub analysis: String,
    #[schema(example = "exposed")]
    pub exposure: String,
}

impl Tracks {
    pub fn of(rma: &Rma) -> Self {
        Self {
            authorisation: rma.authorisation.to_string(),
            outbound: rma.outbound.to_string(),
            inbound: rma.inbound.to_string(),
            repair: rma.repair.to_string(),
            analysis: rma.analysis.to_string(),
            exposure: rma.exposure.to_string(),
        }
    }
}

/// When the unit is due back, and why then.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueView {
    pub due_on: NaiveDate,
    #[schema(example = "RET-1")]
    pub rule: String,
    #[schema(example = "delivered")]
    pub anchor: String,
    pub anchor_on: NaiveDate,
    #[schema(example = "US")]
    pub calendar: String,
    #[schema(example = "2026.1")]
    pub programme: String,
    /// The same in one sentence.
    pub because: Option<String>,
}

/// One RMA.
#[derive(Debug, Serialize, ToSchema)]
pub struct RmaView {
    #[schema(example = "R0021056835")]
    pub number: String,
    /// The number of its last event; the ETag.
    pub version: i64,
    #[schema(example = "Open")]
    pub status: String,
    #[schema(example = "2026-1116-000001")]
    pub case_number: String,
    pub account: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub parent: Option<String>,
    pub tracks: Tracks,
    /// Of a hold, a denial or a cancelling.
    pub reason: Option<String>,
    pub requested_at: DateTime<Utc>,
    pub modified_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub due: Option<DueView>,
    /// When the repaired unit must leave the bench (WAR-5).
    pub repair_due_on: Option<NaiveDate>,
    /// What was promised, and whether it was kept.
    pub promises: Vec<PromiseView>,
    /// None before one is asked for.
    pub analysis: Option<AnalysisView>,
    /// None where no engineer was promised.
    pub visit: Option<VisitView>,
    pub replacement: Option<ReplacementView>,
    pub received_at: Option<DateTime<Utc>>,
    /// Local date where it was received.
    pub received_on: Option<NaiveDate>,
    /// None where the unit was received at its return site, or is not here.
    pub transfer: Option<TransferView>,
    /// A claim that the unit was delivered to us, until it is decided (T13).
    pub claim: Option<ClaimView>,
    /// Of a return that we pay: the carrier's prepaid label (AMB-26).
    pub return_label: Option<LabelView>,
    pub terms: Option<TermsView>,
    pub charged_minor: i64,
    pub credited_minor: i64,
    pub reminders_sent: i32,
}

impl RmaView {
    pub fn of(rma: &Rma, because: Option<String>) -> Self {
        Self {
            number: rma.number.to_string(),
            version: rma.version,
            status: status(rma.is_open).to_owned(),
            case_number: rma.case_number.to_string(),
            account: rma.account.clone(),
            manufacturer: rma.manufacturer.to_string(),
            serial_number: rma.serial_number.to_string(),
            part_number: rma.part_number.to_string(),
            parent: rma.parent.map(|number| number.to_string()),
            tracks: Tracks::of(rma),
            reason: rma.reason.clone(),
            requested_at: rma.requested_at,
            modified_at: rma.last_event_at,
            closed_at: rma.closed_at,
            due: rma.due.as_ref().map(|due| DueView {
                due_on: due.due_on,
                rule: due.rule.clone(),
                anchor: due.anchor.kind.to_string(),
                anchor_on: due.anchor.on,
                calendar: due.calendar.as_str().to_owned(),
                programme: due.programme.clone(),
                because,
            }),
            repair_due_on: rma.repair_due_on,
            promises: rma.promises().into_iter().map(Into::into).collect(),
            analysis: AnalysisView::of(rma),
            visit: VisitView::of(&rma.visit),
            replacement: rma.replacement.as_ref().map(|unit| ReplacementView {
                serial_number: unit.serial_number.to_string(),
                part_number: unit.part_number.to_string(),
                substitute: unit.substitute,
                shipped_at: rma.shipment.shipped_at,
                delivered_on: rma.shipment.delivered_on,
                estimated: rma.shipment.estimated,
            }),
            received_at: rma.received_at,
            received_on: rma.received_on,
            transfer: rma.transfer.as_ref().map(TransferView::from),
            claim: ClaimView::of(rma),
            return_label: LabelView::of(rma),
            terms: rma.terms.as_deref().map(|terms| TermsView {
                mode: terms.mode.to_string(),
                issued_on: terms.issued_on,
                entitlement_rule: terms.entitlement.rule.clone(),
                entitlement: serde_json::to_value(&terms.entitlement).unwrap_or_default(),
                list_price: MoneyView {
                    amount_minor: terms.list_price.minor,
                    currency: terms.list_price.currency.code().to_owned(),
                },
                bill_to: terms.bill_to.clone(),
                programme: terms.programme.clone(),
                ship_to: (&terms.ship_to).into(),
                return_to: (&terms.return_site).into(),
                dispatch: terms.dispatch.as_ref().map(|dispatch| DispatchView {
                    depot: (&dispatch.depot).into(),
                    cut_off: dispatch.cut_off.to_string(),
                    own_cut_off: dispatch.own_cut_off,
                }),
                carriage: terms.carriage.as_ref().map(Into::into),
            }),
            charged_minor: rma.charged_minor,
            credited_minor: rma.credited_minor,
            reminders_sent: rma.reminders_sent,
        }
    }
}
