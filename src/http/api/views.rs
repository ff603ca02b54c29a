//! What an RMA looks like from outside.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::attachments::FileView;
use crate::app::expect::Expectation;
use crate::app::look::HistoryLine;
use crate::domain::carriage::Carriage;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::Rma;
use crate::domain::rma::event::SiteTerms;
use crate::domain::rma::promises::{PromiseKept, Promised};
use crate::domain::rma::state::Transfer;
use crate::domain::rma::tracks::Analysis;
use crate::domain::rma::visit::{Visit, VisitState};

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

/// An amount in minor units of its currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyView {
    #[schema(example = 149_000)]
    pub amount_minor: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
}

/// A place as it was when the RMA was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    pub code: String,
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA.
    pub zone: String,
    pub calendar: String,
}

impl From<&SiteTerms> for PlaceView {
    fn from(site: &SiteTerms) -> Self {
        Self {
            code: site.code.clone(),
            name: site.name.clone(),
            country: site.country.clone(),
            zone: site.zone.to_string(),
            calendar: site.calendar.as_str().to_owned(),
        }
    }
}

/// What was kept at issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsView {
    pub mode: String,
    pub issued_on: NaiveDate,
    /// The rule that gave the entitlement.
    pub entitlement_rule: String,
    #[schema(value_type = Object)]
    pub entitlement: serde_json::Value,
    pub list_price: MoneyView,
    pub bill_to: String,
    pub programme: String,
    pub ship_to: PlaceView,
    pub return_to: PlaceView,
    /// None in terms of older programs.
    pub dispatch: Option<DispatchView>,
    /// None in terms of older programs.
    pub carriage: Option<CarriageView>,
}

/// The depot a replacement leaves from (AMB-6).
#[derive(Debug, Serialize, ToSchema)]
pub struct DispatchView {
    pub depot: PlaceView,
    /// The latest local time that counts as that day.
    #[schema(example = "15:00:00")]
    pub cut_off: String,
    /// The depot's own; else the programme's.
    pub own_cut_off: bool,
}

/// Who pays carriage each way (WAR-6, AMB-26).
#[derive(Debug, Serialize, ToSchema)]
pub struct CarriageView {
    /// Of the defective unit: customer or vendor.
    #[schema(example = "customer")]
    pub inbound: String,
    /// Of the replacement or the repaired unit: customer or vendor.
    #[schema(example = "vendor")]
    pub outbound: String,
    /// A prepaid return label comes with the replacement.
    pub prepaid_label: bool,
    #[schema(example = "AMB-26")]
    pub rule: String,
    /// The same in one sentence to the customer.
    pub sentence: String,
}

impl From<&Carriage> for CarriageView {
    fn from(carriage: &Carriage) -> Self {
        Self {
            inbound: carriage.inbound.to_string(),
            outbound: carriage.outbound.to_string(),
            prepaid_label: carriage.prepaid_label,
            rule: carriage.rule.clone(),
            sentence: carriage.sentence().to_owned(),
        }
    }
}

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
    fn of(visit: &Visit) -> Option<Self> {
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

/// The unit that goes out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplacementView {
    pub serial_number: String,
    pub part_number: String,
    pub substitute: bool,
    pub shipped_at: Option<DateTime<Utc>>,
    pub delivered_on: Option<NaiveDate>,
    /// The delivery is an estimate: no proof has come.
    pub estimated: bool,
}

/// A report of an analysis.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportView {
    #[schema(example = "repair_analysis")]
    pub report: String,
    pub text: String,
    pub posted_at: DateTime<Utc>,
}

/// When the next report of an analysis is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDueView {
    #[schema(example = "failure_analysis_interim")]
    pub report: String,
    /// Local date of the repair centre.
    pub due_on: NaiveDate,
    #[schema(example = "ANA-7")]
    pub rule: String,
    pub anchor_on: NaiveDate,
    #[schema(example = "2026.1")]
    pub programme: String,
}

/// What an analysis has come to, beside its track.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalysisView {
    /// It is to be had at the vendor's discretion alone (ANA-3).
    pub awaits_approval: bool,
    /// Who wants a failure analysis: customer, engineer.
    pub agreed: Vec<String>,
    /// Why it is void: components_missing or no_unit.
    pub void_cause: Option<String>,
    pub due: Option<ReportDueView>,
    /// The first first.
    pub reports: Vec<ReportView>,
}

impl AnalysisView {
    fn of(rma: &Rma) -> Option<Self> {
        if rma.analysis == Analysis::None {
            return None;
        }
        let file = &rma.analysis_file;
        Some(Self {
            awaits_approval: file.awaits_approval,
            agreed: file.agreed.iter().map(ToString::to_string).collect(),
            void_cause: file.void_cause.map(|cause| cause.to_string()),
            due: file.due.as_ref().map(|due| ReportDueView {
                report: due.report.to_string(),
                due_on: due.due_on,
                rule: due.rule.clone(),
                anchor_on: due.anchor_on,
                programme: due.programme.clone(),
            }),
            reports: file
                .reports
                .iter()
                .map(|posted| ReportView {
                    report: posted.report.to_string(),
                    text: posted.text.clone(),
                    posted_at: posted.posted_at,
                })
                .collect(),
        })
    }
}

/// The way of a received unit from the dock that took it in to the repair centre (RCV-3).
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferView {
    /// The dock's site code.
    #[schema(example = "DEP-US")]
    pub dock: String,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub forwarded_at: Option<DateTime<Utc>>,
    /// Local date at the dock.
    pub forwarded_on: Option<NaiveDate>,
    /// Local date at the repair centre, which the analyses count from.
    pub arrived_on: Option<NaiveDate>,
}

impl From<&Transfer> for TransferView {
    fn from(transfer: &Transfer) -> Self {
        let sent = transfer.forwarded.as_ref();
        Self {
            dock: transfer.dock.code.clone(),
            carrier: sent.map(|sent| sent.carrier.clone()),
            tracking_number: sent.and_then(|sent| sent.tracking_number.clone()),
            forwarded_at: sent.map(|sent| sent.at),
            forwarded_on: sent.map(|sent| sent.on),
            arrived_on: transfer.arrived_on,
        }
    }
}

/// A claim that the unit was delivered to us (T13).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// By the proof, local date at the return site.
    pub delivered_on: NaiveDate,
    pub decide_by: NaiveDate,
    /// The files of the proof; none in claims of older programs.
    pub proofs: Vec<FileView>,
}

impl ClaimView {
    fn of(rma: &Rma) -> Option<Self> {
        let claim = rma.claim.as_ref()?;
        Some(Self {
            delivered_on: claim.delivered_on,
            decide_by: claim.decide_by,
            proofs: claim.proofs.iter().map(|file| FileView::of(file, rma.number)).collect(),
        })
    }
}

/// The carrier's prepaid label of a return that we pay (AMB-26).
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelView {
    /// there or missing.
    #[schema(example = "there")]
    pub state: String,
    pub label: Option<FileView>,
}

impl LabelView {
    fn of(rma: &Rma) -> Option<Self> {
        let state = if rma.label_is_there()? { "there" } else { "missing" };
        let label = rma.return_label.as_ref().map(|file| FileView::of(file, rma.number));
        Some(Self { state: state.to_owned(), label })
    }
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
