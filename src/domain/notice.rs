//! Which event calls for which message (NTF-1 to NTF-3). What a message says is rendered later, from
//! the RMA as it stands; what it must say of its own event is kept with it.

use serde_json::{Value, json};

use super::rma::tracks::VoidCause;
use super::rma::{Event, Rma};
use crate::words;

words! {
    /// The messages of an RMA's life.
    NoticeKind("kind of notice") {
        Acknowledgement = "acknowledgement",
        /// NTF-1, with the non-return notice, or with none where nothing is asked back.
        Issued = "issued",
        Held = "held",
        Denied = "denied",
        Cancelled = "cancelled",
        Shipped = "shipped",
        /// NTF-3, with the survey.
        Delivered = "delivered",
        Reminder = "reminder",
        Received = "received",
        Discrepancy = "discrepancy",
        DueDateMoved = "due_date_moved",
        Charged = "charged",
        Credited = "credited",
        Waived = "waived",
        /// The customer keeps the unit, and the RMA ends (RET-4).
        Purchased = "purchased",
        ClaimDecided = "claim_decided",
        /// What we received was lost on its way to the repair centre.
        LostByUs = "lost_by_us",
        Quoted = "quoted",
        AnalysisStarted = "analysis_started",
        /// A report of an analysis is on the RMA.
        AnalysisReport = "analysis_report",
        /// An analysis was declined, or is void.
        AnalysisEnded = "analysis_ended",
        /// SVC-5, SVC-8: an engineer comes.
        VisitPlanned = "visit_planned",
        VisitMoved = "visit_moved",
        /// An engineer was at the site.
        VisitRecorded = "visit_recorded",
        /// Nobody comes, though somebody was to.
        VisitEnded = "visit_ended",
        Closed = "closed",
        /// The prepaid label of the return, where the replacement left without it (AMB-26).
        ReturnLabel = "return_label",
        /// Customer care answered a request for faster progress (CASE-5); no event calls for it.
        ProgressAnswered = "progress_answered",
    }
}

/// The notice an event calls for, with what only the event knows; none for the events that concern
/// nobody outside.
pub fn notice(event: &Event, after: &Rma) -> Option<(NoticeKind, Value)> {
    use NoticeKind::*;
    let due_on = after.due.as_ref().map(|due| due.due_on);
    let said = match event {
        Event::Requested { symptom, .. } => (Acknowledgement, json!({ "symptom": symptom })),
        Event::Issued { terms } => (
            Issued,
            json!({
                "mode": terms.mode,
                "asked_back": terms.inbound.is_owed(),
                "list_price": terms.list_price.to_string(),
                "replacement_due": terms.replacement_due,
                "visit_due": after.visit.due,
            }),
        ),
        Event::Held { reason, note, .. } => (Held, json!({ "reason": reason, "remedy": note })),
        Event::Denied { reason } => (Denied, json!({ "reason": reason })),
        Event::Cancelled { reason } => (Cancelled, json!({ "reason": reason })),
        Event::Shipped { serial_number, carrier, tracking_number, .. } => (
            Shipped,
            json!({ "serial_number": serial_number, "carrier": carrier, "tracking": tracking_number }),
        ),
        Event::Delivered { delivered_on, signed_by } => {
            (Delivered, json!({ "delivered_on": delivered_on, "signed_by": signed_by }))
        }
        Event::Reminded { due_on, business_days_left, .. } => {
            (Reminder, json!({ "due_on": due_on, "business_days_left": business_days_left }))
        }
        // A wrong unit is told as a discrepancy, not as a receipt.
        Event::Received { serial_number, received_on, .. }
            if serial_number.as_ref() == Some(&after.serial_number) =>
        {
            (Received, json!({ "received_on": received_on }))
        }
        Event::FoundDiscrepant { reason } => {
            (Discrepancy, json!({ "reason": reason, "due_on": due_on }))
        }
        Event::Extended { business_days, .. } => {
            (DueDateMoved, json!({ "business_days": business_days, "due_on": due_on }))
        }
        Event::Charged { amount, reason } => {
            (Charged, json!({ "amount": amount.to_string(), "reason": reason }))
        }
        Event::Credited { amount, reason } => {
            (Credited, json!({ "amount": amount.to_string(), "reason": reason }))
        }
        Event::Purchased { purchase_order } => {
            (Purchased, json!({ "purchase_order": purchase_order }))
        }
        Event::Waived { reason } => (Waived, json!({ "reason": reason })),
        Event::LostInTransfer { .. } => (LostByUs, json!({})),
        Event::ClaimUpheld { found } => (ClaimDecided, json!({ "upheld": true, "found": found })),
        Event::ClaimRejected { reason } => {
            (ClaimDecided, json!({ "upheld": false, "reason": reason, "due_on": due_on }))
        }
        Event::Quoted { amount } => (Quoted, json!({ "amount": amount.to_string() })),
        Event::RepairAnalysisStarted { due } => {
            (AnalysisStarted, json!({ "analysis": "ra", "due_on": due.due_on }))
        }
        Event::FailureAnalysisStarted { due } => {
            (AnalysisStarted, json!({ "analysis": "fa", "due_on": due.due_on }))
        }
        Event::ReportPosted { report, text, unit_destroyed, next_due } => (
            AnalysisReport,
            json!({
                "report": report, "text": text, "unit_destroyed": unit_destroyed,
                "due_on": next_due.as_ref().map(|due| due.due_on),
            }),
        ),
        // What is declined after a report is the failure analysis.
        Event::AnalysisDeclined { reason } => {
            let analysis = if after.analysis_file.reports.is_empty() { "ra" } else { "fa" };
            (AnalysisEnded, json!({ "analysis": analysis, "void": false, "reason": reason }))
        }
        // Where no unit is to come the customer is told that by the notice of what ended it.
        Event::AnalysisVoided { cause: VoidCause::ComponentsMissing, reason } => {
            (AnalysisEnded, json!({ "void": true, "reason": reason }))
        }
        Event::VisitPlanned { engineer, at } => {
            (VisitPlanned, json!({ "engineer": engineer, "at": at }))
        }
        Event::VisitMoved { engineer, at, reason } => {
            (VisitMoved, json!({ "engineer": engineer, "at": at, "reason": reason }))
        }
        Event::VisitRecorded { engineer, arrived_at, outcome, reason } => (
            VisitRecorded,
            json!({
                "engineer": engineer, "at": arrived_at, "outcome": outcome, "reason": reason,
            }),
        ),
        Event::VisitWithdrawn { reason } => {
            (VisitEnded, json!({ "declined": true, "reason": reason }))
        }
        // Who was told of no plan is not told of its end.
        Event::VisitVoided { planned_for: Some(at), .. } => {
            // T20: where the engineer comes instead, if that is why.
            let child = after.dead_on_arrival.map(|child| child.to_string());
            (VisitEnded, json!({ "at": at, "child": child }))
        }
        // Before that it goes with the notice of shipping.
        Event::LabelEnclosed { .. } if after.has_shipped() => (ReturnLabel, json!({})),
        Event::Closed {} => (Closed, json!({})),
        _ => return None,
    };
    Some(said)
}
