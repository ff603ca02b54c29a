//! Living through the stories, day by day: each virtual day is one write, with the clock's work at its
//! end, every step through the use case everybody else uses.

use std::collections::VecDeque;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::DemoError;
use super::cast::{actor, source};
use super::story::{Act, Base, Holds, Of, Step, Story, When};
use super::world::{Site, World, built_by, manufacturer_of};
use crate::app::attachments::{By, NewFile, Thing, attach};
use crate::app::cases::{OpenCase, open};
use crate::app::dock::{Arrival, arrive};
use crate::app::import::Progress;
use crate::app::replay::ReplayError;
use crate::app::rmas::{RequestRma, execute, report_dead_on_arrival, request_rma};
use crate::app::slip::slip;
use crate::app::{App, AppError, clock_job};
use crate::db::rmas::load;
use crate::db::scope::Scope;
use crate::db::{AnyConnection, facts};
use crate::domain::attachment::{AttachmentKind, NameError};
use crate::domain::ids::{AttachmentId, RmaNumber, SerialNumber};
use crate::domain::intake::{CaseKind, Way};
use crate::domain::return_window::Place;
use crate::domain::rma::tracks::{Mode, Repair, ReplacementCondition};
use crate::domain::rma::visit::{VisitOutcome, VisitState};
use crate::domain::rma::{Command, Order, Rma, Role};

/// A step with its instants.
struct Due {
    learned: DateTime<Utc>,
    happened: DateTime<Utc>,
    story: usize,
    step: usize,
}

pub(super) struct Life<'a> {
    app: &'a App,
    world: &'a mut World,
    stories: &'a [Story],
    now: DateTime<Utc>,
    /// Of each story: its RMA, and the one on its dead replacement.
    numbers: Vec<(Option<RmaNumber>, Option<RmaNumber>)>,
    boxes: u64,
}

/// What `evening` is told at the end of each day.
pub type Evening<'a> = &'a mut dyn FnMut(DateTime<Utc>) -> Result<(), AppError>;

impl<'a> Life<'a> {
    pub fn new(
        app: &'a App,
        world: &'a mut World,
        stories: &'a [Story],
        now: DateTime<Utc>,
    ) -> Self {
        let numbers = vec![(None, None); stories.len()];
        Self { app, world, stories, now, numbers, boxes: 0 }
    }

    /// From the first step until now.
    pub fn live(
        mut self,
        evening: Evening<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), DemoError> {
        let mut queue = self.schedule()?;
        let Some(first) = queue.front().map(|due| due.learned.date_naive()) else { return Ok(()) };
        let days = (self.now.date_naive() - first).num_days() + 1;
        progress.begin("days", u64::try_from(days).unwrap_or_default());
        for day in 0..=days.unsigned_abs() {
            let end = midnight(first + Days::new(day + 1)).min(self.now);
            let app = self.app;
            app.db.write(|connection| {
                while let Some(due) = queue.pop_front_if(|due| due.learned <= end) {
                    self.perform(connection, &due)?;
                }
                let report = clock_job::run_within(app, connection, end)?;
                if report.failed > 0 {
                    return Err(DemoError::Clock { count: report.failed, at: end });
                }
                Ok(())
            })?;
            evening(end)?;
            progress.reach(day);
            if end == self.now {
                break;
            }
        }
        progress.end();
        Ok(())
    }

    /// Every step that lies before now, in the order it is learned of.
    fn schedule(&self) -> Result<VecDeque<Due>, DemoError> {
        let mut all = Vec::new();
        for (at, story) in self.stories.iter().enumerate() {
            let site = self.site(story)?;
            let base = self.base(story, site)?;
            for (step, told) in story.steps.iter().enumerate() {
                let learned = self.instant(site, base, told.learned)?;
                let happened = self.instant(site, base, told.happened)?;
                if learned <= self.now {
                    all.push(Due { learned, happened, story: at, step });
                }
            }
        }
        // Stable: what happens at once happens as it is told.
        all.sort_by_key(|due| due.learned);
        Ok(all.into())
    }

    fn site(&self, story: &Story) -> Result<&Site, DemoError> {
        let missing = || AppError::NoSuch { what: "site", name: story.site.to_owned() };
        Ok(self.world.sites.get(story.site).ok_or_else(missing)?)
    }

    /// Day 0 of a story, on its site's calendar.
    fn base(&self, story: &Story, site: &Site) -> Result<NaiveDate, DemoError> {
        let Base::DueIn(days) = story.base else { return Ok(site.place.local_date(self.now)) };
        let dock = self.app.db.read(|connection| {
            let found = facts::return_site(connection, built_by(story.part), &site.region)?;
            found.map(|dock| self.app.place(&dock)).transpose()
        })?;
        // The window ends by the date at the dock.
        let today = dock.as_ref().unwrap_or(&site.place).local_date(self.now);
        let calendar = &site.place.calendar;
        let window = crate::domain::programme::Programme::default().return_days;
        let due = match days {
            0 => Ok(today),
            days => calendar.add_business_days(today, days),
        };
        let base = due.and_then(|due| calendar.subtract_business_days(due, window));
        Ok(base.map_err(AppError::from)?)
    }

    fn instant(
        &self,
        site: &Site,
        base: NaiveDate,
        when: When,
    ) -> Result<DateTime<Utc>, DemoError> {
        let (days, minutes) = match when {
            When::Ago(minutes) => return Ok(self.now - TimeDelta::minutes(minutes)),
            When::Day(days, minutes) => (days, minutes),
        };
        let date = day(&site.place, base, days)?;
        Ok(site.place.zone.start_of_day(date) + TimeDelta::minutes(minutes.into()))
    }

    fn perform(&mut self, connection: &mut AnyConnection, due: &Due) -> Result<(), DemoError> {
        let story = &self.stories[due.story];
        let step = &story.steps[due.step];
        self.act(connection, due, step).map_err(|error| match error {
            DemoError::App(source) => DemoError::Step {
                story: story.key.clone(),
                act: format!("{:?}", step.act),
                at: due.learned,
                source: Box::new(source),
            },
            other => other,
        })
    }

    fn act(
        &mut self,
        connection: &mut AnyConnection,
        due: &Due,
        step: &Step,
    ) -> Result<(), DemoError> {
        if let Act::Request = step.act {
            return self.request(connection, due);
        }
        let number = self.number(due.story, step.of)?;
        let rma = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?.rma;
        match &step.act {
            Act::Request => Ok(()),
            Act::Give(role, command) => self.give(connection, &rma, due, *role, command.clone()),
            Act::Allocate => {
                let serial_number = self.taken_from_stock(due)?;
                let command = Command::Allocate { serial_number };
                self.give(connection, &rma, due, Role::Depot, command)
            }
            Act::Ship => {
                let itself =
                    rma.mode() == Some(Mode::ReturnToFactory) && rma.repair != Repair::Replaced;
                let role = if itself { Role::Repair } else { Role::Depot };
                self.label(connection, &rma, due)?;
                let rma = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?.rma;
                self.give(connection, &rma, due, role, ship(&rma))
            }
            Act::Box(holds) => self.arrival(connection, &rma, due, *holds),
            Act::PlanVisit if rma.visit.state == VisitState::Owed => {
                let plan = self.visit_plan(due)?;
                self.give(connection, &rma, due, Role::Logistics, plan)
            }
            Act::Visit(outcome) if rma.visit.state == VisitState::Planned => {
                let visit = visited(due, *outcome);
                self.give(connection, &rma, due, Role::Logistics, visit)
            }
            Act::PlanVisit | Act::Visit(_) => Ok(()),
            Act::Claim { delivered } => {
                let claim = self.claim(connection, &rma, due, *delivered)?;
                self.give(connection, &rma, due, Role::Customer, claim)
            }
            Act::DeadOnArrival => self.dead(connection, &rma, due),
            Act::ChargeAll => self.give(connection, &rma, due, Role::Finance, charge(&rma)),
            Act::ChargeRefused => self.refused(connection, &rma, due, Role::Finance, charge(&rma)),
            Act::CreditAll => {
                let reason = "the unit has come".to_owned();
                let credit = Command::Credit { amount_minor: rma.balance_minor(), reason };
                self.give(connection, &rma, due, Role::Finance, credit)
            }
        }
    }

    fn number(&self, story: usize, of: Of) -> Result<RmaNumber, DemoError> {
        let (own, child) = self.numbers[story];
        let number = if of == Of::Child { child } else { own };
        let name = || self.stories[story].key.clone();
        Ok(number.ok_or_else(|| AppError::NoSuch { what: "RMA of the story", name: name() })?)
    }

    fn request(&mut self, connection: &mut AnyConnection, due: &Due) -> Result<(), DemoError> {
        let story = &self.stories[due.story];
        let site = self.site(story)?;
        let on_tour = !story.title.is_empty();
        let case = OpenCase {
            serial_number: self.world.units[due.story].clone(),
            manufacturer: Some(manufacturer_of(story.part).parse().map_err(AppError::from)?),
            priority: 3,
            summary: format!("{}: {}", story.part, story.symptom),
            customer_reference: on_tour.then(|| super::reference(&story.key)),
            contact_name: site.contact_name.clone(),
            contact_email: site.contact_email.clone(),
            is_ssrn: false,
            kind: CaseKind::Rma,
            way: Way::default(),
        };
        let who = actor(Role::Customer, &site.region, &site.contact_email);
        let who = who.map_err(AppError::from)?;
        let wanted = RequestRma {
            case_number: open(self.app, connection, &case, &who, due.learned)?,
            serial_number: case.serial_number,
            manufacturer: case.manufacturer,
            symptom: story.symptom.to_owned(),
            way: Way::default(),
            occurred_at: due.happened,
            source: source(Role::Customer).to_owned(),
        };
        let outcome = request_rma(self.app, connection, &wanted, &who, due.learned)?;
        self.numbers[due.story].0 = Some(outcome.rma.number);
        Ok(())
    }

    fn order(&self, due: &Due, role: Role, command: Command) -> Result<Order, DemoError> {
        let site = self.site(&self.stories[due.story])?;
        let actor = actor(role, &site.region, &site.contact_email).map_err(AppError::from)?;
        Ok(Order { command, actor, occurred_at: due.happened, source: source(role).to_owned() })
    }

    fn give(
        &self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
        role: Role,
        command: Command,
    ) -> Result<(), DemoError> {
        let order = self.order(due, role, command)?;
        execute(self.app, connection, rma.number, &order, Some(rma.version), due.learned)?;
        Ok(())
    }

    fn refused(
        &self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
        role: Role,
        command: Command,
    ) -> Result<(), DemoError> {
        match self.give(connection, rma, due, role, command) {
            Err(DemoError::App(AppError::Refused(_))) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(DemoError::NotRefused(self.stories[due.story].key.clone())),
        }
    }

    fn taken_from_stock(&mut self, due: &Due) -> Result<SerialNumber, DemoError> {
        let story = &self.stories[due.story];
        let shelf = (self.site(story)?.region.clone(), story.part);
        let taken = self.world.shelves.get_mut(&shelf).and_then(VecDeque::pop_front);
        let none = || AppError::NoSuch { what: "unit in stock of", name: story.part.to_owned() };
        Ok(taken.ok_or_else(none)?)
    }

    /// A box at the dock the RMA says, marked with its number.
    fn arrival(
        &mut self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
        holds: Holds,
    ) -> Result<(), DemoError> {
        let story = &self.stories[due.story];
        let serial_number = match holds {
            Holds::Own => Some(rma.serial_number.clone()),
            Holds::Replacement => rma.replacement.as_ref().map(|unit| unit.serial_number.clone()),
            Holds::Stranger => self.world.strangers.get(story.site).cloned(),
            Holds::UnitOf(key) => {
                let other = self.stories.iter().position(|story| story.key == key);
                other.map(|at| self.world.units[at].clone())
            }
        };
        let Some(terms) = &rma.terms else { return Ok(()) };
        self.boxes += 1;
        let arrival = Arrival {
            site: terms.return_site.code.clone(),
            marked: Some(rma.number.to_string()),
            serial_number,
            box_id: Some(format!("RTB{:09}", 400_000 + self.boxes * 7)),
            condition: ReplacementCondition::Unopened,
            occurred_at: due.happened,
            source: source(Role::Dock).to_owned(),
        };
        let dock = actor(Role::Dock, "*", "").map_err(AppError::from)?;
        arrive(self.app, connection, &arrival, &dock, due.learned)?;
        Ok(())
    }

    /// At half past ten of the site's next business day.
    fn visit_plan(&self, due: &Due) -> Result<Command, DemoError> {
        let place = &self.site(&self.stories[due.story])?.place;
        let on = day(place, place.local_date(due.happened), 1)?;
        let at = place.zone.start_of_day(on) + TimeDelta::minutes(10 * 60 + 30);
        Ok(Command::PlanVisit { engineer: "Noor Castellanos".to_owned(), at })
    }

    /// Keeps a carrier's slip with an RMA.
    fn keep(
        &self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
        (kind, role, line): (AttachmentKind, Role, &str),
    ) -> Result<AttachmentId, DemoError> {
        let site = self.site(&self.stories[due.story])?;
        let actor = actor(role, &site.region, &site.contact_email).map_err(AppError::from)?;
        let number = rma.number.to_string();
        let name = format!("{number}-{}.pdf", kind.as_str().replace('_', "-"));
        let name = name.parse().map_err(|error: NameError| AppError::Invalid {
            field: "name",
            reason: error.to_string(),
        })?;
        let bytes = slip(&["Retour Freight", &number, line]).map_err(ReplayError::from)?;
        let file = NewFile::read(kind, name, bytes, None).map_err(AppError::from)?;
        let by = By { actor: &actor, scope: &Scope::All, source: source(role) };
        let thing = Thing::Rma(rma.number);
        let (kept, _) = attach(self.app, connection, thing, &file, by, due.learned)?;
        Ok(kept.id)
    }

    /// AMB-26: the depot lays the prepaid label into the box.
    fn label(&self, connection: &mut AnyConnection, rma: &Rma, due: &Due) -> Result<(), DemoError> {
        if rma.label_is_there() == Some(false) && rma.inbound.is_owed() {
            let wanted =
                (AttachmentKind::CarrierLabel, Role::Depot, "carriage paid by the addressee");
            self.keep(connection, rma, due, wanted)?;
        }
        Ok(())
    }

    fn claim(
        &self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
        delivered: i32,
    ) -> Result<Command, DemoError> {
        let story = &self.stories[due.story];
        let site = self.site(story)?;
        let delivered_on = day(&site.place, self.base(story, site)?, delivered)?;
        let proof = format!("Retour Freight, {} signed for at gate 2", rma.number);
        let wanted = (AttachmentKind::DeliveryProof, Role::Customer, "signed for at gate 2");
        let attachments = vec![self.keep(connection, rma, due, wanted)?];
        Ok(Command::ClaimDelivery { proof, delivered_on, attachments })
    }

    fn dead(
        &mut self,
        connection: &mut AnyConnection,
        rma: &Rma,
        due: &Due,
    ) -> Result<(), DemoError> {
        let site = self.site(&self.stories[due.story])?;
        let who = actor(Role::Customer, &site.region, &site.contact_email);
        let who = (&who.map_err(AppError::from)?, source(Role::Customer));
        let symptom = "does not come up out of the box";
        let (app, times) = (self.app, (due.happened, due.learned));
        let (_, child) =
            report_dead_on_arrival(app, connection, rma.number, symptom, who, times.0, times.1)?;
        self.numbers[due.story].1 = Some(child);
        Ok(())
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// So many business days of a place after (before, where below zero) a day.
fn day(place: &Place, base: NaiveDate, days: i32) -> Result<NaiveDate, DemoError> {
    let count = days.unsigned_abs();
    let found = match days {
        0 => return Ok(base),
        1.. => place.calendar.add_business_days(base, count),
        _ => place.calendar.subtract_business_days(base, count),
    };
    Ok(found.map_err(AppError::from)?)
}

/// Half an hour's work, and the report of it.
fn visited(due: &Due, outcome: VisitOutcome) -> Command {
    let reason =
        (outcome == VisitOutcome::CouldNot).then(|| "the rack rails do not fit".to_owned());
    let arrived_at = due.happened - TimeDelta::minutes(70);
    Command::RecordVisit { arrived_at, outcome, engineer: None, reason }
}

fn ship(rma: &Rma) -> Command {
    let tracking_number = Some(format!("PX{:09}", 310_000_000 + rma.number.value() * 41));
    Command::Ship { carrier: "Parcel Express".to_owned(), tracking_number }
}

/// The whole list price kept at issue.
fn charge(rma: &Rma) -> Command {
    let price = rma.terms.as_ref().map_or(0, |terms| terms.list_price.minor);
    let reason = "not returned within the window".to_owned();
    Command::Charge { amount_minor: price - rma.balance_minor(), reason }
}
