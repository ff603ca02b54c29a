//! What is charged, credited, waived or bought.

use super::{Content, because, begin};
use crate::mail::notice::Notice;

pub(super) fn charged(n: &Notice) -> Content {
    let reason = n.text("reason");
    let mut content = begin(n, "charged for a unit that was not returned").says(format!(
        "We have charged {} because the defective unit is not with us.",
        n.text("amount")
    ));
    if !reason.is_empty() {
        content = content.says(because(&reason));
    }
    if let Some(due) = &n.due {
        content = content.says(format!("How the date came about: {}.", due.because));
    }
    content
        .fact("Charged", n.text("amount"))
        .next("Was it sent already? Answer with the proof of delivery, and we look into it.")
        .next("Still have it? Send it: a unit that comes late is reviewed for a credit.")
        .next("Want to keep it? Answer with a purchase order, and the charge becomes the purchase.")
}

pub(super) fn credited(n: &Notice) -> Content {
    let reason = n.text("reason");
    let content = begin(n, "credited")
        .says(format!("We have credited {} to your account.", n.text("amount")))
        .fact("Credited", n.text("amount"))
        .next("There is nothing to do: it stands on your next statement.");
    if reason.is_empty() { content } else { content.says(because(&reason)) }
}

pub(super) fn waived(n: &Notice) -> Content {
    let reason = n.text("reason");
    let content = begin(n, "nothing is charged")
        .says("We will not charge for the unit, and do not ask for it any more.")
        .next("There is nothing more for you to do.");
    if reason.is_empty() { content } else { content.says(because(&reason)) }
}

/// RET-4.
pub(super) fn purchased(n: &Notice) -> Content {
    begin(n, "the unit is yours to keep")
        .says("You have bought the defective unit, and this RMA ends with that.")
        .fact("Purchase order", n.text("purchase_order"))
        .next("Nothing is to be sent. Please do not ship the unit to us.")
}

pub(super) fn quoted(n: &Notice) -> Content {
    begin(n, "a quote for the repair")
        .says(format!(
            "The repair is not covered. We offer it for {}; nothing is done before you agree.",
            n.text("amount")
        ))
        .fact("Quote", n.text("amount"))
        .next("To go ahead, answer this message with a purchase order.")
        .next("To have the unit back unrepaired, answer and say so.")
}
