//! A story: one unit's way through an RMA, told in business days before today at the unit's own site.

use crate::domain::rma::tracks::{HoldReason, Repair};
use crate::domain::rma::visit::VisitOutcome;
use crate::domain::rma::{Command, Role};

/// What a story's unit is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Within its warranty.
    New,
    /// Out of it.
    Old,
    /// Within its warranty, which nobody has activated (WAR-4).
    Unregistered,
}

/// What a story's day 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Today,
    /// The day from which the return window ends so many business days from today.
    DueIn(u32),
}

/// When something happens, or is learned.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// Business days of the unit's site after day 0, and minutes after that day's local midnight.
    Day(i32, u32),
    /// Minutes before the present instant.
    Ago(i64),
}

/// Whose act it is about: the story's own RMA, or the one on its dead replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Itself,
    Child,
}

/// What a box holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    Own,
    Replacement,
    /// Another unit of the same site.
    Stranger,
    /// The unit of another story.
    UnitOf(&'static str),
}

/// What somebody does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Request,
    Give(Role, Command),
    Allocate,
    Ship,
    Box(Holds),
    /// An engineer is planned for the site's next business day, where one is owed.
    PlanVisit,
    /// The planned visit has come to this; nothing where none is planned.
    Visit(VisitOutcome),
    Claim {
        /// The day the proof of delivery shows.
        delivered: i32,
    },
    DeadOnArrival,
    ChargeAll,
    /// As `ChargeAll`, where the rules are to refuse it.
    ChargeRefused,
    CreditAll,
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub happened: When,
    pub learned: When,
    pub of: Of,
    pub act: Act,
}

#[derive(Debug, Clone)]
pub(super) struct Story {
    /// Its name; what stands in the tour is the customer's reference too.
    pub key: String,
    /// What it shows; empty for everyday life, which is not on the tour.
    pub title: &'static str,
    pub site: &'static str,
    pub part: &'static str,
    pub condition: Condition,
    pub base: Base,
    pub symptom: &'static str,
    pub steps: Vec<Step>,
    of: Of,
}

fn text(text: &str) -> String {
    text.to_owned()
}

impl Story {
    pub fn new(key: &str, title: &'static str, site: &'static str, part: &'static str) -> Self {
        Self {
            key: key.to_owned(),
            title,
            site,
            part,
            condition: Condition::New,
            base: Base::Today,
            symptom: "does not come up; the status light stays amber",
            steps: Vec::new(),
            of: Of::Itself,
        }
    }

    pub fn unit(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }

    pub fn due_in(mut self, business_days: u32) -> Self {
        self.base = Base::DueIn(business_days);
        self
    }

    pub fn symptom(mut self, symptom: &'static str) -> Self {
        self.symptom = symptom;
        self
    }

    /// What follows is about the RMA on the dead replacement; until [`itself`](Self::itself).
    pub fn child(mut self) -> Self {
        self.of = Of::Child;
        self
    }

    pub fn itself(mut self) -> Self {
        self.of = Of::Itself;
        self
    }

    fn step(mut self, happened: When, learned: When, act: Act) -> Self {
        self.steps.push(Step { happened, learned, of: self.of, act });
        self
    }

    /// On a day, at an hour and minute of the unit's site.
    pub fn on(self, day: i32, (hour, minute): (u32, u32), act: Act) -> Self {
        let when = When::Day(day, hour * 60 + minute);
        self.step(when, when, act)
    }

    /// The same, but learned on a later day.
    pub fn told_late(self, day: i32, told: i32, (hour, minute): (u32, u32), act: Act) -> Self {
        let minutes = hour * 60 + minute;
        self.step(When::Day(day, minutes), When::Day(told, minutes), act)
    }

    /// So many minutes ago.
    pub fn ago(self, minutes: i64, act: Act) -> Self {
        self.step(When::Ago(minutes), When::Ago(minutes), act)
    }

    pub fn gives(self, day: i32, at: (u32, u32), role: Role, command: Command) -> Self {
        self.on(day, at, Act::Give(role, command))
    }

    pub fn created(self, day: i32) -> Self {
        self.on(day, (9, 5), Act::Request).gives(day, (10, 10), Role::Engineer, create())
    }

    /// Asked for, created and, where nothing stands in the way, issued on one day.
    pub fn issued(self, day: i32) -> Self {
        self.created(day).gives(day, (11, 20), Role::Logistics, Command::Issue {})
    }

    /// The replacement leaves on the day it is asked for.
    pub fn shipped(self, day: i32) -> Self {
        let sent = self.issued(day).on(day, (13, 40), Act::Allocate).on(day, (16, 5), Act::Ship);
        sent.on(day, (16, 30), Act::PlanVisit)
    }

    pub fn delivered(self, day: i32) -> Self {
        let there = self.gives(day, (10, 15), Role::Carrier, deliver());
        there.on(day, (12, 30), Act::Visit(VisitOutcome::Replaced))
    }

    pub fn handed(self, day: i32) -> Self {
        let carrier = Some(text("Retour Freight"));
        let tracking_number = Some(format!("RT{:08}", 7_310_000 + self.steps.len() * 97));
        let hand_over = Command::HandOver { carrier, tracking_number };
        self.gives(day, (15, 30), Role::Customer, hand_over)
    }

    pub fn boxed(self, day: i32, holds: Holds) -> Self {
        self.on(day, (11, 10), Act::Box(holds))
    }

    pub fn accepted(self, day: i32) -> Self {
        self.gives(day, (14, 20), Role::Inspector, Command::Accept {})
    }

    /// Handed over, and at the dock three business days later, accepted the day after.
    pub fn returned(self, day: i32) -> Self {
        self.handed(day).boxed(day + 3, Holds::Own).accepted(day + 4)
    }

    pub fn bench(self, day: i32) -> Self {
        self.gives(day, (9, 30), Role::Repair, Command::StartRepair {})
    }

    pub fn finished(self, day: i32, outcome: Repair) -> Self {
        self.gives(day, (14, 45), Role::Repair, Command::FinishRepair { outcome })
    }

    pub fn quoted(self, day: i32) -> Self {
        self.gives(day, (11, 0), Role::Repair, Command::Quote { amount_minor: 48_000 })
    }

    pub fn held(self, day: i32, reason: HoldReason, note: &str) -> Self {
        let hold = Command::Hold { reason, note: text(note) };
        self.gives(day, (11, 20), Role::Logistics, hold)
    }
}

pub(super) fn create() -> Command {
    Command::Create { diagnosis: Some(text("fails its self-test twice; settings ruled out")) }
}

pub(super) fn deliver() -> Command {
    Command::Deliver { signed_by: Some(text("goods desk")) }
}
