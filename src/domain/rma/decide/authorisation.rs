//! T2 to T4 and T19: from request to issue, and every way aside.

use super::{Deciding, Step};
use crate::domain::carriage::Carriage;
use crate::domain::entitlement::{Entitlement, Verdict};
use crate::domain::programme::AnchorRule;
use crate::domain::replacement_due::{cut_off_of, replacement_due};
use crate::domain::return_window::{Anchor, AnchorKind, Place};
use crate::domain::rma::event::{DispatchTerms, Event, SiteTerms, Terms};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::tracks::{Authorisation, HoldReason, Inbound, Mode};

impl Deciding<'_> {
    /// T2: a diagnosis comes first, but is waived for a unit on warranty alone (WAR-7, RMA-3).
    pub(super) fn create(&mut self, diagnosis: Option<&str>) -> Step {
        if self.rma.authorisation != Authorisation::Requested {
            return self.refuse(format!("the RMA is already {}", self.rma.authorisation));
        }
        match diagnosis {
            Some(text) => self.not_blank("diagnosis", text)?,
            None if self.on_warranty_alone() => {}
            None => return self.refuse("a diagnosis is needed; it is waived on warranty alone"),
        }
        self.emit(Event::Created { diagnosis: diagnosis.map(str::to_owned) });
        Ok(())
    }

    fn on_warranty_alone(&self) -> bool {
        use crate::domain::entitlement::Source;
        match self.facts.issue.as_ref().map(|issue| &issue.verdict) {
            Some(Verdict::Entitled(entitlement)) => {
                entitlement.contracts.is_empty() && entitlement.source == Source::Warranty
            }
            Some(Verdict::NotRegistered(_)) => true,
            _ => false,
        }
    }

    /// T3: issued when entitlement, export, ship-to, registration and price allow it. What stands in
    /// the way puts a created RMA on hold, with the reason; one already waiting for it is refused.
    pub(super) fn issue(&mut self) -> Step {
        match self.rma.authorisation {
            Authorisation::Created => {}
            // A request put on hold was never created: holding it is no way round the diagnosis (T2).
            Authorisation::OnHold if self.rma.held_from == Some(Authorisation::Created) => {}
            other => return self.refuse(format!("the RMA is {other}; it must be created first")),
        }
        self.not_held_by_hand()?;
        if let Some((reason, note)) = self.obstacle()? {
            if self.rma.authorisation == Authorisation::OnHold {
                return self.refuse(format!("still on hold ({reason}): {note}"));
            }
            self.emit(Event::Held { reason, note, by_hand: false });
            return Ok(());
        }
        self.export_hold_released()?;
        let terms = self.terms()?;
        self.emit(Event::Issued { terms: Box::new(terms.clone()) });
        self.promise_visit(&terms)?;
        // Where an RMA is taken up again its unit may be here, or gone, already.
        self.queue_repair();
        self.replace_what_cannot_be_repaired();
        self.open_window_at_issue()
    }

    /// T4: what a person put on hold for a reason of its own is no obstacle that trying again could find
    /// gone; the person releases it.
    fn not_held_by_hand(&self) -> Step {
        if self.rma.authorisation == Authorisation::OnHold && self.rma.held_by_hand {
            let reason = self.rma.reason.as_deref().unwrap_or("no reason kept");
            return self.refuse(format!("put on hold ({reason}): release it first"));
        }
        Ok(())
    }

    /// T3: an export hold ends by its release, which says that the check was passed, and not by trying
    /// again.
    fn export_hold_released(&self) -> Step {
        let held = self.rma.authorisation == Authorisation::OnHold;
        if held && self.rma.reason.as_deref() == Some(HoldReason::Export.as_str()) {
            return self.refuse("still on hold (export): release it when the check is passed");
        }
        Ok(())
    }

    /// The first thing that keeps the RMA from being issued, with its remedy.
    fn obstacle(&self) -> Result<Option<(HoldReason, String)>, Refusal> {
        let Some(issue) = &self.facts.issue else {
            return self.refuse("the unit is not in the register; import it first");
        };
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let hold = |reason, note: String| Ok(Some((reason, note)));
        match &issue.verdict {
            Verdict::NotEntitled(warranty) => {
                let note = format!(
                    "no contract with a hardware option, and the warranty's last covered day was {}; \
                     a contract or a purchase is the remedy (ENT-3)",
                    warranty.last_covered_on
                );
                return hold(HoldReason::Entitlement, note);
            }
            Verdict::NotRegistered(_) => {
                let note =
                    "the unit is not registered; register it to activate the warranty (WAR-4)";
                return hold(HoldReason::Registration, note.to_owned());
            }
            Verdict::GreyMarket(_) => {
                let note =
                    "the unit is marked as of the grey market; customer care reinstates it (ENT-6)";
                return hold(HoldReason::Entitlement, note.to_owned());
            }
            Verdict::Entitled(_) => {}
        }
        if self.programme.export_check_countries.contains(&ship_to.country)
            && !self.rma.passed_export
        {
            let note =
                format!("an export check is due for {}; release it when passed", ship_to.country);
            return hold(HoldReason::Export, note);
        }
        if !ship_to.complete {
            let note = format!("site {} has no complete address; complete it", ship_to.code);
            return hold(HoldReason::Information, note);
        }
        if issue.list_price.is_none() {
            let note = format!(
                "part {} has no list price in {}; add one, it is never converted (AMB-15)",
                self.rma.part_number,
                issue.currency.code()
            );
            return hold(HoldReason::Price, note);
        }
        Ok(None)
    }

    /// The terms kept at issue.
    fn terms(&self) -> Result<Terms, Refusal> {
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        let return_site = self.place(
            &self.facts.return_site,
            "repair centre of the part's contract manufacturer to return the unit to (RMA-11)",
        )?;
        let Some(issue) = &self.facts.issue else {
            return self.refuse("the unit is not in the register; import it first");
        };
        let (Verdict::Entitled(entitlement), Some(list_price)) = (&issue.verdict, issue.list_price)
        else {
            return self.refuse("entitlement and list price are not settled");
        };
        let mode = if entitlement.promise.is_advance() {
            Mode::AdvanceReplacement
        } else {
            Mode::ReturnToFactory
        };
        let promised = match (&self.facts.depot, mode) {
            (_, Mode::ReturnToFactory) => None,
            (Some(depot), _) => self.dated(replacement_due(
                entitlement.promise,
                self.stamp.occurred_at,
                depot,
                ship_to,
                self.programme,
            ))?,
            (None, _) => return self.refuse("no depot serves the site's region; add one"),
        };
        let inbound = self.asked_back(entitlement, ship_to, mode);
        Ok(Terms {
            mode,
            entitlement: (**entitlement).clone(),
            list_price,
            bill_to: issue.bill_to.clone(),
            programme: self.programme.version.clone(),
            issued_on: ship_to.local_date(self.stamp.occurred_at),
            ship_to: site_terms(ship_to),
            return_site: site_terms(return_site),
            replacement_due: promised,
            dispatch: self.dispatch_terms(mode),
            carriage: Some(Carriage::of(mode, &entitlement.source, inbound.is_owed())),
            inbound,
        })
    }

    /// AMB-6: what the promise of an advance replacement is counted by.
    fn dispatch_terms(&self, mode: Mode) -> Option<DispatchTerms> {
        let depot = self.facts.depot.as_ref().filter(|_| mode == Mode::AdvanceReplacement)?;
        Some(DispatchTerms {
            depot: site_terms(depot),
            cut_off: cut_off_of(depot, self.programme),
            own_cut_off: depot.cut_off.is_some(),
        })
    }

    /// RMA-12: what cannot leave its country, or holds a medium the customer keeps, is not asked back.
    /// A return to factory without a return would be nothing at all: there it is always asked.
    fn asked_back(&self, entitlement: &Entitlement, ship_to: &Place, mode: Mode) -> Inbound {
        if self.rma.inbound != Inbound::NotExpected || mode == Mode::ReturnToFactory {
            // A unit that came before issue is where it is; else it is awaited.
            return match self.rma.inbound {
                Inbound::NotExpected => Inbound::Awaiting,
                other => other,
            };
        }
        if self.programme.no_return_countries.contains(&ship_to.country) {
            Inbound::NotRequiredCountry
        } else if entitlement.media_retention {
            Inbound::NotRequiredMediaRetained
        } else {
            Inbound::Awaiting
        }
    }

    /// AMB-1: a return to factory is dated from issue, for information; an advance only where the
    /// programme counts from issue.
    fn open_window_at_issue(&mut self) -> Step {
        let Some(terms) = &self.rma.terms else { return Ok(()) };
        let anchor = Anchor { kind: AnchorKind::Issued, on: terms.issued_on };
        let dated_from_issue = terms.mode == Mode::ReturnToFactory
            || self.programme.return_anchor == AnchorRule::Issued;
        if dated_from_issue && self.rma.inbound.is_owed() {
            let due = self.dated(self.window()?.due(anchor, self.today_at_ship_to()?))?;
            self.emit(Event::WindowOpened { due });
        }
        Ok(())
    }

    /// T4.
    pub(super) fn hold(&mut self, reason: HoldReason, note: &str) -> Step {
        self.before_shipping()?;
        if self.rma.authorisation == Authorisation::OnHold {
            return self.refuse("the RMA is on hold already; release it first");
        }
        self.not_blank("note", note)?;
        self.emit(Event::Held { reason, note: note.to_owned(), by_hand: true });
        Ok(())
    }

    /// T4.
    pub(super) fn release(&mut self, note: &str) -> Step {
        if self.rma.authorisation != Authorisation::OnHold {
            return self.refuse(format!("the RMA is {}, not on hold", self.rma.authorisation));
        }
        self.not_blank("note", note)?;
        self.emit(Event::Released { note: note.to_owned() });
        Ok(())
    }

    /// T4.
    pub(super) fn deny(&mut self, reason: &str) -> Step {
        self.before_shipping()?;
        self.unit_is_not_here()?;
        self.not_blank("reason", reason)?;
        self.emit(Event::Denied { reason: reason.to_owned() });
        self.clear_exposure("denied");
        Ok(())
    }

    /// T4.
    pub(super) fn cancel(&mut self, reason: &str) -> Step {
        self.before_shipping()?;
        self.unit_is_not_here()?;
        self.not_blank("reason", reason)?;
        self.emit(Event::Cancelled { reason: reason.to_owned() });
        self.clear_exposure("cancelled");
        Ok(())
    }

    /// T4 holds from the request until something has shipped.
    fn before_shipping(&self) -> Step {
        if matches!(self.rma.authorisation, Authorisation::Denied | Authorisation::Cancelled) {
            return self.refuse(format!("the RMA is {}", self.rma.authorisation));
        }
        if self.rma.has_shipped() {
            return self.refuse(
                "a unit has shipped; take the replacement back unopened, or let the customer buy",
            );
        }
        Ok(())
    }

    /// Ending an RMA while its unit is in our hands would leave a customer's property without a case.
    fn unit_is_not_here(&self) -> Step {
        match self.rma.inbound {
            // A late return on an RMA that is not issued again: ending it is the only way left.
            Inbound::Accepted if !self.rma.is_authorised() => Ok(()),
            Inbound::Received | Inbound::Accepted | Inbound::DeliveryClaimed => {
                self.refuse(format!(
                    "the defective unit is {}; settle it before ending the RMA",
                    self.rma.inbound
                ))
            }
            _ => Ok(()),
        }
    }

    /// T19.
    pub(super) fn reopen(&mut self, reason: &str) -> Step {
        if self.rma.is_open {
            return self.refuse("the RMA is open");
        }
        self.not_blank("reason", reason)?;
        if let Some(other) = self.facts.other_open {
            return self.refuse(format!("{other} is open on the same serial; work on that one"));
        }
        self.emit(Event::Reopened { reason: reason.to_owned() });
        Ok(())
    }

    /// T19: a reopening that led to nothing is closed again by whoever may reopen. Without this an RMA
    /// whose tracks are all at their end would stay open until some event happened to touch it.
    pub(super) fn close(&mut self) -> Step {
        if !self.rma.is_open {
            return self.refuse("the RMA is closed");
        }
        if !self.rma.is_settled() {
            return self.refuse("the RMA is not at its end; settle what is open first (AMB-28)");
        }
        self.emit(Event::Closed {});
        Ok(())
    }
}

fn site_terms(place: &Place) -> SiteTerms {
    SiteTerms {
        id: place.id,
        code: place.code.clone(),
        name: place.name.clone(),
        country: place.country.clone(),
        zone: place.zone,
        calendar: place.calendar.code().clone(),
    }
}
