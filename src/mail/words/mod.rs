//! What each notice says: plain words, the reason, and the next step.

mod analysis;
mod issue;
mod money;
mod returns;
mod visits;

use analysis::{analysis_ended, analysis_report, analysis_started};
use issue::{acknowledgement, cancelled, delivered, denied, held, issued, shipped};
use money::{charged, credited, purchased, quoted, waived};
use returns::{
    claim_decided, discrepancy, due_date_moved, lost_by_us, received, reminder, return_label,
};
use visits::{visit_ended, visit_moved, visit_planned, visit_recorded};

use super::notice::Notice;
use crate::domain::notice::NoticeKind;

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
