//! Decisions a second and thread: the pure function alone, over an RMA's whole life.

use chrono::{DateTime, Utc};
use homeward::domain::programme::Programme;
use homeward::domain::rma::{Command, Facts, Order, Rma, Role, decide};

use super::measure::{Table, median, seconds};
use super::world::{
    World, allocate, charge, create, credit, deliver, extend, hand_over, receive, ship, waive,
};

/// Everything one decision is made from.
struct Case {
    rma: Rma,
    order: Order,
    facts: Facts,
    programme: Programme,
    now: DateTime<Utc>,
}

pub fn run(table: &mut Table) {
    let cases = life();
    let passes = 2_000;
    let count = (passes * cases.len()) as f64;
    let rates = (0..9).map(|_| count / seconds(|| (0..passes).for_each(|_| once(&cases))));
    let name = format!("decisions, one thread, a life of {} commands", cases.len());
    table.figure(&name, "a second", median(rates.collect()));
}

fn once(cases: &[Case]) {
    for case in cases {
        let decision = decide(&case.rma, &case.order, &case.facts, &case.programme, case.now);
        std::hint::black_box(decision.expect("a decision"));
    }
}

/// From the request to a credit, with an extension on the way and a box that came late; and a
/// goodwill.
fn life() -> Vec<Case> {
    use super::world::OWN;
    let steps = |world: &mut World, steps: Vec<(&str, Role, Command)>| -> Vec<Case> {
        steps.into_iter().map(|(at, role, command)| step(world, at, role, command)).collect()
    };
    let mut cases = steps(
        &mut World::advance(),
        vec![
            ("2026-11-12T15:00:00Z", Role::Engineer, create()),
            ("2026-11-12T15:10:00Z", Role::Logistics, Command::Issue {}),
            ("2026-11-12T15:20:00Z", Role::Depot, allocate(super::world::SPARE)),
            ("2026-11-12T20:00:00Z", Role::Depot, ship()),
            ("2026-11-16T15:00:00Z", Role::Carrier, deliver()),
            ("2026-11-25T15:00:00Z", Role::Clock, Command::Remind {}),
            ("2026-11-25T16:00:00Z", Role::Finance, extend(2)),
            ("2026-12-08T12:00:00Z", Role::Clock, Command::FallDue {}),
            ("2026-12-09T12:00:00Z", Role::Finance, charge(super::world::LIST_PRICE)),
            ("2026-12-10T12:00:00Z", Role::Customer, hand_over()),
            ("2026-12-14T12:00:00Z", Role::Dock, receive(OWN)),
            ("2026-12-14T13:00:00Z", Role::Inspector, Command::Accept {}),
            ("2026-12-15T13:00:00Z", Role::Finance, credit(super::world::LIST_PRICE)),
        ],
    );
    let mut kind = World::advance();
    kind.in_review();
    cases.extend(steps(&mut kind, vec![("2026-12-03T12:00:00Z", Role::Finance, waive())]));
    cases
}

fn step(world: &mut World, at: &str, role: Role, command: Command) -> Case {
    world.at(at);
    let order = world.order(role, command);
    let case = Case {
        rma: world.rma.clone(),
        order: order.clone(),
        facts: world.facts.clone(),
        programme: world.programme.clone(),
        now: world.now,
    };
    let decision = world.decide(&order);
    let decision = decision.unwrap_or_else(|refusal| panic!("{:?}: {refusal}", order.command));
    world.keep(&order, decision);
    case
}
