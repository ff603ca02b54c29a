//! The pure decision: an RMA, an order and the facts in, events or a refusal out.

mod analysis;
mod authorisation;
mod exposure;
mod inbound;
mod label;
mod outbound;
mod repair;
mod transfer;
mod visit;
mod window;

use chrono::{DateTime, NaiveDate, Utc};

use super::command::{Command, Order, Request};
use super::event::{Event, Recorded, Stamp};
use super::fold::fold;
use super::refusal::Refusal;
use super::state::Rma;
use super::tracks::{Authorisation, Inbound};
use crate::domain::analysis::Milestones;
use crate::domain::attachment::{AttachmentKind, FileRef};
use crate::domain::calendar::CalendarError;
use crate::domain::entitlement::Verdict;
use crate::domain::ids::{
    CaseNumber, Manufacturer, PartNumber, RmaNumber, SerialNumber, TextError, checked_text,
};
use crate::domain::money::{Currency, Money};
use crate::domain::programme::Programme;
use crate::domain::return_window::Place;
use crate::domain::site::UnitStatus;

/// What was loaded before judging. A command whose rule needs a fact that is not here is refused.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Another open RMA on the same serial of the same manufacturer.
    pub other_open: Option<RmaNumber>,
    pub ship_to: Option<Place>,
    pub return_site: Option<Place>,
    /// The dock a box came to, where the command names one.
    pub dock: Option<Place>,
    /// Where replacements for the ship-to site are sent from.
    pub depot: Option<Place>,
    pub issue: Option<IssueFacts>,
    /// The unit named for the outbound track.
    pub stock: Option<StockUnit>,
    /// The defective unit's last covered day before the repair.
    pub remaining_cover_on: Option<NaiveDate>,
    /// Of the unit's product; none where the register has no such product.
    pub milestones: Option<Milestones>,
    /// The files named by the command that are kept with this RMA and not withdrawn.
    pub files: Vec<(AttachmentKind, FileRef)>,
}

/// What issuing needs to know (T3).
#[derive(Debug, Clone)]
pub struct IssueFacts {
    pub verdict: Verdict,
    /// In the account's currency; none when there is no price in it.
    pub list_price: Option<Money>,
    pub currency: Currency,
    pub bill_to: String,
}

/// A unit of the register that is to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockUnit {
    pub manufacturer: Manufacturer,
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub status: UnitStatus,
}

/// The events to store, and the state after them.
#[derive(Debug, Clone)]
pub struct Decision {
    pub events: Vec<Event>,
    pub after: Rma,
}

/// T1: the first event, refused while another RMA is open on the serial.
pub fn request(
    request: Request,
    case_number: CaseNumber,
    manufacturer: Manufacturer,
    account: String,
    other_open: Option<RmaNumber>,
    stamp: &Stamp,
) -> Result<Decision, Refusal> {
    if let Some(other) = other_open {
        return Err(Refusal::new(
            "T1",
            format!(
                "{other} is already open on serial {}; work on that one",
                request.serial_number
            ),
        ));
    }
    not_blank("T1", "symptom", &request.symptom)?;
    let event = Event::Requested {
        number: request.number,
        case_number,
        manufacturer,
        serial_number: request.serial_number,
        part_number: request.part_number,
        account,
        parent: request.parent,
        symptom: request.symptom,
    };
    let first = Recorded { sequence: 1, stamp: stamp.clone(), event: event.clone() };
    let after =
        fold([&first]).map_err(|error| Refusal::new("T1", format!("no history: {error}")))?;
    Ok(Decision { events: vec![event], after })
}

/// Decides one order. `now` is when we learned of it; what it says happened at `order.occurred_at`.
pub fn decide(
    rma: &Rma,
    order: &Order,
    facts: &Facts,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let rule = order.command.rule();
    if !order.command.permits(order.actor.role) {
        let name = command_name(&order.command);
        return Err(Refusal::new(rule, format!("{} may not {name}", order.actor.role)));
    }
    not_blank(rule, "source", &order.source)?;
    if order.occurred_at > now {
        return Err(Refusal::new(
            rule,
            format!("it is said to have happened at {}, which is still to come", order.occurred_at),
        ));
    }
    if order.occurred_at < rma.requested_at {
        return Err(Refusal::new(
            rule,
            format!(
                "it is said to have happened before the RMA was requested at {}",
                rma.requested_at
            ),
        ));
    }
    let mut deciding = Deciding {
        rma: rma.clone(),
        stamp: Stamp {
            occurred_at: order.occurred_at,
            recorded_at: now,
            actor: order.actor.clone(),
            source: order.source.clone(),
        },
        facts,
        programme,
        now,
        rule,
        events: Vec::new(),
    };
    deciding.closed_long_ago(&order.command)?;
    deciding.dispatch(&order.command)?;
    deciding.close_or_reopen(&order.command)?;
    Ok(Decision { events: deciding.events, after: deciding.rma })
}

/// A decision being made: `emit` applies each event at once, so that later steps see its effect.
struct Deciding<'a> {
    rma: Rma,
    stamp: Stamp,
    facts: &'a Facts,
    programme: &'a Programme,
    now: DateTime<Utc>,
    rule: &'static str,
    events: Vec<Event>,
}

type Step = Result<(), Refusal>;

impl Deciding<'_> {
    fn dispatch(&mut self, command: &Command) -> Step {
        match command {
            Command::Create { diagnosis } => self.create(diagnosis.as_deref()),
            Command::Issue {} => self.issue(),
            Command::Hold { reason, note } => self.hold(*reason, note),
            Command::Release { note } => self.release(note),
            Command::Deny { reason } => self.deny(reason),
            Command::Cancel { reason } => self.cancel(reason),
            Command::Reopen { reason } => self.reopen(reason),
            Command::Close {} => self.close(),
            Command::Backorder { expected_on } => self.backorder(*expected_on),
            Command::Allocate { serial_number } => self.allocate(serial_number),
            Command::Ship { carrier, tracking_number } => {
                self.ship(carrier, tracking_number.as_deref())
            }
            Command::Deliver { signed_by } => self.deliver(signed_by.as_deref()),
            Command::FailDelivery { reason } => self.fail_delivery(reason),
            Command::EstimateDelivery {} => self.estimate_delivery(),
            Command::ReceiveReplacement { serial_number, condition } => {
                self.receive_replacement(serial_number, *condition)
            }
            Command::ReportDeadOnArrival { symptom, child } => {
                self.report_dead_on_arrival(symptom, *child)
            }
            Command::EndDeadOnArrival { child } => self.end_dead_on_arrival(*child),
            Command::HandOver { carrier, tracking_number } => {
                self.hand_over(carrier.as_deref(), tracking_number.as_deref())
            }
            Command::Receive { serial_number, .. } => self.receive(serial_number.as_ref()),
            Command::Forward { carrier, tracking_number } => {
                self.forward(carrier, tracking_number.as_deref())
            }
            Command::ReceiveAtCentre {} => self.receive_at_centre(),
            Command::LoseInTransfer { reason } => self.lose_in_transfer(reason),
            Command::Refuse { reason } => self.refuse_box(reason),
            Command::Quarantine { serial_number, reason } => {
                self.quarantine(serial_number.as_ref(), reason)
            }
            Command::Accept {} => self.accept(),
            Command::MarkDiscrepant { reason } => self.mark_discrepant(reason),
            Command::ResolveDiscrepancy { outcome } => self.resolve_discrepancy(*outcome),
            Command::FindExclusion { exclusion, evidence } => {
                self.find_exclusion(*exclusion, evidence)
            }
            Command::ClaimDelivery { proof, delivered_on, attachments } => {
                self.claim_delivery(proof, *delivered_on, attachments)
            }
            Command::EncloseLabel { attachment } => self.enclose_label(*attachment),
            Command::WithdrawLabel { reason } => self.withdraw_label(reason),
            Command::UpholdClaim { found } => self.uphold_claim(*found),
            Command::RejectClaim { reason } => self.reject_claim(reason),
            Command::CertifyDestruction { certificate } => self.certify_destruction(certificate),
            Command::Remind {} => self.remind(),
            Command::FallDue {} => self.fall_due(),
            Command::Charge { amount_minor, reason } => self.charge(*amount_minor, reason),
            Command::Extend { business_days, reason } => self.extend(*business_days, reason),
            Command::Waive { reason } => self.waive(reason),
            Command::Purchase { purchase_order } => self.purchase(purchase_order),
            Command::Credit { amount_minor, reason } => self.credit(*amount_minor, reason),
            Command::KeepCharge { reason } => self.keep_charge(reason),
            Command::StartRepair {} => self.start_repair(),
            Command::Quote { amount_minor } => self.quote(*amount_minor),
            Command::FinishRepair { outcome } => self.finish_repair(*outcome),
            Command::RequestAnalysis {} => self.request_analysis(),
            Command::ApproveAnalysis { reason } => self.approve_analysis(reason),
            Command::DeclineAnalysis { reason } => self.decline_analysis(reason),
            Command::AgreeFailureAnalysis { accept_destruction } => {
                self.agree_failure_analysis(*accept_destruction)
            }
            Command::PostInterimReport { report, final_due_on } => {
                self.post_interim_report(report, *final_due_on)
            }
            Command::PostFinalReport { report, unit_destroyed } => {
                self.post_final_report(report, *unit_destroyed)
            }
            Command::VoidAnalysis { missing } => self.void_analysis(missing),
            Command::PlanVisit { engineer, at } => self.plan_visit(engineer, *at),
            Command::MoveVisit { engineer, at, reason } => {
                self.move_visit(engineer.as_deref(), *at, reason)
            }
            Command::RecordVisit { arrived_at, outcome, engineer, reason } => {
                self.record_visit(engineer.as_deref(), *arrived_at, (*outcome, reason.as_deref()))
            }
            Command::WithdrawVisit { reason } => self.withdraw_visit(reason),
        }
    }

    fn emit(&mut self, event: Event) {
        self.rma.apply(&event, &self.stamp);
        self.events.push(event);
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(self.rule, reason))
    }

    /// A calendar that cannot answer is a refusal that says so: nothing is guessed.
    fn dated<T>(&self, result: Result<T, CalendarError>) -> Result<T, Refusal> {
        result.map_err(|error| Refusal::new(self.rule, error.to_string()))
    }

    fn not_blank(&self, what: &'static str, text: &str) -> Step {
        not_blank(self.rule, what, text)
    }

    /// A text that may be left out; a blank one is none.
    fn optional(&self, what: &'static str, text: Option<&str>) -> Result<Option<String>, Refusal> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        self.not_blank(what, text)?;
        Ok(Some(text.to_owned()))
    }

    /// T19, AMB-14: whatever would change a closed RMA does so within the programme's days only.
    fn closed_long_ago(&self, command: &Command) -> Step {
        let Some(closed_at) = self.rma.closed_at else { return Ok(()) };
        // None of them reopens it: notes of where a unit is, a wrong label taken out, and the child's own end,
        // which lets a window run on that was kept still.
        let stands = match command {
            Command::Quarantine { .. }
            | Command::EndDeadOnArrival { .. }
            | Command::Forward { .. }
            | Command::WithdrawLabel { .. }
            | Command::ReceiveAtCentre {}
            | Command::LoseInTransfer { .. } => true,
            Command::ResolveDiscrepancy { .. } => self.rma.inbound != Inbound::Discrepant,
            _ => false,
        };
        if stands {
            return Ok(());
        }
        let days = i64::from(self.programme.reopen_days);
        if self.now - closed_at > chrono::TimeDelta::days(days) {
            return Err(Refusal::new(
                "T19",
                format!(
                    "{} was closed on {}, more than {days} days ago; put the matter on a new case",
                    self.rma.number,
                    closed_at.date_naive()
                ),
            ));
        }
        Ok(())
    }

    /// Closed = every track at its end. The event that ends the last clock carries the closing with
    /// it; one that starts a clock again carries the reopening.
    fn close_or_reopen(&mut self, command: &Command) -> Step {
        if matches!(command, Command::Close {}) {
            return Ok(());
        }
        if self.events.is_empty() {
            return self.refuse("nothing would change");
        }
        self.void_without_unit();
        self.void_visit();
        if matches!(command, Command::Reopen { .. }) {
            return Ok(());
        }
        let settled = self.rma.is_settled();
        if self.rma.is_open && settled {
            self.emit(Event::Closed {});
        } else if !self.rma.is_open && !settled {
            if let Some(other) = self.facts.other_open {
                return self.refuse(format!(
                    "it would reopen this RMA while {other} is open on the same serial"
                ));
            }
            self.emit(Event::Reopened { reason: command_name(command) });
        }
        Ok(())
    }

    fn require_issued(&self) -> Step {
        match self.rma.authorisation {
            Authorisation::Issued => Ok(()),
            other => self.refuse(format!("the RMA is {other}, not issued")),
        }
    }

    fn place<'f>(&self, place: &'f Option<Place>, what: &str) -> Result<&'f Place, Refusal> {
        match place {
            Some(place) => Ok(place),
            None => self.refuse(format!("there is no {what}; add one to the sites")),
        }
    }

    fn today_at_ship_to(&self) -> Result<NaiveDate, Refusal> {
        Ok(self.place(&self.facts.ship_to, "ship-to site")?.local_date(self.now))
    }

    fn occurred_on_at_ship_to(&self) -> Result<NaiveDate, Refusal> {
        let place = self.place(&self.facts.ship_to, "ship-to site")?;
        Ok(place.local_date(self.stamp.occurred_at))
    }
}

fn not_blank(rule: &'static str, what: &'static str, text: &str) -> Step {
    let reason = match checked_text(text, 2000) {
        Ok(_) => return Ok(()),
        Err(TextError::Blank { .. }) => format!("the {what} is missing"),
        Err(TextError::TooLong { .. }) => format!("the {what} is longer than 2,000 characters"),
        Err(TextError::Control { code }) => {
            format!("the {what} holds the control character U+{code:04X}")
        }
    };
    Err(Refusal::new(rule, reason))
}

/// The command's word, for messages: `charge`, `report dead on arrival`.
fn command_name(command: &Command) -> String {
    let name = format!("{command:?}");
    let word = name.split([' ', '{']).next().unwrap_or_default();
    let mut out = String::with_capacity(word.len() + 4);
    for (at, c) in word.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}
