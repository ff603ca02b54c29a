//! Named states of an RMA, each by the shortest way to it.

use homeward::domain::rma::tracks::{
    Exclusion, HoldReason, Repair as Outcome, ReplacementCondition,
};
use homeward::domain::rma::{Command, Role};

use super::world::*;

/// Named states, each by the shortest way to it.
pub fn state(name: &str) -> World {
    use Role::*;
    let mut w = match name.split_once(':') {
        Some(("factory", _)) => World::factory(),
        _ => World::advance(),
    };
    let bench = |w: &mut World| {
        w.issued().ok(Dock, receive(OWN)).ok(Inspector, Command::Accept {});
    };
    match name {
        "requested" => {}
        "created" => drop(w.ok(Engineer, create())),
        "held by its issue" => {
            let price = w.facts.issue.as_mut().and_then(|issue| issue.list_price.take());
            w.ok(Engineer, create()).ok(Logistics, Command::Issue {});
            w.facts.issue.as_mut().expect("facts of issue").list_price = price;
        }
        "request held" => drop(w.ok(Logistics, hold(HoldReason::Information))),
        "held" => drop(w.ok(Engineer, create()).ok(Logistics, hold(HoldReason::Information))),
        "held for export" => {
            w.ok(Engineer, create()).ok(Logistics, hold(HoldReason::Export));
        }
        "denied" => drop(w.ok(Engineer, create()).ok(Logistics, deny())),
        "cancelled" => drop(w.issued().ok(Customer, cancel())),
        "issued" | "factory:issued" => drop(w.issued()),
        "labelled" => drop(w.issued().ok(Depot, enclose())),
        "issued, held" => drop(w.issued().ok(Logistics, hold(HoldReason::Export))),
        "backordered" => {
            w.issued().ok(Depot, Command::Backorder { expected_on: None });
        }
        "allocated" => drop(w.issued().ok(Depot, allocate(SPARE))),
        "shipped" => drop(w.shipped()),
        "failed" => drop(w.shipped().ok(Carrier, fail_delivery())),
        "estimated" => drop(w.shipped().at("2026-12-01T12:00:00Z").run_clock()),
        "exposed" => drop(w.exposed()),
        "in transit" => drop(w.exposed().ok(Carrier, hand_over())),
        "received" => drop(w.exposed().ok(Dock, receive(OWN))),
        "received elsewhere" => drop(w.exposed().ok(Dock, receive_away(OWN))),
        "forwarded" => drop(w.exposed().ok(Dock, receive_away(OWN)).ok(Dock, forward())),
        "accepted elsewhere" => {
            w.exposed().ok(Dock, receive_away(OWN)).ok(Inspector, Command::Accept {});
        }
        "came after a wrong one" => {
            w.exposed().ok(Dock, receive("SN-X")).ok(Dock, receive(OWN));
        }
        "sent again" => {
            w.shipped().ok(Carrier, fail_delivery()).ok(Depot, allocate(SECOND)).ok(Depot, ship());
        }
        "accepted" => drop(w.exposed().ok(Dock, receive(OWN)).ok(Inspector, Command::Accept {})),
        "discrepant" => drop(w.exposed().ok(Dock, receive("SN-X"))),
        "refused" => drop(w.exposed().ok(Dock, refuse())),
        "claimed" => drop(w.exposed().ok(Customer, claim("2026-11-16"))),
        "lost" => {
            w.exposed().ok(Customer, claim("2026-11-16"));
            w.ok(Logistics, Command::UpholdClaim { found: false });
        }
        "destroyed" => drop(w.exposed().ok(Customer, destroy())),
        "excluded" => drop(w.exposed().ok(Dock, receive(OWN)).ok(Inspector, exclusion())),
        "in review" => drop(w.in_review()),
        "charged" => drop(w.charged()),
        "waived" => drop(w.in_review().ok(Finance, waive())),
        "purchased" => drop(w.exposed().ok(Customer, purchase())),
        "credit review" => {
            w.charged().ok(Dock, receive(OWN)).ok(Inspector, Command::Accept {});
        }
        "credited" => {
            w.charged().ok(Dock, receive(OWN)).ok(Inspector, Command::Accept {});
            w.ok(Finance, credit(LIST_PRICE));
        }
        "dead on arrival" => drop(w.exposed().ok(Customer, dead_on_arrival())),
        "returned" => drop(w.exposed().ok(Dock, replacement_back(ReplacementCondition::Unopened))),
        "reopened" => {
            w.exposed().ok(Dock, receive(OWN)).ok(Inspector, Command::Accept {});
            w.ok(LogisticsLead, reopen());
        }
        "factory:received" => drop(w.issued().ok(Dock, receive(OWN))),
        "factory:queued" => bench(&mut w),
        "factory:queued elsewhere" => {
            w.issued().ok(Dock, receive_away(OWN)).ok(Inspector, Command::Accept {});
        }
        "factory:in repair" => {
            bench(&mut w);
            w.ok(Repair, Command::StartRepair {});
        }
        "factory:quoted" => {
            bench(&mut w);
            w.ok(Repair, Command::StartRepair {}).ok(Repair, Command::Quote { amount_minor: 900 });
        }
        "factory:repaired" | "factory:back" | "factory:done" => {
            bench(&mut w);
            w.ok(Repair, Command::StartRepair {}).ok(Repair, finish(Outcome::Repaired));
            if name != "factory:repaired" {
                w.ok(Repair, ship());
            }
            if name == "factory:done" {
                w.ok(Carrier, deliver());
            }
        }
        "factory:replaced" => {
            bench(&mut w);
            w.ok(Repair, Command::StartRepair {}).ok(Repair, finish(Outcome::Replaced));
        }
        "analysis asked" => drop(w.issued().ok(Customer, Command::RequestAnalysis {})),
        "analysis asked late" => {
            let milestones = w.facts.milestones.as_mut().expect("milestones");
            milestones.frs_on = Some(day("2021-11-11"));
            w.issued().ok(Customer, Command::RequestAnalysis {});
        }
        "in repair analysis" => drop(w.in_repair_analysis()),
        "repair analysed" => drop(w.repair_analysed()),
        "failure analysis asked" => {
            w.repair_analysed().ok(Customer, agree_failure_analysis());
        }
        "in failure analysis" => drop(w.in_failure_analysis()),
        "interim reported" => {
            w.in_failure_analysis().ok(Repair, interim_report("2027-03-01"));
        }
        "failure analysed" => drop(w.in_failure_analysis().ok(Repair, final_report(true))),
        "analysis void" => drop(w.in_repair_analysis().ok(Repair, void_analysis())),
        "factory:in repair analysis" => {
            w.ok(Customer, Command::RequestAnalysis {});
            bench(&mut w);
            w.ok(Repair, Command::StartRepair {}).ok(Repair, finish(Outcome::Repaired));
        }
        other => panic!("no state {other:?}"),
    }
    w
}

pub const STATES: &[&str] = &[
    "requested",
    "created",
    "request held",
    "held",
    "held for export",
    "held by its issue",
    "denied",
    "cancelled",
    "issued",
    "labelled",
    "issued, held",
    "backordered",
    "allocated",
    "shipped",
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
    "sent again",
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
    "returned",
    "reopened",
    "factory:issued",
    "factory:received",
    "factory:queued",
    "factory:queued elsewhere",
    "factory:in repair",
    "factory:quoted",
    "factory:repaired",
    "factory:back",
    "factory:done",
    "factory:replaced",
    "analysis asked",
    "analysis asked late",
    "in repair analysis",
    "repair analysed",
    "failure analysis asked",
    "in failure analysis",
    "interim reported",
    "failure analysed",
    "analysis void",
    "factory:in repair analysis",
];

/// The replacement sent when the first was lost.
pub const SECOND: &str = "SN-SECOND";

pub fn hold(reason: HoldReason) -> Command {
    Command::Hold { reason, note: "papers are missing".to_owned() }
}
pub fn finish(outcome: Outcome) -> Command {
    Command::FinishRepair { outcome }
}
pub fn exclusion() -> Command {
    Command::FindExclusion {
        exclusion: Exclusion::CustomerDamage,
        evidence: "burnt connector, photograph 4".to_owned(),
    }
}
pub fn replacement_back(condition: ReplacementCondition) -> Command {
    Command::ReceiveReplacement { serial_number: serial(SPARE), condition }
}
pub fn dead_on_arrival() -> Command {
    Command::ReportDeadOnArrival { symptom: "dark".to_owned(), child: number(30_000_001) }
}
