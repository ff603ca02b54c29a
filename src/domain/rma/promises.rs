//! Whether what was promised was kept (AMB-6, AMB-13): the replacement by the day or hour of its level, the
//! engineer at the site by the same (SVC-5, SVC-8), the repaired unit, or the one in its place, shipped by its
//! day. Judged by what has happened; until then there is no answer.

use chrono::{DateTime, NaiveDate, Utc};

use super::event::Terms;
use super::state::Rma;
use super::tracks::{Mode, Outbound};
use crate::domain::replacement_due::ReplacementDue;
use crate::words;

words! {
    /// What was promised.
    Promised("promise") {
        /// An advance replacement, shipped or delivered (AMB-6).
        Replacement = "replacement",
        /// An engineer at the site (SVC-5, SVC-8); due like a delivery.
        Visit = "visit",
        /// The repaired unit or its replacement, shipped (AMB-13).
        Repair = "repair",
    }
}

/// A promise and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromiseKept {
    pub what: Promised,
    pub due: ReplacementDue,
    /// The shipping, the delivery or the engineer's arrival that answers it.
    pub done: Option<Done>,
    /// None until that has happened, and while a delivery is only estimated.
    pub met: Option<bool>,
}

/// When a promise was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    pub at: DateTime<Utc>,
    /// Local date where the promise is counted.
    pub on: NaiveDate,
}

impl Rma {
    /// What was promised for this RMA, each with whether it was met.
    pub fn promises(&self) -> Vec<PromiseKept> {
        let Some(terms) = self.terms.as_deref() else { return Vec::new() };
        let replacement = terms.replacement_due.map(|due| {
            let done = match due {
                ReplacementDue::ShipOn { .. } => self.shipped(terms.depot_zone()),
                _ => self.delivered(terms),
            };
            kept(Promised::Replacement, due, done)
        });
        let repair = self.repair_due_on.filter(|_| terms.mode == Mode::ReturnToFactory).map(|on| {
            let due = ReplacementDue::ShipOn { on };
            kept(Promised::Repair, due, self.shipped(terms.return_site.zone))
        });
        replacement.into_iter().chain(self.visit_promise(terms)).chain(repair).collect()
    }

    /// The first arrival answers it, whatever came of it; one that is declined or void asks for none.
    fn visit_promise(&self, terms: &Terms) -> Option<PromiseKept> {
        let at = self.visit.first_arrival();
        let done = at.map(|at| Done { at, on: terms.ship_to.zone.local_date(at) });
        let due = self.visit.due?;
        let stands = done.is_some() || self.visit.is_live();
        stands.then(|| kept(Promised::Visit, due, done))
    }

    fn shipped(&self, zone: crate::domain::zone::Zone) -> Option<Done> {
        let at = self.first_shipped_at?;
        Some(Done { at, on: zone.local_date(at) })
    }

    /// A proof of delivery; an estimate proves nothing.
    fn delivered(&self, terms: &Terms) -> Option<Done> {
        let at = self.shipment.delivered_at?;
        let there = matches!(self.outbound, Outbound::Delivered | Outbound::Returned);
        there.then(|| Done { at, on: terms.ship_to.zone.local_date(at) })
    }
}

fn kept(what: Promised, due: ReplacementDue, done: Option<Done>) -> PromiseKept {
    let met = done.map(|done| match due {
        ReplacementDue::ShipOn { on } | ReplacementDue::DeliverOn { on } => done.on <= on,
        ReplacementDue::DeliverBy { at } => done.at <= at,
    });
    PromiseKept { what, due, done, met }
}
