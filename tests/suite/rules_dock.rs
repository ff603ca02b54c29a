//! AMB-14: the dock's grid, cell by cell, and that `decide` carries out what the dock judged.

use chrono::TimeDelta;
use homeward::domain::dock::{Box, Candidates, DockVerdict, Judgement, judge};
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::tracks::{Inbound, ReplacementCondition};
use homeward::domain::rma::{Command, Rma, Role};

use super::world::*;
use DockVerdict::{
    AlreadyReceived, Quarantine, Receive, ReceiveAtCentre, ReceiveDiscrepant, Refuse,
    ReplacementBack,
};

/// Another RMA than the first: its own number, serial and replacement.
fn other(mut world: World) -> World {
    let mut first = world.events[0].clone();
    let homeward::domain::rma::Event::Requested { number: own, serial_number, .. } =
        &mut first.event
    else {
        unreachable!("the first event is the request");
    };
    *own = number(21_056_999);
    *serial_number = serial("SN-OTHER");
    world.events[0] = first;
    world.rma = homeward::domain::rma::fold(&world.events).expect("a history");
    world
}

/// The candidates that number and serial lead to among these RMAs, as the register would find them.
fn find(rmas: &[&Rma], marked: Option<RmaNumber>, read: Option<&str>) -> Candidates {
    let of = |with: &dyn Fn(&Rma) -> bool| -> Vec<Rma> {
        rmas.iter().filter(|rma| with(rma)).map(|rma| (*rma).clone()).collect()
    };
    Candidates {
        marked: of(&|rma| Some(rma.number) == marked).pop(),
        of_serial: of(&|rma| Some(rma.serial_number.as_str()) == read),
        of_replacement: of(&|rma| {
            let sent = rma.replacement.as_ref().map(|unit| unit.serial_number.as_str());
            (sent.is_some() && sent == read) || read.is_some_and(|read| rma.has_lost(&serial(read)))
        }),
    }
}

fn look(
    worlds: &[&World],
    marked: Option<RmaNumber>,
    read: Option<&str>,
    seen_before: bool,
) -> Judgement {
    look_at("MTY-1", worlds, marked, read, seen_before)
}

fn look_at(
    site: &str,
    worlds: &[&World],
    marked: Option<RmaNumber>,
    read: Option<&str>,
    seen_before: bool,
) -> Judgement {
    let rmas: Vec<&Rma> = worlds.iter().map(|world| &world.rma).collect();
    let unit = read.map(serial);
    let one = Box { site, marked, serial: unit.as_ref(), seen_before };
    let now = worlds.iter().map(|world| world.now).max().expect("a world");
    let judgement = judge(&one, &find(&rmas, marked, read), &worlds[0].programme, now);
    carried_out(site, worlds, &judgement, read);
    judgement
}

/// What the dock judged is a command that is accepted.
fn carried_out(site: &str, worlds: &[&World], judgement: &Judgement, read: Option<&str>) {
    let Some(about) = judgement.rma else { return };
    let world = worlds.iter().find(|world| world.rma.number == about).expect("one of them");
    let serial_number = read.map(serial);
    let command = match judgement.verdict {
        Receive | ReceiveDiscrepant => {
            Command::Receive { serial_number, site: Some(site.to_owned()) }
        }
        ReceiveAtCentre => Command::ReceiveAtCentre {},
        Quarantine => Command::Quarantine { serial_number, reason: judgement.reason.clone() },
        ReplacementBack => Command::ReceiveReplacement {
            serial_number: serial_number.expect("a serial"),
            condition: ReplacementCondition::Unopened,
        },
        Refuse | AlreadyReceived => return,
    };
    let later = worlds.iter().map(|world| world.now).max().expect("a world");
    let mut world = (*world).clone();
    world.now = later;
    world.ok(Role::Dock, command);
}

fn owed() -> World {
    let mut world = World::advance();
    world.exposed();
    world
}

fn numbers() -> (Option<RmaNumber>, Option<RmaNumber>) {
    (Some(number(21_056_835)), Some(number(21_056_999)))
}

#[test]
fn amb_14_the_number_of_an_open_owed_rma() {
    let (a, b) = (owed(), other(owed()));
    let (mine, theirs) = numbers();
    let cell = |read, verdict, about| {
        let found = look(&[&a, &b], mine, read, false);
        assert_eq!((found.verdict, found.rma), (verdict, about), "{read:?}: {}", found.reason);
    };
    cell(Some(OWN), Receive, mine);
    cell(Some(SPARE), ReplacementBack, mine);
    // Story (m): boxes swapped; the marked one stays owed.
    cell(Some("SN-OTHER"), Receive, theirs);
    cell(Some("SN-UNKNOWN"), ReceiveDiscrepant, mine);
    cell(None, ReceiveDiscrepant, mine);
}

#[test]
fn amb_14_a_swapped_box_scanned_twice_is_no_discrepancy() {
    let (a, mut b) = (owed(), other(owed()));
    let (mine, theirs) = numbers();
    b.ok(Role::Dock, receive("SN-OTHER"));
    let again = look(&[&a, &b], mine, Some("SN-OTHER"), true);
    assert_eq!((again.verdict, again.rma), (AlreadyReceived, theirs));
    let twin = look(&[&a, &b], mine, Some("SN-OTHER"), false);
    assert_eq!((twin.verdict, twin.rma), (Quarantine, theirs));
}

#[test]
fn amb_14_no_or_an_unknown_number() {
    let (a, b) = (owed(), other(owed()));
    let (mine, _) = numbers();
    for marked in [None, Some(number(5))] {
        let cell = |read, verdict, about| {
            let found = look(&[&a, &b], marked, read, false);
            assert_eq!((found.verdict, found.rma), (verdict, about), "{read:?}: {}", found.reason);
        };
        // Part 5, example 22.
        cell(Some(OWN), Receive, mine);
        cell(Some("SN-UNKNOWN"), Refuse, None);
        cell(None, Refuse, None);
    }
    let mut one = owed();
    assert_eq!(look(&[&one], None, Some(SPARE), false).verdict, ReplacementBack);
    one.ok(Role::Dock, receive(OWN)).ok(Role::Inspector, Command::Accept {});
    one.later(TimeDelta::days(800));
    let late = look(&[&one], None, Some(SPARE), false);
    assert_eq!(late.verdict, Quarantine, "the replacement of an RMA closed long ago: {late:?}");
}

#[test]
fn amb_14_late_returns_up_to_a_year_and_no_longer() {
    let (mine, _) = numbers();
    let mut charged = World::advance();
    charged.charged();
    let mut cancelled = World::advance();
    cancelled.issued().ok(Role::Customer, cancel());
    for world in [charged, cancelled] {
        assert!(!world.rma.is_open);
        for marked in [None, mine] {
            let mut in_time = world.clone();
            in_time.later(TimeDelta::days(365));
            let found = look(&[&in_time], marked, Some(OWN), false);
            assert_eq!((found.verdict, found.rma), (Receive, mine), "{}", found.reason);
            in_time.ok(Role::Dock, receive(OWN));
            assert!(in_time.rma.is_open, "reopened by the dock");

            let mut too_late = world.clone();
            too_late.later(TimeDelta::days(366));
            let found = look(&[&too_late], marked, Some(OWN), false);
            assert_eq!((found.verdict, found.rma), (Quarantine, mine), "{}", found.reason);
        }
    }
}

#[test]
fn amb_14_an_rma_not_issued_or_denied_is_for_logistics() {
    let (mine, _) = numbers();
    let requested = World::advance();
    let mut created = World::advance();
    created.ok(Role::Engineer, create());
    let mut denied = created.clone();
    denied.ok(Role::Logistics, deny());
    for world in [&requested, &created, &denied] {
        for read in [Some(OWN), Some("SN-UNKNOWN"), None] {
            let found = look(&[world], mine, read, false);
            assert_eq!((found.verdict, found.rma), (Quarantine, mine), "{read:?}");
        }
        assert_eq!(look(&[world], None, Some(OWN), false).verdict, Quarantine);
        assert_eq!(world.no(Role::Dock, receive(OWN)).rule, "T8");
    }
    // RCV-1 refuses what has neither; a number of ours that awaits nothing waits on the shelf.
    let mut cancelled = World::advance();
    cancelled.issued().ok(Role::Customer, cancel());
    assert_eq!(look(&[&cancelled], mine, Some("SN-UNKNOWN"), false).verdict, Quarantine);
    assert_eq!(look(&[&cancelled], mine, None, false).verdict, Quarantine);
}

#[test]
fn amb_14_bought_accepted_and_destroyed_units() {
    let (mine, _) = numbers();
    let mut bought = owed();
    bought.ok(Role::Customer, purchase());
    let mut destroyed = owed();
    destroyed.ok(Role::Customer, destroy());
    let mut accepted = owed();
    accepted.ok(Role::Dock, receive(OWN)).ok(Role::Inspector, Command::Accept {});
    for marked in [None, mine] {
        for world in [&bought, &destroyed, &accepted] {
            assert_eq!(look(&[world], marked, Some(OWN), false).verdict, Quarantine);
        }
        let again = look(&[&accepted], marked, Some(OWN), true);
        assert_eq!(again.verdict, AlreadyReceived);
    }
}

#[test]
fn amb_14_a_wrong_box_for_a_unit_that_is_not_owed_changes_nothing() {
    let (mine, _) = numbers();
    let mut lost = owed();
    lost.ok(Role::Customer, claim("2026-11-16"));
    lost.ok(Role::Logistics, Command::UpholdClaim { found: false });
    assert_eq!(look(&[&lost], mine, Some("SN-UNKNOWN"), false).verdict, Quarantine);
    // Found after all, but not as it should be: nobody owes it again.
    lost.ok(Role::Dock, receive(OWN)).ok(Role::Inspector, discrepant());
    assert_eq!(lost.rma.next_clock_at(), None);
    lost.ok(
        Role::Inspector,
        Command::ResolveDiscrepancy { outcome: homeward::domain::rma::tracks::WrongUnit::Scrapped },
    );
    assert_eq!((lost.rma.inbound, lost.rma.is_open), (Inbound::LostByUs, false));
}

#[test]
fn amb_14_a_newer_rma_on_the_serial_comes_first() {
    let (mine, theirs) = numbers();
    let mut old = World::advance();
    old.charged();
    // The same serial, requested again and not issued yet.
    let mut newer = World::advance();
    newer.now = old.now;
    let mut first = newer.events[0].clone();
    if let homeward::domain::rma::Event::Requested { number: own, .. } = &mut first.event {
        *own = number(21_056_999);
    }
    newer.events[0] = first;
    newer.rma = homeward::domain::rma::fold(&newer.events).expect("a history");
    for marked in [mine, theirs, None] {
        let found = look(&[&old, &newer], marked, Some(OWN), false);
        assert_eq!((found.verdict, found.rma), (Quarantine, theirs), "{marked:?}");
    }
    newer.issued();
    for marked in [mine, theirs, None] {
        let found = look(&[&old, &newer], marked, Some(OWN), false);
        assert_eq!((found.verdict, found.rma), (Receive, theirs), "{marked:?}");
    }
}
