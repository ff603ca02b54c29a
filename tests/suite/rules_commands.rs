//! What single commands of Part 4 ask for and lead to, beside the states they start from.

use homeward::domain::programme::{AnchorRule, Programme};
use homeward::domain::rma::tracks::{Exposure, HoldReason, Repair as Outcome};
use homeward::domain::rma::{Command, Event, Role};
use homeward::domain::service_level::ServiceLevel;

use super::states::*;
use super::world::*;

#[test]
fn t2_needs_a_diagnosis_under_a_contract_and_waives_it_on_warranty_alone() {
    let without = || Command::Create { diagnosis: None };
    for (level, role) in [
        (ServiceLevel::NextDayDelivery, Role::Engineer),
        (ServiceLevel::CorePlus, Role::Questionnaire),
    ] {
        let mut w = World::new(Programme::default(), World::facts(Some(level)));
        let refusal = w.no(role, without());
        assert_eq!(refusal.rule, "T2", "{level}");
        assert!(refusal.reason.contains("diagnosis"), "{refusal}");
        let blank = Command::Create { diagnosis: Some(" \n".to_owned()) };
        assert_eq!(w.no(role, blank).rule, "T2", "a blank one is none");
        w.ok(role, create());
    }
    let mut w = World::factory();
    w.ok(Role::Engineer, without());
    // Nothing in force at all is no warranty alone.
    let mut w = World::factory();
    let mut old = super::world::sale();
    old.shipped_on = day("2020-01-10");
    w.facts.issue.as_mut().unwrap().verdict = verdict(&old, &[], &Programme::default());
    assert_eq!(w.no(Role::Engineer, without()).rule, "T2");
    w.ok(Role::Engineer, create());
}

#[test]
fn t3_puts_what_stands_in_the_way_on_hold_with_its_reason() {
    let check = |w: &mut World, reason: &str| {
        w.ok(Role::Engineer, create()).ok(Role::Logistics, Command::Issue {});
        assert_eq!(w.rma.reason.as_deref(), Some(reason));
        // Trying again changes nothing while the obstacle stands.
        let refusal = w.no(Role::Logistics, Command::Issue {});
        assert_eq!(refusal.rule, "T3");
    };
    let mut w = World::advance();
    w.facts.issue.as_mut().unwrap().list_price = None;
    check(&mut w, "price");
    w.facts.issue = World::facts(Some(ServiceLevel::SameDay)).issue;
    w.ok(Role::Logistics, Command::Issue {});

    let mut w = World::advance();
    w.facts.ship_to.as_mut().unwrap().complete = false;
    check(&mut w, "information");

    let mut w = World::advance();
    w.programme.export_check_countries.insert("US".to_owned());
    check(&mut w, "export");
    w.ok(Role::Logistics, release()).ok(Role::Logistics, Command::Issue {});

    // AMB-5: registering at claim time releases it.
    let mut w = World::factory();
    let mut sale = sale();
    sale.registered_on = None;
    w.facts.issue.as_mut().unwrap().verdict = verdict(&sale, &[], &Programme::default());
    check(&mut w, "registration");
    sale.registered_on = Some(day("2026-11-12"));
    w.facts.issue.as_mut().unwrap().verdict = verdict(&sale, &[], &Programme::default());
    w.ok(Role::Logistics, Command::Issue {});

    let mut w = World::factory();
    let mut old = super::world::sale();
    old.shipped_on = day("2020-01-10");
    w.facts.issue.as_mut().unwrap().verdict = verdict(&old, &[], &Programme::default());
    check(&mut w, "entitlement");
}

#[test]
fn t11_asks_a_second_person_a_price_and_a_shipped_replacement() {
    let mut w = state("in review");
    for command in [charge(1), waive(), extend(30)] {
        let mut order = w.order(Role::Administrator, command);
        order.actor.name = "logistics-1".to_owned();
        let refusal = w.decide(&order).expect_err("the issuer decides about the money");
        assert_eq!(refusal.rule, "T11");
    }
    assert_eq!(w.no(Role::Finance, charge(LIST_PRICE + 1)).rule, "AMB-15");
    assert_eq!(w.no(Role::Finance, charge(0)).rule, "T11");
    w.at("2026-12-10T12:00:00Z");
    assert_eq!(w.no(Role::Finance, extend(2)).rule, "T11", "still in the past");
    w.ok(Role::Finance, extend(20));
    assert_eq!(w.rma.exposure, Exposure::Exposed);

    // Counted from issue, a window can end before anything shipped: no charge, and nothing to buy.
    let programme = Programme { return_anchor: AnchorRule::Issued, ..Programme::default() };
    let mut w = World::new(programme, World::facts(Some(ServiceLevel::SameDay)));
    w.issued();
    assert_eq!(w.due_on(), day("2026-11-27"), "Part 5, example 1");
    w.at("2026-12-01T12:00:00Z").run_clock();
    assert_eq!(w.rma.exposure, Exposure::InReview);
    assert_eq!(w.no(Role::Finance, charge(1)).rule, "T11");
    assert_eq!(w.no(Role::Customer, purchase()).rule, "T12");
}

#[test]
fn t15_sends_the_same_unit_back_or_its_replacement() {
    let mut w = state("factory:repaired");
    assert_eq!(w.rma.cover_through_on, Some(day("2027-02-10")), "90 days beat the remainder");
    assert_eq!(w.no(Role::Depot, Command::Backorder { expected_on: None }).rule, "T5");
    w.ok(Role::Repair, ship());
    assert_eq!(w.rma.replacement.as_ref().unwrap().serial_number, serial(OWN));
    // Lost on its way back, it is replaced from stock.
    w.ok(Role::Carrier, fail_delivery()).ok(Role::Depot, allocate(SPARE)).ok(Role::Depot, ship());
    w.ok(Role::Carrier, deliver());
    assert!(!w.rma.is_open);

    let mut w = state("factory:in repair");
    w.ok(Role::Repair, finish(Outcome::NoFaultFound));
    assert_eq!(w.rma.cover_through_on, Some(day("2027-01-09")), "the remainder only");
}

#[test]
fn t15_a_hold_does_not_hide_a_unit_from_the_bench() {
    let mut w = World::factory();
    w.issued().ok(Role::Dock, receive(OWN)).ok(Role::Logistics, hold(HoldReason::Information));
    w.ok(Role::Inspector, Command::Accept {}).ok(Role::Logistics, release());
    assert!(w.rma.is_open);
    assert_eq!(w.rma.repair, Outcome::Queued);
}

#[test]
fn t19_takes_up_again_what_ended_before_shipping() {
    let mut w = World::factory();
    w.issued().ok(Role::Customer, cancel());
    // Its unit was on the way already (AMB-14).
    w.later(chrono::TimeDelta::days(20)).ok(Role::Dock, receive(OWN));
    assert!(w.rma.is_open);
    w.ok(Role::Inspector, Command::Accept {});
    assert!(w.rma.is_open, "a customer's unit is here: somebody must decide");
    let mut ended = w.clone();
    ended.ok(Role::Logistics, cancel());
    assert!(!ended.rma.is_open);
    w.ok(Role::Logistics, Command::Issue {});
    assert_eq!(w.rma.repair, Outcome::Queued);

    let mut w = state("accepted");
    w.later(chrono::TimeDelta::days(365)).ok(Role::LogisticsLead, reopen());
    let mut w = state("accepted");
    w.later(chrono::TimeDelta::days(366));
    assert_eq!(w.no(Role::LogisticsLead, reopen()).rule, "T19");
    let mut w = state("accepted");
    w.facts.other_open = Some(number(7));
    assert_eq!(w.no(Role::LogisticsLead, reopen()).rule, "T19");
}

#[test]
fn t20_stops_the_window_until_a_working_unit_is_delivered() {
    let mut w = state("exposed");
    w.at("2026-11-18T15:00:00Z").ok(Role::Customer, dead_on_arrival());
    assert_eq!(w.rma.next_clock_at(), None);
    w.at("2026-12-10T15:00:00Z");
    assert!(w.run_clock().is_empty());
    // 15 business days from 18 November: Thanksgiving is none.
    w.ok(Role::Clock, Command::EndDeadOnArrival { child: number(30_000_001) });
    assert_eq!(w.due_on(), day("2026-12-22"));

    let mut w = state("exposed");
    w.at("2026-12-16T20:00:00Z").ok(Role::Customer, dead_on_arrival());
    let mut w = state("exposed");
    w.at("2026-12-17T20:00:00Z");
    assert_eq!(w.no(Role::Customer, dead_on_arrival()).rule, "T20", "31 days after delivery");

    // In review when it was reported: nothing is charged while the customer has no working unit.
    let mut w = state("in review");
    w.ok(Role::Customer, dead_on_arrival());
    assert_eq!(w.no(Role::Finance, charge(1)).rule, "T20");
}

/// What was stored before events said where a box came and who put a hold: read as ever, and written as it
/// was, so that its hash stands.
#[test]
fn events_of_before_read_and_write_the_same() {
    let old = [
        r#"{"kind":"received","serial_number":"SN-1","received_on":"2026-11-20","repair_due":null}"#,
        r#"{"kind":"held","reason":"information","note":"which suite"}"#,
    ];
    for text in old {
        let event: Event = serde_json::from_str(text).expect("an old event");
        assert_eq!(serde_json::to_string(&event).expect("JSON"), text);
    }
    let mut w = World::advance();
    w.exposed().ok(Role::Dock, receive(OWN));
    assert_eq!(w.rma.at_centre_on(), w.rma.received_on, "received at its return site");
    assert_eq!(w.rma.transfer, None);
}

/// RMA-12: a box that comes although nothing is asked back, and is turned away, makes nothing owed.
#[test]
fn t8_a_refused_box_leaves_what_was_not_owed_as_it_was() {
    let mut w = World::advance();
    w.programme.no_return_countries.insert("US".to_owned());
    w.shipped().ok(Role::Dock, receive(OWN)).ok(Role::Inspector, discrepant());
    w.ok(Role::Dock, refuse());
    assert_eq!(w.rma.inbound.as_str(), "not_required_country");
    w.ok(Role::Carrier, deliver());
    assert!(!w.rma.is_open);
}
