//! RCV-3: a unit that another dock took in, on its way to the repair centre.

use chrono::NaiveDate;

use super::{Deciding, Step};
use crate::domain::return_window::Place;
use crate::domain::rma::event::{DockTerms, Event};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::tracks::Inbound;

/// When and where a box was received.
pub(super) struct Arrived {
    /// Local date at the dock.
    pub on: NaiveDate,
    /// None at the return site.
    pub dock: Option<DockTerms>,
}

impl Deciding<'_> {
    /// Where the box of this order came: the dock it names, else the return site.
    pub(super) fn arrived(&self) -> Result<Arrived, Refusal> {
        let centre = self.place(&self.facts.return_site, "return site")?;
        let dock = self.facts.dock.as_ref().filter(|dock| dock.code != centre.code);
        let at = dock.unwrap_or(centre);
        Ok(Arrived { on: at.local_date(self.stamp.occurred_at), dock: dock.map(dock_terms) })
    }

    /// The dock sends the unit on; once more where it went astray.
    pub(super) fn forward(&mut self, carrier: &str, tracking: Option<&str>) -> Step {
        let dock = self.awaited_at_centre()?;
        self.not_blank("carrier", carrier)?;
        let tracking_number = self.optional("tracking number", tracking)?;
        let forwarded_on = dock.zone.local_date(self.stamp.occurred_at);
        let carrier = carrier.to_owned();
        self.emit(Event::Forwarded { carrier, tracking_number, forwarded_on });
        Ok(())
    }

    /// The anchor of ANA-6 and ANA-7. That it came is proof enough of its having been sent.
    pub(super) fn receive_at_centre(&mut self) -> Step {
        self.awaited_at_centre()?;
        let centre = self.place(&self.facts.return_site, "repair centre")?;
        let arrived_on = centre.local_date(self.stamp.occurred_at);
        self.emit(Event::ReceivedAtCentre { arrived_on });
        self.start_repair_analysis()
    }

    /// What we took in and lost is lost by us, as in T13: nothing is owed for it, and a return to factory
    /// is answered by a replacement. What hangs on a unit accepted before is decided already.
    pub(super) fn lose_in_transfer(&mut self, reason: &str) -> Step {
        self.awaited_at_centre()?;
        self.not_blank("reason", reason)?;
        let accepted = self.rma.inbound == Inbound::Accepted;
        self.emit(Event::LostInTransfer { reason: reason.to_owned() });
        if !accepted {
            self.clear_exposure("the unit was received by us and lost");
        }
        self.replace_what_cannot_be_repaired();
        Ok(())
    }

    fn awaited_at_centre(&self) -> Result<DockTerms, Refusal> {
        let Some(dock) = self.rma.awaited_from() else {
            return self.refuse(format!(
                "no unit is on its way from a dock to the repair centre: it is {}",
                self.rma.inbound
            ));
        };
        let forwarded = self.rma.transfer.as_ref().and_then(|transfer| transfer.forwarded.as_ref());
        let since = forwarded.map(|sent| sent.at).max(self.rma.received_at);
        if since.is_some_and(|since| self.stamp.occurred_at < since) {
            return self
                .refuse(format!("it would have happened before the unit was at {}", dock.code));
        }
        Ok(dock.clone())
    }

    /// T15, T16: nothing is done to a unit that is not at the repair centre yet.
    pub(super) fn is_at_the_centre(&self) -> Step {
        match self.rma.awaited_from() {
            Some(dock) => Err(Refusal::new(
                "RCV-3",
                format!(
                    "the unit was received at {} and is not at the repair centre yet",
                    dock.code
                ),
            )),
            None => Ok(()),
        }
    }
}

fn dock_terms(place: &Place) -> DockTerms {
    DockTerms { code: place.code.clone(), name: place.name.clone(), zone: place.zone }
}
