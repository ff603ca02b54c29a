//! State is the fold of the events. Folding asks no calendar, price or policy: events carry results.

use super::event::{Cause, Event, Recorded, Stamp};
use super::state::{
    AnalysisFile, Claim, Forwarding, Lost, Pause, PostedReport, Receipt, Replacement, Review, Rma,
    Shipment, Transfer,
};
use super::tracks::{
    Analysis, Authorisation, Exposure, Inbound, Mode, Outbound, Repair, ReplacementCondition,
    WrongUnit,
};
use super::visit::Visit;
use crate::domain::analysis::Report;

/// Why a list of events is no history of one RMA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("there are no events")]
    Empty,
    #[error("the first event is {0:?}, not a request")]
    NotARequest(&'static str),
    #[error("event {found} stands where {expected} should")]
    Gap { expected: i64, found: i64 },
}

/// Folds a whole history, in the order of its sequences.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<Rma, FoldError> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(FoldError::Empty)?;
    let mut rma = Rma::start(first)?;
    for event in events {
        rma.advance(event)?;
    }
    Ok(rma)
}

impl Rma {
    /// The state after the first event.
    pub fn start(first: &Recorded) -> Result<Self, FoldError> {
        let Event::Requested {
            number,
            case_number,
            manufacturer,
            serial_number,
            part_number,
            account,
            parent,
            symptom: _,
        } = &first.event
        else {
            return Err(FoldError::NotARequest(first.event.kind()));
        };
        if first.sequence != 1 {
            return Err(FoldError::Gap { expected: 1, found: first.sequence });
        }
        Ok(Self {
            number: *number,
            case_number: *case_number,
            manufacturer: manufacturer.clone(),
            serial_number: serial_number.clone(),
            part_number: part_number.clone(),
            account: account.clone(),
            parent: *parent,
            version: 1,
            is_open: true,
            authorisation: Authorisation::Requested,
            reason: None,
            held_from: None,
            held_by_hand: false,
            passed_export: false,
            diagnosed: false,
            terms: None,
            issued_by: None,
            issued_at: None,
            outbound: Outbound::None,
            replacement: None,
            shipment: Shipment::default(),
            first_shipped_at: None,
            lost: Vec::new(),
            inbound: Inbound::NotExpected,
            received_at: None,
            received_on: None,
            transfer: None,
            shelved: None,
            wrong_units: 0,
            forgiven: None,
            claim: None,
            return_label: None,
            repair: Repair::None,
            repair_due_on: None,
            cover_through_on: None,
            analysis: Analysis::None,
            analysis_file: AnalysisFile::default(),
            visit: Visit::default(),
            exposure: Exposure::None,
            review: None,
            due: None,
            pause: None,
            reminders_sent: 0,
            reminded_through: None,
            charged_minor: 0,
            credited_minor: 0,
            dead_on_arrival: None,
            requested_at: first.stamp.occurred_at,
            closed_at: None,
            last_event_at: first.stamp.recorded_at,
        })
    }

    /// The state after one more event.
    pub fn advance(&mut self, recorded: &Recorded) -> Result<(), FoldError> {
        let expected = self.version + 1;
        if recorded.sequence != expected {
            return Err(FoldError::Gap { expected, found: recorded.sequence });
        }
        self.apply(&recorded.event, &recorded.stamp);
        Ok(())
    }

    /// Applies one event. Total: whatever `decide` lets through has a next state.
    pub fn apply(&mut self, event: &Event, stamp: &Stamp) {
        self.version += 1;
        self.last_event_at = stamp.recorded_at;
        self.apply_authorisation(event, stamp);
        self.apply_outbound(event, stamp);
        self.apply_transfer(event, stamp);
        self.apply_inbound(event, stamp);
        self.apply_window(event);
        self.apply_exposure(event);
        self.apply_repair(event);
        self.apply_analysis(event, stamp);
        self.visit.apply(event);
    }

    fn apply_authorisation(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Created { diagnosis } => {
                self.authorisation = Authorisation::Created;
                self.diagnosed = diagnosis.is_some();
            }
            Event::Held { reason, by_hand, .. } => {
                self.held_from.get_or_insert(self.authorisation);
                self.held_by_hand = *by_hand;
                self.authorisation = Authorisation::OnHold;
                self.reason = Some(reason.as_str().to_owned());
            }
            Event::Released { .. } => {
                self.passed_export |= self.reason.as_deref() == Some("export");
                self.authorisation = self.held_from.take().unwrap_or(Authorisation::Created);
                self.held_by_hand = false;
                self.reason = None;
            }
            Event::Denied { reason } => self.end(Authorisation::Denied, reason),
            Event::Cancelled { reason } => self.end(Authorisation::Cancelled, reason),
            Event::Purchased { .. } => {
                self.authorisation = Authorisation::Cancelled;
                self.reason = Some("purchased".to_owned());
            }
            Event::Issued { terms } => {
                self.authorisation = Authorisation::Issued;
                self.held_from = None;
                self.reason = None;
                self.issued_by = Some(stamp.actor.name.clone());
                self.issued_at = Some(stamp.occurred_at);
                self.inbound = terms.inbound;
                // Taken up again, it begins anew: what an earlier issue led to was never sent.
                self.forgiven = None;
                self.return_label = None;
                self.repair = Repair::None;
                self.terms = Some(terms.clone());
            }
            Event::Closed {} => {
                self.is_open = false;
                self.closed_at = Some(stamp.recorded_at);
            }
            Event::Reopened { .. } => self.reopen(),
            _ => {}
        }
    }

    /// Denied or cancelled before anything shipped: nothing goes out, nothing is owed back.
    fn end(&mut self, authorisation: Authorisation, reason: &str) {
        self.authorisation = authorisation;
        self.reason = Some(reason.to_owned());
        self.held_from = None;
        self.held_by_hand = false;
        if !self.has_shipped() {
            self.outbound = Outbound::None;
            self.replacement = None;
            if self.inbound.is_owed() {
                self.inbound = Inbound::NotExpected;
            }
        }
    }

    /// An RMA that ended before anything shipped goes back to where it can be issued, anew and on the
    /// terms of that day; without a diagnosis it goes back to its request. Other tracks stay as they are.
    fn reopen(&mut self) {
        self.is_open = true;
        self.closed_at = None;
        let ended = matches!(self.authorisation, Authorisation::Denied | Authorisation::Cancelled);
        if ended && !self.has_shipped() && self.exposure != Exposure::Purchased {
            self.authorisation =
                if self.diagnosed { Authorisation::Created } else { Authorisation::Requested };
            self.reason = None;
        }
    }

    fn apply_outbound(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::Backordered { .. } => {
                // What was allocated, or lost on its way, is no longer this RMA's replacement.
                self.note_lost();
                self.outbound = Outbound::Backordered;
                self.replacement = None;
                self.shipment = Shipment::default();
            }
            Event::Allocated { serial_number, part_number, substitute } => {
                self.note_lost();
                self.outbound = Outbound::Allocated;
                self.shipment = Shipment::default();
                self.replacement = Some(Replacement {
                    serial_number: serial_number.clone(),
                    part_number: part_number.clone(),
                    substitute: *substitute,
                    back: false,
                });
            }
            Event::Shipped { serial_number, part_number, shipped_on, estimate_after, .. } => {
                self.outbound = Outbound::Shipped;
                self.first_shipped_at.get_or_insert(stamp.occurred_at);
                let substitute = *part_number != self.part_number;
                self.replacement = Some(Replacement {
                    serial_number: serial_number.clone(),
                    part_number: part_number.clone(),
                    substitute,
                    back: false,
                });
                self.shipment = Shipment {
                    shipped_at: Some(stamp.occurred_at),
                    shipped_on: Some(*shipped_on),
                    estimate_after: Some(*estimate_after),
                    ..Shipment::default()
                };
            }
            Event::Delivered { delivered_on, .. } => {
                self.outbound = Outbound::Delivered;
                self.shipment.delivered_on = Some(*delivered_on);
                self.shipment.delivered_at = Some(stamp.occurred_at);
                self.shipment.estimated = false;
            }
            Event::DeliveryEstimated { delivered_on } => {
                self.outbound = Outbound::Delivered;
                self.shipment.delivered_on = Some(*delivered_on);
                self.shipment.estimated = true;
            }
            Event::DeliveryFailed { .. } => {
                self.outbound = Outbound::Failed;
                self.shipment.delivered_on = None;
                self.shipment.delivered_at = None;
                self.shipment.estimated = false;
            }
            // One sent before, lost and found: nothing hangs on it any more.
            Event::ReplacementReturned { serial_number, .. } if self.has_lost(serial_number) => {
                for lost in self.lost.iter_mut().filter(|l| l.serial_number == *serial_number) {
                    lost.back = true;
                }
            }
            Event::ReplacementReturned { condition: ReplacementCondition::Unopened, .. } => {
                self.outbound = Outbound::Returned;
                if self.inbound.is_owed() || self.inbound == Inbound::DeliveryClaimed {
                    self.inbound = Inbound::NotExpected;
                    self.claim = None;
                }
                self.pause = None;
            }
            Event::ReplacementReturned { condition: ReplacementCondition::Defective, .. } => {
                self.replacement.iter_mut().for_each(|unit| unit.back = true);
                // Damaged on its way out: it never arrived, so its delivery is neither awaited nor
                // estimated.
                if self.outbound != Outbound::Delivered {
                    self.outbound = Outbound::Failed;
                }
            }
            _ => {}
        }
    }

    /// A replacement that failed on its way makes room for another, and may yet turn up.
    fn note_lost(&mut self) {
        if self.outbound != Outbound::Failed {
            return;
        }
        let own = &self.serial_number;
        let sent = self.replacement.as_ref().filter(|unit| unit.serial_number != *own);
        self.lost.extend(sent.map(|unit| Lost {
            serial_number: unit.serial_number.clone(),
            shipped_on: self.shipment.shipped_on,
            back: unit.back,
        }));
    }

    fn apply_inbound(&mut self, event: &Event, stamp: &Stamp) {
        match event {
            Event::HandedOver { .. } => self.inbound = Inbound::InTransit,
            Event::Received { received_on, repair_due, .. } => {
                if !self.inbound.is_owed() && self.inbound != Inbound::DeliveryClaimed {
                    self.forgiven = Some(self.inbound);
                }
                if self.inbound == Inbound::LostByUs {
                    // Found again: it is where it came now.
                    self.received_at = None;
                }
                self.inbound = Inbound::Received;
                self.received_at.get_or_insert(stamp.occurred_at);
                self.received_on = Some(*received_on);
                self.claim = None;
                if let Some(due) = repair_due {
                    self.repair_due_on.get_or_insert(due.due_on);
                }
            }
            // What was not owed before the box came is not owed once the box is turned away.
            Event::RefusedAtDock { .. } => {
                self.inbound = self.forgiven.take().unwrap_or(Inbound::Refused);
            }
            Event::Accepted {} => self.inbound = Inbound::Accepted,
            Event::FoundDiscrepant { .. } => {
                // Another box came: what was received until now was not the unit.
                self.inbound = Inbound::Discrepant;
                let transfer = self.transfer.take();
                self.shelved = self
                    .received_at
                    .take()
                    .zip(self.received_on.take())
                    .map(|(at, on)| Receipt { at, on, transfer });
                self.wrong_units += 1;
                self.repair_due_on = None;
            }
            Event::DiscrepancyResolved { outcome } => self.resolve_discrepancy(*outcome),
            Event::LabelEnclosed { label } => self.return_label = Some(label.clone()),
            Event::LabelWithdrawn { .. } => self.return_label = None,
            Event::DeliveryClaimed { delivered_on, decide_by, attachments, .. } => {
                self.claim = Some(Claim {
                    delivered_on: *delivered_on,
                    decide_by: *decide_by,
                    from: self.inbound,
                    proofs: attachments.clone(),
                });
                self.inbound = Inbound::DeliveryClaimed;
            }
            Event::LostInTransfer { .. } => self.inbound = Inbound::LostByUs,
            Event::ClaimUpheld { found: false } => {
                self.inbound = Inbound::LostByUs;
                self.claim = None;
            }
            Event::ClaimRejected { .. } => {
                self.inbound = self.claim.take().map_or(Inbound::Awaiting, |claim| claim.from);
            }
            Event::DestructionCertified { .. } => self.inbound = Inbound::NotRequiredDestroyed,
            _ => {}
        }
    }

    /// RCV-3.
    fn apply_transfer(&mut self, event: &Event, stamp: &Stamp) {
        match (event, &mut self.transfer) {
            (Event::Received { dock: Some(dock), .. }, transfer) => {
                let (dock, forwarded, arrived_on) = (dock.clone(), None, None);
                *transfer = Some(Transfer { dock, forwarded, arrived_on });
            }
            (
                Event::Forwarded { carrier, tracking_number, forwarded_on },
                Some(Transfer { forwarded, .. }),
            ) => {
                let (carrier, tracking_number) = (carrier.clone(), tracking_number.clone());
                let (at, on) = (stamp.occurred_at, *forwarded_on);
                *forwarded = Some(Forwarding { carrier, tracking_number, at, on });
            }
            (Event::ReceivedAtCentre { arrived_on }, Some(transfer)) => {
                transfer.arrived_on = Some(*arrived_on);
            }
            (Event::LostInTransfer { .. }, transfer) => *transfer = None,
            _ => {}
        }
    }

    /// The right unit was here all along; after a wrong one it is as it was before the box came, or as
    /// it is if the right one has come since.
    fn resolve_discrepancy(&mut self, outcome: WrongUnit) {
        self.wrong_units = self.wrong_units.saturating_sub(1);
        if self.inbound != Inbound::Discrepant {
            return;
        }
        let shelved = self.shelved.take();
        if let (WrongUnit::RightUnit, Some(receipt)) = (outcome, shelved) {
            self.received_at = Some(receipt.at);
            self.transfer = receipt.transfer;
        }
        self.inbound = self.forgiven.take().unwrap_or(Inbound::Awaiting);
    }

    fn apply_window(&mut self, event: &Event) {
        match event {
            Event::WindowOpened { due } => {
                self.due = Some(due.clone());
                if self.mode() == Some(Mode::AdvanceReplacement) {
                    self.exposure = Exposure::Exposed;
                    self.review = None;
                }
            }
            Event::WindowMoved { due, .. } => self.due = Some(due.clone()),
            Event::WindowPaused { since, cause } => {
                let pause = self.pause.get_or_insert_with(|| Pause {
                    since: *since,
                    causes: std::collections::BTreeSet::new(),
                });
                pause.causes.insert(*cause);
            }
            Event::WindowResumed { due, cause } => {
                self.due = Some(due.clone());
                self.lift_pause(*cause);
            }
            Event::Received { .. } | Event::ClaimUpheld { .. } => self.lift_pause(Cause::Claim),
            Event::DeadOnArrivalReported { child, .. } => self.dead_on_arrival = Some(*child),
            Event::DeadOnArrivalEnded { .. } => {
                self.dead_on_arrival = None;
                self.lift_pause(Cause::DeadOnArrival);
            }
            Event::Reminded { through, .. } => {
                self.reminders_sent += 1;
                self.reminded_through = Some(*through);
            }
            _ => {}
        }
    }

    fn lift_pause(&mut self, cause: Cause) {
        if let Some(pause) = &mut self.pause {
            pause.causes.remove(&cause);
            if pause.causes.is_empty() {
                self.pause = None;
            }
        }
    }

    fn apply_exposure(&mut self, event: &Event) {
        match event {
            Event::FellDue { .. } | Event::ReviewOpened {} => {
                self.exposure = Exposure::InReview;
                self.review = Some(Review::Overdue);
            }
            Event::ExclusionFound { exclusion, .. } => {
                self.exposure = Exposure::InReview;
                self.review = Some(Review::Excluded(*exclusion));
            }
            Event::ExposedAgain {} => {
                self.exposure = Exposure::Exposed;
                self.review = None;
            }
            Event::Charged { amount, .. } => {
                self.exposure = Exposure::Charged;
                self.charged_minor += amount.minor;
            }
            Event::Waived { .. } => self.exposure = Exposure::Waived,
            Event::Purchased { .. } => self.exposure = Exposure::Purchased,
            Event::CreditReviewOpened { .. } => self.exposure = Exposure::CreditReview,
            Event::Credited { amount, .. } => {
                self.exposure = Exposure::Credited;
                self.credited_minor += amount.minor;
            }
            Event::ChargeKept { .. } => self.exposure = Exposure::Charged,
            Event::ExposureCleared { .. } => {
                self.exposure = Exposure::Cleared;
                self.review = None;
            }
            _ => {}
        }
    }

    fn apply_repair(&mut self, event: &Event) {
        match event {
            Event::RepairQueued {} => self.repair = Repair::Queued,
            Event::RepairStarted {} => self.repair = Repair::InRepair,
            Event::Quoted { .. } => self.repair = Repair::AwaitingQuote,
            Event::RepairFinished { outcome, cover_through_on } => {
                self.repair = *outcome;
                self.cover_through_on = *cover_through_on;
            }
            _ => {}
        }
    }

    fn apply_analysis(&mut self, event: &Event, stamp: &Stamp) {
        let file = &mut self.analysis_file;
        match event {
            Event::AnalysisRequested { approval_needed, .. } => {
                self.analysis = Analysis::Requested;
                file.awaits_approval = *approval_needed;
                file.void_cause = None;
            }
            Event::AnalysisApproved { .. } => file.awaits_approval = false,
            // What is declined after a report is the failure analysis that one of the two wanted.
            Event::AnalysisDeclined { .. } if self.analysis == Analysis::Reported => {
                file.agreed.clear();
            }
            Event::AnalysisDeclined { .. } => {
                self.analysis = Analysis::Declined;
                file.awaits_approval = false;
            }
            Event::RepairAnalysisStarted { due } => {
                self.analysis = Analysis::InRepairAnalysis;
                file.due = Some(due.clone());
            }
            Event::FailureAnalysisAgreed { by } => drop(file.agreed.insert(*by)),
            Event::FailureAnalysisStarted { due } => {
                self.analysis = Analysis::InFailureAnalysis;
                file.due = Some(due.clone());
            }
            Event::ReportPosted { report, text, next_due, .. } => {
                let (text, posted_at) = (text.clone(), stamp.occurred_at);
                file.reports.push(PostedReport { report: *report, text, posted_at });
                file.due.clone_from(next_due);
                if *report != Report::FailureAnalysisInterim {
                    self.analysis = Analysis::Reported;
                }
            }
            Event::AnalysisVoided { cause, .. } => {
                self.analysis = Analysis::Void;
                file.awaits_approval = false;
                file.void_cause = Some(*cause);
                file.due = None;
            }
            _ => {}
        }
    }
}
