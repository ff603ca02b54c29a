//! From the request to the delivery of the replacement.

use chrono::{DateTime, Utc};

use super::{Content, because, begin, survey};
use crate::domain::carriage::Carriage;
use crate::domain::explain::long;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::tracks::Mode;
use crate::mail::notice::Notice;

pub(super) fn acknowledgement(n: &Notice) -> Content {
    begin(n, "we have your request")
        .says(
            "We have your request and are looking at it. The RMA number is yours from now on; it is \
             not yet an authority to send anything.",
        )
        .next("Please keep the unit where it is until we confirm the RMA.")
        .next(format!("Have anything to add? Answer this message and keep {} in it.", n.rma_number))
        .fact("Symptom", n.text("symptom"))
}

/// NTF-1.
pub(super) fn issued(n: &Notice) -> Content {
    let advance = n.mode == Some(Mode::AdvanceReplacement);
    let mut content = begin(n, "confirmed").says(if advance {
        "Your RMA is confirmed. We are sending you a replacement."
    } else {
        "Your RMA is confirmed. Please send us the unit: we repair or replace it and send it back."
    });
    if let Some(promise) = promise(n, "replacement_due") {
        content = content.fact("Replacement", promise);
    }
    if let Some(promise) = promise(n, "visit_due") {
        content = content
            .fact("Our engineer", promise)
            .says("An engineer of ours comes to replace the unit; we tell you who and when.");
    }
    if let Some(carriage) = n.carriage.as_ref().filter(|_| n.asked_back) {
        content = content.says(carriage.sentence());
    }
    if n.asked_back {
        let place = n.return_site.as_deref().unwrap_or("our repair centre");
        content = return_steps(n, content, (place, Carriage::label_step));
        if advance {
            content.panel = Some(non_return_notice(n));
        }
    } else if n.yes("asked_back") {
        content = content.says(
            "Since the RMA was confirmed, the return has been settled: nothing is to be sent.",
        );
    } else {
        content = content
            .says("We do not ask for the defective unit back, and no charge hangs on it.")
            .next("Nothing is to be sent. Please do not ship the unit to us.");
    }
    content
}

/// Where nothing else says who pays the way to us.
pub(super) fn inbound(carriage: &Carriage, label_there: bool) -> Option<&'static str> {
    Some(carriage.inbound_sentence(label_there))
}

/// What a message says of who pays the way to us, by whether the prepaid label is there.
type Said = fn(&Carriage, bool) -> Option<&'static str>;

pub(super) fn return_steps(n: &Notice, content: Content, (place, said): (&str, Said)) -> Content {
    let content = if n.papers_attached {
        content
            .next("Print the attached label and stick it on the outside of the box.")
            .next("Follow the attached instructions: the unit, complete, in protective packing.")
    } else {
        content
            .next(format!("Write {} on the outside of the box.", n.rma_number))
            .next("Pack the unit, complete, in protective packing.")
    };
    content
        .next(match n.carriage.as_ref().and_then(|carriage| said(carriage, n.label_there)) {
            Some(said) => format!("Send it to {}. {said}", crate::mail::one_line(place)),
            None => format!("Send it to {}.", crate::mail::one_line(place)),
        })
        .next("Give us the tracking number by answering this message.")
}

/// RET-1, RET-2.
pub(super) fn non_return_notice(n: &Notice) -> (String, Vec<String>) {
    let mut lines = Vec::new();
    match (&n.due, &n.window_to_come) {
        (Some(due), _) => lines.push(format!("{}.", due.because.trim_end_matches('.'))),
        (None, Some(rule)) => lines.push(format!(
            "{rule} They count from the day the replacement is delivered; we then tell you the date."
        )),
        (None, None) => {}
    }
    if let Some(price) = &n.list_price {
        lines.push(format!(
            "A defective unit that is not with us by then may be charged at up to its full list \
             price, {price}."
        ));
    }
    ("Please return the defective unit in time".to_owned(), lines)
}

fn promise(n: &Notice, of: &str) -> Option<String> {
    let due = n.said.get(of).filter(|due| !due.is_null())?;
    Some(match serde_json::from_value(due.clone()).ok()? {
        ReplacementDue::ShipOn { on } => format!("leaves our depot on {}", long(on)),
        ReplacementDue::DeliverOn { on } => format!("arrives on {}", long(on)),
        ReplacementDue::DeliverBy { at } => format!("arrives by {}", instant(n, at)),
    })
}

pub(super) fn instant(n: &Notice, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&n.zone.tz());
    format!("{} ({})", local.format("%a %-d %b %Y, %H:%M"), n.zone)
}

/// T4, with the remedy.
pub(super) fn held(n: &Notice) -> Content {
    let why = match n.text("reason").as_str() {
        "entitlement" => "we found no contract or warranty that covers the unit",
        "registration" => "the unit is not registered yet",
        "export" => "an export check is still to be passed",
        "information" => "something is missing from the request",
        "price" => "there is no list price in your currency for this part",
        _ => "something has to be settled first",
    };
    let remedy = n.text("remedy");
    let mut content = begin(n, "on hold, and what helps")
        .says(format!("Your RMA is on hold: {why}. It is not refused, and keeps its number."));
    if !remedy.is_empty() {
        content = content.fact("What we noted", remedy);
    }
    match n.text("reason").as_str() {
        "entitlement" => content.next("Send us the contract number or the proof of purchase."),
        "registration" => {
            content.next("Register the unit, or send us where it stands and since when.")
        }
        "information" => content.next("Answer this message with what is missing."),
        _ => {
            content.next("There is nothing for you to do: we write again as soon as it is settled.")
        }
    }
    .next("Please do not send the unit yet.")
}

pub(super) fn denied(n: &Notice) -> Content {
    let reason = n.text("reason");
    let mut content = begin(n, "we cannot grant this request")
        .says("We are sorry: we cannot replace or repair this unit under your cover.");
    if !reason.is_empty() {
        content = content.says(because(&reason));
    }
    content
        .next("Please do not send the unit: it could not be taken in.")
        .next(
            "If you think this is wrong, answer this message with your contract or proof of \
             purchase; a person reads it.",
        )
        .next("We can offer a repair at cost: ask for a quote by answering this message.")
}

pub(super) fn cancelled(n: &Notice) -> Content {
    let reason = n.text("reason");
    let mut content = begin(n, "cancelled").says("This RMA is cancelled.");
    if !reason.is_empty() {
        content = content.says(because(&reason));
    }
    let content = if n.asked_back {
        content.next("The unit stays owed to us: please send it as instructed.")
    } else {
        content.next("Nothing is to be sent under this number.")
    };
    content.next("Does the unit still fail? Ask for a new RMA on your case.")
}

pub(super) fn shipped(n: &Notice) -> Content {
    let (carrier, tracking) = (n.text("carrier"), n.text("tracking"));
    let what = if n.mode == Some(Mode::ReturnToFactory) { "Your unit" } else { "Your replacement" };
    let content = begin(n, "on its way to you")
        .says(format!("{what} has left our depot."))
        .fact("Sent unit", format!("serial {}", n.text("serial_number")))
        .fact("Carrier", carrier)
        .fact("Tracking number", tracking)
        .next("Please have somebody there to sign for it.");
    let content = if n.label_attached {
        content.next("Keep the attached prepaid label: it takes the defective unit back to us.")
    } else {
        content
    };
    match (n.asked_back && n.mode == Some(Mode::AdvanceReplacement), &n.window_to_come) {
        (true, Some(rule)) => {
            content.says(format!("Once it is delivered, the defective unit is due back. {rule}"))
        }
        _ => content,
    }
}

/// NTF-3, with the survey.
pub(super) fn delivered(n: &Notice) -> Content {
    let mut content = begin(n, "delivered");
    content = match n.date("delivered_on") {
        Some(on) => content.says(format!("The delivery was confirmed on {}.", long(on))),
        None => content.says("The delivery was confirmed."),
    };
    content = content
        .fact("Signed for by", n.text("signed_by"))
        .next("Is it not there, or does it not work? Answer this message at once.");
    if n.asked_back && n.mode == Some(Mode::AdvanceReplacement) {
        content.panel = Some(non_return_notice(n));
        let place = n.return_site.as_deref().unwrap_or("our repair centre");
        content = return_steps(n, content, (place, inbound));
    }
    survey(n, content)
}
