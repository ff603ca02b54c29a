//! What the words of the house are called on pages.

use crate::domain::explain::Subject;
use crate::domain::rma::Actor;
use crate::domain::rma::tracks::{
    Analysis, Authorisation, Exposure, HoldReason, Inbound, Outbound, Repair,
};

/// A word of several parts, as people write it.
pub fn spaced(word: &str) -> String {
    let spaced = word.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Who acted: the role, and by which name.
pub fn actor(text: &str) -> String {
    match text.parse::<Actor>() {
        Ok(actor) if actor.name == actor.role.as_str() => spaced(actor.role.as_str()),
        Ok(actor) => format!("{}, {}", spaced(actor.role.as_str()), actor.name),
        Err(_) => text.to_owned(),
    }
}

pub fn case_kind(word: &str) -> String {
    if word == "rma" { "Hardware failure".to_owned() } else { "Technical question".to_owned() }
}

/// The words of stages (AMB-18), in the order of an RMA's life.
pub const STAGES: &[&str] = &[
    "requested",
    "created",
    "on_hold",
    "denied",
    "cancelled",
    "preparing",
    "backordered",
    "shipped",
    "failed",
    "awaiting",
    "in_transit",
    "refused",
    "delivery_claimed",
    "discrepant",
    "inspection",
    "repair",
    "in_review",
    "credit_review",
    "settling",
    "closed",
];

/// What a stage is called, and how it is coloured beside its words.
pub fn stage(word: &str) -> (String, &'static str) {
    let (label, tone) = match word {
        "requested" => ("Requested", "calm"),
        "created" => ("Being checked", "calm"),
        "on_hold" => ("On hold", "warn"),
        "preparing" => ("Preparing replacement", "calm"),
        "backordered" => ("Waiting for stock", "warn"),
        "shipped" => ("Shipped", "busy"),
        "failed" => ("Delivery failed", "bad"),
        "awaiting" => ("Unit to come back", "busy"),
        "in_transit" => ("Unit on its way back", "busy"),
        "refused" => ("Refused at the dock", "bad"),
        "delivery_claimed" => ("Delivery claimed", "warn"),
        "discrepant" => ("Another unit came", "bad"),
        "inspection" => ("In inspection", "busy"),
        "repair" => ("In repair", "busy"),
        "in_review" => ("Charge under review", "warn"),
        "credit_review" => ("Credit under review", "warn"),
        "settling" => ("Settling", "calm"),
        "closed" => ("Closed", "done"),
        "denied" => ("Denied", "done"),
        "cancelled" => ("Cancelled", "done"),
        other => return (spaced(other), "calm"),
    };
    (label.to_owned(), tone)
}

/// What a hold waits for (T4).
pub fn hold(reason: Option<&str>) -> &'static str {
    match reason.and_then(|word| word.parse().ok()) {
        Some(HoldReason::Entitlement) => "it is checked what the unit is entitled to",
        Some(HoldReason::Registration) => "the unit is not registered yet",
        Some(HoldReason::Export) => "the export is checked",
        Some(HoldReason::Information) => "information is missing",
        Some(HoldReason::Price) => "the list price is missing",
        None => "something is checked",
    }
}

/// A track's state in a sentence, and how it is coloured beside it.
pub type Said = (&'static str, &'static str);

pub fn authorisation(state: Authorisation) -> Said {
    match state {
        Authorisation::Requested => ("Asked for, and not confirmed yet.", "calm"),
        Authorisation::Created => {
            ("The failure is confirmed; the entitlement is being checked.", "calm")
        }
        Authorisation::OnHold => ("It waits until a check is done.", "warn"),
        Authorisation::Issued => ("The RMA is confirmed.", "done"),
        Authorisation::Denied => ("There is no RMA for this failure.", "done"),
        Authorisation::Cancelled => ("It was called off.", "done"),
    }
}

pub fn outbound(state: Outbound) -> Said {
    match state {
        Outbound::None => ("Nothing is on its way to the customer.", "none"),
        Outbound::Backordered => ("A replacement is waited for: there is none in stock.", "warn"),
        Outbound::Allocated => ("A unit is set aside and about to leave.", "calm"),
        Outbound::Shipped => ("It has left and is on its way.", "busy"),
        Outbound::Failed => ("The delivery failed; it is sent again.", "bad"),
        Outbound::Delivered => ("It has arrived.", "done"),
        Outbound::Returned => ("The replacement came back.", "done"),
    }
}

pub fn inbound(state: Inbound) -> Said {
    match state {
        Inbound::NotExpected => ("Nothing is to be sent back.", "none"),
        Inbound::Awaiting => ("The defective unit is to come back.", "busy"),
        Inbound::InTransit => ("The defective unit is on its way back.", "busy"),
        Inbound::Received => ("It has come and is being inspected.", "busy"),
        Inbound::Accepted => ("It has come and is the right one.", "done"),
        Inbound::Discrepant => ("What came is not the unit that was expected.", "bad"),
        Inbound::Refused => ("The box was refused at the dock.", "bad"),
        Inbound::DeliveryClaimed => {
            ("It is said to have been delivered; that is looked into.", "warn")
        }
        Inbound::NotRequiredDestroyed => {
            ("It need not come back: it is destroyed on site.", "done")
        }
        Inbound::NotRequiredCountry => ("It need not come back from this country.", "done"),
        Inbound::NotRequiredMediaRetained => {
            ("It need not come back: the customer keeps the media.", "done")
        }
        Inbound::LostByUs => ("It was delivered and lost with us; nothing is owed for it.", "done"),
    }
}

pub fn repair(state: Repair) -> Said {
    match state {
        Repair::None => ("No repair is part of this RMA.", "none"),
        Repair::Queued => ("It waits for the bench.", "calm"),
        Repair::InRepair => ("It is on the bench.", "busy"),
        Repair::AwaitingQuote => {
            ("The repair costs something; the quote waits for an answer.", "warn")
        }
        Repair::Repaired => ("It is repaired.", "done"),
        Repair::NoFaultFound => ("No fault was found.", "done"),
        Repair::Replaced => ("It is replaced instead of repaired.", "done"),
        Repair::Scrapped => ("It could not be repaired and is scrapped.", "done"),
        Repair::ReturnedUnrepaired => ("It goes back unrepaired.", "done"),
    }
}

pub fn analysis(state: Analysis) -> Said {
    match state {
        Analysis::None => ("No analysis was asked for.", "none"),
        Analysis::Requested => ("An analysis is asked for.", "calm"),
        Analysis::InRepairAnalysis => ("The repair analysis is under way.", "busy"),
        Analysis::InFailureAnalysis => ("The failure analysis is under way.", "busy"),
        Analysis::Reported => ("The report is there.", "done"),
        Analysis::Void => ("There is nothing to analyse any more.", "done"),
        Analysis::Declined => ("The analysis was declined.", "done"),
    }
}

pub fn exposure(state: Exposure) -> Said {
    match state {
        Exposure::None => ("No charge hangs on the return.", "none"),
        Exposure::Exposed => ("The unit is owed until it is back.", "busy"),
        Exposure::InReview => ("Finance decides whether the unit is charged.", "warn"),
        Exposure::Charged => ("The unit was charged.", "bad"),
        Exposure::CreditReview => ("Finance decides whether the charge is credited.", "warn"),
        Exposure::Credited => ("The charge was credited.", "done"),
        Exposure::Waived => ("Nothing is charged.", "done"),
        Exposure::Purchased => ("The unit was bought.", "done"),
        Exposure::Cleared => ("The unit is back; nothing is owed.", "done"),
    }
}

/// What a date is about.
pub fn subject(what: Subject) -> &'static str {
    match what {
        Subject::ReturnWindow => "Unit due back",
        Subject::Warranty => "Warranty",
        Subject::Entitlement => "Entitlement",
        Subject::Carriage => "Carriage",
        Subject::Replacement => "Replacement",
        Subject::Visit => "Engineer at the site",
        Subject::Repair => "Repair",
        Subject::Analysis => "Report of the analysis",
        Subject::RaEligibility => "Repair analysis",
        Subject::DeliveryEstimate => "Proof of delivery",
        Subject::Claim => "Claim of delivery",
        Subject::Cover => "Cover of the unit",
        Subject::DeadOnArrival => "Dead on arrival",
        Subject::Reopening => "Reopening",
    }
}

/// What happened, by an event's kind.
pub fn event(kind: &str) -> String {
    let said = match kind {
        "requested" => "The RMA was requested",
        "created" => "The failure was confirmed",
        "held" => "Put on hold",
        "released" => "Released from the hold",
        "denied" => "Denied",
        "cancelled" => "Cancelled",
        "issued" => "The RMA was confirmed",
        "backordered" => "Waiting for stock",
        "allocated" => "A unit was set aside",
        "shipped" => "Shipped to the customer",
        "delivered" => "Delivered to the customer",
        "delivery_estimated" => "Taken as delivered: no proof has come",
        "window_opened" => "The time for the return began",
        "window_moved" => "The due date moved",
        "window_paused" => "The time for the return stands still",
        "window_resumed" => "The time for the return runs on",
        "handed_over" => "The defective unit was handed to the carrier",
        "received" => "The defective unit was received",
        "forwarded" => "Sent on to the repair centre",
        "received_at_centre" => "Received at the repair centre",
        "lost_in_transfer" => "Lost on the way to the repair centre",
        "accepted" => "Inspected and accepted",
        "found_discrepant" => "Another unit was in the box",
        "discrepancy_resolved" => "It was settled what becomes of the other unit",
        "exclusion_found" => "The fault is not covered",
        "replacement_returned" => "The replacement came back",
        "reminded" => "A reminder was sent",
        "fell_due" => "The due date passed",
        "exposed_again" => "The unit is owed again",
        "review_opened" => "Finance was asked to decide",
        "extended" => "More time was given",
        "delivery_claimed" => "Said to have been delivered to us",
        "label_enclosed" => "The prepaid return label is there",
        "label_withdrawn" => "The return label was taken back",
        "claim_upheld" => "The claim of delivery was found right",
        "claim_rejected" => "The claim of delivery was found wrong",
        "credit_review_opened" => "Finance was asked about a credit",
        "charge_kept" => "The charge stays",
        "exposure_cleared" => "Nothing is owed any more",
        "repair_queued" => "In the queue for repair",
        "quoted" => "A quote was made for the repair",
        "analysis_voided" => "There is nothing to analyse any more",
        "report_posted" => "A report of the analysis is there",
        "destruction_certified" => "The destruction was certified",
        "dead_on_arrival_reported" => "The replacement was dead on arrival",
        "dead_on_arrival_ended" => "The report of dead on arrival came to its end",
        "quarantined" => "Put on the quarantine shelf",
        other => return spaced(other),
    };
    said.to_owned()
}
