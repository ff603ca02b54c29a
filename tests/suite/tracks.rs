//! Any order of commands ends in a state of the tables or in a refusal, and no state is a dead end
//! (Part 4, "Always true").

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet, VecDeque};

use chrono::TimeDelta;
use homeward::db::states;
use homeward::domain::analysis::Milestones;
use homeward::domain::programme::{AnchorRule, Programme};
use homeward::domain::rma::event::Event;
use homeward::domain::rma::hash::event_hash;
use homeward::domain::rma::tracks::{Analysis, Authorisation, Exposure, Inbound, Outbound, Repair};
use homeward::domain::rma::visit::VisitState;
use homeward::domain::rma::{Command, LogisticsTask, Order, Role, fold};
use homeward::domain::service_level::ServiceLevel;
use homeward::domain::site::UnitStatus;
use proptest::prelude::*;

use super::commands::{commands, operators};
use super::states::{STATES, state};
use super::world::{self, World, actor, day, number, place};

/// One step of a random history.
#[derive(Debug, Clone)]
struct Step {
    /// Choose among what would be accepted now, or among everything.
    willing: bool,
    /// Leave out what leads aside, so that histories get far.
    forward: bool,
    pick: prop::sample::Index,
    /// None: the role that may; else any.
    role: Option<prop::sample::Index>,
    gap_minutes: i64,
    late_minutes: i64,
    clock: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let gap = prop_oneof![
        3 => Just(0i64),
        3 => 1i64..600,
        3 => 600i64..(60 * 24 * 4),
        1 => (60i64 * 24 * 4)..(60 * 24 * 40),
        1 => Just(60 * 24 * 370),
    ];
    let late = prop_oneof![4 => Just(0i64), 1 => 1i64..(60 * 24 * 12)];
    (
        (prop::bool::weighted(0.8), prop::bool::weighted(0.5)),
        any::<prop::sample::Index>(),
        prop::option::weighted(0.1, any::<prop::sample::Index>()),
        gap,
        late,
        prop::bool::weighted(0.5),
    )
        .prop_map(|((willing, forward), pick, role, gap_minutes, late_minutes, clock)| Step {
            willing,
            forward,
            pick,
            role,
            gap_minutes,
            late_minutes,
            clock,
        })
}

fn milestones(frs_on: &str, eol_on: Option<&str>) -> Milestones {
    Milestones { frs_on: Some(day(frs_on)), eol_on: eol_on.map(day), eos_on: None }
}

/// The worlds: both modes, every anchor, every obstacle to an issue, sites on either side of midnight.
fn any_world() -> impl Strategy<Value = World> {
    let level = prop_oneof![
        3 => Just(Some(ServiceLevel::NextDayDelivery)),
        1 => Just(Some(ServiceLevel::SameDay2Hour)),
        2 => Just(Some(ServiceLevel::NextDayOnsite)),
        1 => Just(Some(ServiceLevel::SameDayOnsite)),
        1 => Just(Some(ServiceLevel::Core)),
        3 => Just(None),
    ];
    let anchor = prop_oneof![
        4 => Just(AnchorRule::Delivered),
        1 => Just(AnchorRule::Issued),
        1 => Just(AnchorRule::Shipped),
    ];
    let site = prop::sample::select(vec![
        ("US", "US", "America/New_York"),
        ("NL", "NL", "Europe/Amsterdam"),
        ("JP", "JP", "Asia/Tokyo"),
        ("SA", "SA", "Asia/Riyadh"),
        ("NZ", "NZ", "Pacific/Auckland"),
        ("US", "US", "Pacific/Honolulu"),
    ]);
    let centre = prop::sample::select(vec![
        ("MX", "MX", "America/Monterrey"),
        ("JP", "JP", "Asia/Tokyo"),
        ("NZ", "NZ", "Pacific/Auckland"),
    ]);
    // 0 export check, 1 nothing asked back by country, 2 extension, 3 medium kept, 4 no price,
    // 5 incomplete address, 6 not registered, 7 substitute part, 8 not in stock, 9 past the years of
    // ANA-2, 10 end of life, 11 a product nobody knows; others nothing.
    (level, anchor, site, centre, 0u8..24).prop_map(|(level, anchor, site, centre, odd)| {
        let mut programme = Programme { return_anchor: anchor, ..Programme::default() };
        let mut facts = World::facts(level);
        facts.ship_to = Some(place("SHIP", site.0, site.1, site.2));
        facts.return_site = Some(place("BACK", centre.0, centre.1, centre.2));
        let country = site.0.to_owned();
        match odd {
            0 => drop(programme.export_check_countries.insert(country)),
            1 => drop(programme.no_return_countries.insert(country)),
            2 => drop(programme.country_extensions.insert(country, 7)),
            9 => facts.milestones = Some(milestones("2019-01-01", None)),
            10 => facts.milestones = Some(milestones("2024-01-01", Some("2026-06-30"))),
            11 => facts.milestones = None,
            _ => {}
        }
        let issue = facts.issue.as_mut().expect("facts of issue");
        match odd {
            3 => {
                let kept = homeward::domain::entitlement::ContractCover {
                    media_retention: true,
                    ..world::contract(ServiceLevel::SameDay)
                };
                issue.verdict = world::verdict(&world::sale(), &[kept], &programme);
            }
            4 => issue.list_price = None,
            6 => {
                let mut sale = world::sale();
                sale.registered_on = None;
                issue.verdict = world::verdict(&sale, &[], &programme);
            }
            _ => {}
        }
        if odd == 5 {
            facts.ship_to.as_mut().expect("a ship-to site").complete = false;
        }
        let stock = facts.stock.as_mut().expect("a unit in stock");
        match odd {
            7 => stock.part_number = "PN-2".parse().expect("a part number"),
            8 => stock.status = UnitStatus::Installed,
            _ => {}
        }
        World::new(programme, facts)
    })
}

/// What decides which commands are carried out, without dates and amounts.
fn shape(world: &World) -> String {
    let rma = &world.rma;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {} {} {:?} {} {:?}",
        rma.mode(),
        rma.authorisation,
        rma.held_from,
        rma.reason.as_deref().filter(|_| rma.authorisation == Authorisation::OnHold),
        rma.outbound,
        rma.replacement.as_ref().map(|r| r.serial_number == rma.serial_number),
        rma.inbound,
        rma.repair,
        rma.exposure,
        rma.review,
        rma.claim.as_ref().map(|claim| claim.from),
        rma.pause.as_ref().map(|pause| &pause.causes),
        rma.is_open,
        rma.dead_on_arrival.is_some(),
        (rma.due.is_some(), rma.shipment.estimated, rma.terms.is_some()),
        world.facts.issue.as_ref().is_some_and(|issue| issue.list_price.is_some())
            && world.facts.stock.as_ref().is_some_and(|s| s.status == UnitStatus::Stock),
        (
            rma.analysis,
            rma.analysis_file.awaits_approval,
            rma.analysis_file.void_cause,
            &rma.analysis_file.agreed,
            rma.analysis_file.due.as_ref().map(|due| due.report),
            rma.analysis_file.reports.last().map(|posted| posted.report),
            (rma.awaited_from().is_some(), rma.held_by_hand, rma.visit.state),
        ),
    )
}

thread_local! {
    /// Shapes seen to reach their end.
    static CLOSABLE: RefCell<HashSet<String>> = RefCell::default();
}

/// Whether the operator and the clock alone can bring this RMA to its end.
fn can_close(start: &World) -> Result<(), String> {
    if CLOSABLE.with_borrow(|known| known.contains(&shape(start))) {
        return Ok(());
    }
    let mut seen = HashSet::from([shape(start)]);
    let mut queue = VecDeque::from([(start.clone(), Vec::<String>::new())]);
    while let Some((mut world, path)) = queue.pop_front() {
        if !world.rma.is_open {
            CLOSABLE.with_borrow_mut(|known| known.insert(shape(start)));
            return Ok(());
        }
        if path.len() > 14 {
            continue;
        }
        // A register that lacks price, registration or stock can be completed by people.
        if let Some(stock) = &mut world.facts.stock {
            stock.status = UnitStatus::Stock;
        }
        let mut orders: Vec<(World, Order)> = operators(&world.rma)
            .into_iter()
            .map(|(role, command)| {
                let order = Order { actor: actor(role), ..world.order(role, command) };
                (world.clone(), order)
            })
            .collect();
        let mut then = world.clone();
        while let Some(at) = then.rma.next_clock_at() {
            then.now = then.now.max(at);
            let Some(command) = then.rma.due_command(then.now) else { break };
            let order = then.order(Role::Clock, command.clone());
            if command != (Command::Remind {}) {
                orders.push((then, order));
                break;
            }
            // A reminder changes nothing that a command depends on: go on to what follows it.
            let Ok(decision) = then.decide(&order) else { break };
            then.keep(&order, decision);
        }
        for (mut then, order) in orders {
            let Ok(decision) = then.decide(&order) else { continue };
            let mut path = path.clone();
            path.push(format!("{:?}", order.command));
            then.keep(&order, decision);
            if seen.insert(shape(&then)) {
                queue.push_back((then, path));
            }
        }
    }
    Err(format!("no way out of {}\n{}", shape(start), history(start)))
}

fn history(world: &World) -> String {
    let lines = world.events.iter().map(|e| format!("{} {:?}", e.stamp.recorded_at, e.event));
    lines.collect::<Vec<_>>().join("\n")
}

/// The queue of logistics asks for a shipping where one would be carried out, and only there (SYS-4).
fn waits_for_what_can_be_done(world: &World) -> Result<(), String> {
    let ship = Command::Ship { carrier: "carrier".to_owned(), tracking_number: None };
    let order = world.order(Role::Depot, ship);
    let ships = world.decide(&order).is_ok();
    let task = world.rma.next_task();
    let fits = match task {
        Some(LogisticsTask::Ship) => ships,
        // First things first; what failed may be sent as it is.
        Some(LogisticsTask::DecideClaim | LogisticsTask::SendAgain | LogisticsTask::Hold) => true,
        _ => !ships,
    };
    match fits {
        true => Ok(()),
        false => Err(format!("{task:?}, but shipping is possible: {ships}\n{}", history(world))),
    }
}

/// Every state's task, as a person would say it.
#[test]
fn sys_4_each_state_has_its_task() {
    let told: Vec<String> = STATES
        .iter()
        .filter_map(|name| state(name).rma.next_task().map(|task| format!("{name}: {task}")))
        .collect();
    insta::assert_snapshot!("tasks_of_states", told.join("\n"));
    for name in STATES {
        waits_for_what_can_be_done(&state(name)).expect(name);
    }
}

/// What the calendars do not know any more is refused, rightly: they end with 2035, and some dates are
/// counted on for long.
fn is_inside(world: &World) -> bool {
    world.now < world::utc("2033-01-01T00:00:00Z")
}

/// What is always true, after one accepted decision.
fn always_true(before: &World, after: &World, command: &Command) -> Result<(), TestCaseError> {
    let rma = &after.rma;
    let say = || format!("{command:?}\n{}", history(after));
    let folded = fold(&after.events);
    prop_assert_eq!(folded.as_ref(), Ok(rma), "fold: {}", say());
    prop_assert!(after.events.iter().zip(1..).all(|(e, at)| e.sequence == at), "{}", say());
    let snapshot = rma.terms.as_ref().map_or(0, |terms| terms.list_price.minor);
    prop_assert!((0..=snapshot).contains(&rma.balance_minor()), "money: {}", say());
    let new = &after.events[before.events.len()..];
    prop_assert!(!new.is_empty(), "an accepted command left nothing: {}", say());
    if new.iter().any(|e| matches!(e.event, Event::Charged { .. })) {
        let shipped = after.events.iter().any(|e| {
            matches!(&e.event, Event::Shipped { serial_number, .. } if *serial_number != rma.serial_number)
        });
        prop_assert!(shipped, "charged, but no replacement shipped: {}", say());
        prop_assert!(rma.has_shipped() && rma.outbound != Outbound::Returned, "{}", say());
    }
    if let (true, Some(unit)) = (rma.is_advance(), &rma.replacement) {
        prop_assert_ne!(&unit.serial_number, &rma.serial_number, "{}", say());
    }
    if is_inside(after) {
        waits_for_what_can_be_done(after).map_err(TestCaseError::fail)?;
    }
    let by_hand = matches!(command, Command::Reopen { .. });
    prop_assert!(rma.is_open || rma.is_settled(), "closed, but not at its end: {}", say());
    prop_assert!(!rma.is_open || !rma.is_settled() || by_hand, "at its end, open: {}", say());
    prop_assert!(rma.is_open || rma.next_clock_at().is_none(), "closed, with a clock: {}", say());
    if let (Some(was), Some(is)) = (&before.rma.due, &rma.due) {
        // Issued anew after a cancelling is another window.
        let anew = new.iter().any(|e| matches!(e.event, Event::Issued { .. }));
        prop_assert!(anew || is.due_on >= was.due_on, "due date moved earlier: {}", say());
    }
    if let (true, Some(due)) = (matches!(command, Command::FallDue {}), &rma.due) {
        prop_assert!(after.now >= due.return_zone.end_of_day(due.due_on), "{}", say());
    }
    if rma.exposure == Exposure::Exposed {
        prop_assert!(rma.is_advance() && rma.due.is_some(), "{}", say());
        let ended = matches!(rma.authorisation, Authorisation::Cancelled | Authorisation::Denied);
        prop_assert!(!ended, "exposed on an ended RMA: {}", say());
    }
    // What is analysed is in our hands, and its report has a date.
    let analysed = matches!(rma.analysis, Analysis::InRepairAnalysis | Analysis::InFailureAnalysis);
    prop_assert_eq!(analysed, rma.analysis_file.due.is_some(), "{}", say());
    if analysed {
        prop_assert_eq!(rma.inbound, Inbound::Accepted, "analysed, but not here: {}", say());
        let back = rma.replacement.as_ref().is_some_and(|r| r.serial_number == rma.serial_number);
        prop_assert!(!(back && rma.has_shipped()), "analysed, but sent back: {}", say());
        prop_assert_ne!(rma.repair, Repair::Scrapped, "analysed, but scrapped: {}", say());
    }
    // Who is planned is planned for an instant, and nobody is on the way to an RMA that has ended.
    prop_assert_eq!(rma.visit.state == VisitState::Planned, rma.visit.plan.is_some(), "{}", say());
    if rma.visit.is_live() {
        let ended = matches!(rma.authorisation, Authorisation::Cancelled | Authorisation::Denied);
        let bought = rma.exposure == Exposure::Purchased;
        prop_assert!(bought || !ended, "a visit of an ended RMA: {}", say());
    }
    // Nobody's unit is left in our hands without a case, and no unit owed is forgotten.
    let at_bench = rma.mode().is_some() && !rma.is_advance() && rma.inbound == Inbound::Accepted;
    if at_bench && rma.authorisation == Authorisation::Issued {
        prop_assert_ne!(rma.repair, Repair::None, "accepted, but not at the bench: {}", say());
    }
    Ok(())
}

fn stored_and_read(world: &World) -> Result<(), TestCaseError> {
    let mut hashes = Vec::new();
    for round in 0..2 {
        let mut previous = String::new();
        for recorded in &world.events {
            let text = serde_json::to_string(&recorded.event).expect("an event is written");
            let read: Event = serde_json::from_str(&text)
                .map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
            prop_assert_eq!(&read, &recorded.event);
            prop_assert_eq!(&serde_json::to_string(&read).expect("written again"), &text);
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(value["kind"].as_str(), Some(recorded.event.kind()));
            let (sequence, stamp) = (recorded.sequence, &recorded.stamp);
            let kind = recorded.event.kind();
            previous = event_hash(&previous, world.rma.number, sequence, kind, stamp, &text);
            hashes.push((round, previous.clone()));
        }
    }
    let (first, second) = hashes.split_at(world.events.len());
    prop_assert!(first.iter().zip(second).all(|(a, b)| a.1 == b.1));
    let distinct: HashSet<&String> = first.iter().map(|(_, hash)| hash).collect();
    prop_assert_eq!(distinct.len(), world.events.len());
    state_kept_and_read(world)
}

/// A row's state reads back as it was, its terms from the event of issue.
fn state_kept_and_read(world: &World) -> Result<(), TestCaseError> {
    let text = states::kept(&world.rma, "hash").expect("a state is written");
    let issue = world.events.iter().rfind(|recorded| recorded.event.kind() == "issued");
    let issue = issue.map(|recorded| serde_json::to_string(&recorded.event).expect("an event"));
    let (rma, hash) = states::read(&text, world.rma.version, issue.as_deref())
        .ok_or_else(|| TestCaseError::fail(format!("not read: {text}")))?;
    prop_assert_eq!(&rma, &world.rma);
    prop_assert_eq!(hash, "hash");
    Ok(())
}

/// The clock's turn: everything due at this instant is accepted and comes to rest.
fn clock_turn(world: &mut World) -> Result<(), TestCaseError> {
    for _ in 0..10 {
        let Some(command) = world.rma.due_command(world.now) else {
            prop_assert!(world.rma.next_clock_at().is_none_or(|at| at > world.now));
            return Ok(());
        };
        let before = world.clone();
        let order = world.order(Role::Clock, command.clone());
        match world.decide(&order) {
            Ok(decision) => world.keep(&order, decision),
            Err(refusal) => {
                let past = history(world);
                return Err(TestCaseError::fail(format!("clock: {refusal}\n{past}")));
            }
        }
        always_true(&before, world, &command)?;
    }
    Err(TestCaseError::fail(format!("the clock does not rest\n{}", history(world))))
}

fn leads_aside(command: &Command) -> bool {
    matches!(
        command,
        Command::Hold { .. }
            | Command::Deny { .. }
            | Command::Cancel { .. }
            | Command::Backorder { .. }
            | Command::FailDelivery { .. }
            | Command::Quarantine { .. }
            | Command::FindExclusion { .. }
            | Command::ReceiveReplacement { .. }
            | Command::CertifyDestruction { .. }
            | Command::Reopen { .. }
            | Command::Refuse { .. }
    )
}

fn carry_out(world: &mut World, step: &Step) -> Result<(), TestCaseError> {
    world.later(TimeDelta::minutes(step.gap_minutes));
    if step.clock {
        clock_turn(world)?;
    }
    let today = world.now.date_naive();
    let mut all = commands(&world.rma, today);
    let late = TimeDelta::minutes(step.late_minutes);
    let order = |world: &World, (role, command): (Role, Command)| {
        let role = step.role.map_or(role, |index| *index.get(Role::ALL));
        let judged = command.is_judgement() || matches!(role, Role::Clock);
        let occurred_at = if judged { world.now } else { world.now - late };
        Order { occurred_at, ..world.order(role, command) }
    };
    if step.forward {
        all.retain(|(_, command)| !leads_aside(command));
    }
    if step.willing {
        all.retain(|given| world.decide(&order(world, given.clone())).is_ok());
        if all.is_empty() {
            return Ok(());
        }
    }
    let order = order(world, step.pick.get(&all).clone());
    let before = world.clone();
    match world.decide(&order) {
        Ok(decision) => {
            world.keep(&order, decision);
            always_true(&before, world, &order.command)?;
            if world.rma.is_open && is_inside(world) {
                can_close(world).map_err(TestCaseError::fail)?;
            }
        }
        Err(refusal) => {
            let named = ["T", "AMB-", "RET-", "RMA-", "RCV-", "WAR-", "ENT-", "ANA-", "SVC-"];
            prop_assert!(named.iter().any(|rule| refusal.rule.starts_with(rule)), "{refusal:?}");
            prop_assert!(refusal.reason.len() > 10, "{refusal:?}");
            prop_assert_eq!(&before.rma, &world.rma);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400),
        max_shrink_iters: 3_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_order_of_commands_keeps_what_is_always_true(
        mut world in any_world(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        for step in &steps {
            carry_out(&mut world, step)?;
        }
        stored_and_read(&world)?;
    }
}

/// The search above means little if the histories never get anywhere.
#[test]
fn random_histories_reach_every_state_of_the_tables() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for _ in 0..600 {
        let mut world = any_world().new_tree(&mut runner).expect("a world").current();
        let steps = prop::collection::vec(step(), 40);
        for step in steps.new_tree(&mut runner).expect("steps").current() {
            carry_out(&mut world, &step).expect("a step");
            let rma = &world.rma;
            seen.entry("authorisation").or_default().insert(rma.authorisation.as_str());
            seen.entry("outbound").or_default().insert(rma.outbound.as_str());
            seen.entry("inbound").or_default().insert(rma.inbound.as_str());
            seen.entry("repair").or_default().insert(rma.repair.as_str());
            seen.entry("analysis").or_default().insert(rma.analysis.as_str());
            seen.entry("exposure").or_default().insert(rma.exposure.as_str());
            seen.entry("visit").or_default().insert(rma.visit.state.as_str());
        }
    }
    let missing = |track: &str, all: Vec<&'static str>| -> Vec<&'static str> {
        all.into_iter().filter(|word| !seen[track].contains(word)).collect()
    };
    let words = [
        missing("authorisation", Authorisation::ALL.iter().map(|w| w.as_str()).collect()),
        missing("outbound", Outbound::ALL.iter().map(|w| w.as_str()).collect()),
        missing("inbound", Inbound::ALL.iter().map(|w| w.as_str()).collect()),
        missing("repair", Repair::ALL.iter().map(|w| w.as_str()).collect()),
        missing("analysis", Analysis::ALL.iter().map(|w| w.as_str()).collect()),
        missing("exposure", Exposure::ALL.iter().map(|w| w.as_str()).collect()),
        missing("visit", VisitState::ALL.iter().map(|w| w.as_str()).collect()),
    ]
    .concat();
    assert!(words.is_empty(), "never reached: {words:?}");
}

#[test]
fn the_hash_chain_is_stable_and_tells_every_change() {
    let mut world = World::advance();
    world.exposed();
    let chain = |events: &[homeward::domain::rma::Recorded]| {
        events.iter().fold(String::new(), |previous, e| {
            let text = serde_json::to_string(&e.event).expect("JSON");
            event_hash(&previous, number(1), e.sequence, e.event.kind(), &e.stamp, &text)
        })
    };
    let whole = chain(&world.events);
    assert_eq!(whole, chain(&world.events));
    assert_ne!(whole, chain(&world.events[1..]), "dropped");
    for changed in 0..world.events.len() {
        let mut events = world.events.clone();
        events[changed].stamp.source.push('x');
        assert_ne!(whole, chain(&events), "source of {changed}");
        let mut events = world.events.clone();
        events[changed].stamp.occurred_at += TimeDelta::microseconds(1);
        assert_ne!(whole, chain(&events), "time of {changed}");
    }
    // Fields are delimited: moving a letter from one to the next is seen.
    let (mut a, mut b) = (world.events[0].stamp.clone(), world.events[0].stamp.clone());
    (a.source, b.source) = ("ab".to_owned(), "a".to_owned());
    assert_ne!(
        event_hash("", number(1), 1, "k", &a, "c"),
        event_hash("", number(1), 1, "k", &b, "bc")
    );
    assert_eq!(day("2026-12-01"), world.due_on());
}
