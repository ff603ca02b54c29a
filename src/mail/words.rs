//! What each notice says: plain words, the reason, and the next step.

use chrono::{DateTime, Utc};

use super::notice::Notice;
use crate::domain::carriage::Carriage;
use crate::domain::explain::long;
use crate::domain::notice::NoticeKind;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::tracks::Mode;

/// A message before it is set as text and HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub subject: String,
    pub greeting: String,
    pub headline: String,
    pub paragraphs: Vec<String>,
    /// Set apart: what must not be overlooked, with its title.
    pub panel: Option<(String, Vec<String>)>,
    /// What to do next, in order.
    pub steps: Vec<String>,
    pub facts: Vec<(String, String)>,
    /// Words and address.
    pub links: Vec<(String, String)>,
}

impl Content {
    fn says(mut self, paragraph: impl Into<String>) -> Self {
        self.paragraphs.push(paragraph.into());
        self
    }
    fn next(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }
    fn fact(mut self, label: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push((label.to_owned(), value));
        }
        self
    }
}

/// The words of a notice.
pub(super) fn content(n: &Notice) -> Content {
    use NoticeKind as Kind;
    let content = match n.kind {
        Kind::Acknowledgement => acknowledgement(n),
        Kind::Issued => issued(n),
        Kind::Held => held(n),
        Kind::Denied => denied(n),
        Kind::Cancelled => cancelled(n),
        Kind::Shipped => shipped(n),
        Kind::Delivered => delivered(n),
        Kind::Reminder => reminder(n),
        Kind::Received => received(n),
        Kind::Discrepancy => discrepancy(n),
        Kind::DueDateMoved => due_date_moved(n),
        Kind::Charged => charged(n),
        Kind::Credited => credited(n),
        Kind::Waived => waived(n),
        Kind::Purchased => purchased(n),
        Kind::ClaimDecided => claim_decided(n),
        Kind::LostByUs => lost_by_us(n),
        Kind::Quoted => quoted(n),
        Kind::AnalysisStarted => analysis_started(n),
        Kind::AnalysisReport => analysis_report(n),
        Kind::AnalysisEnded => analysis_ended(n),
        Kind::VisitPlanned => visit_planned(n),
        Kind::VisitMoved => visit_moved(n),
        Kind::VisitRecorded => visit_recorded(n),
        Kind::VisitEnded => visit_ended(n),
        Kind::Closed => closed(n),
        Kind::ReturnLabel => return_label(n),
        Kind::ProgressAnswered => progress_answered(n),
    };
    finish(n, content)
}

fn begin(n: &Notice, headline: &str) -> Content {
    Content {
        subject: format!("RMA {}: {headline}", n.rma_number),
        headline: capitalised(headline),
        ..Content::default()
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What every message carries: whom, which unit, where to look.
fn finish(n: &Notice, mut content: Content) -> Content {
    let name = super::one_line(&n.contact_name);
    content.greeting = if name.is_empty() { "Hello,".to_owned() } else { format!("Hello {name},") };
    let own = std::mem::take(&mut content.facts);
    content = content
        .fact("RMA", &n.rma_number)
        .fact("Case", &n.case_number)
        .fact("Unit", format!("{}, serial {}", n.part_number, super::one_line(&n.serial_number)))
        .fact("Site", super::one_line(&n.site));
    content.facts.extend(own);
    content.links.insert(0, ("See this RMA's status".to_owned(), n.status_link.clone()));
    content
}

fn survey(n: &Notice, mut content: Content) -> Content {
    if let Some(link) = &n.survey_link {
        content.links.push(("Tell us how it went (two minutes)".to_owned(), link.clone()));
    }
    content
}

/// A reason in its own words, with the full stop it may lack.
fn because(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?', '。']) { "" } else { "." };
    format!("The reason given: {text}{end}")
}

fn acknowledgement(n: &Notice) -> Content {
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
fn issued(n: &Notice) -> Content {
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
fn inbound(carriage: &Carriage, label_there: bool) -> Option<&'static str> {
    Some(carriage.inbound_sentence(label_there))
}

/// What a message says of who pays the way to us, by whether the prepaid label is there.
type Said = fn(&Carriage, bool) -> Option<&'static str>;

fn return_steps(n: &Notice, content: Content, (place, said): (&str, Said)) -> Content {
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
            Some(said) => format!("Send it to {}. {said}", super::one_line(place)),
            None => format!("Send it to {}.", super::one_line(place)),
        })
        .next("Give us the tracking number by answering this message.")
}

/// RET-1, RET-2.
fn non_return_notice(n: &Notice) -> (String, Vec<String>) {
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

fn instant(n: &Notice, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&n.zone.tz());
    format!("{} ({})", local.format("%a %-d %b %Y, %H:%M"), n.zone)
}

/// T4, with the remedy.
fn held(n: &Notice) -> Content {
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

fn denied(n: &Notice) -> Content {
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

fn cancelled(n: &Notice) -> Content {
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

fn shipped(n: &Notice) -> Content {
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

/// AMB-26: the replacement has left without it.
fn return_label(n: &Notice) -> Content {
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

/// NTF-3, with the survey.
fn delivered(n: &Notice) -> Content {
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

fn reminder(n: &Notice) -> Content {
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

fn received(n: &Notice) -> Content {
    let on = n.date("received_on").map(long).unwrap_or_else(|| "today".to_owned());
    let content =
        begin(n, "your unit is with us").says(format!("We received the unit on {on}. Thank you."));
    if n.mode == Some(Mode::ReturnToFactory) {
        content.next("We repair or replace it and tell you when it leaves.")
    } else {
        content.next("We look it over; there is nothing more for you to do unless we write.")
    }
}

fn discrepancy(n: &Notice) -> Content {
    let reason = n.text("reason");
    let mut content = begin(n, "what came is not what we expected")
        .says("We received a box under this RMA, but not the unit it was issued for.");
    if !reason.is_empty() {
        content = content.fact("What we found", reason);
    }
    if let Some(due) = &n.due
        && n.still_owed
    {
        content = content.says(format!(
            "The right unit is still to be returned. The days we held the box are added: {}.",
            due.because.trim_end_matches('.')
        ));
    }
    content
        .next("Look whether the right unit is still with you and send it under the same number.")
        .next("Do you want back what you sent? Answer this message and say where to.")
}

fn due_date_moved(n: &Notice) -> Content {
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

fn charged(n: &Notice) -> Content {
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

fn credited(n: &Notice) -> Content {
    let reason = n.text("reason");
    let content = begin(n, "credited")
        .says(format!("We have credited {} to your account.", n.text("amount")))
        .fact("Credited", n.text("amount"))
        .next("There is nothing to do: it stands on your next statement.");
    if reason.is_empty() { content } else { content.says(because(&reason)) }
}

fn waived(n: &Notice) -> Content {
    let reason = n.text("reason");
    let content = begin(n, "nothing is charged")
        .says("We will not charge for the unit, and do not ask for it any more.")
        .next("There is nothing more for you to do.");
    if reason.is_empty() { content } else { content.says(because(&reason)) }
}

/// RET-4.
fn purchased(n: &Notice) -> Content {
    begin(n, "the unit is yours to keep")
        .says("You have bought the defective unit, and this RMA ends with that.")
        .fact("Purchase order", n.text("purchase_order"))
        .next("Nothing is to be sent. Please do not ship the unit to us.")
}

fn claim_decided(n: &Notice) -> Content {
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
    if let Some(due) = &n.due
        && n.still_owed
    {
        content = content.says(format!(
            "The unit is owed again, with the time of our inquiry added: {}.",
            due.because.trim_end_matches('.')
        ));
    }
    content
        .next("Have another proof? Answer this message with it.")
        .next("Ask the carrier to trace the box, and tell us what they say.")
}

/// RCV-3: what was taken in and lost.
fn lost_by_us(n: &Notice) -> Content {
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

fn quoted(n: &Notice) -> Content {
    begin(n, "a quote for the repair")
        .says(format!(
            "The repair is not covered. We offer it for {}; nothing is done before you agree.",
            n.text("amount")
        ))
        .fact("Quote", n.text("amount"))
        .next("To go ahead, answer this message with a purchase order.")
        .next("To have the unit back unrepaired, answer and say so.")
}

/// ANA-6, ANA-7.
fn analysis_started(n: &Notice) -> Content {
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

fn analysis_report(n: &Notice) -> Content {
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

fn analysis_ended(n: &Notice) -> Content {
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

/// An instant the event said, at the customer's site.
fn at(n: &Notice) -> String {
    let said = n.said.get("at").cloned().unwrap_or_default();
    serde_json::from_value(said).map(|at| instant(n, at)).unwrap_or_default()
}

/// SVC-5, SVC-8.
fn visit_planned(n: &Notice) -> Content {
    who_lets_in(
        begin(n, "an engineer comes to you")
            .says("An engineer of ours comes to your site and replaces the unit."),
        n,
    )
}

fn visit_moved(n: &Notice) -> Content {
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

fn visit_recorded(n: &Notice) -> Content {
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

fn visit_ended(n: &Notice) -> Content {
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

fn closed(n: &Notice) -> Content {
    let content = begin(n, "closed")
        .says("Everything under this RMA is settled, and it is closed. Thank you.")
        .next("Is something still open? Answer this message within a year, and we open it again.");
    survey(n, content)
}

/// CASE-5.
fn progress_answered(n: &Notice) -> Content {
    let what = match n.text("about").as_str() {
        "shipment_update" => "about the shipment",
        _ => "about the confirmation of your RMA",
    };
    begin(n, "our answer to your question")
        .says(format!("You asked us {what}. Customer care answers:"))
        .says(n.text("answer"))
        .fact("You asked", n.text("asked"))
        .next("Is a question left? Answer this message, or ask again.")
}
