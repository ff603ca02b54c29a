//! T10 to T12 and T14: reminders, the due day, and everything finance decides.

use super::{Deciding, Step};
use crate::domain::money::Money;
use crate::domain::rma::event::{Cause, Event};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::state::Review;
use crate::domain::rma::tracks::{Exposure, Outbound};

impl Deciding<'_> {
    /// T10: one reminder for all that were missed.
    pub(super) fn remind(&mut self) -> Step {
        let ended = self.rma.falls_due_at().is_some_and(|at| at <= self.now);
        if ended || self.rma.next_reminder_at().is_none_or(|at| at > self.now) {
            return self.refuse("no reminder is due");
        }
        let Some(due_on) = self.rma.due.as_ref().map(|due| due.due_on) else {
            return self.refuse("no reminder is due");
        };
        // By the zone the reminders are dated in: a site that has moved since must not repeat them.
        let today = self.rma.due.as_ref().map_or(due_on, |due| due.zone.local_date(self.now));
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let business_days_left =
            self.dated(ship_to.calendar.business_days_between(today, due_on))?.max(0);
        self.emit(Event::Reminded { due_on, business_days_left, through: today });
        Ok(())
    }

    /// T10: the due date has ended at the return site. A review item, never a charge (RET-2, AMB-15).
    pub(super) fn fall_due(&mut self) -> Step {
        if self.rma.falls_due_at().is_none_or(|at| at > self.now) {
            return self.refuse("the window has not ended");
        }
        let Some(due_on) = self.rma.due.as_ref().map(|due| due.due_on) else {
            return self.refuse("the window has not ended");
        };
        self.emit(Event::FellDue { due_on });
        Ok(())
    }

    /// T11: up to the list price kept at issue, and only while the unit is neither here nor claimed.
    pub(super) fn charge(&mut self, amount_minor: i64, reason: &str) -> Step {
        self.in_review()?;
        self.second_person()?;
        self.not_blank("reason", reason)?;
        self.replacement_shipped()?;
        if self.rma.review == Some(Review::Overdue) && self.unit_is_in_hand() {
            return Err(Refusal::new(
                "AMB-30",
                format!("nothing is charged while the unit is {}", self.rma.inbound),
            ));
        }
        if self.rma.dead_on_arrival.is_some() && self.rma.review == Some(Review::Overdue) {
            return Err(Refusal::new(
                "T20",
                "the replacement was dead on arrival: the window stands still until a working unit is \
                 delivered",
            ));
        }
        let amount = self.amount(amount_minor)?;
        let snapshot = self.rma.terms.as_ref().map_or(0, |terms| terms.list_price.minor);
        if self.rma.balance_minor().saturating_add(amount_minor) > snapshot {
            return Err(Refusal::new(
                "AMB-15",
                format!(
                    "{amount} would bring the charge over the list price kept at issue, {}",
                    Money { minor: snapshot, currency: amount.currency }
                ),
            ));
        }
        self.emit(Event::Charged { amount, reason: reason.to_owned() });
        Ok(())
    }

    /// Always true: no charge unless a replacement shipped. A repaired unit is no replacement.
    fn replacement_shipped(&self) -> Step {
        let replaced = self
            .rma
            .replacement
            .as_ref()
            .is_some_and(|r| r.serial_number != self.rma.serial_number);
        if self.replacement_is_out() && replaced {
            Ok(())
        } else {
            self.refuse("no replacement has shipped, so nothing can be charged")
        }
    }

    /// The customer has the replacement, or it is on its way: not lost, and not sent back.
    fn replacement_is_out(&self) -> bool {
        matches!(self.rma.outbound, Outbound::Shipped | Outbound::Delivered)
    }

    fn amount(&self, minor: i64) -> Result<Money, Refusal> {
        let Some(terms) = &self.rma.terms else {
            return self.refuse("the RMA was never issued, so no price is kept");
        };
        if minor <= 0 {
            return self.refuse("the amount must be above zero minor units");
        }
        Ok(Money { minor, currency: terms.list_price.currency })
    }

    fn in_review(&self) -> Step {
        if self.rma.exposure == Exposure::InReview {
            Ok(())
        } else {
            self.refuse(format!("the exposure is {}, not in review", self.rma.exposure))
        }
    }

    /// T11: whoever issued the RMA does not also decide about its money.
    fn second_person(&self) -> Step {
        if self.rma.issued_by.as_deref() == Some(self.stamp.actor.name.as_str()) {
            return self.refuse(format!(
                "{} issued this RMA; another person must decide about its money",
                self.stamp.actor.name
            ));
        }
        Ok(())
    }

    /// T11: a new due date, and back to exposed.
    pub(super) fn extend(&mut self, business_days: u32, reason: &str) -> Step {
        let overdue =
            self.rma.exposure == Exposure::InReview && self.rma.review == Some(Review::Overdue);
        if self.rma.exposure != Exposure::Exposed && !overdue {
            return self.refuse(format!("the exposure is {}; no window runs", self.rma.exposure));
        }
        self.second_person()?;
        self.not_blank("reason", reason)?;
        if !(1..=1000).contains(&business_days) {
            return self.refuse("an extension is 1 to 1,000 business days");
        }
        self.emit(Event::Extended { business_days, reason: reason.to_owned() });
        self.move_window(business_days, Cause::Extension)?;
        if self.rma.exposure != Exposure::Exposed {
            return self.refuse(format!(
                "{business_days} business days more still end in the past; extend further"
            ));
        }
        Ok(())
    }

    /// T11.
    pub(super) fn waive(&mut self, reason: &str) -> Step {
        self.in_review()?;
        self.second_person()?;
        self.not_blank("reason", reason)?;
        self.emit(Event::Waived { reason: reason.to_owned() });
        Ok(())
    }

    /// T12 (RET-4): the customer keeps the unit. A charge made before is credited in the same write.
    pub(super) fn purchase(&mut self, purchase_order: &str) -> Step {
        if !matches!(self.rma.exposure, Exposure::Exposed | Exposure::InReview | Exposure::Charged)
        {
            return self.refuse(format!("the exposure is {}", self.rma.exposure));
        }
        if self.unit_is_in_hand() {
            return self.refuse(format!("the unit is {}, not kept", self.rma.inbound));
        }
        if !self.replacement_is_out() {
            return self.refuse("no replacement is out, so nothing needs buying: cancel the RMA");
        }
        self.not_blank("purchase order", purchase_order)?;
        let balance = self.rma.balance_minor();
        if balance > 0 {
            let amount = self.amount(balance)?;
            let reason = format!("bought on purchase order {purchase_order}");
            self.emit(Event::Credited { amount, reason });
        }
        self.emit(Event::Purchased { purchase_order: purchase_order.to_owned() });
        Ok(())
    }

    /// T14. A unit still owed after its charge was credited is owed as before.
    pub(super) fn credit(&mut self, amount_minor: i64, reason: &str) -> Step {
        self.in_credit_review()?;
        self.not_blank("reason", reason)?;
        let amount = self.amount(amount_minor)?;
        if amount_minor > self.rma.balance_minor() {
            let balance = Money { minor: self.rma.balance_minor(), currency: amount.currency };
            return self.refuse(format!("{amount} is more than what is charged, {balance}"));
        }
        self.emit(Event::Credited { amount, reason: reason.to_owned() });
        self.owed_after_credit();
        Ok(())
    }

    /// A credited charge leaves a unit that is still to come owed as before: until the window's end,
    /// past it in review, and from the next delivery on where the replacement never arrived.
    pub(super) fn owed_after_credit(&mut self) {
        let owed = self.rma.inbound.is_owed() && self.asks_for_the_unit();
        if !owed || self.rma.exposure != Exposure::Credited {
            return;
        }
        if !self.replacement_is_out() {
            let cause = "the replacement is still to come".to_owned();
            self.emit(Event::ExposureCleared { cause });
            return;
        }
        let running = self
            .rma
            .due
            .as_ref()
            .is_some_and(|due| due.return_zone.end_of_day(due.due_on) > self.now);
        self.emit(if running { Event::ExposedAgain {} } else { Event::ReviewOpened {} });
    }

    /// T14.
    pub(super) fn keep_charge(&mut self, reason: &str) -> Step {
        self.in_credit_review()?;
        self.not_blank("reason", reason)?;
        self.emit(Event::ChargeKept { reason: reason.to_owned() });
        Ok(())
    }

    fn in_credit_review(&self) -> Step {
        if self.rma.exposure == Exposure::CreditReview {
            Ok(())
        } else {
            self.refuse(format!("the exposure is {}, not in credit review", self.rma.exposure))
        }
    }
}
