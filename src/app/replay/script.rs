//! The script: what follows an event. Each event of an RMA calls for somebody's next act, at that
//! person's place and in that person's working hours.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::dice::Dice;
use super::plan::{BenchEnd, FactoryWay, Plan, Way};
use crate::domain::calendar::CalendarError;
use crate::domain::ids::RmaId;
use crate::domain::return_window::Place;
use crate::domain::rma::tracks::{Authorisation, HoldReason, Inbound, Mode, Outbound, Repair};
use crate::domain::rma::visit::VisitOutcome;
use crate::domain::rma::{Event, Rma};
use crate::domain::service_level::Promise;
use crate::words;

words! {
    /// What somebody does.
    Act("act of a replay") {
        Create = "create",
        Issue = "issue",
        Release = "release",
        Deny = "deny",
        CallOff = "call off",
        GiveUp = "give up",
        Backorder = "backorder",
        Allocate = "allocate",
        Ship = "ship",
        Deliver = "deliver",
        FailDelivery = "fail delivery",
        ReportDead = "report dead on arrival",
        HandOver = "hand over",
        ArriveOwn = "box arrives",
        ArriveWrong = "box arrives with another unit",
        ArriveSwapped = "box arrives swapped",
        ArriveReplacement = "box arrives with the replacement",
        Accept = "accept",
        Resolve = "resolve discrepancy",
        FindExclusion = "find exclusion",
        Review = "review",
        CreditReview = "decide on the credit",
        Buy = "buy",
        Claim = "claim delivery",
        DecideClaim = "decide the claim",
        Destroy = "certify destruction",
        StartRepair = "start repair",
        FinishRepair = "finish repair",
        AnswerQuote = "answer the quote",
        PlanVisit = "plan a visit",
        Visit = "visit",
    }
}

/// An act to come: when it is recorded, and when it happened in the world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    pub act: Act,
    pub at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
}

/// Work on the register before an issue can go on, done first thing in the morning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeskWork {
    Register,
    Price,
}

/// An RMA at play: its state as last stored, its plan, and the places it moves between.
pub(super) struct Live {
    pub id: RmaId,
    pub rma: Rma,
    /// Its own unit, or that of its parent, in the installed base.
    pub unit: usize,
    pub dice: Dice,
    pub plan: Plan,
    pub region: String,
    pub contact: (String, String),
    pub ship_to: Arc<Place>,
    pub depot: Arc<Place>,
    /// Where the defective unit goes; the depot until it is issued.
    pub dock: Arc<Place>,
    /// What the proof of a planned claim shows.
    pub proof_on: Option<NaiveDate>,
    /// The customer has begun to act on a replacement delivered.
    pub delivered: bool,
    pub extended: bool,
    pub quoted: bool,
    pub desk_work: Option<(NaiveDate, DeskWork)>,
}

/// What follows one event.
pub(super) struct Script<'a> {
    live: &'a mut Live,
    at: DateTime<Utc>,
    out: Vec<Next>,
}

type Step = Result<(), CalendarError>;

/// A number of minutes or business days, drawn between the two.
type Span = (u32, u32);

/// What follows `event`, recorded at `at`; `live` is the state after everything decided with it.
pub(super) fn react(
    live: &mut Live,
    event: &Event,
    at: DateTime<Utc>,
) -> Result<Vec<Next>, CalendarError> {
    let mut script = Script { live, at, out: Vec::new() };
    script.authorisation(event)?;
    script.outbound(event)?;
    script.inbound(event)?;
    script.money(event)?;
    script.bench(event)?;
    script.visit(event);
    Ok(script.out)
}

/// The same act again, on the depot's next business day.
pub(super) fn office_tomorrow(
    live: &mut Live,
    act: Act,
    at: DateTime<Utc>,
) -> Result<Next, CalendarError> {
    let depot = Arc::clone(&live.depot);
    let script = Script { live, at, out: Vec::new() };
    let at = script.in_office(&depot, at, (1, 1), act.as_str())?;
    Ok(Next { act, at, occurred_at: at })
}

impl Script<'_> {
    fn authorisation(&mut self, event: &Event) -> Step {
        let depot = Arc::clone(&self.live.depot);
        match event {
            Event::Requested { .. } if self.live.rma.authorisation == Authorisation::Requested => {
                let wait = if self.live.plan.questionnaire { (5, 45) } else { (30, 360) };
                self.minutes(Act::Create, wait);
            }
            Event::Created { .. } => self.office(Act::Issue, &depot, (0, 0))?,
            Event::Released { .. } => self.office(Act::Issue, &depot, (0, 1))?,
            Event::Held { reason, .. } => self.held(*reason)?,
            Event::Issued { .. } => self.issued()?,
            _ => {}
        }
        Ok(())
    }

    fn held(&mut self, reason: HoldReason) -> Step {
        let depot = Arc::clone(&self.live.depot);
        match reason {
            HoldReason::Entitlement => self.office(Act::Deny, &depot, (1, 5)),
            HoldReason::Export => self.office(Act::Release, &depot, (1, 4)),
            HoldReason::Registration | HoldReason::Price | HoldReason::Information => {
                let work =
                    if reason == HoldReason::Price { DeskWork::Price } else { DeskWork::Register };
                // Two days at the least: the desk's work of a day is done before its first act.
                let at = self.in_office(&depot, self.at, (2, 5), "desk work")?;
                self.live.desk_work = Some((at.date_naive(), work));
                self.push(Act::Release, at, at);
                Ok(())
            }
        }
    }

    fn issued(&mut self) -> Step {
        let depot = Arc::clone(&self.live.depot);
        let ship_to = Arc::clone(&self.live.ship_to);
        if self.live.plan.called_off {
            self.minutes(Act::CallOff, (3, 9));
        }
        if self.live.rma.mode() == Some(Mode::AdvanceReplacement) {
            if self.live.plan.backordered {
                self.office(Act::Backorder, &depot, (0, 0))?;
                return self.office(Act::Allocate, &depot, (3, 12));
            }
            if self.is_same_day() {
                self.minutes(Act::Allocate, (10, 40));
                return Ok(());
            }
            return self.office(Act::Allocate, &depot, (0, 0));
        }
        match self.live.plan.factory {
            FactoryWay::Returned => self.send(self.at, (1, 8), Act::ArriveOwn),
            FactoryWay::Claimed => self.claim(self.at),
            FactoryWay::Destroyed => self.office(Act::Destroy, &ship_to, (3, 6)),
            FactoryWay::Never => self.office(Act::GiveUp, &depot, (40, 60)),
        }
    }

    fn outbound(&mut self, event: &Event) -> Step {
        let depot = Arc::clone(&self.live.depot);
        match event {
            Event::Allocated { .. } if self.is_same_day() => self.minutes(Act::Ship, (15, 50)),
            Event::Allocated { .. } => self.office(Act::Ship, &depot, (0, 0))?,
            Event::Shipped { .. } => self.shipped()?,
            Event::DeliveryFailed { .. } => self.office(Act::Ship, &depot, (1, 3))?,
            _ => {}
        }
        Ok(())
    }

    /// The delivery as it happens in the world, and when we hear of it.
    fn shipped(&mut self) -> Step {
        let ship_to = Arc::clone(&self.live.ship_to);
        let depot = Arc::clone(&self.live.depot);
        let there = if self.is_same_day() {
            self.at + TimeDelta::minutes(self.draw((60, 150), "same day").into())
        } else if self.promise() == Some(Promise::NextDayDelivery) {
            self.in_office(&ship_to, self.at, (1, 1), "next day")?
        } else {
            self.in_office(&ship_to, self.at, (2, 4), "transit")?
        };
        let soon = there + TimeDelta::minutes(self.draw((5, 50), "told soon").into());
        if self.live.plan.failed_once && !self.live.delivered {
            self.live.plan.failed_once = false;
            self.push(Act::FailDelivery, soon, there);
            return Ok(());
        }
        let told = if self.live.plan.proof_late {
            self.in_office(&depot, there, (13, 25), "proof late")?
        } else if self.live.dice.share("told next day", 0.2) {
            there + TimeDelta::hours(self.draw((4, 40), "told next day").into())
        } else {
            soon
        };
        self.push(Act::Deliver, told, there);
        self.customer_has_it(there, told)
    }

    /// What the customer does with the defective unit once the replacement is there.
    fn customer_has_it(&mut self, there: DateTime<Utc>, told: DateTime<Utc>) -> Step {
        let first = !self.live.delivered;
        self.live.delivered = true;
        if !first || self.live.rma.mode() != Some(Mode::AdvanceReplacement) {
            return Ok(());
        }
        let ship_to = Arc::clone(&self.live.ship_to);
        let dock = Arc::clone(&self.live.dock);
        if self.live.plan.dead_on_arrival {
            let at = self.in_office(&ship_to, there.max(told), (0, 2), "dead")?;
            self.push(Act::ReportDead, at, at);
        }
        if self.live.plan.way == Way::ReplacementBack {
            let at = self.in_office(&dock, there, (3, 8), "back")?;
            self.push(Act::ArriveReplacement, at, at);
        }
        if !self.live.rma.inbound.is_owed() {
            return Ok(());
        }
        match self.live.plan.way {
            Way::InTime => self.send(there, (1, 4), Act::ArriveOwn),
            Way::Late => self.send(there, (10, 13), Act::ArriveOwn),
            Way::WrongSerial => self.send(there, (1, 4), Act::ArriveWrong),
            Way::SwappedBoxes => self.send(there, (1, 4), Act::ArriveSwapped),
            Way::Claimed => self.claim(there),
            Way::BoughtBeforeCharge => {
                let at = self.in_office(&ship_to, there, (6, 14), "buy")?;
                self.push(Act::Buy, at, at);
                Ok(())
            }
            Way::Destroyed => {
                let at = self.in_office(&ship_to, there, (4, 8), "destroy")?;
                self.push(Act::Destroy, at, at);
                Ok(())
            }
            Way::AfterCharge | Way::Never | Way::BoughtAfterCharge | Way::ReplacementBack => Ok(()),
        }
    }

    /// The customer gives a box to a carrier, and it comes to the dock some business days later. We
    /// hear of the first the same day or the next, of the second within hours.
    fn send(&mut self, from: DateTime<Utc>, wait: Span, arrives: Act) -> Step {
        let ship_to = Arc::clone(&self.live.ship_to);
        let dock = Arc::clone(&self.live.dock);
        let handed = self.in_office(&ship_to, from, wait, "hand over")?;
        let told = handed + TimeDelta::minutes(self.draw((10, 1_200), "hand over told").into());
        self.push(Act::HandOver, told, handed);
        let there = self.in_office(&dock, handed, (2, 4), "arrive")?;
        let entered = there + TimeDelta::minutes(self.draw((0, 300), "arrive told").into());
        self.push(arrives, entered.max(told + TimeDelta::minutes(1)), there);
        Ok(())
    }

    /// The customer says that it was delivered, and shows a proof.
    fn claim(&mut self, from: DateTime<Utc>) -> Step {
        let ship_to = Arc::clone(&self.live.ship_to);
        let dock = Arc::clone(&self.live.dock);
        let handed = self.in_office(&ship_to, from, (2, 4), "hand over")?;
        self.push(Act::HandOver, handed, handed);
        let proof = self.in_office(&dock, handed, (2, 4), "proof")?;
        self.live.proof_on = Some(dock.local_date(proof));
        let at = self.in_office(&ship_to, proof, (3, 9), "claim")?;
        self.push(Act::Claim, at, at);
        Ok(())
    }

    fn inbound(&mut self, event: &Event) -> Step {
        let dock = Arc::clone(&self.live.dock);
        let own = &self.live.rma.serial_number;
        match event {
            Event::Received { serial_number, .. } if serial_number.as_ref() == Some(own) => {
                if self.live.rma.inbound != Inbound::Received {
                    return Ok(());
                }
                if self.live.plan.excluded && self.live.rma.is_advance() {
                    self.office(Act::FindExclusion, &dock, (0, 0))?;
                }
                self.office(Act::Accept, &dock, (0, 2))
            }
            Event::FoundDiscrepant { .. } => self.office(Act::Resolve, &dock, (1, 3)),
            Event::DiscrepancyResolved { .. } if self.live.rma.inbound.is_owed() => {
                self.send(self.at, (2, 5), Act::ArriveOwn)
            }
            Event::DeliveryClaimed { .. } => self.office(Act::DecideClaim, &dock, (3, 9)),
            Event::ClaimRejected { .. } => {
                let depot = Arc::clone(&self.live.depot);
                if self.live.dice.share("found after all", 0.5) {
                    return self.office(Act::ArriveOwn, &dock, (5, 12));
                }
                if self.live.rma.mode() == Some(Mode::ReturnToFactory) {
                    return self.office(Act::GiveUp, &depot, (15, 25));
                }
                self.office(Act::Review, &depot, (6, 10))
            }
            _ => Ok(()),
        }
    }

    fn money(&mut self, event: &Event) -> Step {
        let depot = Arc::clone(&self.live.depot);
        let ship_to = Arc::clone(&self.live.ship_to);
        let dock = Arc::clone(&self.live.dock);
        match event {
            Event::FellDue { .. } => self.office(Act::Review, &depot, (8, 12)),
            Event::ReviewOpened {} | Event::ExclusionFound { .. } => {
                self.office(Act::Review, &depot, (3, 8))
            }
            Event::CreditReviewOpened { .. } => self.office(Act::CreditReview, &depot, (2, 6)),
            Event::Charged { .. } if self.live.plan.way == Way::AfterCharge => {
                self.send(self.at, (2, 30), Act::ArriveOwn)
            }
            Event::Charged { .. } if self.live.plan.way == Way::BoughtAfterCharge => {
                self.office(Act::Buy, &ship_to, (3, 15))
            }
            Event::Extended { .. } => {
                self.live.extended = true;
                if self.live.plan.returned_when_extended {
                    return self.send(self.at, (2, 5), Act::ArriveOwn);
                }
                Ok(())
            }
            Event::Purchased { .. } if self.live.plan.bought_and_sent => {
                self.office(Act::ArriveOwn, &dock, (3, 20))
            }
            _ => Ok(()),
        }
    }

    fn bench(&mut self, event: &Event) -> Step {
        let dock = Arc::clone(&self.live.dock);
        let depot = Arc::clone(&self.live.depot);
        let ship_to = Arc::clone(&self.live.ship_to);
        match event {
            Event::RepairQueued {} => self.office(Act::StartRepair, &dock, (1, 6)),
            Event::RepairStarted {} if self.live.plan.bench == BenchEnd::Quoted => {
                self.office(Act::FinishRepair, &dock, (1, 3))
            }
            Event::RepairStarted {} => self.office(Act::FinishRepair, &dock, (1, 12)),
            Event::Quoted { .. } => {
                self.live.quoted = true;
                self.office(Act::AnswerQuote, &ship_to, (1, 5))
            }
            Event::RepairFinished { outcome: Repair::Replaced, .. } => {
                self.office(Act::Allocate, &depot, (0, 2))
            }
            Event::RepairFinished { outcome, .. } if outcome.owes_a_unit() => {
                self.office(Act::Ship, &dock, (0, 1))
            }
            _ => Ok(()),
        }
    }

    /// An engineer is planned soon after the issue, and again after a visit that came to nothing.
    fn visit(&mut self, event: &Event) {
        match event {
            Event::VisitPromised { .. } => self.minutes(Act::PlanVisit, (5, 25)),
            Event::VisitRecorded { outcome, .. } if *outcome != VisitOutcome::Replaced => {
                self.minutes(Act::PlanVisit, (30, 120));
            }
            Event::VisitPlanned { at, .. } => {
                let over = *at + TimeDelta::minutes(self.draw((30, 110), "visit").into());
                let told =
                    over.max(self.at) + TimeDelta::minutes(self.draw((1, 90), "told").into());
                self.push(Act::Visit, told, over);
            }
            _ => {}
        }
    }

    fn promise(&self) -> Option<Promise> {
        let terms = self.live.rma.terms.as_ref()?;
        (terms.mode == Mode::AdvanceReplacement).then_some(terms.entitlement.promise)
    }

    /// Four hours or two: day and night.
    fn is_same_day(&self) -> bool {
        self.promise() >= Some(Promise::FourHours)
            && self.live.rma.outbound != Outbound::Backordered
    }

    /// Some minutes from now, at any hour.
    fn minutes(&mut self, act: Act, span: Span) {
        let at = self.at + TimeDelta::minutes(self.draw(span, act.as_str()).into());
        self.push(act, at, at);
    }

    /// In working hours at a place, some business days from now.
    fn office(&mut self, act: Act, place: &Place, days: Span) -> Step {
        let at = self.in_office(place, self.at, days, act.as_str())?;
        self.push(act, at, at);
        Ok(())
    }

    /// An instant in working hours at a place, so many business days after `from`; 0 is the same day
    /// if any of its hours are left.
    fn in_office(
        &self,
        place: &Place,
        from: DateTime<Utc>,
        days: Span,
        label: &str,
    ) -> Result<DateTime<Utc>, CalendarError> {
        let days = self.draw(days, label);
        let minute = |day: NaiveDate, low, high| {
            let after_midnight = self.draw((low, high), &format!("{label}, time"));
            place.zone.start_of_day(day) + TimeDelta::minutes(after_midnight.into())
        };
        let today = place.local_date(from);
        if days > 0 {
            let day = place.calendar.add_business_days(today, days)?;
            return Ok(minute(day, 8 * 60, 17 * 60));
        }
        let soon = from + TimeDelta::minutes(self.draw((3, 50), &format!("{label}, soon")).into());
        let evening = place.zone.start_of_day(today) + TimeDelta::hours(17);
        let morning = place.zone.start_of_day(today) + TimeDelta::hours(8);
        if !place.calendar.is_business_day(today)? || soon > evening {
            let day = place.calendar.add_business_days(today, 1)?;
            return Ok(minute(day, 8 * 60, 10 * 60));
        }
        Ok(if soon < morning { minute(today, 8 * 60, 10 * 60) } else { soon })
    }

    /// Drawn anew for every state of the RMA.
    fn draw(&self, (low, high): Span, label: &str) -> u32 {
        let label = format!("{label} at {}", self.live.rma.version);
        self.live.dice.between(&label, low, high)
    }

    fn push(&mut self, act: Act, at: DateTime<Utc>, occurred_at: DateTime<Utc>) {
        self.out.push(Next { act, at, occurred_at });
    }
}
