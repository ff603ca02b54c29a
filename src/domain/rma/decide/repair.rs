//! T15: the bench.

use chrono::Days;

use super::{Deciding, Step};
use crate::domain::money::Money;
use crate::domain::rma::event::Event;
use crate::domain::rma::tracks::{Inbound, Mode, Repair};

impl Deciding<'_> {
    /// T15; from a quote it is the customer's yes.
    pub(super) fn start_repair(&mut self) -> Step {
        self.on_the_bench(&[Repair::Queued, Repair::AwaitingQuote])?;
        self.emit(Event::RepairStarted {});
        Ok(())
    }

    /// T15.
    pub(super) fn quote(&mut self, amount_minor: i64) -> Step {
        self.on_the_bench(&[Repair::InRepair])?;
        let Some(terms) = &self.rma.terms else {
            return self.refuse("the RMA was never issued, so no currency is kept");
        };
        if amount_minor <= 0 {
            return self.refuse("the amount must be above zero minor units");
        }
        let amount = Money { minor: amount_minor, currency: terms.list_price.currency };
        self.emit(Event::Quoted { amount });
        Ok(())
    }

    /// T15. A refused quote ends unrepaired or scrapped.
    pub(super) fn finish_repair(&mut self, outcome: Repair) -> Step {
        self.on_the_bench(&[Repair::InRepair, Repair::AwaitingQuote])?;
        if !outcome.is_outcome() {
            return self.refuse(format!("{outcome} is no outcome of a repair"));
        }
        let refused_quote = matches!(outcome, Repair::ReturnedUnrepaired | Repair::Scrapped);
        if self.rma.repair == Repair::AwaitingQuote && !refused_quote {
            return self.refuse("the quote is not answered; start the repair once it is accepted");
        }
        if outcome == Repair::Scrapped {
            self.kept_for_analysis()?;
        }
        let cover_through_on = self.cover_after(outcome)?;
        self.emit(Event::RepairFinished { outcome, cover_through_on });
        Ok(())
    }

    /// A repaired or replaced unit is covered for the programme's days or the remainder, whichever is
    /// longer; one without a fault for the remainder only.
    pub(super) fn cover_after(
        &self,
        outcome: Repair,
    ) -> Result<Option<chrono::NaiveDate>, crate::domain::rma::refusal::Refusal> {
        let remainder = self.facts.remaining_cover_on;
        if !matches!(outcome, Repair::Repaired | Repair::Replaced) {
            return Ok(remainder.filter(|_| outcome == Repair::NoFaultFound));
        }
        let centre = self.place(&self.facts.return_site, "return site")?;
        let days = Days::new(u64::from(self.programme.repair_cover_days));
        let fresh = centre.local_date(self.stamp.occurred_at).checked_add_days(days);
        Ok(fresh.max(remainder))
    }

    fn on_the_bench(&self, from: &[Repair]) -> Step {
        if self.rma.mode() != Some(Mode::ReturnToFactory) || self.rma.inbound != Inbound::Accepted {
            return self.refuse(
                "only an accepted unit of a return to factory is repaired for its customer",
            );
        }
        self.is_at_the_centre()?;
        if from.contains(&self.rma.repair) {
            Ok(())
        } else {
            self.refuse(format!("the repair is {}", self.rma.repair))
        }
    }
}
