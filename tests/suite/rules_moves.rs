//! The command table of Part 4, row by row: from which states a command is carried out and from which it
//! is refused, and who may give it.

use homeward::domain::programme::{AnchorRule, Programme};
use homeward::domain::rma::tracks::{
    Exposure, HoldReason, Repair as Outcome, ReplacementCondition, WrongUnit,
};
use homeward::domain::rma::{Command, Event, Role};
use homeward::domain::service_level::ServiceLevel;

use super::states::*;
use super::world::*;

/// A row: rule, command, who gives it, and the only states in which it is carried out.
type Row = (&'static str, Command, Role, &'static [&'static str]);

fn table() -> Vec<Row> {
    use Role::{
        Carrier, Clock, Customer, Depot, Dock, Engineer, Finance, Inspector, Logistics,
        LogisticsLead,
    };
    let technician = Role::Repair;
    vec![
        ("T2", create(), Engineer, &["requested"]),
        ("T3", Command::Issue {}, Logistics, &["created", "held by its issue"]),
        (
            "T4",
            hold(HoldReason::Price),
            Logistics,
            &[
                "requested",
                "created",
                "issued",
                "backordered",
                "allocated",
                "factory:issued",
                "factory:received",
                "factory:queued",
                "factory:in repair",
                "factory:quoted",
                "factory:repaired",
                "factory:replaced",
            ],
        ),
        (
            "T4",
            release(),
            Logistics,
            &["request held", "held", "held for export", "held by its issue", "issued, held"],
        ),
        ("T4", deny(), Logistics, BEFORE_SHIPPING),
        ("T4", cancel(), Customer, BEFORE_SHIPPING),
        (
            "T5",
            Command::Backorder { expected_on: None },
            Depot,
            &["issued", "backordered", "allocated", "failed", "factory:replaced"],
        ),
        ("T5", allocate(SPARE), Depot, &["issued", "backordered", "failed", "factory:replaced"]),
        ("T5", ship(), Depot, &["allocated", "failed", "factory:repaired"]),
        ("T6", deliver(), Carrier, &["shipped", "failed", "estimated", "factory:back"]),
        ("T6", fail_delivery(), Carrier, &["shipped", "estimated", "factory:back"]),
        ("T6a", Command::EstimateDelivery {}, Clock, &[]),
        (
            "T7",
            hand_over(),
            Carrier,
            &[
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "refused",
                "in review",
                "charged",
                "waived",
                "purchased",
                "dead on arrival",
                "factory:issued",
            ],
        ),
        (
            "T8",
            receive(OWN),
            Dock,
            &[
                "cancelled",
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "in transit",
                "discrepant",
                "refused",
                "claimed",
                "lost",
                "in review",
                "charged",
                "waived",
                "dead on arrival",
                "returned",
                "factory:issued",
            ],
        ),
        (
            "T8",
            receive("SN-X"),
            Dock,
            &[
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "in transit",
                "discrepant",
                "refused",
                "claimed",
                "in review",
                "charged",
                "waived",
                "dead on arrival",
                "factory:issued",
            ],
        ),
        (
            "T8",
            refuse(),
            Dock,
            &[
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "in transit",
                "discrepant",
                "in review",
                "charged",
                "waived",
                "purchased",
                "dead on arrival",
                "factory:issued",
            ],
        ),
        ("T9", Command::Accept {}, Inspector, &["received", "excluded", "factory:received"]),
        ("T9", discrepant(), Inspector, &["received", "excluded", "factory:received"]),
        (
            "T9",
            Command::ResolveDiscrepancy { outcome: WrongUnit::Scrapped },
            Inspector,
            &["discrepant", "came after a wrong one"],
        ),
        (
            "T9",
            Command::ResolveDiscrepancy { outcome: WrongUnit::RightUnit },
            Inspector,
            &["discrepant"],
        ),
        ("RCV-3", forward(), Dock, UNDER_WAY),
        ("RCV-3", Command::ReceiveAtCentre {}, Dock, UNDER_WAY),
        (
            "T9a",
            exclusion(),
            Inspector,
            &[
                "received",
                "accepted",
                "credited",
                "reopened",
                "factory:received",
                "factory:queued",
                "factory:in repair",
                "factory:quoted",
                "factory:repaired",
                "factory:back",
                "factory:done",
                "factory:replaced",
            ],
        ),
        ("T9b", replacement_back(ReplacementCondition::Unopened), Dock, REPLACEMENT_OUT),
        ("T9b", replacement_back(ReplacementCondition::Defective), Dock, REPLACEMENT_OUT),
        ("T10", Command::Remind {}, Clock, &[]),
        ("T10", Command::FallDue {}, Clock, &[]),
        ("T11", charge(LIST_PRICE), Finance, &["excluded", "in review"]),
        (
            "T11",
            extend(5),
            Finance,
            &[
                "estimated",
                "exposed",
                "in transit",
                "received",
                "discrepant",
                "refused",
                "claimed",
                "in review",
                "dead on arrival",
            ],
        ),
        ("T11", waive(), Finance, &["excluded", "in review"]),
        (
            "T12",
            purchase(),
            Customer,
            &[
                "estimated",
                "exposed",
                "in transit",
                "discrepant",
                "refused",
                "in review",
                "charged",
                "dead on arrival",
            ],
        ),
        (
            "T13",
            claim("2026-11-12"),
            Customer,
            &[
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "in transit",
                "in review",
                "charged",
                "waived",
                "dead on arrival",
                "factory:issued",
            ],
        ),
        ("AMB-26", enclose(), Depot, LABEL_IS_OWED),
        ("AMB-26", take_label_back(), Logistics, &["labelled"]),
        ("T13", Command::UpholdClaim { found: true }, Logistics, &["claimed"]),
        ("T13", Command::UpholdClaim { found: false }, Logistics, &["claimed"]),
        ("T13", reject(), Logistics, &["claimed"]),
        ("T14", credit(1), Finance, &["credit review"]),
        ("T14", keep_charge(), Finance, &["credit review"]),
        ("T15", Command::StartRepair {}, technician, &["factory:queued", "factory:quoted"]),
        ("T15", Command::Quote { amount_minor: 100 }, technician, &["factory:in repair"]),
        ("T15", finish(Outcome::NoFaultFound), technician, &["factory:in repair"]),
        (
            "T15",
            finish(Outcome::ReturnedUnrepaired),
            technician,
            &["factory:in repair", "factory:quoted"],
        ),
        ("T15", finish(Outcome::Queued), technician, &[]),
        ("T16", Command::RequestAnalysis {}, Customer, MAY_BE_ANALYSED),
        ("T16", approve_analysis(), Engineer, &["analysis asked late"]),
        (
            "T16",
            decline_analysis(),
            Engineer,
            &["analysis asked", "analysis asked late", "failure analysis asked"],
        ),
        ("T16", agree_failure_analysis(), Customer, &["repair analysed"]),
        ("T16", agree_failure_analysis(), Engineer, &["repair analysed", "failure analysis asked"]),
        ("T16", interim_report("2027-02-01"), technician, &["in failure analysis"]),
        ("T16", interim_report("2026-01-01"), technician, &[]),
        (
            "T16",
            final_report(false),
            technician,
            &[
                "in repair analysis",
                "in failure analysis",
                "interim reported",
                "factory:in repair analysis",
            ],
        ),
        ("T16", final_report(true), technician, &["in failure analysis", "interim reported"]),
        (
            "T16",
            void_analysis(),
            technician,
            &[
                "in repair analysis",
                "in failure analysis",
                "interim reported",
                "factory:in repair analysis",
            ],
        ),
        (
            "T17",
            destroy(),
            Customer,
            &[
                "issued",
                "issued, held",
                "backordered",
                "allocated",
                "shipped",
                "failed",
                "estimated",
                "exposed",
                "in transit",
                "in review",
                "charged",
                "waived",
                "purchased",
                "dead on arrival",
                "factory:issued",
            ],
        ),
        (
            "T19",
            reopen(),
            LogisticsLead,
            &[
                "denied",
                "cancelled",
                "accepted",
                "lost",
                "destroyed",
                "charged",
                "waived",
                "purchased",
                "credited",
                "returned",
                "factory:done",
            ],
        ),
        ("T19", Command::Close {}, LogisticsLead, &["reopened"]),
        (
            "T20",
            dead_on_arrival(),
            Customer,
            &[
                "estimated",
                "exposed",
                "in transit",
                "received",
                "accepted",
                "discrepant",
                "refused",
                "claimed",
                "lost",
                "destroyed",
                "excluded",
                "in review",
                "charged",
                "waived",
                "purchased",
                "credit review",
                "credited",
                "reopened",
            ],
        ),
        (
            "T20",
            Command::EndDeadOnArrival { child: number(30_000_001) },
            Clock,
            &["dead on arrival"],
        ),
    ]
}

/// We pay the way back, and the unit is still to come.
const LABEL_IS_OWED: &[&str] = &[
    "issued",
    "labelled",
    "issued, held",
    "backordered",
    "allocated",
    "shipped",
    "sent again",
    "failed",
    "estimated",
    "exposed",
    "in transit",
    "discrepant",
    "refused",
    "in review",
    "dead on arrival",
];

/// Wherever the unit is here or may come, and nobody has asked.
const MAY_BE_ANALYSED: &[&str] = &[
    "requested",
    "created",
    "request held",
    "held",
    "held for export",
    "held by its issue",
    "issued",
    "labelled",
    "issued, held",
    "backordered",
    "allocated",
    "shipped",
    "sent again",
    "failed",
    "estimated",
    "exposed",
    "in transit",
    "received",
    "received elsewhere",
    "forwarded",
    "accepted",
    "accepted elsewhere",
    "discrepant",
    "came after a wrong one",
    "refused",
    "claimed",
    "excluded",
    "in review",
    "charged",
    "waived",
    "credit review",
    "credited",
    "dead on arrival",
    "reopened",
    "factory:issued",
    "factory:received",
    "factory:queued",
    "factory:queued elsewhere",
    "factory:in repair",
    "factory:quoted",
    "factory:repaired",
    "factory:replaced",
];
const BEFORE_SHIPPING: &[&str] = &[
    "requested",
    "created",
    "request held",
    "held",
    "held for export",
    "issued",
    "issued, held",
    "backordered",
    "allocated",
    "factory:issued",
];
const REPLACEMENT_OUT: &[&str] = &[
    "shipped",
    "failed",
    "estimated",
    "exposed",
    "in transit",
    "received",
    "accepted",
    "discrepant",
    "refused",
    "claimed",
    "lost",
    "destroyed",
    "excluded",
    "in review",
    "charged",
    "waived",
    "purchased",
    "credit review",
    "credited",
    "dead on arrival",
    "reopened",
];

/// To every other rule a state of the analysis is like the one it stands on.
fn like(state: &'static str) -> &'static str {
    match state {
        "analysis asked" | "analysis asked late" | "labelled" => "issued",
        // Open, with everything but the analysis at its end.
        "in repair analysis"
        | "failure analysis asked"
        | "in failure analysis"
        | "interim reported" => "reopened",
        "repair analysed" | "failure analysed" | "analysis void" => "accepted",
        "factory:in repair analysis" => "factory:repaired",
        "held by its issue" => "held",
        "received elsewhere" | "forwarded" | "came after a wrong one" => "received",
        "accepted elsewhere" => "accepted",
        "sent again" => "shipped",
        "factory:queued elsewhere" => "factory:queued",
        other => other,
    }
}

/// Taken in by another dock, and not at the repair centre yet (RCV-3).
const UNDER_WAY: &[&str] =
    &["received elsewhere", "forwarded", "accepted elsewhere", "factory:queued elsewhere"];

/// But what is analysed keeps its RMA open, and its unit here; and the bench waits for its unit.
fn kept(state: &str, command: &Command) -> bool {
    match command {
        Command::StartRepair {} => state == "factory:queued elsewhere",
        Command::Close {} => state != "reopened",
        Command::Ship { .. } => state == "factory:in repair analysis",
        _ => false,
    }
}

#[test]
fn t1_to_t20_are_carried_out_from_their_states_alone() {
    let states: Vec<(&str, World)> = STATES.iter().map(|name| (*name, state(name))).collect();
    let mut wrong = Vec::new();
    for (rule, command, role, from) in table() {
        assert!(from.iter().all(|name| STATES.contains(name)), "{rule}: {from:?}");
        assert_eq!(command.rule(), rule);
        for (name, world) in &states {
            let outcome = world.decide(&world.order(role, command.clone()));
            let carried_out = match rule {
                "T16" => from.contains(name),
                _ => {
                    let listed = from.contains(name) || from.contains(&like(name));
                    listed && !kept(name, &command)
                }
            };
            match (&outcome, carried_out) {
                (Ok(_), true) => {}
                (Err(refusal), false) => assert!(!refusal.reason.is_empty()),
                (Ok(_), false) => wrong.push(format!("{rule} {command:?} carried out: {name}")),
                (Err(why), true) => wrong.push(format!("{rule} {command:?} from {name}: {why}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_who_column_lets_its_roles_in_and_nobody_else() {
    use Role::*;
    let customers = [Customer, AccountAdmin, Partner];
    let logistics = [Logistics, LogisticsLead];
    let who = |rule: &str, command: &Command| -> Vec<Role> {
        match (rule, command) {
            ("T2", _) => vec![Engineer, Questionnaire],
            ("T4", Command::Cancel { .. }) | ("T17", _) => [&customers[..], &logistics].concat(),
            ("T3" | "T4", _) => logistics.to_vec(),
            ("T5", Command::Ship { .. }) => [&[Depot, Role::Repair][..], &logistics].concat(),
            ("T5", _) => [&[Depot][..], &logistics].concat(),
            ("T6", _) => [&[Carrier][..], &logistics].concat(),
            ("T6a" | "T10", _) | (_, Command::EndDeadOnArrival { .. }) => vec![Clock],
            ("T16", Command::ApproveAnalysis { .. }) => vec![Engineer, Role::Repair],
            ("T16", Command::AgreeFailureAnalysis { .. }) => [&[Engineer][..], &customers].concat(),
            ("T16", Command::VoidAnalysis { .. }) => vec![Inspector, Role::Repair],
            ("T16", Command::PostInterimReport { .. } | Command::PostFinalReport { .. }) => {
                vec![Role::Repair]
            }
            ("T16", _) => [&[Engineer, Role::Repair][..], &customers].concat(),
            ("T7", _) => [&[Carrier][..], &customers].concat(),
            ("T8", _) => vec![Dock, Inspector],
            ("RCV-3", Command::Forward { .. }) => [&[Dock, Inspector][..], &logistics].concat(),
            ("RCV-3", _) => vec![Dock, Inspector, Role::Repair],
            ("T9", _) => vec![Inspector],
            ("T9a", _) => vec![Inspector, Role::Repair],
            ("T9b", _) => vec![Dock, Inspector, Depot],
            ("T11" | "T14", _) => vec![Finance],
            ("T12", _) => [&[Finance][..], &customers].concat(),
            ("T13", Command::ClaimDelivery { .. }) => customers.to_vec(),
            ("T13", _) => logistics.to_vec(),
            ("AMB-26", Command::EncloseLabel { .. }) => [&[Depot][..], &logistics].concat(),
            ("AMB-26", _) => logistics.to_vec(),
            ("T15", _) => vec![Role::Repair],
            ("T19", _) => vec![LogisticsLead],
            ("T20", _) => [&[Dock, Inspector][..], &customers].concat(),
            (other, _) => panic!("no row {other}"),
        }
    };
    for (rule, command, _, from) in table() {
        let may = who(rule, &command);
        for role in Role::ALL {
            let expected = may.contains(role) || (*role == Administrator && may != [Clock]);
            assert_eq!(command.permits(*role), expected, "{rule} {command:?} by {role}");
            let Some(from) = from.first() else { continue };
            let world = state(from);
            let outcome = world.decide(&world.order(*role, command.clone()));
            match outcome {
                Ok(_) => assert!(expected, "{rule} by {role}"),
                Err(refusal) => {
                    assert!(!expected, "{rule} by {role}: {refusal}");
                    assert_eq!(refusal.rule, rule);
                    assert!(refusal.reason.contains("may not"), "{refusal}");
                }
            }
        }
    }
}

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
