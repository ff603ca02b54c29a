//! The commands of the rulebook's Part 4 table, who may give them, and which are judgements.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Role};
use super::tracks::{Exclusion, HoldReason, Repair, ReplacementCondition, WrongUnit};
use super::visit::VisitOutcome;
use crate::domain::ids::{AttachmentId, PartNumber, RmaNumber, SerialNumber};

/// What is asked of one RMA. Amounts are minor units of the currency kept at issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// T2. The diagnosis is waived for a unit on warranty alone.
    Create { diagnosis: Option<String> },
    /// T3.
    Issue {},
    /// T4.
    Hold { reason: HoldReason, note: String },
    /// T4. For a hold on export this records that the check was passed.
    Release { note: String },
    /// T4.
    Deny { reason: String },
    /// T4.
    Cancel { reason: String },
    /// T5.
    Backorder { expected_on: Option<NaiveDate> },
    /// T5. A unit from stock; another part number than the defective one's is a substitute.
    Allocate { serial_number: SerialNumber },
    /// T5.
    Ship { carrier: String, tracking_number: Option<String> },
    /// T6.
    Deliver { signed_by: Option<String> },
    /// T6.
    FailDelivery { reason: String },
    /// T6a.
    EstimateDelivery {},
    /// T7.
    HandOver { carrier: Option<String>, tracking_number: Option<String> },
    /// T8. What the dock read from the unit; none where it was unreadable or the box was empty. The
    /// site is the dock's code; none is the return site's own.
    Receive {
        serial_number: Option<SerialNumber>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<String>,
    },
    /// RCV-3: a unit received at another dock is sent on to the repair centre.
    Forward { carrier: String, tracking_number: Option<String> },
    /// RCV-3: it came to the repair centre.
    ReceiveAtCentre {},
    /// RCV-3: it never came there, and is not at the dock any more.
    LoseInTransfer { reason: String },
    /// T8: the dock turns the box away.
    Refuse { reason: String },
    /// T9.
    Accept {},
    /// T9.
    MarkDiscrepant { reason: String },
    /// T9.
    ResolveDiscrepancy { outcome: WrongUnit },
    /// T9a.
    FindExclusion { exclusion: Exclusion, evidence: String },
    /// T9b.
    ReceiveReplacement { serial_number: SerialNumber, condition: ReplacementCondition },
    /// T10.
    Remind {},
    /// T10.
    FallDue {},
    /// T11.
    Charge { amount_minor: i64, reason: String },
    /// T11.
    Extend { business_days: u32, reason: String },
    /// T11.
    Waive { reason: String },
    /// T12.
    Purchase { purchase_order: String },
    /// T13. The proof of delivery in words, the files of it that are kept with the RMA, and the day it
    /// shows (local date at the return site).
    ClaimDelivery { proof: String, delivered_on: NaiveDate, attachments: Vec<AttachmentId> },
    /// T13. Found: the unit is here, received on the proof's date.
    UpholdClaim { found: bool },
    /// T13.
    RejectClaim { reason: String },
    /// T14.
    Credit { amount_minor: i64, reason: String },
    /// T14.
    KeepCharge { reason: String },
    /// T15. Also the customer's yes to a quote.
    StartRepair {},
    /// T15.
    Quote { amount_minor: i64 },
    /// T15.
    FinishRepair { outcome: Repair },
    /// T16. A repair analysis (ANA-2 to ANA-4).
    RequestAnalysis {},
    /// T16: the vendor's discretion (ANA-3).
    ApproveAnalysis { reason: String },
    /// T16: no repair analysis; or, after its report, no failure analysis.
    DeclineAnalysis { reason: String },
    /// T16: one of the two consents, with the knowledge that the search for a root cause destroys
    /// (ANA-8).
    AgreeFailureAnalysis { accept_destruction: bool },
    /// T16. The day the final report is promised for (ANA-7), local date of the repair centre.
    PostInterimReport { report: String, final_due_on: NaiveDate },
    /// T16: of the repair analysis, or the last of the failure analysis.
    PostFinalReport { report: String, unit_destroyed: bool },
    /// T16: components are missing (ANA-5).
    VoidAnalysis { missing: String },
    /// SVC-5, SVC-8: who comes to the site, and when.
    PlanVisit { engineer: String, at: DateTime<Utc> },
    /// SVC-5, SVC-8: to another time; the same engineer unless another is named.
    MoveVisit { engineer: Option<String>, at: DateTime<Utc>, reason: String },
    /// SVC-5, SVC-8: an engineer was at the site. The reason says why a unit could not be replaced.
    RecordVisit {
        arrived_at: DateTime<Utc>,
        outcome: VisitOutcome,
        engineer: Option<String>,
        reason: Option<String>,
    },
    /// SVC-5, SVC-8: the customer wants nobody to come.
    WithdrawVisit { reason: String },
    /// T17.
    CertifyDestruction { certificate: String },
    /// T19.
    Reopen { reason: String },
    /// T19: ends a reopening that changed nothing; every track is at its end.
    Close {},
    /// T20. The child RMA on the replacement's serial is opened in the same write.
    ReportDeadOnArrival { symptom: String, child: RmaNumber },
    /// T20: the child RMA's unit has been delivered, or the child has ended without one.
    EndDeadOnArrival { child: RmaNumber },
    /// AMB-26: the carrier's label for the way back that we pay is there; given by keeping its file.
    EncloseLabel { attachment: AttachmentId },
    /// AMB-26: the label was a wrong one, and its file is withdrawn.
    WithdrawLabel { reason: String },
    /// AMB-14: a box for this RMA went to the quarantine shelf.
    Quarantine { serial_number: Option<SerialNumber>, reason: String },
}

/// A command with who gives it, when it happened in the world, and where we know it from.
#[derive(Debug, Clone)]
pub struct Order {
    pub command: Command,
    pub actor: Actor,
    pub occurred_at: DateTime<Utc>,
    pub source: String,
}

/// T1, before there is an RMA: everything its first event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub number: RmaNumber,
    pub parent: Option<RmaNumber>,
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub symptom: String,
}

impl Command {
    /// The command's rule in the rulebook.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Create { .. } => "T2",
            Self::Issue {} => "T3",
            Self::Hold { .. } | Self::Release { .. } | Self::Deny { .. } | Self::Cancel { .. } => {
                "T4"
            }
            Self::Backorder { .. } | Self::Allocate { .. } | Self::Ship { .. } => "T5",
            Self::Deliver { .. } | Self::FailDelivery { .. } => "T6",
            Self::EstimateDelivery {} => "T6a",
            Self::HandOver { .. } => "T7",
            Self::Receive { .. } | Self::Refuse { .. } | Self::Quarantine { .. } => "T8",
            Self::EncloseLabel { .. } | Self::WithdrawLabel { .. } => "AMB-26",
            Self::Forward { .. } | Self::ReceiveAtCentre {} | Self::LoseInTransfer { .. } => {
                "RCV-3"
            }
            Self::Accept {} | Self::MarkDiscrepant { .. } | Self::ResolveDiscrepancy { .. } => "T9",
            Self::FindExclusion { .. } => "T9a",
            Self::ReceiveReplacement { .. } => "T9b",
            Self::Remind {} | Self::FallDue {} => "T10",
            Self::Charge { .. } | Self::Extend { .. } | Self::Waive { .. } => "T11",
            Self::Purchase { .. } => "T12",
            Self::ClaimDelivery { .. } | Self::UpholdClaim { .. } | Self::RejectClaim { .. } => {
                "T13"
            }
            Self::Credit { .. } | Self::KeepCharge { .. } => "T14",
            Self::StartRepair {} | Self::Quote { .. } | Self::FinishRepair { .. } => "T15",
            Self::RequestAnalysis {}
            | Self::ApproveAnalysis { .. }
            | Self::DeclineAnalysis { .. }
            | Self::AgreeFailureAnalysis { .. }
            | Self::PostInterimReport { .. }
            | Self::PostFinalReport { .. }
            | Self::VoidAnalysis { .. } => "T16",
            Self::PlanVisit { .. }
            | Self::MoveVisit { .. }
            | Self::RecordVisit { .. }
            | Self::WithdrawVisit { .. } => "SVC-5",
            Self::CertifyDestruction { .. } => "T17",
            Self::Reopen { .. } | Self::Close {} => "T19",
            Self::ReportDeadOnArrival { .. } | Self::EndDeadOnArrival { .. } => "T20",
        }
    }

    /// Judgements are made on a version of the RMA and lose to a newer one; everything else is a
    /// physical fact, which no newer version can undo.
    pub fn is_judgement(&self) -> bool {
        matches!(
            self,
            Self::Create { .. }
                | Self::Issue {}
                | Self::Hold { .. }
                | Self::Release { .. }
                | Self::Deny { .. }
                | Self::Cancel { .. }
                | Self::Charge { .. }
                | Self::Extend { .. }
                | Self::Waive { .. }
                | Self::Purchase { .. }
                | Self::LoseInTransfer { .. }
                | Self::UpholdClaim { .. }
                | Self::RejectClaim { .. }
                | Self::Credit { .. }
                | Self::KeepCharge { .. }
                | Self::Quote { .. }
                | Self::ApproveAnalysis { .. }
                | Self::DeclineAnalysis { .. }
                | Self::AgreeFailureAnalysis { .. }
                | Self::PlanVisit { .. }
                | Self::MoveVisit { .. }
                | Self::WithdrawVisit { .. }
                | Self::Reopen { .. }
                | Self::Close {}
        )
    }

    /// Who may give the command: the "who" column of the table. An administrator may give any that
    /// is not the clock's own.
    pub fn permits(&self, role: Role) -> bool {
        use Role::*;
        let roles: &[Role] = match self {
            Self::Create { .. } => &[Engineer, Questionnaire],
            Self::Issue {} | Self::Hold { .. } | Self::Release { .. } | Self::Deny { .. } => {
                &[Logistics, LogisticsLead]
            }
            Self::Cancel { .. } => &[Logistics, LogisticsLead, Customer, AccountAdmin, Partner],
            Self::Backorder { .. } | Self::Allocate { .. } => &[Depot, Logistics, LogisticsLead],
            Self::Ship { .. } => &[Depot, Repair, Logistics, LogisticsLead],
            Self::EncloseLabel { .. } => &[Depot, Logistics, LogisticsLead],
            Self::WithdrawLabel { .. } => &[Logistics, LogisticsLead],
            Self::Deliver { .. } | Self::FailDelivery { .. } => {
                &[Carrier, Logistics, LogisticsLead]
            }
            Self::EstimateDelivery {}
            | Self::Remind {}
            | Self::FallDue {}
            | Self::EndDeadOnArrival { .. } => return role == Clock,
            Self::HandOver { .. } => &[Customer, AccountAdmin, Partner, Carrier],
            Self::Receive { .. } | Self::Refuse { .. } | Self::Quarantine { .. } => {
                &[Dock, Inspector]
            }
            Self::Forward { .. } => &[Dock, Inspector, Logistics, LogisticsLead],
            Self::ReceiveAtCentre {} => &[Dock, Inspector, Repair],
            Self::ReceiveReplacement { .. } => &[Dock, Inspector, Depot],
            Self::Accept {} | Self::MarkDiscrepant { .. } | Self::ResolveDiscrepancy { .. } => {
                &[Inspector]
            }
            Self::FindExclusion { .. } => &[Inspector, Repair],
            Self::Charge { .. }
            | Self::Extend { .. }
            | Self::Waive { .. }
            | Self::Credit { .. }
            | Self::KeepCharge { .. } => &[Finance],
            Self::Purchase { .. } => &[Customer, AccountAdmin, Partner, Finance],
            Self::ClaimDelivery { .. } => &[Customer, AccountAdmin, Partner],
            Self::UpholdClaim { .. } | Self::RejectClaim { .. } | Self::LoseInTransfer { .. } => {
                &[Logistics, LogisticsLead]
            }
            Self::StartRepair {} | Self::Quote { .. } | Self::FinishRepair { .. } => &[Repair],
            Self::RequestAnalysis {} | Self::DeclineAnalysis { .. } => {
                &[Customer, AccountAdmin, Partner, Engineer, Repair]
            }
            Self::ApproveAnalysis { .. } => &[Engineer, Repair],
            Self::AgreeFailureAnalysis { .. } => &[Customer, AccountAdmin, Partner, Engineer],
            Self::PostInterimReport { .. } | Self::PostFinalReport { .. } => &[Repair],
            Self::VoidAnalysis { .. } => &[Inspector, Repair],
            Self::CertifyDestruction { .. } => {
                &[Customer, AccountAdmin, Partner, Logistics, LogisticsLead]
            }
            Self::PlanVisit { .. }
            | Self::MoveVisit { .. }
            | Self::RecordVisit { .. }
            | Self::WithdrawVisit { .. } => &[Logistics, LogisticsLead],
            Self::Reopen { .. } | Self::Close {} => &[LogisticsLead],
            Self::ReportDeadOnArrival { .. } => &[Customer, AccountAdmin, Partner, Dock, Inspector],
        };
        roles.contains(&role) || role == Administrator
    }
}
