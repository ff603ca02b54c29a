//! (l) and everything else that happens at once: from threads with connections of their own.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use chrono::TimeDelta;
use homeward::app::clock_job::{self, ClockReport};
use homeward::app::rmas::{self, Outcome};
use homeward::app::{App, AppError, cases};
use homeward::domain::dock::DockVerdict;
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::{Command, Order};

use crate::support::databases::each_database;
use crate::support::world::{
    World, actor, arrive, boxed, case_of, charge, credit, request, serial,
};

type Work<'w, T> = Box<dyn FnOnce() -> T + Send + 'w>;

/// Runs every closure on a thread of its own, all let go at once.
fn at_once<T: Send>(works: Vec<Work<'_, T>>) -> Vec<T> {
    let barrier = Barrier::new(works.len());
    thread::scope(|scope| {
        let threads: Vec<_> = works
            .into_iter()
            .map(|work| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    work()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn give(
    app: &App,
    number: RmaNumber,
    who: &str,
    command: Command,
    judged_on: Option<i64>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Outcome, AppError> {
    let source = "story".to_owned();
    let order = Order { command, actor: actor(who), occurred_at: now, source };
    rmas::command(app, number, &order, judged_on, now)
}

/// An overdue RMA under review for each of `count` units.
fn under_review(w: &World<'_>, count: usize) -> Vec<RmaNumber> {
    w.at("2026-11-12 15:00");
    let rmas: Vec<_> = (0..count)
        .map(|n| {
            w.advance_unit(&format!("A{n}"), "MER-LOU");
            w.stock(&format!("B{n}"), "DEP-LOU");
            w.shipped(&format!("A{n}"), &format!("B{n}"))
        })
        .collect();
    w.at("2026-11-16 15:00");
    for rma in &rmas {
        w.deliver(*rma);
    }
    let count = u64::try_from(count).expect("a count");
    assert_eq!(w.at("2026-12-02 06:00").clock().fell_due, count);
    rmas
}

/// Receipt and charge of one RMA are both done: whichever came first, the books are right.
fn settled_either_way(
    w: &World<'_>,
    rma: RmaNumber,
    charged: Result<Outcome, AppError>,
) -> &'static str {
    match charged {
        Ok(_) => {
            w.tracks(rma, "issued delivered received none charged Open");
            w.ledger(rma, "charge 420000 USD");
            w.accept(rma);
            w.tracks(rma, "issued delivered accepted none credit_review Open");
            w.run(rma, "finance:fred", credit(420_000));
            w.tracks(rma, "issued delivered accepted none credited Closed");
            w.ledger(rma, "charge 420000 USD, credit 420000 USD");
            "charge first"
        }
        Err(AppError::Refused(refusal)) if refusal.rule == "AMB-30" => no_charge(w, rma),
        Err(AppError::Stale { .. }) => no_charge(w, rma),
        Err(other) => panic!("{other}"),
    }
}

fn no_charge(w: &World<'_>, rma: RmaNumber) -> &'static str {
    w.tracks(rma, "issued delivered received none in_review Open");
    w.ledger(rma, "");
    w.accept(rma);
    w.tracks(rma, "issued delivered accepted none cleared Closed");
    w.ledger(rma, "");
    "receipt first"
}

#[test]
fn l_receipt_and_charge_in_the_same_second() {
    each_database("story (l)", |db| {
        let w = World::new(db);
        const ROUNDS: usize = 100;
        let rmas = under_review(&w, ROUNDS + 2);
        w.at("2026-12-02 10:00");
        let now = w.now();
        let app = &w.app;
        let mut orders = BTreeSet::new();
        for (n, rma) in rmas.iter().copied().enumerate() {
            let arrival = {
                let unit = format!("A{n}");
                let mut arrival = boxed("RC-MTY", (n % 3 > 0).then_some(rma), Some(&unit));
                arrival.occurred_at = now;
                arrival
            };
            // A judgement names the version it was made on, or, from a script, none.
            let judged_on = (n % 2 == 0).then(|| w.rma(rma).version);
            let charging = || give(app, rma, "finance:fred", charge(420_000), judged_on, now);
            let receiving = || arrive(app, &arrival, now);
            let barrier = Barrier::new(2);
            // The last two rounds settle both orders for certain; the others race.
            let (charged, received) = match n {
                ROUNDS => {
                    let received = receiving();
                    (charging(), received)
                }
                n if n > ROUNDS => {
                    let charged = charging();
                    (charged, receiving())
                }
                _ => thread::scope(|scope| {
                    let barrier = &barrier;
                    let charged = scope.spawn(move || {
                        barrier.wait();
                        charging()
                    });
                    let received = scope.spawn(move || {
                        barrier.wait();
                        receiving()
                    });
                    (charged.join().expect("no panic"), received.join().expect("no panic"))
                }),
            };
            let received = received.expect("what is here is here");
            assert_eq!((received.verdict, received.rma), (DockVerdict::Receive, Some(rma)));
            orders.insert(settled_either_way(&w, rma, charged));
        }
        assert_eq!(orders.len(), 2, "both orders are right: {orders:?}");
        w.verified();
    });
}

#[test]
fn eight_threads_get_gapless_numbers() {
    each_database("numbers", |db| {
        let w = World::new(db);
        const EACH: usize = 8;
        for n in 0..8 * EACH {
            w.advance_unit(&format!("A{n}"), "MER-LOU");
        }
        w.at("2026-11-12 15:00");
        let (app, now) = (&w.app, w.now());
        let work = |thread: usize| {
            move || {
                let mut given = Vec::new();
                for n in 0..EACH {
                    let unit = format!("A{}", thread * EACH + n);
                    let who = actor("customer:noc@meridian.example");
                    let case = rmas::retrying(|| {
                        app.db.write(|c| cases::open(app, c, &case_of(&unit), &who, now))
                    });
                    let case = case.expect("a case");
                    let rma = request(app, case, &unit, now).expect("an RMA").rma.number;
                    // A refusal in between takes no number.
                    let twice = request(app, case, &unit, now);
                    assert!(matches!(twice, Err(AppError::Refused(_))), "{twice:?}");
                    given.push((case.to_string(), rma.value()));
                }
                given
            }
        };
        let works = (0..8).map(|n| Box::new(work(n)) as Work<'_, _>).collect();
        let (cases, numbers): (BTreeSet<_>, BTreeSet<_>) =
            at_once(works).into_iter().flatten().unzip();
        let count = u64::try_from(8 * EACH).expect("a count");
        assert_eq!(numbers, (1..=count).collect());
        let expected = (1..=count).map(|n| format!("2026-1112-{n:06}")).collect();
        assert_eq!(cases, expected);
        w.verified();
    });
}

#[test]
fn t1_two_requests_on_one_serial_exactly_one_wins() {
    each_database("two requests", |db| {
        let w = World::new(db);
        w.at("2026-11-12 15:00");
        for n in 0..20_u64 {
            let unit = format!("A{n}");
            w.advance_unit(&unit, "MER-LOU");
            let case = w.open_case(&unit);
            let (app, now, unit) = (&w.app, w.now(), unit.as_str());
            let one = || request(app, case, unit, now);
            let results = at_once(vec![Box::new(one), Box::new(one)]);
            let won: Vec<_> = results.iter().flatten().collect();
            assert_eq!(won.len(), 1, "{results:?}");
            assert_eq!(won[0].rma.number.value(), n + 1, "gapless");
            let lost = results.iter().find_map(|result| result.as_ref().err());
            assert!(matches!(lost, Some(AppError::Refused(r)) if r.rule == "T1"), "{lost:?}");
        }
        w.verified();
    });
}

#[test]
fn t5_two_rmas_reach_for_one_unit_and_one_gets_it() {
    each_database("one unit in stock", |db| {
        let w = World::new(db);
        w.at("2026-11-12 15:00");
        for n in 0..20 {
            let (one, two) = (format!("A{n}"), format!("C{n}"));
            w.advance_unit(&one, "MER-LOU");
            w.advance_unit(&two, "MER-LOU");
            let unit = format!("B{n}");
            w.stock(&unit, "DEP-LOU");
            let rmas = [w.issued(&one), w.issued(&two)];
            let (app, now, unit) = (&w.app, w.now(), unit.as_str());
            let reach = |rma| {
                move || {
                    let serial_number = serial(unit);
                    give(app, rma, "depot:dirk", Command::Allocate { serial_number }, None, now)
                }
            };
            let results = at_once(vec![Box::new(reach(rmas[0])), Box::new(reach(rmas[1]))]);
            for (rma, result) in rmas.iter().zip(&results) {
                match result {
                    Ok(_) => w.tracks(*rma, "issued allocated awaiting none none Open"),
                    Err(AppError::Refused(_)) => {
                        w.tracks(*rma, "issued none awaiting none none Open");
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
            w.unit(unit, "allocated DEP-LOU");
        }
        w.verified();
    });
}

#[test]
fn t10_three_clocks_at_once_each_reminder_goes_out_once() {
    each_database("three clocks", |db| {
        let w = World::new(db);
        const COUNT: usize = 30;
        w.at("2026-11-12 15:00");
        let rmas: Vec<_> = (0..COUNT)
            .map(|n| {
                w.advance_unit(&format!("A{n}"), "MER-LOU");
                w.stock(&format!("B{n}"), "DEP-LOU");
                w.shipped(&format!("A{n}"), &format!("B{n}"))
            })
            .collect();
        w.at("2026-11-16 15:00");
        for rma in &rmas {
            w.deliver(*rma);
        }
        let app = &w.app;
        let run = |at: &str| {
            let now = w.at(at).now();
            let one = move || clock_job::run(app, now).expect("the clock job");
            let reports = at_once(vec![Box::new(one), Box::new(one), Box::new(one)]);
            reports.into_iter().fold(ClockReport::default(), |mut sum, one| {
                sum.reminded += one.reminded;
                sum.fell_due += one.fell_due;
                sum.failed += one.failed;
                sum
            })
        };
        let count = u64::try_from(COUNT).expect("a count");
        for at in ["2026-11-23 06:00", "2026-11-27 06:00", "2026-12-01 06:00"] {
            let report = run(at);
            assert_eq!((report.reminded, report.fell_due, report.failed), (count, 0, 0), "{at}");
        }
        let report = run("2026-12-02 06:00");
        assert_eq!((report.reminded, report.fell_due, report.failed), (0, count, 0));
        for rma in rmas {
            w.outbox(rma, "acknowledgement issued shipped delivered reminder reminder reminder");
        }
        w.verified();
    });
}

#[test]
fn many_facts_on_one_rma_are_all_kept() {
    each_database("many facts", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let before = w.rma(rma).version;
        let (app, now) = (&w.app, w.now());
        let notes = |n: usize| {
            move || {
                for m in 0..10 {
                    let reason = format!("box {n}.{m}");
                    let quarantine = Command::Quarantine { serial_number: None, reason };
                    let kept = give(app, rma, "dock:dora", quarantine, None, now);
                    kept.expect("a fact is never refused for the company it is in");
                }
            }
        };
        at_once((0..10).map(|n| Box::new(notes(n)) as Work<'_, _>).collect());
        assert_eq!(w.rma(rma).version, before + 100);
        w.verified();
    });
}

#[test]
fn an_event_is_never_recorded_before_the_one_it_follows() {
    each_database("clocks that differ", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let delivered = w.at("2026-11-16 15:00").deliver(rma).rma.last_event_at;
        // A second instance's clock is a second behind, or its write waited for ours.
        let behind = w.now() - TimeDelta::seconds(1);
        let hand_over = Command::HandOver { carrier: None, tracking_number: None };
        let outcome = give(&w.app, rma, "carrier:swift", hand_over, None, behind).expect("T7");
        assert_eq!(outcome.rma.last_event_at, delivered);
        w.owed(rma, "2026-12-01 exposed 0");
        w.verified();
    });
}

#[test]
fn t11_two_charges_at_once_and_one_is_booked() {
    each_database("two charges", |db| {
        let w = World::new(db);
        let rmas = under_review(&w, 20);
        let (app, now) = (&w.app, w.at("2026-12-03 10:00").now());
        for rma in rmas {
            let one = move |who| move || give(app, rma, who, charge(200_000), None, now);
            let results =
                at_once(vec![Box::new(one("finance:fred")), Box::new(one("finance:fay"))]);
            assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
            let lost = results.iter().find_map(|result| result.as_ref().err());
            assert!(matches!(lost, Some(AppError::Refused(r)) if r.rule == "T11"), "{lost:?}");
            w.ledger(rma, "charge 200000 USD");
        }
        w.verified();
    });
}

#[test]
fn amb_14_one_box_under_two_scanners_is_one_receipt() {
    each_database("two scanners", |db| {
        let w = World::new(db);
        let rmas = under_review(&w, 20);
        let (app, now) = (&w.app, w.at("2026-12-03 10:00").now());
        for (n, rma) in rmas.into_iter().enumerate() {
            let unit = format!("A{n}");
            let mut arrival = boxed("RC-MTY", Some(rma), Some(&unit));
            arrival.box_id = Some(format!("SSCC-{n}"));
            arrival.occurred_at = now;
            let scan = || arrive(app, &arrival, now).expect("a verdict").verdict;
            let mut verdicts = at_once(vec![Box::new(scan), Box::new(scan)]);
            verdicts.sort();
            assert_eq!(verdicts, [DockVerdict::Receive, DockVerdict::AlreadyReceived]);
            w.boxes(&unit, &format!("receive {0}, already_received {0}", rma.value()));
        }
        w.verified();
    });
}

#[test]
fn t10_the_clock_and_the_dock_at_once() {
    each_database("clock and dock", |db| {
        let w = World::new(db);
        const COUNT: usize = 40;
        w.at("2026-11-12 15:00");
        let rmas: Vec<_> = (0..COUNT)
            .map(|n| {
                w.advance_unit(&format!("A{n}"), "MER-LOU");
                w.stock(&format!("B{n}"), "DEP-LOU");
                w.shipped(&format!("A{n}"), &format!("B{n}"))
            })
            .collect();
        w.at("2026-11-16 15:00");
        for rma in &rmas {
            w.deliver(*rma);
        }
        let (app, now) = (&w.app, w.at("2026-12-02 06:00").now());
        let rmas = &rmas;
        let clock = move || assert_eq!(clock_job::run(app, now).expect("the clock").failed, 0);
        let dock = move || {
            for (n, rma) in rmas.iter().enumerate() {
                let unit = format!("A{n}");
                let mut arrival = boxed("RC-MTY", Some(*rma), Some(&unit));
                arrival.occurred_at = now;
                let judged = arrive(app, &arrival, now).expect("a verdict");
                assert_eq!(judged.verdict, DockVerdict::Receive);
            }
        };
        at_once(vec![Box::new(clock) as Work<'_, _>, Box::new(dock), Box::new(clock)]);
        for rma in rmas {
            w.accept(*rma);
            w.tracks(*rma, "issued delivered accepted none cleared Closed");
        }
        w.verified();
    });
}
