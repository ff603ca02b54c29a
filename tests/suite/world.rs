//! A small world for decisions: sites, a programme, one RMA with its history, and a clock that only
//! the test moves.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use homeward::domain::analysis::Milestones;
use homeward::domain::attachment::{AttachmentKind, FileRef};
use homeward::domain::calendar::{CalendarCode, Calendars};
use homeward::domain::entitlement::{ContractCover, Verdict, resolve};
use homeward::domain::ids::{AttachmentId, RmaNumber, SerialNumber, SiteId};
use homeward::domain::money::{Currency, Money};
use homeward::domain::programme::Programme;
use homeward::domain::return_window::Place;
use homeward::domain::rma::event::Event;
use homeward::domain::rma::{
    Actor, Command, Decision, Facts, IssueFacts, Order, Recorded, Refusal, Request, Rma, Role,
    Stamp, StockUnit, decide, fold, request,
};
use homeward::domain::service_level::ServiceLevel;
use homeward::domain::site::UnitStatus;
use homeward::domain::warranty::Sale;
use homeward::domain::zone::Zone;

pub const LIST_PRICE: i64 = 250_000;
pub const OWN: &str = "SN-DEFECTIVE";
pub const SPARE: &str = "SN-SPARE";
/// A dock that is not the return site.
pub const AWAY: &str = "SDF-1";

/// The files kept with the RMA: a proof of delivery, and a carrier's label.
pub const PROOF: AttachmentId = AttachmentId(1);
pub const LABEL: AttachmentId = AttachmentId(2);

fn file(id: AttachmentId) -> FileRef {
    FileRef { id, sha256: format!("{:064x}", id.0) }
}

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub fn serial(text: &str) -> SerialNumber {
    text.parse().expect("a serial number")
}

pub fn number(value: u64) -> RmaNumber {
    RmaNumber::new(value).expect("an RMA number")
}

pub fn place(code: &str, country: &str, calendar: &str, zone: &str) -> Place {
    let calendar = CalendarCode::parse(calendar).expect("a calendar's code");
    Place {
        id: SiteId(1),
        code: code.to_owned(),
        name: format!("Site {code}"),
        country: country.to_owned(),
        zone: Zone::parse(zone).expect("a zone"),
        calendar: Calendars::builtin().get(&calendar).expect("a builtin calendar"),
        cut_off: None,
        complete: true,
    }
}

pub fn sale() -> Sale {
    Sale {
        shipped_on: day("2026-01-10"),
        through_distributor: false,
        resold_on: None,
        registered_on: Some(day("2026-02-01")),
        cover_through_on: None,
        is_replacement: false,
    }
}

pub fn contract(level: ServiceLevel) -> ContractCover {
    ContractCover {
        number: "C-100".to_owned(),
        level,
        from_on: day("2026-01-01"),
        through_on: day("2027-12-31"),
        media_retention: false,
        through_chassis: None,
    }
}

pub fn verdict(sale: &Sale, contracts: &[ContractCover], programme: &Programme) -> Verdict {
    resolve(sale, contracts, day("2026-11-10"), programme).expect("an entitlement")
}

/// One RMA, its history, and everything a decision about it needs.
#[derive(Clone)]
pub struct World {
    pub programme: Programme,
    pub facts: Facts,
    pub now: DateTime<Utc>,
    pub events: Vec<Recorded>,
    pub rma: Rma,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The history alone: facts and programme would bury it.
        write!(f, "World at {}", self.now)?;
        for recorded in &self.events {
            write!(f, "\n  {} {:?}", recorded.stamp.recorded_at, recorded.event)?;
        }
        Ok(())
    }
}

impl World {
    /// Requested on Thursday 2026-11-12 for a site in the United States, next-day delivery.
    pub fn advance() -> Self {
        Self::new(Programme::default(), Self::facts(Some(ServiceLevel::NextDayDelivery)))
    }

    /// The same on warranty alone: a return to factory.
    pub fn factory() -> Self {
        Self::new(Programme::default(), Self::facts(None))
    }

    pub fn facts(level: Option<ServiceLevel>) -> Facts {
        let contracts: Vec<ContractCover> = level.map(contract).into_iter().collect();
        let issue = IssueFacts {
            verdict: verdict(&sale(), &contracts, &Programme::default()),
            list_price: Some(Money { minor: LIST_PRICE, currency: Currency::USD }),
            currency: Currency::USD,
            bill_to: "Northwind Networks, Accounts payable".to_owned(),
        };
        Facts {
            other_open: None,
            ship_to: Some(place("NYC-1", "US", "US", "America/New_York")),
            return_site: Some(place("MTY-1", "MX", "MX", "America/Monterrey")),
            dock: None,
            depot: Some(place("SDF-1", "US", "US", "America/New_York")),
            issue: Some(issue),
            stock: Some(stock(SPARE)),
            remaining_cover_on: Some(day("2027-01-09")),
            milestones: Some(Milestones {
                frs_on: Some(day("2024-03-01")),
                ..Milestones::default()
            }),
            files: vec![
                (AttachmentKind::DeliveryProof, file(PROOF)),
                (AttachmentKind::CarrierLabel, file(LABEL)),
            ],
        }
    }

    pub fn new(programme: Programme, facts: Facts) -> Self {
        let now = utc("2026-11-12T15:00:00Z");
        let stamp = Stamp {
            occurred_at: now,
            recorded_at: now,
            actor: actor(Role::Customer),
            source: "test".to_owned(),
        };
        let asked = Request {
            number: number(21_056_835),
            parent: None,
            serial_number: serial(OWN),
            part_number: "PN-1".parse().expect("a part number"),
            symptom: "does not power on 電源が入らない".to_owned(),
        };
        let decision = request(
            asked,
            "2026-1112-000001".parse().expect("a case number"),
            "Meridian".to_owned().try_into().expect("a manufacturer"),
            "NORTHWIND".to_owned(),
            None,
            &stamp,
        )
        .expect("a request");
        let events = vec![Recorded { sequence: 1, stamp, event: decision.events[0].clone() }];
        Self { programme, facts, now, events, rma: decision.after }
    }

    pub fn order(&self, role: Role, command: Command) -> Order {
        Order { command, actor: actor(role), occurred_at: self.now, source: "test".to_owned() }
    }

    pub fn decide(&self, order: &Order) -> Result<Decision, Refusal> {
        let mut facts = self.facts.clone();
        if let (Command::Allocate { serial_number }, Some(stock)) =
            (&order.command, &mut facts.stock)
        {
            // What the register would say of the serial that is named.
            stock.serial_number = serial_number.clone();
        }
        if let Command::Receive { site: Some(code), .. } = &order.command {
            facts.dock = Some(place(code, "US", "US", "America/New_York"));
        }
        decide(&self.rma, order, &facts, &self.programme, self.now)
    }

    /// Stores a decision.
    pub fn keep(&mut self, order: &Order, decision: Decision) {
        for event in decision.events {
            let stamp = Stamp {
                occurred_at: order.occurred_at,
                recorded_at: self.now,
                actor: order.actor.clone(),
                source: order.source.clone(),
            };
            let sequence = self.events.last().map_or(1, |last| last.sequence + 1);
            self.events.push(Recorded { sequence, stamp, event });
        }
        self.rma = decision.after;
    }

    pub fn give(&mut self, role: Role, command: Command) -> Result<Vec<Event>, Refusal> {
        let order = self.order(role, command);
        let decision = self.decide(&order)?;
        let events = decision.events.clone();
        self.keep(&order, decision);
        assert_eq!(fold(&self.events).as_ref(), Ok(&self.rma), "folding gives the same state");
        Ok(events)
    }

    /// Carries a command out; the test fails where it is refused.
    #[track_caller]
    pub fn ok(&mut self, role: Role, command: Command) -> &mut Self {
        let shown = format!("{command:?}");
        if let Err(refusal) = self.give(role, command) {
            panic!("{shown} by {role} was refused: {refusal}");
        }
        self
    }

    /// The refusal of a command; the test fails where it is carried out.
    #[track_caller]
    pub fn no(&self, role: Role, command: Command) -> Refusal {
        let order = self.order(role, command);
        match self.decide(&order) {
            Err(refusal) => refusal,
            Ok(decision) => panic!("{:?} was carried out: {:?}", order.command, decision.events),
        }
    }

    pub fn at(&mut self, instant: &str) -> &mut Self {
        self.now = utc(instant);
        self
    }

    pub fn later(&mut self, by: TimeDelta) -> &mut Self {
        self.now += by;
        self
    }

    /// Runs the clock at this instant until it has nothing more to say.
    pub fn run_clock(&mut self) -> Vec<Event> {
        let mut all = Vec::new();
        for _ in 0..20 {
            let Some(command) = self.rma.due_command(self.now) else { return all };
            all.extend(self.give(Role::Clock, command).expect("the clock's command"));
        }
        panic!("the clock does not come to rest");
    }

    pub fn due_on(&self) -> NaiveDate {
        self.rma.due.as_ref().expect("a due date").due_on
    }

    // The way to the states the tests start from.

    pub fn issued(&mut self) -> &mut Self {
        self.ok(Role::Engineer, create()).ok(Role::Logistics, Command::Issue {})
    }

    pub fn shipped(&mut self) -> &mut Self {
        self.issued().ok(Role::Depot, allocate(SPARE)).ok(Role::Depot, ship())
    }

    /// Delivered on Monday 2026-11-16: due on Tuesday 2026-12-01 (Part 5, example 1).
    pub fn exposed(&mut self) -> &mut Self {
        self.shipped().at("2026-11-16T15:00:00Z").ok(Role::Carrier, deliver())
    }

    pub fn in_repair_analysis(&mut self) -> &mut Self {
        self.exposed().ok(Role::Customer, Command::RequestAnalysis {});
        self.ok(Role::Dock, receive(OWN)).ok(Role::Inspector, Command::Accept {})
    }

    pub fn repair_analysed(&mut self) -> &mut Self {
        self.in_repair_analysis().ok(Role::Repair, final_report(false))
    }

    pub fn in_failure_analysis(&mut self) -> &mut Self {
        self.repair_analysed().ok(Role::Customer, agree_failure_analysis());
        self.ok(Role::Engineer, agree_failure_analysis())
    }

    pub fn in_review(&mut self) -> &mut Self {
        self.exposed().at("2026-12-02T12:00:00Z").run_clock();
        self
    }

    pub fn charged(&mut self) -> &mut Self {
        self.in_review().ok(Role::Finance, charge(LIST_PRICE))
    }
}

pub fn actor(role: Role) -> Actor {
    match role {
        Role::Clock => Actor::clock(),
        _ => Actor::new(role, format!("{role}-1")).expect("an actor"),
    }
}

pub fn stock(serial_number: &str) -> StockUnit {
    StockUnit {
        manufacturer: "Meridian".to_owned().try_into().expect("a manufacturer"),
        serial_number: serial(serial_number),
        part_number: "PN-1".parse().expect("a part number"),
        status: UnitStatus::Stock,
    }
}

// Commands, with arguments nobody would refuse.

pub fn create() -> Command {
    Command::Create { diagnosis: Some("power supply dead".to_owned()) }
}
pub fn cancel() -> Command {
    Command::Cancel { reason: "no longer needed".to_owned() }
}
pub fn deny() -> Command {
    Command::Deny { reason: "not covered".to_owned() }
}
pub fn release() -> Command {
    Command::Release { note: "checked".to_owned() }
}
pub fn agree_failure_analysis() -> Command {
    Command::AgreeFailureAnalysis { accept_destruction: true }
}
pub fn decline_analysis() -> Command {
    Command::DeclineAnalysis { reason: "nothing to learn from it".to_owned() }
}
pub fn approve_analysis() -> Command {
    Command::ApproveAnalysis { reason: "a field failure we want to understand".to_owned() }
}
pub fn interim_report(final_due_on: &str) -> Command {
    let report = "fault seen at 55 degrees; sections to follow".to_owned();
    Command::PostInterimReport { report, final_due_on: day(final_due_on) }
}
pub fn final_report(unit_destroyed: bool) -> Command {
    Command::PostFinalReport { report: "cracked solder joint at U7".to_owned(), unit_destroyed }
}
pub fn void_analysis() -> Command {
    Command::VoidAnalysis { missing: "fan tray, both optics".to_owned() }
}
pub fn allocate(serial_number: &str) -> Command {
    Command::Allocate { serial_number: serial(serial_number) }
}
pub fn ship() -> Command {
    Command::Ship { carrier: "Parcel Co".to_owned(), tracking_number: Some("1Z".to_owned()) }
}
pub fn deliver() -> Command {
    Command::Deliver { signed_by: Some("Ngô Thị Ánh".to_owned()) }
}
pub fn fail_delivery() -> Command {
    Command::FailDelivery { reason: "lost in transit".to_owned() }
}
pub fn hand_over() -> Command {
    Command::HandOver { carrier: Some("Parcel Co".to_owned()), tracking_number: None }
}
pub fn receive(text: &str) -> Command {
    Command::Receive { serial_number: Some(serial(text)), site: None }
}
pub fn receive_away(text: &str) -> Command {
    Command::Receive { serial_number: Some(serial(text)), site: Some(AWAY.to_owned()) }
}
pub fn forward() -> Command {
    Command::Forward { carrier: "Parcel Co".to_owned(), tracking_number: Some("1Z7".to_owned()) }
}
pub fn lose_in_transfer() -> Command {
    Command::LoseInTransfer { reason: "the carrier cannot find it".to_owned() }
}
pub fn refuse() -> Command {
    Command::Refuse { reason: "no number on the box".to_owned() }
}
pub fn discrepant() -> Command {
    Command::MarkDiscrepant { reason: "another part".to_owned() }
}
pub fn charge(amount_minor: i64) -> Command {
    Command::Charge { amount_minor, reason: "not returned".to_owned() }
}
pub fn extend(business_days: u32) -> Command {
    Command::Extend { business_days, reason: "customs".to_owned() }
}
pub fn waive() -> Command {
    Command::Waive { reason: "goodwill".to_owned() }
}
pub fn purchase() -> Command {
    Command::Purchase { purchase_order: "PO-4711".to_owned() }
}
pub fn claim(delivered_on: &str) -> Command {
    Command::ClaimDelivery {
        proof: "signed slip 77".to_owned(),
        delivered_on: day(delivered_on),
        attachments: vec![PROOF],
    }
}
pub fn enclose() -> Command {
    Command::EncloseLabel { attachment: LABEL }
}
pub fn take_label_back() -> Command {
    Command::WithdrawLabel { reason: "another customer's".to_owned() }
}
pub fn reject() -> Command {
    Command::RejectClaim { reason: "the slip is for another box".to_owned() }
}
pub fn credit(amount_minor: i64) -> Command {
    Command::Credit { amount_minor, reason: "came late".to_owned() }
}
pub fn keep_charge() -> Command {
    Command::KeepCharge { reason: "came in pieces".to_owned() }
}
pub fn destroy() -> Command {
    Command::CertifyDestruction { certificate: "shredded, certificate 9".to_owned() }
}
pub fn reopen() -> Command {
    Command::Reopen { reason: "closed in error".to_owned() }
}
