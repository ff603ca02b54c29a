//! The return window inside a decision: opened, moved, standing still (AMB-1, T9, T13, T20).

use chrono::NaiveDate;

use super::{Deciding, Step};
use crate::domain::programme::AnchorRule;
use crate::domain::return_window::{Anchor, AnchorKind, Window};
use crate::domain::rma::event::{Cause, Event};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::tracks::Exposure;

impl Deciding<'_> {
    pub(super) fn window(&self) -> Result<Window<'_>, Refusal> {
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let return_zone = match (&self.rma.terms, &self.facts.return_site) {
            (Some(terms), _) => terms.return_site.zone,
            (None, Some(site)) => site.zone,
            (None, None) => ship_to.zone,
        };
        Ok(Window { programme: self.programme, ship_to, return_zone })
    }

    /// What the window counts from, as far as it has happened (AMB-1): the programme's anchor, and
    /// never before the issue.
    fn anchor(&self) -> Option<Anchor> {
        let terms = self.rma.terms.as_ref()?;
        let issued = Anchor { kind: AnchorKind::Issued, on: terms.issued_on };
        let later = |kind, on: NaiveDate| {
            if on > issued.on { Anchor { kind, on } } else { Anchor { kind, on: issued.on } }
        };
        match self.programme.return_anchor {
            AnchorRule::Issued => Some(issued),
            AnchorRule::Shipped => {
                self.rma.shipment.shipped_on.map(|on| later(AnchorKind::Shipped, on))
            }
            AnchorRule::Delivered => {
                let on = self.rma.shipment.delivered_on?;
                let estimated = self.rma.shipment.estimated;
                let kind = if estimated { AnchorKind::Estimated } else { AnchorKind::Delivered };
                Some(later(kind, on))
            }
        }
    }

    /// Money can hang on the unit's return: something was advanced for it, the RMA stands, and the unit
    /// was not forgiven.
    pub(super) fn asks_for_the_unit(&self) -> bool {
        self.rma.is_advance() && self.rma.is_authorised() && self.rma.is_asked_back()
    }

    /// Exposes an advance replacement whose anchor has happened while its unit is still to come. Time
    /// the dock held the unit (`held` business days) is added.
    pub(super) fn open_window(&mut self, held: u32) -> Step {
        let opens = self.asks_for_the_unit()
            && self.rma.inbound.is_owed()
            && matches!(self.rma.exposure, Exposure::None | Exposure::Cleared);
        let Some(anchor) = self.anchor().filter(|_| opens) else { return Ok(()) };
        let today = self.today_at_ship_to()?;
        let window = self.window()?;
        let mut due = match anchor.kind {
            AnchorKind::Estimated => self.dated(window.estimated(anchor.on, today))?,
            _ => self.dated(window.due(anchor, today))?,
        };
        if held > 0 {
            due = self.dated(window.moved(&due, held, today))?;
        }
        // A date the customer was given once is not taken back when the window opens anew.
        if let Some(before) = &self.rma.due {
            due = self.dated(window.at_least(&due, before.due_on, today))?;
        }
        self.emit(Event::WindowOpened { due });
        if self.rma.dead_on_arrival.is_some() {
            self.emit(Event::WindowPaused { since: today, cause: Cause::DeadOnArrival });
        }
        Ok(())
    }

    /// AMB-1: a real proof of delivery replaces an estimate, never moves the due date earlier, takes
    /// a review back to exposed, and a charge made too early to credit review.
    pub(super) fn prove_window(&mut self) -> Step {
        let live =
            matches!(self.rma.exposure, Exposure::Exposed | Exposure::InReview | Exposure::Charged);
        let (Some(before), Some(anchor)) = (self.rma.due.clone(), self.anchor()) else {
            return Ok(());
        };
        if !live || before.anchor.kind != AnchorKind::Estimated {
            return Ok(());
        }
        let due = self.dated(self.window()?.proved(anchor, &before, self.today_at_ship_to()?))?;
        let later = due.due_on > before.due_on;
        self.emit(Event::WindowMoved { due, cause: Cause::ProofOfDelivery });
        if later && self.rma.exposure == Exposure::Charged {
            let cause = "a proof of delivery moved the due date of the charged unit".to_owned();
            self.emit(Event::CreditReviewOpened { cause });
        }
        self.expose_again_if_in_time()
    }

    /// Moves the window later by business days and withdraws a review that no longer stands.
    pub(super) fn move_window(&mut self, days: u32, cause: Cause) -> Step {
        let Some(before) = self.rma.due.clone() else { return Ok(()) };
        let today = self.today_at_ship_to()?;
        let due = self.dated(self.window()?.moved(&before, days, today))?;
        let resumes = matches!(cause, Cause::Claim | Cause::DeadOnArrival);
        self.emit(if resumes {
            Event::WindowResumed { due, cause }
        } else {
            Event::WindowMoved { due, cause }
        });
        self.expose_again_if_in_time()
    }

    /// Stops the window's clock while something else is being settled.
    pub(super) fn pause_window(&mut self, cause: Cause) -> Step {
        if matches!(self.rma.exposure, Exposure::Exposed | Exposure::InReview)
            && self.rma.due.is_some()
        {
            let since = self.occurred_on_at_ship_to()?;
            self.emit(Event::WindowPaused { since, cause });
        }
        Ok(())
    }

    /// Lets the clock run on. Where two causes overlapped, the last one to end carries the whole time.
    pub(super) fn resume_window(&mut self, cause: Cause) -> Step {
        let Some(pause) = self.rma.pause.clone().filter(|pause| pause.causes.contains(&cause))
        else {
            return Ok(());
        };
        let days = if pause.causes.len() > 1 { 0 } else { self.stood_still(pause.since)? };
        self.move_window(days, cause)
    }

    /// T9: the business days the dock held a unit, up to the day another pause began to count them.
    pub(super) fn held_by_dock(&self, since: NaiveDate) -> Result<u32, Refusal> {
        let today = self.occurred_on_at_ship_to()?;
        let until = self.rma.pause.as_ref().map_or(today, |pause| pause.since.min(today));
        self.business_days(since, until)
    }

    /// Business days from `since` to the day of this order, on the window's calendar.
    fn stood_still(&self, since: NaiveDate) -> Result<u32, Refusal> {
        self.business_days(since, self.occurred_on_at_ship_to()?)
    }

    fn business_days(&self, since: NaiveDate, until: NaiveDate) -> Result<u32, Refusal> {
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let days = self.dated(ship_to.calendar.business_days_between(since, until))?;
        Ok(u32::try_from(days).unwrap_or(0))
    }

    fn expose_again_if_in_time(&mut self) -> Step {
        use crate::domain::rma::state::Review;
        let overdue_review =
            self.rma.exposure == Exposure::InReview && self.rma.review == Some(Review::Overdue);
        let in_time = match &self.rma.due {
            Some(due) => due.return_zone.end_of_day(due.due_on) > self.now,
            None => false,
        };
        if overdue_review && in_time {
            self.emit(Event::ExposedAgain {});
        }
        Ok(())
    }

    /// The debt is gone: what was exposed or under review is cleared, what was charged as overdue goes
    /// to credit review (AMB-30).
    pub(super) fn clear_exposure(&mut self, cause: &str) {
        use crate::domain::rma::state::Review;
        let excluded = matches!(self.rma.review, Some(Review::Excluded(_)));
        match self.rma.exposure {
            Exposure::Exposed => self.emit(Event::ExposureCleared { cause: cause.to_owned() }),
            Exposure::InReview if !excluded => {
                self.emit(Event::ExposureCleared { cause: cause.to_owned() });
            }
            Exposure::Charged if !excluded => {
                self.emit(Event::CreditReviewOpened { cause: cause.to_owned() });
            }
            _ => {}
        }
    }

    /// The same, also for what was found excluded: with the replacement back nothing can be owed.
    pub(super) fn clear_all_exposure(&mut self, cause: &str) {
        let cause = cause.to_owned();
        match self.rma.exposure {
            Exposure::Exposed | Exposure::InReview => self.emit(Event::ExposureCleared { cause }),
            Exposure::Charged => self.emit(Event::CreditReviewOpened { cause }),
            _ => {}
        }
    }
}
