//! What happened to an RMA. An event carries every result it was decided with (dates, prices,
//! places), so that folding needs no calendar, no price list and no policy.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::tracks::{
    Exclusion, HoldReason, Inbound, Mode, Party, Repair, ReplacementCondition, VoidCause, WrongUnit,
};
use super::visit::VisitOutcome;
use crate::domain::analysis::{AnalysisDue, Report};
use crate::domain::attachment::FileRef;
use crate::domain::calendar::CalendarCode;
use crate::domain::carriage::Carriage;
use crate::domain::entitlement::Entitlement;
use crate::domain::ids::{CaseNumber, Manufacturer, PartNumber, RmaNumber, SerialNumber, SiteId};
use crate::domain::money::Money;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::return_window::DueDate;
use crate::domain::zone::Zone;

/// A site as it was when the RMA was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTerms {
    pub id: SiteId,
    pub code: String,
    pub name: String,
    pub country: String,
    pub zone: Zone,
    pub calendar: CalendarCode,
}

/// The depot a replacement leaves from, and until when an order counts as that day's (AMB-6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchTerms {
    pub depot: SiteTerms,
    /// Local time at the depot.
    pub cut_off: NaiveTime,
    /// The depot's own; else the programme's.
    pub own_cut_off: bool,
}

impl Terms {
    /// The depot's zone; the ship-to site's in terms that do not name the depot.
    pub fn depot_zone(&self) -> Zone {
        self.dispatch.as_ref().map_or(self.ship_to.zone, |dispatch| dispatch.depot.zone)
    }
}

/// Everything kept at issue (T3): terms that later imports and policies cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub mode: Mode,
    pub entitlement: Entitlement,
    pub list_price: Money,
    pub bill_to: String,
    pub programme: String,
    /// Local date of issue at the ship-to site.
    pub issued_on: NaiveDate,
    pub ship_to: SiteTerms,
    pub return_site: SiteTerms,
    pub replacement_due: Option<ReplacementDue>,
    /// What an advance replacement's promise was counted by; absent in terms of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<DispatchTerms>,
    /// Who pays carriage (WAR-6, AMB-26); absent in terms of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carriage: Option<Carriage>,
    /// `awaiting`, or why nothing is asked back (RMA-12).
    pub inbound: Inbound,
}

/// A dock that took a unit in and is not the RMA's return site (RCV-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockTerms {
    pub code: String,
    pub name: String,
    pub zone: Zone,
}

/// When the repaired unit must leave the bench (WAR-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairDue {
    pub due_on: NaiveDate,
    pub received_on: NaiveDate,
    pub calendar: CalendarCode,
}

/// Why a window was moved or stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A proof of delivery replaced an estimate.
    ProofOfDelivery,
    Extension,
    Claim,
    Dock,
    DeadOnArrival,
}

/// One event of an RMA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Requested {
        number: RmaNumber,
        case_number: CaseNumber,
        manufacturer: Manufacturer,
        serial_number: SerialNumber,
        part_number: PartNumber,
        account: String,
        parent: Option<RmaNumber>,
        symptom: String,
    },
    Created {
        diagnosis: Option<String>,
    },
    Held {
        reason: HoldReason,
        note: String,
        /// Put by a person (T4) and ended by a release alone; an issue puts and lifts its own (T3).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    },
    Released {
        note: String,
    },
    Denied {
        reason: String,
    },
    Cancelled {
        reason: String,
    },
    Issued {
        terms: Box<Terms>,
    },
    Backordered {
        expected_on: Option<NaiveDate>,
    },
    Allocated {
        serial_number: SerialNumber,
        part_number: PartNumber,
        substitute: bool,
    },
    Shipped {
        serial_number: SerialNumber,
        part_number: PartNumber,
        carrier: String,
        tracking_number: Option<String>,
        /// Local date at the ship-to site.
        shipped_on: NaiveDate,
        /// The last day a proof of delivery is waited for (T6a).
        estimate_after: NaiveDate,
    },
    Delivered {
        signed_by: Option<String>,
        delivered_on: NaiveDate,
    },
    DeliveryFailed {
        reason: String,
    },
    DeliveryEstimated {
        delivered_on: NaiveDate,
    },
    /// The customer now owes the unit by this date. On a return to factory the date informs only.
    WindowOpened {
        due: DueDate,
    },
    WindowMoved {
        due: DueDate,
        cause: Cause,
    },
    WindowPaused {
        since: NaiveDate,
        cause: Cause,
    },
    WindowResumed {
        due: DueDate,
        cause: Cause,
    },
    HandedOver {
        carrier: Option<String>,
        tracking_number: Option<String>,
    },
    Received {
        serial_number: Option<SerialNumber>,
        /// Local date where it was received.
        received_on: NaiveDate,
        repair_due: Option<RepairDue>,
        /// None at the return site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dock: Option<DockTerms>,
    },
    /// RCV-3.
    Forwarded {
        carrier: String,
        tracking_number: Option<String>,
        /// Local date at the dock it left.
        forwarded_on: NaiveDate,
    },
    /// RCV-3.
    ReceivedAtCentre {
        /// Local date at the repair centre.
        arrived_on: NaiveDate,
    },
    /// RCV-3.
    LostInTransfer {
        reason: String,
    },
    RefusedAtDock {
        reason: String,
    },
    Accepted {},
    FoundDiscrepant {
        reason: String,
    },
    DiscrepancyResolved {
        outcome: WrongUnit,
    },
    ExclusionFound {
        exclusion: Exclusion,
        evidence: String,
    },
    ReplacementReturned {
        serial_number: SerialNumber,
        condition: ReplacementCondition,
    },
    Reminded {
        due_on: NaiveDate,
        business_days_left: i64,
        through: NaiveDate,
    },
    FellDue {
        due_on: NaiveDate,
    },
    /// The window moved past today: the review is withdrawn and the unit owed as before.
    ExposedAgain {},
    /// A credited charge leaves the unit still owed past its window.
    ReviewOpened {},
    Charged {
        amount: Money,
        reason: String,
    },
    Extended {
        business_days: u32,
        reason: String,
    },
    Waived {
        reason: String,
    },
    Purchased {
        purchase_order: String,
    },
    DeliveryClaimed {
        proof: String,
        delivered_on: NaiveDate,
        decide_by: NaiveDate,
        /// The files of the proof; none in events of older programs.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<FileRef>,
    },
    /// AMB-26: the label of the return is there.
    LabelEnclosed {
        label: FileRef,
    },
    LabelWithdrawn {
        reason: String,
    },
    ClaimUpheld {
        found: bool,
    },
    ClaimRejected {
        reason: String,
    },
    CreditReviewOpened {
        cause: String,
    },
    Credited {
        amount: Money,
        reason: String,
    },
    ChargeKept {
        reason: String,
    },
    ExposureCleared {
        cause: String,
    },
    RepairQueued {},
    RepairStarted {},
    Quoted {
        amount: Money,
    },
    RepairFinished {
        outcome: Repair,
        /// Last covered day of the unit that goes back.
        cover_through_on: Option<NaiveDate>,
    },
    AnalysisRequested {
        /// Local date at the ship-to site.
        requested_on: NaiveDate,
        /// The rule it was let in by.
        rule: String,
        /// Only at the vendor's discretion (ANA-3).
        approval_needed: bool,
    },
    AnalysisApproved {
        reason: String,
    },
    AnalysisDeclined {
        reason: String,
    },
    RepairAnalysisStarted {
        due: AnalysisDue,
    },
    FailureAnalysisAgreed {
        by: Party,
    },
    FailureAnalysisStarted {
        due: AnalysisDue,
    },
    ReportPosted {
        report: Report,
        text: String,
        /// The analysis took the unit apart for good.
        unit_destroyed: bool,
        /// The report after this one, where one follows.
        next_due: Option<AnalysisDue>,
    },
    AnalysisVoided {
        cause: VoidCause,
        reason: String,
    },
    DestructionCertified {
        certificate: String,
    },
    /// SVC-5, SVC-8: an engineer is owed at the site by then.
    VisitPromised {
        due: ReplacementDue,
    },
    VisitPlanned {
        engineer: String,
        at: DateTime<Utc>,
    },
    VisitMoved {
        engineer: String,
        at: DateTime<Utc>,
        reason: String,
    },
    VisitRecorded {
        engineer: String,
        arrived_at: DateTime<Utc>,
        outcome: VisitOutcome,
        reason: Option<String>,
    },
    /// The customer wants none.
    VisitWithdrawn {
        reason: String,
    },
    /// The RMA ended before it, or its replacement was dead on arrival.
    VisitVoided {
        reason: String,
        /// None where none was planned, and nobody needs to be told.
        planned_for: Option<DateTime<Utc>>,
    },
    DeadOnArrivalReported {
        symptom: String,
        child: RmaNumber,
    },
    DeadOnArrivalEnded {
        child: RmaNumber,
    },
    Quarantined {
        serial_number: Option<SerialNumber>,
        reason: String,
    },
    Closed {},
    Reopened {
        reason: String,
    },
}

/// Who, when, when we learned it, and from where: the same for every event of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub actor: Actor,
    pub source: String,
}

/// An event with its place in its RMA's history; sequences start at 1 and have no gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub sequence: i64,
    pub stamp: Stamp,
    pub event: Event,
}

impl Event {
    /// The files it names.
    pub fn files(&self) -> &[FileRef] {
        match self {
            Self::DeliveryClaimed { attachments, .. } => attachments,
            Self::LabelEnclosed { label } => std::slice::from_ref(label),
            _ => &[],
        }
    }

    /// The event's kind as stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::Created { .. } => "created",
            Self::Held { .. } => "held",
            Self::Released { .. } => "released",
            Self::Denied { .. } => "denied",
            Self::Cancelled { .. } => "cancelled",
            Self::Issued { .. } => "issued",
            Self::Backordered { .. } => "backordered",
            Self::Allocated { .. } => "allocated",
            Self::Shipped { .. } => "shipped",
            Self::Delivered { .. } => "delivered",
            Self::DeliveryFailed { .. } => "delivery_failed",
            Self::DeliveryEstimated { .. } => "delivery_estimated",
            Self::WindowOpened { .. } => "window_opened",
            Self::WindowMoved { .. } => "window_moved",
            Self::WindowPaused { .. } => "window_paused",
            Self::WindowResumed { .. } => "window_resumed",
            Self::HandedOver { .. } => "handed_over",
            Self::Received { .. } => "received",
            Self::Forwarded { .. } => "forwarded",
            Self::ReceivedAtCentre { .. } => "received_at_centre",
            Self::LostInTransfer { .. } => "lost_in_transfer",
            Self::RefusedAtDock { .. } => "refused_at_dock",
            Self::Accepted {} => "accepted",
            Self::FoundDiscrepant { .. } => "found_discrepant",
            Self::DiscrepancyResolved { .. } => "discrepancy_resolved",
            Self::ExclusionFound { .. } => "exclusion_found",
            Self::ReplacementReturned { .. } => "replacement_returned",
            Self::Reminded { .. } => "reminded",
            Self::FellDue { .. } => "fell_due",
            Self::ExposedAgain {} => "exposed_again",
            Self::ReviewOpened {} => "review_opened",
            Self::Charged { .. } => "charged",
            Self::Extended { .. } => "extended",
            Self::Waived { .. } => "waived",
            Self::Purchased { .. } => "purchased",
            Self::DeliveryClaimed { .. } => "delivery_claimed",
            Self::LabelEnclosed { .. } => "label_enclosed",
            Self::LabelWithdrawn { .. } => "label_withdrawn",
            Self::ClaimUpheld { .. } => "claim_upheld",
            Self::ClaimRejected { .. } => "claim_rejected",
            Self::CreditReviewOpened { .. } => "credit_review_opened",
            Self::Credited { .. } => "credited",
            Self::ChargeKept { .. } => "charge_kept",
            Self::ExposureCleared { .. } => "exposure_cleared",
            Self::RepairQueued {} => "repair_queued",
            Self::RepairStarted {} => "repair_started",
            Self::Quoted { .. } => "quoted",
            Self::RepairFinished { .. } => "repair_finished",
            Self::AnalysisRequested { .. } => "analysis_requested",
            Self::AnalysisApproved { .. } => "analysis_approved",
            Self::AnalysisDeclined { .. } => "analysis_declined",
            Self::RepairAnalysisStarted { .. } => "repair_analysis_started",
            Self::FailureAnalysisAgreed { .. } => "failure_analysis_agreed",
            Self::FailureAnalysisStarted { .. } => "failure_analysis_started",
            Self::ReportPosted { .. } => "report_posted",
            Self::AnalysisVoided { .. } => "analysis_voided",
            Self::DestructionCertified { .. } => "destruction_certified",
            Self::VisitPromised { .. } => "visit_promised",
            Self::VisitPlanned { .. } => "visit_planned",
            Self::VisitMoved { .. } => "visit_moved",
            Self::VisitRecorded { .. } => "visit_recorded",
            Self::VisitWithdrawn { .. } => "visit_withdrawn",
            Self::VisitVoided { .. } => "visit_voided",
            Self::DeadOnArrivalReported { .. } => "dead_on_arrival_reported",
            Self::DeadOnArrivalEnded { .. } => "dead_on_arrival_ended",
            Self::Quarantined { .. } => "quarantined",
            Self::Closed {} => "closed",
            Self::Reopened { .. } => "reopened",
        }
    }
}
