//! T5, T6, T6a, T9b and T20: the replacement, or the repaired unit, on its way to the customer.

use chrono::{Days, NaiveDate};

use super::{Deciding, Step};
use crate::domain::ids::{PartNumber, RmaNumber, SerialNumber};
use crate::domain::programme::AnchorRule;
use crate::domain::return_window::AnchorKind;
use crate::domain::rma::event::{Cause, Event};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::state::Review;
use crate::domain::rma::tracks::{
    Authorisation, Exposure, Inbound, Outbound, ReplacementCondition,
};
use crate::domain::site::UnitStatus;

impl Deciding<'_> {
    /// T5.
    pub(super) fn backorder(&mut self, expected_on: Option<NaiveDate>) -> Step {
        self.a_unit_is_owed()?;
        self.comes_from_stock()?;
        if !matches!(
            self.rma.outbound,
            Outbound::None | Outbound::Allocated | Outbound::Backordered | Outbound::Failed
        ) {
            return self.refuse(format!("the replacement is {}", self.rma.outbound));
        }
        self.emit(Event::Backordered { expected_on });
        Ok(())
    }

    /// T5: a unit from stock, never the defective one. Another part number is a substitute.
    pub(super) fn allocate(&mut self, serial_number: &SerialNumber) -> Step {
        self.a_unit_is_owed()?;
        self.comes_from_stock()?;
        if !matches!(self.rma.outbound, Outbound::None | Outbound::Backordered | Outbound::Failed) {
            return self.refuse(format!("the replacement is {}", self.rma.outbound));
        }
        if *serial_number == self.rma.serial_number {
            return self.refuse("the replacement's serial is the defective unit's own");
        }
        let Some(stock) = &self.facts.stock else {
            return self.refuse(format!("serial {serial_number} is not in the register"));
        };
        if stock.manufacturer != self.rma.manufacturer {
            return self.refuse(format!("serial {serial_number} is another manufacturer's"));
        }
        if stock.status != UnitStatus::Stock {
            return self
                .refuse(format!("serial {serial_number} is {}, not in stock", stock.status));
        }
        let substitute = stock.part_number != self.rma.part_number;
        self.emit(Event::Allocated {
            serial_number: stock.serial_number.clone(),
            part_number: stock.part_number.clone(),
            substitute,
        });
        Ok(())
    }

    /// A return to factory whose unit is neither replaced nor lost on its way sends that unit back.
    fn comes_from_stock(&self) -> Step {
        let lost = matches!(self.rma.outbound, Outbound::Failed | Outbound::Backordered);
        if self.rma.sends_itself_back() && !lost {
            return self.refuse("the repaired unit itself goes back; nothing is taken from stock");
        }
        Ok(())
    }

    fn a_unit_is_owed(&self) -> Step {
        if self.rma.exposure != Exposure::Purchased {
            self.require_issued()?;
        }
        if !self.rma.owes_a_unit() {
            return self.refuse(format!(
                "nothing is to be sent yet: the unit's repair is {}",
                self.rma.repair
            ));
        }
        Ok(())
    }

    /// T5. A return to factory sends the same unit back once its repair is finished, unless it was
    /// replaced.
    pub(super) fn ship(&mut self, carrier: &str, tracking_number: Option<&str>) -> Step {
        self.not_blank("carrier", carrier)?;
        self.a_unit_is_owed()?;
        let (serial_number, part_number) = self.what_ships()?;
        let tracking_number = self.optional("tracking number", tracking_number)?;
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let shipped_on = ship_to.local_date(self.stamp.occurred_at);
        let estimate_after = self.dated(
            ship_to.calendar.add_business_days(shipped_on, self.programme.estimate_after_days),
        )?;
        self.emit(Event::Shipped {
            serial_number,
            part_number,
            carrier: carrier.to_owned(),
            tracking_number,
            shipped_on,
            estimate_after,
        });
        if self.programme.return_anchor == AnchorRule::Shipped {
            self.open_window(0)?;
        }
        Ok(())
    }

    fn what_ships(&self) -> Result<(SerialNumber, PartNumber), Refusal> {
        let itself = self.rma.sends_itself_back();
        match (self.rma.outbound, &self.rma.replacement) {
            (Outbound::None, _) if itself => {
                self.kept_for_analysis()?;
                Ok((self.rma.serial_number.clone(), self.rma.part_number.clone()))
            }
            (Outbound::Allocated | Outbound::Failed, Some(unit)) => {
                Ok((unit.serial_number.clone(), unit.part_number.clone()))
            }
            (Outbound::None | Outbound::Backordered, _) => {
                self.refuse("no unit is allocated; allocate a serial from stock first")
            }
            (other, _) => self.refuse(format!("the replacement is {other}")),
        }
    }

    /// T6. Also replaces the clock's estimate by the proof.
    pub(super) fn deliver(&mut self, signed_by: Option<&str>) -> Step {
        self.on_its_way()?;
        if self.rma.shipment.shipped_at.is_some_and(|at| self.stamp.occurred_at < at) {
            return self.refuse("it would have been delivered before it was shipped");
        }
        let delivered_on = self.occurred_on_at_ship_to()?;
        let signed_by = self.optional("signer", signed_by)?;
        self.emit(Event::Delivered { signed_by, delivered_on });
        self.prove_window()?;
        self.open_window(0)
    }

    fn on_its_way(&self) -> Step {
        let estimated = self.rma.shipment.estimated;
        match self.rma.outbound {
            Outbound::Shipped | Outbound::Failed => Ok(()),
            Outbound::Delivered if estimated => Ok(()),
            Outbound::Delivered => self.refuse("its delivery is proved already"),
            other => self.refuse(format!("nothing is on its way: the outbound track is {other}")),
        }
    }

    /// T6. A delivery that failed takes an estimate, and the exposure it gave, back.
    pub(super) fn fail_delivery(&mut self, reason: &str) -> Step {
        self.on_its_way()?;
        if self.rma.outbound == Outbound::Failed {
            return self.refuse("its delivery has failed already");
        }
        if self.rma.shipment.shipped_at.is_some_and(|at| self.stamp.occurred_at < at) {
            return self.refuse("it would have failed before it was shipped");
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::DeliveryFailed { reason: reason.to_owned() });
        let counted_from_it = self.rma.due.as_ref().is_some_and(|due| {
            matches!(due.anchor.kind, AnchorKind::Estimated | AnchorKind::Shipped)
        });
        if counted_from_it || self.rma.exposure == Exposure::Charged {
            self.clear_exposure("the delivery of the replacement failed");
        }
        Ok(())
    }

    /// T6a.
    pub(super) fn estimate_delivery(&mut self) -> Step {
        if self.rma.estimate_at().is_none_or(|at| at > self.now) {
            return self.refuse("no estimate is due: a proof of delivery is still waited for");
        }
        let Some(shipped_on) = self.rma.shipment.shipped_on else {
            return self.refuse("nothing has shipped");
        };
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let transit = self.programme.estimated_transit_days;
        let delivered_on = self.dated(ship_to.calendar.add_business_days(shipped_on, transit))?;
        self.emit(Event::DeliveryEstimated { delivered_on });
        self.open_window(0)
    }

    /// T9b: the replacement itself comes back. Unopened it ends the RMA; defective it is dead on
    /// arrival, which is reported beside it (T20).
    pub(super) fn receive_replacement(
        &mut self,
        serial_number: &SerialNumber,
        condition: ReplacementCondition,
    ) -> Step {
        if self.rma.has_lost(serial_number) {
            // Another was sent in its place: this one goes back to the shelf, and the RMA goes on.
            let serial_number = serial_number.clone();
            self.emit(Event::ReplacementReturned { serial_number, condition });
            return Ok(());
        }
        let ours = self.rma.replacement.as_ref().is_some_and(|r| r.serial_number == *serial_number);
        if !ours || *serial_number == self.rma.serial_number {
            return self.refuse(format!("{serial_number} is not this RMA's replacement"));
        }
        if !matches!(self.rma.outbound, Outbound::Shipped | Outbound::Delivered | Outbound::Failed)
        {
            return self.refuse(format!("the replacement is {}", self.rma.outbound));
        }
        self.emit(Event::ReplacementReturned { serial_number: serial_number.clone(), condition });
        if condition == ReplacementCondition::Unopened {
            // Nothing was advanced in the end, whatever the review was about.
            self.clear_all_exposure("the replacement came back unopened");
            if self.rma.authorisation == Authorisation::Issued {
                let reason = "the replacement came back unopened".to_owned();
                self.emit(Event::Cancelled { reason });
            }
        }
        Ok(())
    }

    /// T20: within the programme's days the dead replacement gets a child RMA, and the parent's window
    /// stands still until the working unit is delivered.
    pub(super) fn report_dead_on_arrival(&mut self, symptom: &str, child: RmaNumber) -> Step {
        self.not_blank("symptom", symptom)?;
        if self.rma.outbound != Outbound::Delivered || self.rma.replacement.is_none() {
            return self
                .refuse(format!("no replacement was delivered: it is {}", self.rma.outbound));
        }
        if let Some(open) = self.rma.dead_on_arrival {
            return self.refuse(format!("{open} is at work on the dead replacement already"));
        }
        if self.rma.replacement.as_ref().is_some_and(|r| r.serial_number == self.rma.serial_number)
        {
            return self
                .refuse("the unit that went back is the one that was sent in; request an RMA");
        }
        let today = self.occurred_on_at_ship_to()?;
        let days = self.programme.dead_on_arrival_days;
        let last = self
            .rma
            .shipment
            .delivered_on
            .and_then(|on| on.checked_add_days(Days::new(u64::from(days))));
        if last.is_none_or(|last| today > last) {
            return self.refuse(format!(
                "dead on arrival is reported within {days} days of delivery; request a new RMA"
            ));
        }
        self.emit(Event::DeadOnArrivalReported { symptom: symptom.to_owned(), child });
        self.pause_window(Cause::DeadOnArrival)
    }

    /// T20: the child RMA has delivered a working unit, or ended without one.
    pub(super) fn end_dead_on_arrival(&mut self, child: RmaNumber) -> Step {
        if self.rma.dead_on_arrival != Some(child) {
            return self.refuse(format!("{child} is not at work on this RMA's replacement"));
        }
        self.resume_window(Cause::DeadOnArrival)?;
        self.emit(Event::DeadOnArrivalEnded { child });
        Ok(())
    }

    /// The anchor of an already issued RMA whose unit is asked for again.
    pub(super) fn owed_again(&mut self, held: u32) -> Step {
        self.withdraw_exclusion();
        match self.rma.exposure {
            Exposure::None | Exposure::Cleared => return self.open_window(held),
            Exposure::Credited => self.owed_after_credit(),
            _ => {}
        }
        if held > 0 && matches!(self.rma.exposure, Exposure::Exposed | Exposure::InReview) {
            return self.move_window(held, Cause::Dock);
        }
        Ok(())
    }

    /// T9a: an exclusion was found on a unit that proves not to be the one; what stands on it falls.
    fn withdraw_exclusion(&mut self) {
        if !matches!(self.rma.review, Some(Review::Excluded(_))) {
            return;
        }
        let cause = "the exclusion was found on another unit".to_owned();
        match self.rma.exposure {
            Exposure::InReview if self.asks_for_the_unit() && self.rma.due.is_some() => {
                self.emit(Event::ExposedAgain {});
            }
            Exposure::InReview => self.emit(Event::ExposureCleared { cause }),
            Exposure::Charged => self.emit(Event::CreditReviewOpened { cause }),
            _ => {}
        }
    }

    /// Whether the unit is here or on its way to being judged, so that nothing is charged for it.
    pub(super) fn unit_is_in_hand(&self) -> bool {
        matches!(
            self.rma.inbound,
            Inbound::Received | Inbound::Accepted | Inbound::DeliveryClaimed | Inbound::LostByUs
        )
    }
}
