//! Every stored date of every RMA, counted again from its events alone, day by day; and `explain rma`
//! gives the same.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use homeward::app::{App, explain};
use homeward::db::audit;
use homeward::db::facts;
use homeward::db::scope::Scope;
use homeward::domain::calendar::Calendar;
use homeward::domain::explain::Subject;
use homeward::domain::ids::{RmaId, SiteId};
use homeward::domain::programme::{AnchorRule, Programme};
use homeward::domain::replacement_due::ReplacementDue;
use homeward::domain::return_window::{AnchorKind, Place};
use homeward::domain::rma::event::{Cause, RepairDue, Terms};
use homeward::domain::rma::tracks::{Mode, Repair, WrongUnit};
use homeward::domain::rma::{Event, Recorded, Rma, fold};
use homeward::domain::service_level::Promise;
use homeward::domain::zone::Zone;

/// The `n`th business day after `from`, walked to.
fn nth(calendar: &Calendar, from: NaiveDate, n: u32) -> NaiveDate {
    if n == 0 {
        return from;
    }
    let works = |day: &NaiveDate| calendar.is_business_day(*day).expect("a known day");
    from.iter_days().skip(1).filter(works).nth(n as usize - 1).expect("a due date")
}

/// Business days after `from`, to `to`.
fn between(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> u32 {
    let works = |day: &NaiveDate| calendar.is_business_day(*day).expect("a known day");
    from.iter_days().skip(1).take_while(|day| *day <= to).filter(works).count() as u32
}

struct Places {
    ship_to: Place,
    return_site: Place,
    depot: Option<Place>,
}

/// What the events have said so far, as far as dates go by it.
struct Recount<'a> {
    programme: &'a Programme,
    places: &'a Places,
    terms: Option<&'a Terms>,
    shipped_on: Option<NaiveDate>,
    delivered: Option<(NaiveDate, bool)>,
    received_on: Option<NaiveDate>,
    /// The last dock that is not the return site.
    dock: Option<Zone>,
    shelved_on: Option<NaiveDate>,
    /// The label was read again and the box is the right one.
    misread: bool,
    claimed_delivery: Option<NaiveDate>,
    /// The claim was upheld and the unit found.
    upheld: bool,
    paused: Option<(NaiveDate, Vec<Cause>)>,
    due_on: Option<NaiveDate>,
    added: u32,
    estimated: bool,
    extension: u32,
    found_discrepant: bool,
    repair_due_on: Option<NaiveDate>,
    dates: usize,
}

impl<'a> Recount<'a> {
    fn new(programme: &'a Programme, places: &'a Places) -> Self {
        Self {
            programme,
            places,
            terms: None,
            shipped_on: None,
            delivered: None,
            received_on: None,
            dock: None,
            shelved_on: None,
            misread: false,
            claimed_delivery: None,
            upheld: false,
            paused: None,
            due_on: None,
            added: 0,
            estimated: false,
            extension: 0,
            found_discrepant: false,
            repair_due_on: None,
            dates: 0,
        }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, stored: T, counted: T, what: &str) {
        assert_eq!(stored, counted, "{what}: stored, and counted again");
        self.dates += 1;
    }

    fn at_ship_to(&self, at: DateTime<Utc>) -> NaiveDate {
        self.places.ship_to.local_date(at)
    }

    fn at_return_site(&self, at: DateTime<Utc>) -> NaiveDate {
        self.places.return_site.local_date(at)
    }

    /// One event: every date it carries, from what came before it.
    fn follow(&mut self, recorded: &'a Recorded) {
        let at = recorded.stamp.occurred_at;
        match &recorded.event {
            Event::Issued { terms } => self.issued(terms, at),
            Event::Shipped { .. } | Event::Delivered { .. } | Event::DeliveryEstimated { .. } => {
                self.outbound(&recorded.event, self.at_ship_to(at));
            }
            Event::Received { received_on, repair_due, dock, .. } => {
                self.dock = dock.as_ref().map(|dock| dock.zone).or(self.dock);
                let day = match dock {
                    Some(dock) => dock.zone.local_date(at),
                    None => self.at_return_site(at),
                };
                self.received(*received_on, repair_due.as_ref(), day);
            }
            Event::Forwarded { forwarded_on, .. } => {
                let dock = self.dock.expect("received at a dock");
                self.same(*forwarded_on, dock.local_date(at), "forwarded");
            }
            Event::ReceivedAtCentre { arrived_on } => {
                self.same(*arrived_on, self.at_return_site(at), "at the repair centre");
            }
            Event::FoundDiscrepant { .. } => {
                self.found_discrepant = true;
                // The day the box came; it counts after all if its label was misread.
                self.shelved_on = self.received_on;
                self.repair_due_on = None;
            }
            Event::DiscrepancyResolved { outcome } => {
                self.misread = *outcome == WrongUnit::RightUnit;
            }
            Event::DeliveryClaimed { delivered_on, decide_by, .. } => {
                let calendar = &self.places.return_site.calendar;
                let by = nth(calendar, self.at_return_site(at), self.programme.claim_days);
                self.same(*decide_by, by, "claim decided by");
                self.claimed_delivery = Some(*delivered_on);
            }
            Event::ClaimUpheld { found } => self.upheld = *found,
            Event::FellDue { due_on } | Event::Reminded { due_on, .. } => {
                self.same(Some(*due_on), self.due_on, "fell due");
            }
            Event::RepairFinished { outcome, cover_through_on: Some(last) } => {
                self.finished(*outcome, *last, at);
            }
            event => self.window(event, recorded, self.at_ship_to(at)),
        }
    }

    fn outbound(&mut self, event: &Event, occurred_on: NaiveDate) {
        let ship_to = Arc::clone(&self.places.ship_to.calendar);
        match event {
            Event::Shipped { shipped_on, estimate_after, .. } => {
                self.same(*shipped_on, occurred_on, "shipped");
                let after = nth(&ship_to, occurred_on, self.programme.estimate_after_days);
                self.same(*estimate_after, after, "estimated after");
                self.shipped_on = Some(*shipped_on);
                self.delivered = None;
            }
            Event::Delivered { delivered_on, .. } => {
                self.same(*delivered_on, occurred_on, "delivered");
                self.delivered = Some((*delivered_on, false));
            }
            Event::DeliveryEstimated { delivered_on } => {
                let shipped_on = self.shipped_on.expect("it has shipped");
                let on = nth(&ship_to, shipped_on, self.programme.estimated_transit_days);
                self.same(*delivered_on, on, "estimated delivery");
                self.delivered = Some((on, true));
            }
            _ => {}
        }
    }

    fn received(&mut self, stored: NaiveDate, repair_due: Option<&RepairDue>, day: NaiveDate) {
        let on = match (self.upheld, self.misread) {
            (true, _) => self.claimed_delivery.expect("a claim"),
            (_, true) => self.shelved_on.unwrap_or(day),
            _ => day,
        };
        (self.upheld, self.misread, self.claimed_delivery) = (false, false, None);
        self.same(stored, on, "received");
        self.received_on = Some(on);
        let factory = self.terms.is_some_and(|t| t.mode == Mode::ReturnToFactory);
        assert!(factory || repair_due.is_none(), "only a return to factory is repaired");
        if let Some(due) = repair_due {
            let calendar = &self.places.return_site.calendar;
            let due_on = nth(calendar, on, self.programme.repair_days);
            self.same(due.due_on, due_on, "repaired");
            self.repair_due_on.get_or_insert(due_on);
        }
    }

    fn issued(&mut self, terms: &'a Terms, at: DateTime<Utc>) {
        self.same(terms.issued_on, self.at_ship_to(at), "issued");
        self.terms = Some(terms);
        let promise = terms.entitlement.promise;
        let counted = match promise {
            Promise::None | Promise::ReturnToFactory => None,
            Promise::FourHours => Some(ReplacementDue::DeliverBy { at: at + TimeDelta::hours(4) }),
            Promise::TwoHours => Some(ReplacementDue::DeliverBy { at: at + TimeDelta::hours(2) }),
            Promise::NextDayShip | Promise::NextDayDelivery => {
                let depot = self.places.depot.as_ref().expect("a depot");
                let local = at.with_timezone(&depot.zone.tz()).naive_local();
                let works = |c: &Calendar, d: NaiveDate| c.is_business_day(d).expect("a day");
                // After the cut-off, or on a closed day: as of the next business day.
                let own = terms.dispatch.as_ref().filter(|dispatch| dispatch.own_cut_off);
                let cut_off = own.map_or(self.programme.cut_off, |dispatch| dispatch.cut_off);
                let taken = works(&depot.calendar, local.date()) && local.time() <= cut_off;
                let leaves = nth(&depot.calendar, local.date(), if taken { 1 } else { 2 });
                let both = |day: &NaiveDate| {
                    works(&depot.calendar, *day) && works(&self.places.ship_to.calendar, *day)
                };
                let arrives = leaves.iter_days().find(both).expect("a day");
                Some(match promise {
                    Promise::NextDayShip => ReplacementDue::ShipOn { on: leaves },
                    _ => ReplacementDue::DeliverOn { on: arrives },
                })
            }
        };
        self.same(terms.replacement_due, counted, "promised replacement");
    }

    /// Ninety days from the finish, or the cover the unit had when it was sent in.
    fn finished(&mut self, outcome: Repair, last: NaiveDate, at: DateTime<Utc>) {
        let had = self.terms.expect("it is issued").entitlement.warranty.last_covered_on;
        let fresh = self.at_return_site(at) + Days::new(self.programme.repair_cover_days.into());
        let counted = if outcome == Repair::NoFaultFound { had } else { fresh.max(had) };
        self.same(last, counted, "cover after the repair");
    }

    fn window(&mut self, event: &Event, recorded: &Recorded, occurred_on: NaiveDate) {
        let calendar = Arc::clone(&self.places.ship_to.calendar);
        let today = self.at_ship_to(recorded.stamp.recorded_at);
        match event {
            Event::WindowOpened { due } => {
                let (from, estimated) = self.anchor();
                self.same(due.anchor.on, from, "anchor");
                let held = match (self.found_discrepant, self.received_on) {
                    (true, Some(since)) if due.added_days > 0 => {
                        between(&calendar, since, occurred_on)
                    }
                    _ => 0,
                };
                let country = &self.terms.expect("it is issued").ship_to.country;
                let more = self.programme.country_extensions.get(country).copied().unwrap_or(0);
                self.added = held + more;
                let counted = nth(&calendar, from, self.programme.return_days);
                let mut due_on = nth(&calendar, counted, more);
                if estimated {
                    let least = nth(&calendar, today, self.programme.estimate_least_days);
                    due_on = due_on.max(least);
                }
                let due_on = nth(&calendar, due_on, held).max(self.due_on.unwrap_or(due_on));
                self.set(due.due_on, due_on, due.added_days, estimated);
            }
            Event::WindowMoved { due, cause: Cause::ProofOfDelivery } => {
                let (from, _) = self.anchor();
                self.same(due.anchor.on, from, "proved anchor");
                let counted = nth(&calendar, from, self.programme.return_days + self.added);
                let due_on = counted.max(self.due_on.expect("a window"));
                self.set(due.due_on, due_on, due.added_days, false);
            }
            Event::WindowMoved { due, cause } => {
                let more = match cause {
                    Cause::Extension => std::mem::take(&mut self.extension),
                    _ => {
                        let until =
                            self.paused.as_ref().map_or(occurred_on, |p| p.0.min(occurred_on));
                        between(&calendar, self.received_on.expect("a receipt"), until)
                    }
                };
                self.later(due.due_on, more, due.added_days);
            }
            Event::WindowResumed { due, cause } => {
                let (since, causes) = self.paused.clone().expect("it stood still");
                let last = causes == [*cause];
                let more = if last { between(&calendar, since, occurred_on) } else { 0 };
                self.later(due.due_on, more, due.added_days);
                self.lift(*cause);
            }
            Event::WindowPaused { since, cause } => {
                let at = if *cause == Cause::Claim { occurred_on } else { *since };
                self.same(*since, at, "standing still since");
                self.paused.get_or_insert((*since, Vec::new())).1.push(*cause);
            }
            Event::Extended { business_days, .. } => self.extension = *business_days,
            Event::ReplacementReturned { .. } => self.paused = None,
            _ => {}
        }
    }

    fn anchor(&self) -> (NaiveDate, bool) {
        let terms = self.terms.expect("it is issued");
        let delivered = self.delivered.filter(|_| terms.mode == Mode::AdvanceReplacement);
        match (self.programme.return_anchor, delivered) {
            (AnchorRule::Delivered, Some((on, estimated))) => {
                (on.max(terms.issued_on), estimated && on > terms.issued_on)
            }
            (AnchorRule::Shipped, _) => {
                (self.shipped_on.unwrap_or(terms.issued_on).max(terms.issued_on), false)
            }
            _ => (terms.issued_on, false),
        }
    }

    fn later(&mut self, stored: NaiveDate, more: u32, added: u32) {
        let due_on = nth(&self.places.ship_to.calendar, self.due_on.expect("a window"), more);
        self.added += more;
        let estimated = self.estimated;
        self.set(stored, due_on, added, estimated);
    }

    fn set(&mut self, stored: NaiveDate, counted: NaiveDate, added: u32, estimated: bool) {
        self.same(stored, counted, "due");
        self.same(added, self.added, "business days added");
        (self.due_on, self.estimated) = (Some(counted), estimated);
    }

    fn lift(&mut self, cause: Cause) {
        if let Some((_, causes)) = &mut self.paused {
            causes.retain(|known| *known != cause);
        }
        self.paused.take_if(|(_, causes)| causes.is_empty());
    }
}

/// Counts all dates of all RMAs again and compares them with what is stored and with what `explain rma`
/// says. Gives how many dates were compared.
pub fn assert_dates_stand(app: &App) -> usize {
    let mut known: HashMap<(SiteId, SiteId), Places> = HashMap::new();
    let mut dates = 0;
    let mut after = RmaId(0);
    loop {
        let (page, last) = app.db.read(|c| audit::page(c, after, 500)).expect("a page of RMAs");
        if page.rmas.is_empty() {
            return dates;
        }
        after = last;
        for rows in page.events.chunk_by(|a, b| a.rma_id == b.rma_id) {
            let events: Vec<Recorded> =
                rows.iter().map(|row| row.recorded().expect("a readable event")).collect();
            let rma = fold(&events).expect("a history");
            if let Some(terms) = &rma.terms {
                let key = (terms.ship_to.id, terms.return_site.id);
                let places = known.entry(key).or_insert_with(|| places(app, key));
                dates += recount(app, &rma, &events, places);
            }
        }
    }
}

fn places(app: &App, (ship_to, return_site): (SiteId, SiteId)) -> Places {
    let site = |id| {
        let site = app.db.read(|c| facts::site(c, id)).expect("reading a site");
        site.expect("a site")
    };
    let customer = site(ship_to);
    let depot = app.db.read(|c| facts::depot(c, &customer.region)).expect("reading a depot");
    let place = |site| app.place(&site).expect("a place");
    Places {
        ship_to: place(customer),
        return_site: place(site(return_site)),
        depot: depot.map(place),
    }
}

fn recount(app: &App, rma: &Rma, events: &[Recorded], places: &Places) -> usize {
    let terms = rma.terms.as_ref().expect("it is issued");
    let programme = app
        .db
        .read(|c| app.programme_version(c, &rma.manufacturer, &terms.programme))
        .expect("its programme");
    let mut recount = Recount::new(&programme, places);
    for recorded in events {
        recount.follow(recorded);
    }
    assert_eq!(rma.due.as_ref().map(|due| due.due_on), recount.due_on, "{}", rma.number);
    assert_eq!(rma.repair_due_on, recount.repair_due_on, "{}", rma.number);
    explained(app, rma, &recount);
    recount.dates
}

/// `explain rma` says the dates just counted.
fn explained(app: &App, rma: &Rma, recount: &Recount<'_>) {
    let found = app.db.read(|c| explain::rma(app, c, &Scope::All, rma.number)).expect("dates");
    let of = |what: Subject| found.dates.iter().find(|date| date.what == what);
    let due_on = |what| of(what).and_then(|date| date.due_on);
    assert_eq!(due_on(Subject::ReturnWindow), recount.due_on, "{}", rma.number);
    assert_eq!(due_on(Subject::Repair), recount.repair_due_on, "{}", rma.number);
    let terms = rma.terms.as_ref().expect("it is issued");
    let promised = of(Subject::Replacement).map(|date| (date.due_on, date.due_at));
    let kept = terms.replacement_due.map(|due| match due {
        ReplacementDue::ShipOn { on } | ReplacementDue::DeliverOn { on } => (Some(on), None),
        ReplacementDue::DeliverBy { at } => (None, Some(at)),
    });
    assert_eq!(promised, kept, "{}", rma.number);
    let cover = of(Subject::Cover).and_then(|date| date.last_covered_on);
    assert_eq!(cover, rma.cover_through_on, "{}", rma.number);
    if let (Some(date), Some(due)) = (of(Subject::ReturnWindow), &rma.due) {
        assert_eq!(date.rule, due.rule);
        assert_eq!(date.rule == "AMB-1", due.anchor.kind == AnchorKind::Estimated);
        let said = homeward::domain::explain::long(due.due_on);
        assert!(date.because.contains(&format!("due {said}")), "{}", date.because);
    }
}
