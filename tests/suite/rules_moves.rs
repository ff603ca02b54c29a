//! The command table of Part 4, row by row: from which states a command is carried out and from which it
//! is refused, and who may give it.

use homeward::domain::rma::tracks::{
    HoldReason, Repair as Outcome, ReplacementCondition, WrongUnit,
};
use homeward::domain::rma::{Command, Role};

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
        ("RCV-3", lose_in_transfer(), Logistics, UNDER_WAY),
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
            ("RCV-3", Command::LoseInTransfer { .. }) => logistics.to_vec(),
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
