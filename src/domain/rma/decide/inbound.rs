//! T7 to T9a, T13 and T17: the defective unit on its way home, at the dock and under inspection.

use chrono::NaiveDate;

use super::transfer::Arrived;
use super::{Deciding, Step};
use crate::domain::attachment::{AttachmentKind, FileRef};
use crate::domain::ids::{AttachmentId, SerialNumber};
use crate::domain::rma::event::{Cause, Event, RepairDue};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::state::Review;
use crate::domain::rma::tracks::{
    Authorisation, Exclusion, Exposure, Inbound, Mode, Repair, WrongUnit,
};

impl Deciding<'_> {
    /// T7: the clock goes on.
    pub(super) fn hand_over(&mut self, carrier: Option<&str>, tracking: Option<&str>) -> Step {
        if !matches!(self.rma.inbound, Inbound::Awaiting | Inbound::Refused) {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        let carrier = self.optional("carrier", carrier)?;
        let tracking_number = self.optional("tracking number", tracking)?;
        self.emit(Event::HandedOver { carrier, tracking_number });
        Ok(())
    }

    /// T8, for a box the dock's grid gave to this RMA (AMB-14). Another serial, or none that could be
    /// read, is received and discrepant at once: this unit stays owed.
    pub(super) fn receive(&mut self, serial_number: Option<&SerialNumber>) -> Step {
        self.may_be_received()?;
        let arrived = self.arrived()?;
        if serial_number != Some(&self.rma.serial_number) {
            return self.receive_wrong(serial_number, arrived);
        }
        self.resume_window(Cause::Claim)?;
        let Arrived { on: received_on, dock } = arrived;
        let repair_due = self.repair_due(received_on)?;
        self.emit(Event::Received {
            serial_number: serial_number.cloned(),
            received_on,
            repair_due,
            dock,
        });
        Ok(())
    }

    fn may_be_received(&self) -> Step {
        match self.rma.authorisation {
            _ if self.rma.is_authorised() => {}
            Authorisation::Requested | Authorisation::Created | Authorisation::OnHold => {
                return self.refuse(
                    "the RMA is not issued: the box goes to quarantine, logistics decides (AMB-14)",
                );
            }
            Authorisation::Denied => {
                return self.refuse(
                    "the RMA is denied: the box goes to quarantine, logistics decides (AMB-14)",
                );
            }
            Authorisation::Cancelled if self.rma.terms.is_none() => {
                return self.refuse(
                    "the RMA ended before it was issued: the box goes to quarantine, logistics decides (AMB-14)",
                );
            }
            Authorisation::Issued | Authorisation::Cancelled => {}
        }
        if self.rma.exposure == Exposure::Purchased {
            return self.refuse("the customer bought the unit: it goes to quarantine (AMB-14)");
        }
        match self.rma.inbound {
            Inbound::Accepted => self.refuse("the unit is accepted already"),
            Inbound::Received => self.refuse("the unit is received already"),
            Inbound::NotRequiredDestroyed => {
                self.refuse("the unit was certified destroyed: the box goes to quarantine")
            }
            _ => Ok(()),
        }
    }

    fn receive_wrong(&mut self, found: Option<&SerialNumber>, arrived: Arrived) -> Step {
        if !self.rma.inbound.is_owed() && self.rma.inbound != Inbound::DeliveryClaimed {
            return self.refuse("the box does not hold this RMA's unit, which is not owed");
        }
        let reason = match found {
            Some(serial) => format!("the box held serial {serial}"),
            None => "the box held no unit whose serial could be read".to_owned(),
        };
        if self.rma.inbound == Inbound::DeliveryClaimed {
            // The claim is answered by its own command; the wrong box is only put on record.
            let serial_number = found.cloned();
            self.emit(Event::Quarantined { serial_number, reason });
            return Ok(());
        }
        let serial_number = found.cloned();
        let Arrived { on: received_on, dock } = arrived;
        self.emit(Event::Received { serial_number, received_on, repair_due: None, dock });
        self.emit(Event::FoundDiscrepant { reason });
        self.owed_again(0)
    }

    /// WAR-5: the bench has its business days from the first receipt, on the repair centre's calendar.
    fn repair_due(&self, received_on: NaiveDate) -> Result<Option<RepairDue>, Refusal> {
        if self.rma.mode() != Some(Mode::ReturnToFactory) {
            return Ok(None);
        }
        let centre = self.place(&self.facts.return_site, "return site")?;
        let days = self.programme.repair_days;
        let due_on = self.dated(centre.calendar.add_business_days(received_on, days))?;
        let calendar = centre.calendar.code().clone();
        Ok(Some(RepairDue { due_on, received_on, calendar }))
    }

    /// T8: the dock turns the box away at the sender's cost; the unit stays owed.
    pub(super) fn refuse_box(&mut self, reason: &str) -> Step {
        if !self.rma.inbound.is_owed() || self.rma.inbound == Inbound::Refused {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::RefusedAtDock { reason: reason.to_owned() });
        Ok(())
    }

    /// AMB-14: on record only; no track moves.
    pub(super) fn quarantine(&mut self, serial: Option<&SerialNumber>, reason: &str) -> Step {
        self.not_blank("reason", reason)?;
        let reason = reason.to_owned();
        self.emit(Event::Quarantined { serial_number: serial.cloned(), reason });
        Ok(())
    }

    /// T9: clears the exposure; a charge for the overdue unit goes to credit review (AMB-30).
    pub(super) fn accept(&mut self) -> Step {
        if self.rma.inbound != Inbound::Received {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        self.take_in()
    }

    fn take_in(&mut self) -> Step {
        self.emit(Event::Accepted {});
        self.clear_exposure("the unit was accepted");
        self.queue_repair();
        self.start_repair_analysis()
    }

    /// T15: an accepted unit of a return to factory waits for the bench. A hold does not keep it from
    /// there: forgotten, it would count as settled once the hold is released.
    pub(super) fn queue_repair(&mut self) {
        let waits = self.rma.mode() == Some(Mode::ReturnToFactory)
            && self.rma.is_authorised()
            && self.rma.inbound == Inbound::Accepted
            && self.rma.repair == Repair::None;
        if waits {
            self.emit(Event::RepairQueued {});
        }
    }

    /// T9: the unit is owed again, its due date later by the business days the dock held it.
    pub(super) fn mark_discrepant(&mut self, reason: &str) -> Step {
        if self.rma.inbound != Inbound::Received {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        self.not_blank("reason", reason)?;
        let held = match self.rma.received_on {
            Some(since) => self.held_by_dock(since)?,
            None => 0,
        };
        self.emit(Event::FoundDiscrepant { reason: reason.to_owned() });
        self.owed_again(held)
    }

    /// T9: says what becomes of the wrong unit; the right one is awaited, unless this was it, or has
    /// come since.
    pub(super) fn resolve_discrepancy(&mut self, outcome: WrongUnit) -> Step {
        if self.rma.inbound != Inbound::Discrepant {
            return self.resolve_afterwards(outcome);
        }
        let today =
            self.place(&self.facts.return_site, "return site")?.local_date(self.stamp.occurred_at);
        // The box that held it came when it came, not when its label was read again.
        let received_on = self.rma.shelved.as_ref().map_or(today, |receipt| receipt.on);
        self.emit(Event::DiscrepancyResolved { outcome });
        if outcome == WrongUnit::RightUnit {
            let repair_due = self.repair_due(received_on)?;
            let serial_number = Some(self.rma.serial_number.clone());
            // Where it came, and its way on from there, are kept with the box.
            let dock = None;
            self.emit(Event::Received { serial_number, received_on, repair_due, dock });
            return self.take_in();
        }
        Ok(())
    }

    /// The right unit did not wait for somebody to decide about the wrong one, which is on the shelf still.
    fn resolve_afterwards(&mut self, outcome: WrongUnit) -> Step {
        if self.rma.wrong_units == 0 {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        if outcome == WrongUnit::RightUnit {
            return self.refuse(format!(
                "the unit itself is {}; say what becomes of the wrong one",
                self.rma.inbound
            ));
        }
        self.emit(Event::DiscrepancyResolved { outcome });
        Ok(())
    }

    /// T9a.
    pub(super) fn find_exclusion(&mut self, exclusion: Exclusion, evidence: &str) -> Step {
        if !matches!(self.rma.inbound, Inbound::Received | Inbound::Accepted) {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        self.not_blank("evidence", evidence)?;
        let free = match self.rma.exposure {
            Exposure::None | Exposure::Exposed | Exposure::Cleared | Exposure::Credited => true,
            Exposure::InReview => self.rma.review == Some(Review::Overdue),
            _ => false,
        };
        if !free {
            return self.refuse(format!("the exposure is {}; settle it first", self.rma.exposure));
        }
        self.emit(Event::ExclusionFound { exclusion, evidence: evidence.to_owned() });
        self.void_for_exclusion(exclusion, evidence);
        Ok(())
    }

    /// T13: the exposure stands still until the claim is decided. A proof is attached, and words alone are
    /// none: whoever decides has to see what was signed.
    pub(super) fn claim_delivery(
        &mut self,
        proof: &str,
        delivered_on: NaiveDate,
        attachments: &[AttachmentId],
    ) -> Step {
        if !matches!(self.rma.inbound, Inbound::Awaiting | Inbound::InTransit) {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        if self.rma.exposure == Exposure::Purchased {
            return self.refuse("the customer bought the unit; nothing is owed");
        }
        self.not_blank("proof of delivery", proof)?;
        let centre = self.place(&self.facts.return_site, "return site")?;
        let today = centre.local_date(self.stamp.occurred_at);
        // The date where the proof's was written: the ship-to site may be a day ahead.
        let issued_on = self.rma.issued_at.map_or(today, |at| centre.local_date(at));
        if delivered_on > today || delivered_on < issued_on {
            return self.refuse(format!(
                "the proof's date {delivered_on} is not between the issue on {issued_on} and {today}"
            ));
        }
        let decide_by =
            self.dated(centre.calendar.add_business_days(today, self.programme.claim_days))?;
        let attachments = self.proofs(attachments)?;
        let proof = proof.to_owned();
        self.emit(Event::DeliveryClaimed { proof, delivered_on, decide_by, attachments });
        self.pause_window(Cause::Claim)
    }

    /// The files of a proof, each kept with this RMA as one.
    fn proofs(&self, named: &[AttachmentId]) -> Result<Vec<FileRef>, Refusal> {
        if named.is_empty() {
            return self.refuse(
                "no proof of delivery is attached; keep the file with the RMA as delivery_proof, then \
                 name it in attachments",
            );
        }
        let mut proofs: Vec<FileRef> = Vec::with_capacity(named.len());
        for id in named {
            match self.file(*id, AttachmentKind::DeliveryProof) {
                Some(file) if proofs.contains(&file) => {}
                Some(file) => proofs.push(file),
                None => {
                    let number = self.rma.number;
                    return self
                        .refuse(format!("attachment {} is no delivery_proof of {number}", id.0));
                }
            }
        }
        Ok(proofs)
    }

    /// T13 upheld: found, the unit was received on the proof's date; not found, it is lost by us.
    pub(super) fn uphold_claim(&mut self, found: bool) -> Step {
        let Some(claim) = self.rma.claim.clone() else {
            return self.refuse("there is no claim to decide");
        };
        self.emit(Event::ClaimUpheld { found });
        if found {
            let received_on = claim.delivered_on;
            let repair_due = self.repair_due(received_on)?;
            let serial_number = Some(self.rma.serial_number.clone());
            let dock = None;
            self.emit(Event::Received { serial_number, received_on, repair_due, dock });
            return Ok(());
        }
        self.clear_exposure("the unit was delivered to us and lost");
        self.replace_what_cannot_be_repaired();
        Ok(())
    }

    /// T13 rejected: owed again, and the clock runs on.
    pub(super) fn reject_claim(&mut self, reason: &str) -> Step {
        if self.rma.claim.is_none() {
            return self.refuse("there is no claim to decide");
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::ClaimRejected { reason: reason.to_owned() });
        self.resume_window(Cause::Claim)?;
        self.owed_again(0)
    }

    /// T17.
    pub(super) fn certify_destruction(&mut self, certificate: &str) -> Step {
        if !matches!(self.rma.inbound, Inbound::Awaiting | Inbound::InTransit) {
            return self.refuse(format!("the defective unit is {}", self.rma.inbound));
        }
        self.not_blank("certificate", certificate)?;
        self.emit(Event::DestructionCertified { certificate: certificate.to_owned() });
        self.clear_exposure("the unit was destroyed under a certificate");
        self.replace_what_cannot_be_repaired();
        Ok(())
    }

    /// A return to factory whose unit no longer exists is answered by a replacement, also where the bench
    /// was waiting for it.
    pub(super) fn replace_what_cannot_be_repaired(&mut self) {
        let waits = self.rma.mode() == Some(Mode::ReturnToFactory)
            && self.rma.is_authorised()
            && matches!(self.rma.inbound, Inbound::LostByUs | Inbound::NotRequiredDestroyed)
            && matches!(self.rma.repair, Repair::None | Repair::Queued);
        if waits {
            let outcome = Repair::Replaced;
            self.emit(Event::RepairFinished { outcome, cover_through_on: None });
        }
    }
}
