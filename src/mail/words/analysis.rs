//! Analyses and their reports (SYS-6).

use super::{Content, because, begin};
use crate::domain::explain::long;
use crate::mail::notice::Notice;

/// ANA-6, ANA-7.
pub(super) fn analysis_started(n: &Notice) -> Content {
    let due = n.date("due_on").map(long).unwrap_or_default();
    if n.text("analysis") == "fa" {
        return begin(n, "the failure analysis has begun")
            .says(
                "You and our engineer have agreed on a failure analysis. We look for the root cause; \
                 the unit may not survive it.",
            )
            .fact("Interim report by", due);
    }
    begin(n, "the repair analysis has begun")
        .says("Your unit is with us, and we analyse its fault.")
        .fact("Report by", due)
}

pub(super) fn analysis_report(n: &Notice) -> Content {
    let headline = match n.text("report").as_str() {
        "repair_analysis" => "the repair analysis is here",
        "failure_analysis_interim" => "an interim report of the failure analysis",
        _ => "the failure analysis is here",
    };
    let mut content = begin(n, headline)
        .says("The report is kept with your RMA. It says:")
        .says(n.text("text"))
        .fact("Final report by", n.date("due_on").map(long).unwrap_or_default());
    if n.yes("unit_destroyed") {
        content = content.says("The unit was destroyed in the search for the cause.");
    }
    if n.text("report") == "repair_analysis" {
        content = content
            .next("Does this answer your question? Then there is nothing for you to do.")
            .next(
                "If it does not, tell us: a failure analysis looks for the root cause where our \
                 engineer agrees. It destroys the unit as a rule.",
            );
    }
    content
}

pub(super) fn analysis_ended(n: &Notice) -> Content {
    let reason = n.text("reason");
    if n.yes("void") {
        return begin(n, "the analysis is void")
            .says(
                "An analysis needs the unit with all its components. Some are missing, and so we do \
                 not analyse it.",
            )
            .fact("What is missing", reason);
    }
    let content = if n.text("analysis") == "fa" {
        begin(n, "no failure analysis")
            .says("There will be no failure analysis. The report of the repair analysis stands.")
    } else {
        begin(n, "no repair analysis").says("There will be no repair analysis of your unit.")
    };
    content.says(because(&reason))
}
