//! What happens next on an RMA, and who has to do it: the same state that its tracks tell, in steps.

use super::words;
use crate::domain::explain::long;
use crate::domain::rma::tracks::{Analysis, Authorisation, Exposure, Inbound, Outbound, Repair};
use crate::domain::rma::visit::VisitState;
use crate::domain::rma::{LogisticsTask, Rma};

/// Something somebody has to do.
pub struct Step {
    pub who: &'static str,
    pub what: String,
    /// It is the reader's.
    pub is_yours: bool,
}

/// The steps of an RMA as it stands; `is_customer` says whether the reader is the customer.
pub fn steps(rma: &Rma, is_customer: bool) -> Vec<Step> {
    let mut steps = Steps { rma, is_customer, all: Vec::new() };
    if rma.is_open {
        steps.authorisation();
        steps.return_of_the_unit();
        steps.outbound();
        steps.bench();
        steps.money();
    }
    steps.all
}

struct Steps<'a> {
    rma: &'a Rma,
    is_customer: bool,
    all: Vec<Step>,
}

impl Steps<'_> {
    fn push(&mut self, who: &'static str, what: impl Into<String>) {
        self.all.push(Step { who, what: what.into(), is_yours: false });
    }

    fn customer(&mut self, what: impl Into<String>) {
        let who = if self.is_customer { "You" } else { "The customer" };
        self.all.push(Step { who, what: what.into(), is_yours: self.is_customer });
    }

    fn authorisation(&mut self) {
        const KEEP: &str =
            "keep the unit where it is: the number is no authority to send anything yet.";
        match self.rma.authorisation {
            Authorisation::Requested => {
                self.push("Support", "confirms the failure.");
                self.customer(KEEP);
            }
            Authorisation::Created => {
                self.push("Logistics", "checks the entitlement and confirms the RMA.");
                self.customer(KEEP);
            }
            Authorisation::OnHold => {
                let why = words::hold(self.rma.reason.as_deref());
                self.push("Logistics", format!("keeps it on hold: {why}."));
                if !self.rma.is_authorised() {
                    self.customer(KEEP);
                }
            }
            _ => {}
        }
    }

    fn return_of_the_unit(&mut self) {
        let rma = self.rma;
        let serial = &rma.serial_number;
        let by = rma.due.as_ref().map(|due| format!(" by {}", long(due.due_on)));
        let by = by.unwrap_or_default();
        let is_asked_for = rma.is_authorised() && rma.exposure != Exposure::Purchased;
        match rma.inbound {
            Inbound::Awaiting if is_asked_for => {
                self.customer(format!("send unit {serial} back{by}, with the label on the box."));
            }
            Inbound::Refused if is_asked_for => self.customer(format!(
                "send unit {serial} back again{by}: the box was refused at the dock."
            )),
            Inbound::Discrepant if is_asked_for => {
                self.customer(format!("send unit {serial} back{by}: another one was in the box."))
            }
            Inbound::InTransit => {
                self.push("The carrier", format!("brings unit {serial} to us{by}."))
            }
            Inbound::Received => match rma.awaited_from() {
                Some(dock) => self.push(
                    "Logistics",
                    format!("sends the unit on from {} to the repair centre.", dock.name),
                ),
                None => self.push("The repair centre", "inspects the unit."),
            },
            Inbound::DeliveryClaimed => {
                let by = rma.claim.as_ref().map(|claim| format!(" by {}", long(claim.decide_by)));
                let by = by.unwrap_or_default();
                self.push("Logistics", format!("looks for the unit and decides on the claim{by}."));
            }
            _ => {}
        }
    }

    fn outbound(&mut self) {
        let unit = if self.rma.is_advance() { "the replacement" } else { "the unit" };
        match self.rma.next_task() {
            Some(LogisticsTask::Allocate) => self.push("The depot", "sets a replacement aside."),
            Some(LogisticsTask::Ship) => self.push("The depot", format!("sends {unit}.")),
            Some(LogisticsTask::SendAgain) => {
                self.push("The depot", format!("sends {unit} again: the delivery failed."));
            }
            Some(LogisticsTask::AwaitStock) => {
                self.push("The depot", "sends a replacement as soon as there is one in stock.");
            }
            Some(LogisticsTask::SendLabel) => {
                self.push("Logistics", "sends the prepaid label for the way back.");
            }
            _ => {}
        }
        if self.rma.outbound == Outbound::Shipped {
            self.push("The carrier", format!("delivers {unit}."));
        }
        match self.rma.visit.state {
            VisitState::Owed => self.push("Logistics", "plans the visit of an engineer."),
            VisitState::Planned => self.push("Our engineer", "comes to the site."),
            _ => {}
        }
    }

    fn bench(&mut self) {
        let rma = self.rma;
        match rma.repair {
            Repair::Queued | Repair::InRepair => {
                let by = rma.repair_due_on.map(|day| format!(" by {}", long(day)));
                let by = by.unwrap_or_default();
                self.push("The repair centre", format!("repairs the unit{by}."));
            }
            Repair::AwaitingQuote => self.customer("answer the quote for the repair."),
            _ => {}
        }
        if rma.analysis_file.awaits_approval && rma.analysis == Analysis::Requested {
            self.push("Support", "decides whether the analysis is made.");
        } else if rma.analysis.is_live() {
            let due = rma.analysis_file.due.as_ref().map(|due| format!(" by {}", long(due.due_on)));
            let due = due.unwrap_or_default();
            self.push("The repair centre", format!("reports on the analysis{due}."));
        }
    }

    fn money(&mut self) {
        match self.rma.exposure {
            Exposure::InReview => {
                self.push("Finance", "decides whether the unit is charged, or more time is given.");
            }
            Exposure::CreditReview => {
                self.push("Finance", "decides whether what was charged is credited.");
            }
            _ => {}
        }
    }
}
