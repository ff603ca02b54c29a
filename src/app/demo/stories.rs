//! The tour: a story for everything an RMA can come to, each where it stands today.
//!
//! Days are business days of the unit's site before today, so that every window ends where it should
//! whatever day the demonstration is made on.

use super::story::Condition::{Old, Unregistered};
use super::story::Holds::{Own, Replacement, Stranger, UnitOf};
use super::story::{Act, Story, create};
use crate::domain::rma::tracks::{Exclusion, HoldReason, Repair, WrongUnit};
use crate::domain::rma::visit::VisitOutcome;
use crate::domain::rma::{Command, Role};

const ROUTER: &str = "QM-R40";
const SWITCH: &str = "QM-S48";
const FIREWALL: &str = "QM-F100";
const OPTICS: &str = "LK-OT400";
/// Has no list price in riyals.
const AMPLIFIER: &str = "LK-AMP2";

fn text(text: &str) -> String {
    text.to_owned()
}

/// Every story of the tour, in its order.
pub(super) fn tour() -> Vec<Story> {
    let mut all = told();
    all.extend(asked());
    all.extend(outbound());
    all.extend(inbound());
    all.extend(visits());
    all.extend(money());
    all.extend(bench());
    all.extend(analysis());
    all
}

/// The stories (a) to (n) of the rulebook; (i) is told with the other analyses.
fn told() -> Vec<Story> {
    let buy = || Command::Purchase { purchase_order: text("PO-2208-114") };
    let uphold = |found| Command::UpholdClaim { found };
    let reject = Command::RejectClaim { reason: text("the proof shows another consignee") };
    let certificate = text("export licence refused; shredded on site, certificate 5521");
    let sent_on = |s: Story, day| s.shipped(day).delivered(day + 1);
    vec![
        sent_on(story("a", "advance, returned on time", "US-PLH-1", ROUTER), -38).returned(-34),
        sent_on(story("b", "overdue, charged, returned late, credited", "GB-HFL-1", SWITCH), -40)
            .on(-27, (11, 0), Act::ChargeAll)
            .returned(-20)
            .on(-13, (10, 30), Act::CreditAll),
        claimed(sent_on(story("c1", "delivery claimed, found", "US-PLH-1", SWITCH), -36))
            .gives(-25, (15, 0), Role::Logistics, uphold(true))
            .accepted(-24),
        claimed(sent_on(story("c2", "delivery claimed, lost by us", "GR-EDA-1", ROUTER), -36))
            .gives(-25, (15, 0), Role::Logistics, uphold(false)),
        claimed(sent_on(story("c3", "delivery claimed, rejected", "NO-NSK-1", SWITCH), -36)).gives(
            -25,
            (15, 0),
            Role::Logistics,
            reject,
        ),
        sent_on(story("d1", "bought, and sent all the same", "NO-NSK-1", OPTICS), -34)
            .gives(-26, (13, 0), Role::Customer, buy())
            .boxed(-20, Own),
        sent_on(story("d2", "charged, then bought, and sent", "VN-SXV-1", FIREWALL), -45)
            .on(-31, (11, 0), Act::ChargeAll)
            .gives(-27, (13, 0), Role::Customer, buy())
            .boxed(-20, Own),
        sent_on(story("e", "wrong serial in the box, then the right one", "GR-EDA-1", SWITCH), -30)
            .handed(-27)
            .boxed(-24, Stranger)
            .gives(-22, (10, 0), Role::Inspector, back_to_sender())
            .returned(-20),
        repair("f", "return to factory, no fault found", "DE-SNB-1", SWITCH, -44)
            .bench(-36)
            .finished(-33, Repair::NoFaultFound)
            .on(-32, (16, 5), Act::Ship)
            .delivered(-30),
        dead_on_arrival(),
        story("h", "replacement back unopened", "GB-HFL-1", ROUTER)
            .shipped(-28)
            .boxed(-23, Replacement),
        sent_on(story("j", "destroyed where it stood", "VN-SXV-1", SWITCH), -29).gives(
            -22,
            (10, 0),
            Role::Customer,
            Command::CertifyDestruction { certificate },
        ),
        story("k", "unit here before the proof of delivery", "US-PLH-1", FIREWALL)
            .shipped(-20)
            .returned(-19)
            .told_late(-19, -14, (10, 15), Act::Give(Role::Carrier, super::story::deliver())),
        sent_on(story("l1", "receipt and charge at once: receipt first", "GB-HFL-1", OPTICS), -26)
            .handed(-14)
            .boxed(-11, Own)
            .on(-11, (11, 10), Act::ChargeRefused)
            .accepted(-10),
        sent_on(story("l2", "receipt and charge at once: charge first", "NO-NSK-1", ROUTER), -26)
            .handed(-14)
            .on(-11, (11, 10), Act::ChargeAll)
            .boxed(-11, Own)
            .accepted(-10),
        swapped("m1", "m2"),
        swapped("m2", "m1"),
        story("n", "late proof moves an estimated date", "CA-CSB-1", ROUTER)
            .shipped(-22)
            .told_late(-13, -9, (10, 15), Act::Give(Role::Carrier, super::story::deliver()))
            .returned(-7),
    ]
}

fn story(key: &str, title: &'static str, site: &'static str, part: &'static str) -> Story {
    Story::new(key, title, site, part)
}

fn back_to_sender() -> Command {
    Command::ResolveDiscrepancy { outcome: WrongUnit::ReturnedToSender }
}

fn claimed(story: Story) -> Story {
    story.handed(-33).on(-28, (9, 45), Act::Claim { delivered: -30 })
}

/// A unit that comes in for repair, up to its acceptance six business days after the request.
fn repair(
    key: &str,
    title: &'static str,
    site: &'static str,
    part: &'static str,
    day: i32,
) -> Story {
    story(key, title, site, part).issued(day).returned(day + 2)
}

fn swapped(key: &'static str, other: &'static str) -> Story {
    story(key, "two boxes swapped", "US-PLH-1", SWITCH)
        .shipped(-24)
        .delivered(-23)
        .handed(-20)
        .boxed(-17, UnitOf(other))
        .accepted(-16)
}

fn dead_on_arrival() -> Story {
    story("g", "replacement dead on arrival", "CA-CSB-1", FIREWALL)
        .shipped(-33)
        .delivered(-32)
        .on(-31, (9, 20), Act::DeadOnArrival)
        .child()
        .gives(-31, (11, 20), Role::Logistics, Command::Issue {})
        .on(-31, (13, 40), Act::Allocate)
        .on(-31, (16, 5), Act::Ship)
        .delivered(-30)
        .returned(-27)
        .itself()
        .returned(-26)
}

/// Before issue, and every way aside.
fn asked() -> Vec<Story> {
    let deny = Command::Deny { reason: text("neither warranty nor contract covers the unit") };
    let cancel = Command::Cancel { reason: text("came up again after a reseat") };
    vec![
        story("requested", "requested an hour ago", "NO-NSK-1", FIREWALL).ago(58, Act::Request),
        story("created", "diagnosed, in the region's queue", "US-PLH-1", OPTICS)
            .ago(170, Act::Request)
            .ago(64, Act::Give(Role::Engineer, create())),
        story("hold-entitlement", "on hold: no cover", "BR-TSA-1", ROUTER).unit(Old).issued(-2),
        story("hold-registration", "on hold: not registered", "FR-RDL-1", SWITCH)
            .unit(Unregistered)
            .issued(-3),
        story("hold-export", "on hold: export check", "CN-YXW-1", ROUTER).issued(-1),
        story("hold-price", "on hold: no list price", "SA-AWC-1", AMPLIFIER).issued(-2),
        story("hold-information", "on hold: information missing", "JP-YMD-1", ROUTER)
            .created(-1)
            .held(-1, HoldReason::Information, "which rack unit is it in, and who lets us in?"),
        story("denied", "denied: no cover", "BR-TSA-1", SWITCH).unit(Old).issued(-12).gives(
            -9,
            (10, 0),
            Role::Logistics,
            deny,
        ),
        story("cancelled", "called off before shipping", "GR-EDA-1", FIREWALL).issued(-8).gives(
            -8,
            (12, 0),
            Role::Customer,
            cancel,
        ),
    ]
}

/// The replacement on its way.
fn outbound() -> Vec<Story> {
    let nobody = Command::FailDelivery { reason: text("nobody at the gate") };
    let issue = || Act::Give(Role::Logistics, Command::Issue {});
    vec![
        story("issued", "issued minutes ago", "US-PLH-1", ROUTER)
            .ago(165, Act::Request)
            .ago(120, Act::Give(Role::Engineer, create()))
            .ago(20, issue()),
        story("backordered", "waits for stock", "NO-NSK-1", OPTICS).issued(-3).gives(
            -3,
            (14, 0),
            Role::Depot,
            Command::Backorder { expected_on: None },
        ),
        story("allocated", "picked at the depot", "CA-CSB-1", SWITCH)
            .ago(140, Act::Request)
            .ago(110, Act::Give(Role::Engineer, create()))
            .ago(50, issue())
            .ago(15, Act::Allocate),
        story("shipped", "on its way to the customer", "GB-HFL-1", FIREWALL).shipped(-1),
        story("failed", "delivery failed", "VN-SXV-1", ROUTER).shipped(-3).gives(
            -1,
            (9, 0),
            Role::Carrier,
            nobody,
        ),
    ]
}

/// An engineer who comes with the replacement (SVC-5, SVC-8).
fn visits() -> Vec<Story> {
    let there = |key: &str, title, part| story(key, title, "VN-SXV-1", part);
    let decline = Command::WithdrawVisit { reason: text("our own people replace it tonight") };
    let cancel = Command::Cancel { reason: text("came up again after a reseat") };
    vec![
        there("visit-done", "an engineer came and replaced the unit", SWITCH)
            .shipped(-9)
            .delivered(-8),
        there("visit-planned", "an engineer is planned", FIREWALL).shipped(-1),
        there("visit-overdue", "an engineer is overdue, and none planned", SWITCH).issued(-4),
        there("visit-again", "the engineer was not let in, and comes again", OPTICS)
            .shipped(-7)
            .on(-6, (12, 30), Act::Visit(VisitOutcome::CustomerAbsent))
            .on(-6, (14, 0), Act::PlanVisit)
            .delivered(-5),
        there("visit-declined", "the customer wants no engineer", ROUTER)
            .shipped(-6)
            .gives(-5, (9, 30), Role::Logistics, decline)
            .delivered(-5),
        there("visit-void", "called off, and the engineer with it", FIREWALL).issued(-5).gives(
            -5,
            (12, 0),
            Role::Customer,
            cancel,
        ),
    ]
}

/// The defective unit on its way home.
fn inbound() -> Vec<Story> {
    let sent = |key: &str, title, site, part, day| {
        story(key, title, site, part).shipped(day).delivered(day + 1)
    };
    let refuse = Command::Refuse { reason: text("the box leaks; no RMA number outside") };
    let due = |key: &str, title, site, part, days| {
        story(key, title, site, part).due_in(days).shipped(-1).delivered(0)
    };
    vec![
        due("due-today", "due back today", "US-PLH-2", ROUTER, 0),
        due("due-in-2", "due back in two business days", "GR-EDA-1", OPTICS, 2),
        due("due-in-5", "due back in five business days", "GB-HFL-1", SWITCH, 5),
        sent("in-transit", "on its way home", "US-PLH-1", SWITCH, -7).handed(-2),
        sent("received", "at the dock, to be inspected", "CA-CSB-1", OPTICS, -9)
            .handed(-5)
            .boxed(-1, Own),
        sent("discrepant", "another unit was in the box", "NO-NSK-1", SWITCH, -9)
            .handed(-5)
            .boxed(-1, Stranger),
        sent("refused", "refused at the dock", "GR-EDA-1", ROUTER, -8).handed(-5).gives(
            -1,
            (11, 10),
            Role::Dock,
            refuse,
        ),
        sent("claimed", "said to be delivered to us", "US-PLH-1", FIREWALL, -9).handed(-7).on(
            -2,
            (9, 45),
            Act::Claim { delivered: -4 },
        ),
        sent("country", "cannot leave its country", "TR-BVM-1", ROUTER, -12),
        sent("media", "the customer keeps the medium", "JP-YMD-1", SWITCH, -10),
    ]
}

/// What finance has before it, or behind it.
fn money() -> Vec<Story> {
    let sent = |key: &str, title, site, part, day| {
        story(key, title, site, part).shipped(day).delivered(day + 1)
    };
    let extend = Command::Extend { business_days: 14, reason: text("customs strike") };
    let waive = Command::Waive { reason: text("goodwill, agreed with sales") };
    let keep = Command::KeepCharge { reason: text("came after the books closed; agreed") };
    let exclusion = Command::FindExclusion {
        exclusion: Exclusion::ThirdPartyOptics,
        evidence: text("port cage scorched by a foreign optic; photographs on file"),
    };
    vec![
        sent("overdue", "overdue, before finance", "US-PLH-1", OPTICS, -16),
        sent("extended", "overdue, extended", "VN-SXV-1", OPTICS, -18).gives(
            -5,
            (10, 0),
            Role::Finance,
            extend,
        ),
        sent("charged", "charged, still out", "GB-HFL-1", FIREWALL, -28).on(
            -13,
            (11, 0),
            Act::ChargeAll,
        ),
        sent("kept", "charged, returned late, charge kept", "NO-NSK-1", FIREWALL, -42)
            .on(-29, (11, 0), Act::ChargeAll)
            .returned(-24)
            .gives(-15, (10, 0), Role::Finance, keep),
        sent("waived", "waived", "GR-EDA-1", FIREWALL, -30).gives(
            -15,
            (10, 0),
            Role::Finance,
            waive,
        ),
        sent("excluded", "fault not covered", "US-PLH-1", ROUTER, -20)
            .handed(-15)
            .boxed(-12, Own)
            .gives(-11, (13, 0), Role::Inspector, exclusion)
            .accepted(-11),
    ]
}

/// Units whose fault is looked into.
fn analysis() -> Vec<Story> {
    let sent = |key: &str, title, site, part, day| {
        let story = story(key, title, site, part).shipped(day).delivered(day + 1);
        story.gives(day + 2, (9, 40), Role::Customer, Command::RequestAnalysis {})
    };
    let destructive = || Command::AgreeFailureAnalysis { accept_destruction: true };
    let report =
        |text: &str| Command::PostFinalReport { report: text.to_owned(), unit_destroyed: false };
    let consents = |story: Story, day| {
        story.gives(day, (10, 0), Role::Customer, destructive()).gives(
            day + 1,
            (9, 0),
            Role::Engineer,
            destructive(),
        )
    };
    let no_more = Command::DeclineAnalysis { reason: text("its cause is known since last year") };
    let missing = Command::VoidAnalysis { missing: text("power supply 2 and its screws") };
    vec![
        consents(
            sent("i", "repair analysis, then failure analysis", "US-PLH-1", ROUTER, -44)
                .returned(-41)
                .gives(
                    -32,
                    (15, 0),
                    Role::Repair,
                    report("power stage U7 failed and was replaced"),
                ),
            -30,
        )
        .gives(
            -20,
            (16, 0),
            Role::Repair,
            Command::PostFinalReport {
                report: text("joint at U7 cracked by heat; the supplier changes its profile"),
                unit_destroyed: true,
            },
        ),
        sent("asked", "analysis asked for, unit on its way", "GB-HFL-1", ROUTER, -6).handed(-3),
        story("approval", "analysis beyond five years, to be approved", "CA-CSB-1", AMPLIFIER)
            .issued(-3)
            .gives(-2, (9, 40), Role::Customer, Command::RequestAnalysis {}),
        sent("ra", "in repair analysis", "US-PLH-1", OPTICS, -16).returned(-13),
        consents(
            sent("fa", "in failure analysis", "GB-HFL-1", FIREWALL, -30).returned(-27).gives(
                -16,
                (15, 0),
                Role::Repair,
                report("no fault seen at room temperature"),
            ),
            -4,
        ),
        sent("incomplete", "analysis void: components missing", "NO-NSK-1", ROUTER, -24)
            .returned(-21)
            .gives(-16, (15, 0), Role::Repair, missing),
        story("declined", "analysis beyond five years, declined", "CA-CSB-1", AMPLIFIER)
            .issued(-9)
            .gives(-8, (9, 40), Role::Customer, Command::RequestAnalysis {})
            .gives(-7, (10, 0), Role::Engineer, no_more),
    ]
}

/// Units that are repaired and sent back.
fn bench() -> Vec<Story> {
    let back = |s: Story, day| s.on(day, (16, 5), Act::Ship).delivered(day + 2);
    let centre = |key: &str, title, site, day| repair(key, title, site, SWITCH, day);
    vec![
        story("factory-awaiting", "to be sent in for repair", "DE-SNB-1", ROUTER).issued(-2),
        centre("queued", "waits for the bench", "DE-SNB-1", -7),
        centre("in-repair", "on the bench", "FR-RDL-1", -14).bench(-5),
        centre("repair-late", "on the bench past its 20 business days", "BR-TSA-1", -40).bench(-30),
        centre("quoted", "waits for an answer to a quote", "DE-SNB-1", -18).bench(-10).quoted(-7),
        back(
            centre("repaired", "repaired, sent back", "FR-RDL-1", -30)
                .bench(-22)
                .finished(-18, Repair::Repaired),
            -17,
        ),
        back(
            centre("replaced", "could not be repaired: replaced", "DE-SNB-1", -34)
                .bench(-26)
                .finished(-22, Repair::Replaced)
                .on(-21, (13, 40), Act::Allocate),
            -21,
        ),
        centre("scrapped", "scrapped", "BR-TSA-1", -32).bench(-24).finished(-21, Repair::Scrapped),
        back(
            centre("unrepaired", "quote declined, sent back as it was", "DE-SNB-1", -36)
                .bench(-28)
                .quoted(-26)
                .finished(-23, Repair::ReturnedUnrepaired),
            -22,
        ),
    ]
}
