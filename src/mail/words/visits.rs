//! The engineer's visit (SVC-5, SVC-8).

use super::issue::instant;
use super::{Content, because, begin};
use crate::mail::notice::Notice;

/// An instant the event said, at the customer's site.
fn at(n: &Notice) -> String {
    let said = n.said.get("at").cloned().unwrap_or_default();
    serde_json::from_value(said).map(|at| instant(n, at)).unwrap_or_default()
}

/// SVC-5, SVC-8.
pub(super) fn visit_planned(n: &Notice) -> Content {
    who_lets_in(
        begin(n, "an engineer comes to you")
            .says("An engineer of ours comes to your site and replaces the unit."),
        n,
    )
}

pub(super) fn visit_moved(n: &Notice) -> Content {
    who_lets_in(
        begin(n, "the engineer comes at another time")
            .says("The visit of our engineer to your site has been moved.")
            .says(because(&n.text("reason"))),
        n,
    )
}

fn who_lets_in(content: Content, n: &Notice) -> Content {
    content
        .fact("Engineer", n.text("engineer"))
        .fact("At your site", at(n))
        .next("Please have somebody there who lets our engineer in and may stop the unit.")
        .next("Does the time not suit you, or is no visit needed? Answer this message.")
}

pub(super) fn visit_recorded(n: &Notice) -> Content {
    let reason = n.text("reason");
    let content = match n.text("outcome").as_str() {
        "replaced" => begin(n, "our engineer has replaced the unit")
            .says("Our engineer was with you and replaced the unit.")
            .next("Is anything not as it should be? Answer this message."),
        "could_not" => begin(n, "our engineer could not replace the unit")
            .says("Our engineer was with you, and could not replace the unit.")
            .next("Somebody comes again: we tell you who and when."),
        _ => begin(n, "our engineer could not come in")
            .says(
                "Our engineer was at your site, and nobody was there to let the visit take place.",
            )
            .next("Answer this message with a time that suits you: somebody comes again."),
    };
    let content = content.fact("Engineer", n.text("engineer")).fact("Arrived", at(n));
    if reason.is_empty() { content } else { content.says(because(&reason)) }
}

pub(super) fn visit_ended(n: &Notice) -> Content {
    if n.yes("declined") {
        return begin(n, "no engineer comes")
            .says("As agreed with you, no engineer of ours comes to your site.")
            .says(because(&n.text("reason")))
            .next("Is a visit wanted after all? Answer this message while the RMA is open.");
    }
    begin(n, "the engineer's visit does not take place")
        .says(match n.text("child").as_str() {
            "" => "The RMA has ended, and so our engineer does not come.".to_owned(),
            child => format!(
                "The replacement was dead on arrival. Our engineer comes with the next one, under RMA {child}."
            ),
        })
        .fact("Was planned for", at(n))
        .next("There is nothing for you to do.")
}
