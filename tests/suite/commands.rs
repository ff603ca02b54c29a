//! What may be tried on an RMA, plausible and not.

use chrono::NaiveDate;
use homeward::domain::rma::tracks::{
    Exclusion, HoldReason, Repair, ReplacementCondition, WrongUnit,
};
use homeward::domain::rma::visit::VisitOutcome;
use homeward::domain::rma::{Command, Rma, Role};

use super::world::*;

const OTHER: &str = "SN-STRANGER";
const CHILD: u64 = 30_000_001;

fn plan_visit(today: NaiveDate) -> Command {
    let at = (today + chrono::Days::new(2)).and_time(chrono::NaiveTime::MIN).and_utc();
    Command::PlanVisit { engineer: "Eva Field".to_owned(), at }
}

fn move_visit(today: NaiveDate) -> Command {
    let at = (today + chrono::Days::new(3)).and_time(chrono::NaiveTime::MIN).and_utc();
    Command::MoveVisit { engineer: None, at, reason: "the site is closed".to_owned() }
}

/// At the instant of issue: never before it, nor after any visit was over.
fn record_visit(rma: &Rma, outcome: VisitOutcome) -> Command {
    let arrived_at = rma.issued_at.unwrap_or(rma.requested_at);
    let (engineer, reason) = (Some("Eva Field".to_owned()), Some("no key".to_owned()));
    Command::RecordVisit { arrived_at, outcome, engineer, reason }
}

/// Every command with arguments plausible and not, and a role that may give it.
pub fn commands(rma: &Rma, today: NaiveDate) -> Vec<(Role, Command)> {
    use Role::{Carrier, Clock, Customer, Depot, Dock, Engineer, Finance, Inspector, Logistics};
    use Role::{LogisticsLead, Questionnaire};
    let mut all = vec![
        (Engineer, create()),
        (Questionnaire, Command::Create { diagnosis: None }),
        (Logistics, Command::Issue {}),
        (Logistics, release()),
        (Logistics, deny()),
        (Customer, cancel()),
        (Depot, Command::Backorder { expected_on: Some(today) }),
        (Depot, allocate(SPARE)),
        (Depot, allocate("SN-SPARE-2")),
        (Depot, allocate(OWN)),
        (Depot, ship()),
        (Depot, enclose()),
        (Logistics, take_label_back()),
        (Carrier, deliver()),
        (Carrier, fail_delivery()),
        (Clock, Command::EstimateDelivery {}),
        (Clock, Command::Remind {}),
        (Clock, Command::FallDue {}),
        (Carrier, hand_over()),
        (Dock, receive(OWN)),
        (Dock, receive(OTHER)),
        (Dock, Command::Receive { serial_number: None, site: None }),
        (Dock, forward()),
        (Dock, Command::ReceiveAtCentre {}),
        (Logistics, lose_in_transfer()),
        (Dock, refuse()),
        (Dock, Command::Quarantine { serial_number: None, reason: "unmarked".to_owned() }),
        (Inspector, Command::Accept {}),
        (Inspector, discrepant()),
        (Role::Repair, Command::StartRepair {}),
        (Role::Repair, Command::Quote { amount_minor: 500 }),
        (Finance, charge(LIST_PRICE)),
        (Finance, charge(LIST_PRICE / 3)),
        (Finance, charge(-1)),
        (Finance, charge(i64::MAX)),
        (Finance, extend(2)),
        (Finance, extend(40)),
        (Finance, extend(0)),
        (Finance, waive()),
        (Finance, credit(1)),
        (Finance, credit(LIST_PRICE)),
        (Finance, keep_charge()),
        (Customer, purchase()),
        (Customer, claim(&today.to_string())),
        (Customer, claim("2026-11-12")),
        (Logistics, Command::UpholdClaim { found: true }),
        (Logistics, Command::UpholdClaim { found: false }),
        (Logistics, reject()),
        (Customer, Command::RequestAnalysis {}),
        (Engineer, approve_analysis()),
        (Engineer, decline_analysis()),
        (Customer, agree_failure_analysis()),
        (Customer, Command::AgreeFailureAnalysis { accept_destruction: false }),
        (Engineer, agree_failure_analysis()),
        (Role::Repair, interim_report(&(today + chrono::Days::new(40)).to_string())),
        (Role::Repair, interim_report("2020-01-01")),
        (Role::Repair, final_report(false)),
        (Role::Repair, final_report(true)),
        (Inspector, void_analysis()),
        (Customer, destroy()),
        (Logistics, plan_visit(today)),
        (Logistics, move_visit(today)),
        (Logistics, Command::WithdrawVisit { reason: "our own people do it".to_owned() }),
        (LogisticsLead, reopen()),
        (LogisticsLead, Command::Close {}),
        (Clock, Command::EndDeadOnArrival { child: number(CHILD) }),
        (
            Customer,
            Command::ReportDeadOnArrival { symptom: "dead".to_owned(), child: number(CHILD) },
        ),
    ];
    if rma.charged_minor > rma.credited_minor {
        all.push((Finance, credit(rma.balance_minor())));
    }
    let back = rma.replacement.as_ref().map_or(SPARE, |r| r.serial_number.as_str());
    for condition in ReplacementCondition::ALL {
        let serial_number = serial(back);
        all.push((Dock, Command::ReceiveReplacement { serial_number, condition: *condition }));
    }
    for outcome in WrongUnit::ALL {
        all.push((Inspector, Command::ResolveDiscrepancy { outcome: *outcome }));
    }
    for outcome in Repair::ALL {
        all.push((Role::Repair, Command::FinishRepair { outcome: *outcome }));
    }
    for (serial_number, site) in [(OWN, AWAY), (OTHER, AWAY)] {
        let serial_number = Some(serial(serial_number));
        all.push((Dock, Command::Receive { serial_number, site: Some(site.to_owned()) }));
    }
    for outcome in VisitOutcome::ALL {
        all.push((Logistics, record_visit(rma, *outcome)));
    }
    for lost in &rma.lost {
        let (serial_number, condition) =
            (lost.serial_number.clone(), ReplacementCondition::Unopened);
        all.push((Dock, Command::ReceiveReplacement { serial_number, condition }));
    }
    for reason in HoldReason::ALL {
        all.push((Logistics, Command::Hold { reason: *reason, note: "look again".to_owned() }));
    }
    for exclusion in Exclusion::ALL {
        let evidence = "photograph 3".to_owned();
        all.push((Inspector, Command::FindExclusion { exclusion: *exclusion, evidence }));
    }
    all
}

/// What an operator can do alone, and the clock: no box that comes, no customer that answers.
pub fn operators(rma: &Rma) -> Vec<(Role, Command)> {
    use Role::{Carrier, Clock, Depot, Engineer, Finance, Inspector, Logistics, LogisticsLead};
    let mut all = vec![
        (Engineer, create()),
        (Logistics, Command::Issue {}),
        (Logistics, release()),
        (Logistics, deny()),
        (Logistics, cancel()),
        (Depot, allocate(SPARE)),
        (Depot, ship()),
        (Carrier, deliver()),
        (Inspector, Command::Accept {}),
        (Inspector, Command::ResolveDiscrepancy { outcome: WrongUnit::Scrapped }),
        (Role::Repair, Command::StartRepair {}),
        (Role::Repair, Command::FinishRepair { outcome: Repair::Repaired }),
        (Role::Repair, Command::FinishRepair { outcome: Repair::ReturnedUnrepaired }),
        (Finance, waive()),
        (Finance, keep_charge()),
        (Logistics, Command::UpholdClaim { found: false }),
        (Logistics, reject()),
        (LogisticsLead, Command::Close {}),
        (Engineer, decline_analysis()),
        (Role::Repair, final_report(false)),
        (Logistics, forward()),
        (Logistics, record_visit(rma, VisitOutcome::Replaced)),
        (Role::Repair, Command::ReceiveAtCentre {}),
    ];
    if let Some(child) = rma.dead_on_arrival {
        all.push((Clock, Command::EndDeadOnArrival { child }));
    }
    all
}
