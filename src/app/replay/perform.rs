//! Performing what is due: one act through its use case, and what its events call for next.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};

use super::ReplayError;
use super::command::{actor_of, box_is_awaited, command_of, source_of};
use super::dice::Dice;
use super::plan::Plan;
use super::run::{Queued, Replay, Task};
use super::script::{Act, Live, office_tomorrow, react};
use crate::app::attachments::{By, NewFile, Thing, attach};
use crate::app::cases::{OpenCase, open};
use crate::app::dock::{Arrival, arrive};
use crate::app::rmas::{RequestRma, execute, report_dead_on_arrival, request_rma};
use crate::app::slip::slip;
use crate::app::{AppError, clock_job};
use crate::db::AnyConnection;
use crate::db::history::history;
use crate::db::rmas::{due_at, load};
use crate::db::scope::Scope;
use crate::domain::attachment::{AttachmentKind, NameError};
use crate::domain::dock::DockVerdict;
use crate::domain::ids::{AttachmentId, RmaNumber, SerialNumber};
use crate::domain::intake::{CaseKind, Way};
use crate::domain::programme::Programme;
use crate::domain::rma::tracks::{Inbound, Outbound, ReplacementCondition};
use crate::domain::rma::{Actor, Command, Event, Order, Recorded, Rma, Role};

type Done = Result<(), ReplayError>;

impl Replay<'_> {
    /// Performs one queued task; a refusal names the RMA, the act and its time.
    pub(super) fn perform(&mut self, connection: &mut AnyConnection, queued: &Queued) -> Done {
        let done = match queued.task {
            Task::Request(unit) => self.request(connection, unit, queued.at),
            Task::Act(number, act) => self.act(connection, number, act, queued),
        };
        done.map_err(|error| match error {
            ReplayError::App(source) => {
                let (who, act) = match queued.task {
                    Task::Request(unit) => {
                        let unit = &self.world.input.units[unit];
                        (unit.serial_number.to_string(), "request".to_owned())
                    }
                    Task::Act(number, act) => (number.to_string(), act.to_string()),
                };
                ReplayError::Step { who, act, at: queued.at, source: Box::new(source) }
            }
            other => other,
        })
    }

    /// A failure: the customer opens a case and requests an RMA.
    fn request(&mut self, connection: &mut AnyConnection, unit: usize, at: DateTime<Utc>) -> Done {
        let (_, site) = self.world.home(unit);
        let Some(site) = self.world.sites.get(site) else { return Ok(()) };
        let dice = self.world.dice(unit);
        let failed = &self.world.input.units[unit];
        let reference = dice.share("reference", 0.5);
        let case = OpenCase {
            serial_number: failed.serial_number.clone(),
            manufacturer: Some(failed.manufacturer.clone()),
            priority: if dice.share("priority", 0.1) { 2 } else { 4 },
            summary: format!("Drive {} has failed", failed.serial_number),
            customer_reference: reference
                .then(|| format!("INC{:06}", dice.between("inc", 0, 999_999))),
            contact_name: site.contact_name.clone(),
            contact_email: site.contact_email.clone(),
            is_ssrn: false,
            kind: CaseKind::Rma,
            way: Way::default(),
        };
        let customer =
            Actor::new(Role::Customer, site.contact_name.as_str()).map_err(AppError::from)?;
        let case_number = open(self.app, connection, &case, &customer, at)?;
        self.tally.cases += 1;
        let symptoms = ["no longer seen by the controller", "reallocated sectors rising", "clicks"];
        let wanted = RequestRma {
            case_number,
            serial_number: case.serial_number,
            manufacturer: case.manufacturer,
            symptom: dice.one_of("symptom", &symptoms).copied().unwrap_or("failed").to_owned(),
            way: Way::default(),
            occurred_at: at,
            source: "portal".to_owned(),
        };
        let outcome = request_rma(self.app, connection, &wanted, &customer, at)?;
        self.admit(connection, outcome.rma.number, unit, false)
    }

    /// Takes up an RMA that has just been opened.
    fn admit(
        &mut self,
        connection: &mut AnyConnection,
        number: RmaNumber,
        unit: usize,
        is_child: bool,
    ) -> Done {
        let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
        let (_, site) = self.world.home(unit);
        let site = self.world.sites.get(site).ok_or(ReplayError::Stranger(number))?.clone();
        let depot = super::stock::depot_of(&site.region);
        let depot = self.world.sites.get(depot).ok_or(ReplayError::Stranger(number))?;
        let depot = Arc::clone(&depot.place);
        let about = format!("{}\n{}", loaded.rma.manufacturer, loaded.rma.serial_number);
        let dice = Dice::new(self.seed, &about);
        self.tally.children += i64::from(is_child);
        let rows = history(connection, loaded.keys.id)?;
        let recorded = rows.iter().map(|row| row.recorded()).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = recorded.last().map(|last| last.stamp.recorded_at) else { return Ok(()) };
        let live = Live {
            id: loaded.keys.id,
            plan: Plan::draw(&dice, self.mix, is_child),
            dice,
            rma: loaded.rma,
            unit,
            region: site.region,
            contact: (site.contact_name, site.contact_email),
            ship_to: site.place,
            dock: Arc::clone(&depot),
            depot,
            proof_on: None,
            delivered: false,
            extended: false,
            quoted: false,
            desk_work: None,
        };
        self.live.insert(number, live);
        let events: Vec<Event> = recorded.into_iter().map(|recorded| recorded.event).collect();
        self.take_in(number, None, &events, last)
    }

    /// One act, unless life has overtaken it.
    fn act(
        &mut self,
        connection: &mut AnyConnection,
        number: RmaNumber,
        act: Act,
        queued: &Queued,
    ) -> Done {
        let live = self.live.get(&number).ok_or(ReplayError::Stranger(number))?;
        match act {
            Act::ReportDead => return self.report_dead(connection, number, queued.at),
            Act::ArriveOwn | Act::ArriveWrong | Act::ArriveSwapped | Act::ArriveReplacement => {
                return self.arrive(connection, number, act, queued);
            }
            _ => {}
        }
        let shelf = (act == Act::Allocate).then(|| self.shelf(live));
        let taken = shelf.as_ref().and_then(|shelf| self.stock.take(shelf));
        let live = self.live.get(&number).ok_or(ReplayError::Stranger(number))?;
        let ordered = command_of(live, act, queued.at, taken.as_ref()).map_err(AppError::from)?;
        let Some(mut ordered) = ordered else {
            if let (Some(shelf), Some(serial)) = (shelf, taken) {
                self.stock.put(shelf, serial);
            }
            self.tally.overtaken(act);
            return Ok(());
        };
        let judged_on = Some(live.rma.version);
        let short = act == Act::Allocate && matches!(ordered.command, Command::Backorder { .. });
        if let Command::ClaimDelivery { attachments, proof, .. } = &mut ordered.command {
            let by = By { actor: &ordered.actor, scope: &Scope::All, source: ordered.source };
            attachments.push(self.proof(connection, number, proof, by, queued.at)?);
        }
        let order = Order {
            command: ordered.command,
            actor: ordered.actor,
            occurred_at: queued.occurred_at,
            source: ordered.source.to_owned(),
        };
        let outcome = execute(self.app, connection, number, &order, judged_on, queued.at)?;
        self.take_in(number, Some(outcome.rma), &outcome.events, queued.at)?;
        if short {
            let live = self.live.get_mut(&number).ok_or(ReplayError::Stranger(number))?;
            let next = office_tomorrow(live, Act::Allocate, queued.at).map_err(AppError::from)?;
            self.plan(number, next);
        }
        self.look_at_parent(connection, number)
    }

    /// T13: the carrier's slip that a claim is proved with.
    fn proof(
        &self,
        connection: &mut AnyConnection,
        number: RmaNumber,
        said: &str,
        by: By<'_>,
        at: DateTime<Utc>,
    ) -> Result<AttachmentId, ReplayError> {
        let name = format!("{number}-proof.pdf").parse().map_err(|error: NameError| {
            AppError::Invalid { field: "name", reason: error.to_string() }
        })?;
        let bytes = slip(&[said, &number.to_string()])?;
        let file = NewFile::read(AttachmentKind::DeliveryProof, name, bytes, None);
        let file = file.map_err(AppError::from)?;
        let (kept, _) = attach(self.app, connection, Thing::Rma(number), &file, by, at)?;
        Ok(kept.id)
    }

    /// A child may have let its parent's window run on.
    fn look_at_parent(&mut self, connection: &mut AnyConnection, child: RmaNumber) -> Done {
        match self.live.get(&child).and_then(|live| live.rma.parent) {
            Some(parent) => self.catch_up(connection, parent),
            None => Ok(()),
        }
    }

    fn report_dead(
        &mut self,
        connection: &mut AnyConnection,
        number: RmaNumber,
        at: DateTime<Utc>,
    ) -> Done {
        let live = self.live.get(&number).ok_or(ReplayError::Stranger(number))?;
        let another =
            |r: &crate::domain::rma::state::Replacement| r.serial_number != live.rma.serial_number;
        let dead = live.rma.outbound == Outbound::Delivered
            && live.rma.replacement.as_ref().is_some_and(another)
            && live.rma.dead_on_arrival.is_none();
        let last = live.rma.shipment.delivered_on.and_then(|on| {
            on.checked_add_days(Days::new(Programme::default().dead_on_arrival_days.into()))
        });
        let in_time = last.is_some_and(|last| live.ship_to.local_date(at) <= last);
        if !dead || !in_time {
            self.tally.overtaken(Act::ReportDead);
            return Ok(());
        }
        let actor = actor_of(live, Act::ReportDead).map_err(AppError::from)?;
        let (unit, who) = (live.unit, (&actor, source_of(Act::ReportDead)));
        let symptom = "does not spin up out of the box";
        let (outcome, child) =
            report_dead_on_arrival(self.app, connection, number, symptom, who, at, at)?;
        self.take_in(number, Some(outcome.rma), &outcome.events, at)?;
        self.admit(connection, child, unit, true)
    }

    /// A box, or two that were mixed up, at the dock.
    fn arrive(
        &mut self,
        connection: &mut AnyConnection,
        number: RmaNumber,
        act: Act,
        queued: &Queued,
    ) -> Done {
        let live = self.live.get(&number).ok_or(ReplayError::Stranger(number))?;
        let replacement = live.rma.replacement.as_ref().map(|r| r.serial_number.clone());
        let on_its_way = matches!(live.rma.outbound, Outbound::Shipped | Outbound::Delivered);
        let awaited = match act {
            Act::ArriveReplacement => on_its_way && live.rma.dead_on_arrival.is_none(),
            _ => box_is_awaited(live),
        };
        if !awaited {
            self.tally.overtaken(act);
            return Ok(());
        }
        let own = live.rma.serial_number.clone();
        let unmarked = act == Act::ArriveOwn && live.dice.share("unmarked", 0.03);
        let twice = act == Act::ArriveOwn && live.dice.share("scanned twice", 0.01);
        let marked = (!unmarked).then_some(number);
        match act {
            Act::ArriveWrong => {
                let other = self.world.another_unit(live.unit, &self.failing);
                let serial = other.map(|unit| unit.serial_number.clone());
                self.one_box(connection, number, marked, serial, queued)?;
            }
            Act::ArriveReplacement => {
                self.one_box(connection, number, marked, replacement, queued)?;
            }
            Act::ArriveSwapped if let Some((other, serial)) = self.partner(number) => {
                self.tally.swapped += 2;
                self.one_box(connection, number, Some(number), Some(serial), queued)?;
                self.one_box(connection, other, Some(other), Some(own), queued)?;
            }
            _ => {
                let verdict =
                    self.one_box(connection, number, marked, Some(own.clone()), queued)?;
                if twice && verdict == DockVerdict::Receive {
                    self.one_box(connection, number, marked, Some(own), queued)?;
                }
            }
        }
        Ok(())
    }

    /// Another RMA of the same account whose box is on its way to the same dock.
    fn partner(&self, number: RmaNumber) -> Option<(RmaNumber, SerialNumber)> {
        let mine = self.live.get(&number)?;
        let fits = |other: &&RmaNumber| {
            let Some(live) = self.live.get(other) else { return false };
            **other != number
                && live.rma.account == mine.rma.account
                && live.rma.parent.is_none()
                && live.dock.code == mine.dock.code
                && live.rma.inbound == Inbound::InTransit
                && box_is_awaited(live)
        };
        let other = *self.open.iter().find(fits)?;
        Some((other, self.live.get(&other)?.rma.serial_number.clone()))
    }

    fn one_box(
        &mut self,
        connection: &mut AnyConnection,
        sender: RmaNumber,
        marked: Option<RmaNumber>,
        serial_number: Option<SerialNumber>,
        queued: &Queued,
    ) -> Result<DockVerdict, ReplayError> {
        let live = self.live.get(&sender).ok_or(ReplayError::Stranger(sender))?;
        let label = format!("box with {}", serial_number.as_ref().map_or("", |s| s.as_str()));
        let arrival = Arrival {
            site: live.dock.code.clone(),
            marked: marked.map(|number| number.to_string()),
            serial_number,
            box_id: Some(format!("3{:017}", live.dice.roll(&label) % 100_000_000_000_000_000)),
            condition: ReplacementCondition::Unopened,
            occurred_at: queued.occurred_at,
            source: source_of(Act::ArriveOwn).to_owned(),
        };
        let actor = actor_of(live, Act::ArriveOwn).map_err(AppError::from)?;
        let judgement = arrive(self.app, connection, &arrival, &actor, queued.at)?.judgement;
        self.tally.receipt(judgement.verdict);
        if let Some(number) = judgement.rma {
            self.catch_up(connection, number)?;
            self.look_at_parent(connection, number)?;
        }
        Ok(judgement.verdict)
    }

    /// The clock's daily work; what it did is read back from the RMAs it was due on.
    pub(super) fn clock(&mut self, connection: &mut AnyConnection, now: DateTime<Utc>) -> Done {
        let due = due_at(connection, now, None, i64::from(u32::MAX))?;
        if due.is_empty() {
            return Ok(());
        }
        let report = clock_job::run_within(self.app, connection, now)?;
        if report.failed > 0 {
            return Err(ReplayError::Clock { count: report.failed, at: now });
        }
        for (number, ..) in due {
            self.catch_up(connection, number)?;
            self.look_at_parent(connection, number)?;
        }
        Ok(())
    }

    /// Reads what others have added to an RMA since it was last looked at.
    fn catch_up(&mut self, connection: &mut AnyConnection, number: RmaNumber) -> Done {
        let live = self.live.get(&number).ok_or(ReplayError::Stranger(number))?;
        let rows = history(connection, live.id)?;
        let known = live.rma.version;
        let new = rows.iter().filter(|row| row.sequence > known);
        let new = new.map(|row| row.recorded()).collect::<Result<Vec<Recorded>, _>>()?;
        let mut rma = live.rma.clone();
        for recorded in &new {
            rma.apply(&recorded.event, &recorded.stamp);
        }
        let Some(at) = new.last().map(|last| last.stamp.recorded_at) else { return Ok(()) };
        let events: Vec<Event> = new.into_iter().map(|recorded| recorded.event).collect();
        self.take_in(number, Some(rma), &events, at)
    }

    /// Takes the new state of an RMA in, counts its events and plans what they call for.
    fn take_in(
        &mut self,
        number: RmaNumber,
        after: Option<Rma>,
        events: &[Event],
        at: DateTime<Utc>,
    ) -> Done {
        self.back_on_the_shelf(number, events);
        let live = self.live.get_mut(&number).ok_or(ReplayError::Stranger(number))?;
        if let Some(after) = after {
            live.rma = after;
        }
        if let Some(dock) = live.rma.terms.as_ref().map(|terms| terms.return_site.code.as_str())
            && dock != live.dock.code
            && let Some(site) = self.world.sites.get(dock)
        {
            live.dock = Arc::clone(&site.place);
        }
        let mut planned = Vec::new();
        for event in events {
            self.tally.event(event, &live.rma);
            let met = self.met.entry(number).or_default();
            met.insert(event.kind());
            if let Event::Held { reason, .. } = event {
                met.insert(reason.as_str());
            }
            planned.extend(react(live, event, at).map_err(AppError::from)?);
        }
        let desk_work = live.desk_work.take();
        if live.rma.is_open {
            self.open.insert(number);
        } else {
            self.open.remove(&number);
        }
        if let Some((on, work)) = desk_work {
            self.at_the_desk(on, number, work);
        }
        for next in planned {
            self.plan(number, next);
        }
        Ok(())
    }

    /// A unit promised to an RMA that ends, or come back unopened, can be sent again.
    fn back_on_the_shelf(&mut self, number: RmaNumber, events: &[Event]) {
        let Some(live) = self.live.get(&number) else { return };
        let Some(unit) = &live.rma.replacement else { return };
        let ended = |event: &Event| matches!(event, Event::Cancelled { .. } | Event::Denied { .. });
        let unopened = |event: &Event| matches!(event, Event::ReplacementReturned { .. });
        let given_back = live.rma.outbound == Outbound::Allocated && events.iter().any(ended);
        let come_back = events.iter().any(unopened);
        if !given_back && !come_back {
            return;
        }
        // What comes back lies at the depot of the dock it came to.
        let region = match self.world.sites.get(&live.dock.code) {
            Some(dock) if come_back => dock.region.clone(),
            _ => live.region.clone(),
        };
        let part = self.world.part(live.rma.manufacturer.as_str(), unit.part_number.as_str());
        let serial = unit.serial_number.clone();
        self.stock.put((region, part), serial);
    }
}
