//! The way of the defective unit: what is asked back, due, received or claimed.

use super::issue::return_steps;
use super::issue::{inbound, non_return_notice};
use super::{Content, because, begin};
use crate::domain::carriage::Carriage;
use crate::domain::explain::long;
use crate::domain::rma::tracks::Mode;
use crate::mail::notice::Notice;

/// AMB-26: the replacement has left without it.
pub(super) fn return_label(n: &Notice) -> Content {
    let content = begin(n, "the prepaid label for your return");
    if !n.label_attached {
        return content.says(
            "This message has been overtaken: the label is not needed any more, or another follows. \
             Nothing is to be done.",
        );
    }
    let place = n.return_site.as_deref().unwrap_or("our repair centre");
    let content =
        content.says("Here is the carrier's label for the defective unit. We pay the carriage.");
    return_steps(n, content, (place, Carriage::label_step))
}

pub(super) fn reminder(n: &Notice) -> Content {
    let due_on = n.date("due_on");
    let left = n.number("business_days_left").unwrap_or_default();
    let when = match left {
        1 => "1 business day left".to_owned(),
        i64::MIN..=0 => "due today".to_owned(),
        days => format!("{days} business days left"),
    };
    let mut content = begin(n, &format!("please return the unit, {when}"));
    if !n.still_owed {
        return content.says(
            "This reminder has been overtaken: the unit is no longer awaited. Nothing is to be done.",
        );
    }
    content = content.says(match due_on {
        Some(on) => {
            format!("We do not have the defective unit yet. It is due on {}: {when}.", long(on))
        }
        None => format!("We do not have the defective unit yet: {when}."),
    });
    content.panel = Some(non_return_notice(n));
    let place = n.return_site.as_deref().unwrap_or("our repair centre");
    return_steps(n, content, (place, inbound))
        .next("Already sent? Answer with carrier and tracking number, and we look for it.")
        .next("Need more time? Ask before the due date by answering this message.")
}

pub(super) fn received(n: &Notice) -> Content {
    let on = n.date("received_on").map(long).unwrap_or_else(|| "today".to_owned());
    let content =
        begin(n, "your unit is with us").says(format!("We received the unit on {on}. Thank you."));
    if n.mode == Some(Mode::ReturnToFactory) {
        content.next("We repair or replace it and tell you when it leaves.")
    } else {
        content.next("We look it over; there is nothing more for you to do unless we write.")
    }
}

/// Says what is owed after time stood still, where it is, with the day's reason.
fn still_owed(content: Content, n: &Notice, said: &str) -> Content {
    match &n.due {
        Some(due) if n.still_owed => {
            content.says(format!("{said}: {}.", due.because.trim_end_matches('.')))
        }
        _ => content,
    }
}

pub(super) fn discrepancy(n: &Notice) -> Content {
    let reason = n.text("reason");
    let mut content = begin(n, "what came is not what we expected")
        .says("We received a box under this RMA, but not the unit it was issued for.");
    if !reason.is_empty() {
        content = content.fact("What we found", reason);
    }
    still_owed(
        content,
        n,
        "The right unit is still to be returned. The days we held the box are added",
    )
    .next("Look whether the right unit is still with you and send it under the same number.")
    .next("Do you want back what you sent? Answer this message and say where to.")
}

pub(super) fn due_date_moved(n: &Notice) -> Content {
    let mut content = begin(n, "more time for the return");
    let days = n.number("business_days").unwrap_or_default();
    let plural = if days == 1 { "" } else { "s" };
    content = match n.date("due_on") {
        Some(on) => content.says(format!(
            "We have given you {days} more business day{plural}: the unit is now due on {}.",
            long(on)
        )),
        None => content.says(format!("We have given you {days} more business day{plural}.")),
    };
    if n.asked_back {
        content.panel = Some(non_return_notice(n));
    }
    content.next("Please send the unit by then.")
}

pub(super) fn claim_decided(n: &Notice) -> Content {
    if n.yes("upheld") {
        let found = if n.yes("found") {
            "We found the unit: it counts as received on the day of your proof."
        } else {
            "We could not find the unit, but your proof stands: it was lost with us, not with you."
        };
        return begin(n, "your proof of delivery is accepted")
            .says(found)
            .next("There is nothing more for you to do.");
    }
    let reason = n.text("reason");
    let mut content = begin(n, "we could not confirm your delivery")
        .says("We looked into your claim and could not find that the unit was delivered to us.");
    if !reason.is_empty() {
        content = content.says(because(&reason));
    }
    still_owed(content, n, "The unit is owed again, with the time of our inquiry added")
        .next("Have another proof? Answer this message with it.")
        .next("Ask the carrier to trace the box, and tell us what they say.")
}

/// RCV-3: what was taken in and lost.
pub(super) fn lost_by_us(n: &Notice) -> Content {
    let content = begin(n, "we lost your unit").says(
        "We received your unit and lost it on its way to our repair centre. It counts as returned: it \
         was lost with us, not with you.",
    );
    let content = if n.mode == Some(Mode::ReturnToFactory) {
        content.says("It cannot be repaired any more: we replace it and tell you when that leaves.")
    } else {
        content
    };
    content.next("There is nothing more for you to do.")
}
