//! A refused command stores nothing at all; a stale judgement loses, a physical fact does not.

use homeward::app::{AppError, cases};
use homeward::domain::dock::DockVerdict;
use homeward::domain::ids::{AttachmentId, RmaNumber};
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::{HoldReason, Repair, ReplacementCondition, WrongUnit};

use crate::support::databases::each_database;
use crate::support::snapshot::{assert_same, snapshot};
use crate::support::world::{
    World, actor, boxed, case_of, charge, credit, deliver, on, serial, ship,
};

/// Every command, by a role that may give it.
fn every_command(other: RmaNumber) -> Vec<(&'static str, Command)> {
    let text = || "because".to_owned();
    vec![
        ("engineer:eva", Command::Create { diagnosis: Some(text()) }),
        ("logistics:leo", Command::Issue {}),
        ("logistics:leo", Command::Hold { reason: HoldReason::Export, note: text() }),
        ("logistics:leo", Command::Release { note: text() }),
        ("logistics:leo", Command::Deny { reason: text() }),
        ("logistics:leo", Command::Cancel { reason: text() }),
        ("depot:dirk", Command::Backorder { expected_on: None }),
        ("depot:dirk", Command::Allocate { serial_number: serial("S1") }),
        ("depot:dirk", ship()),
        ("carrier:swift", deliver()),
        ("carrier:swift", Command::FailDelivery { reason: text() }),
        ("clock:clock", Command::EstimateDelivery {}),
        ("carrier:swift", Command::HandOver { carrier: None, tracking_number: None }),
        ("dock:dora", Command::Receive { serial_number: Some(serial("A1")), site: None }),
        ("dock:dora", Command::Refuse { reason: text() }),
        ("inspector:ines", Command::Accept {}),
        ("inspector:ines", Command::MarkDiscrepant { reason: text() }),
        ("inspector:ines", Command::ResolveDiscrepancy { outcome: WrongUnit::Scrapped }),
        (
            "dock:dora",
            Command::ReceiveReplacement {
                serial_number: serial("B1"),
                condition: ReplacementCondition::Unopened,
            },
        ),
        ("clock:clock", Command::Remind {}),
        ("clock:clock", Command::FallDue {}),
        ("finance:fred", charge(420_000)),
        ("finance:fred", Command::Extend { business_days: 3, reason: text() }),
        ("finance:fred", Command::Waive { reason: text() }),
        ("finance:fred", Command::Purchase { purchase_order: text() }),
        (
            "customer:x",
            Command::ClaimDelivery {
                proof: text(),
                delivered_on: on("2026-11-13"),
                attachments: Vec::new(),
            },
        ),
        ("depot:dan", Command::EncloseLabel { attachment: AttachmentId(1) }),
        ("logistics:leo", Command::WithdrawLabel { reason: text() }),
        ("logistics:leo", Command::UpholdClaim { found: true }),
        ("logistics:leo", Command::RejectClaim { reason: text() }),
        ("finance:fred", credit(1)),
        ("finance:fred", Command::KeepCharge { reason: text() }),
        ("repair:rosa", Command::StartRepair {}),
        ("repair:rosa", Command::Quote { amount_minor: 1 }),
        ("repair:rosa", Command::FinishRepair { outcome: Repair::Repaired }),
        ("logistics:leo", Command::CertifyDestruction { certificate: text() }),
        ("logistics_lead:lia", Command::Reopen { reason: text() }),
        ("clock:clock", Command::EndDeadOnArrival { child: other }),
    ]
}

/// Gives every command that is refused in the state reached; the rest is left alone. Says how many were.
fn refusals_store_nothing(w: &World<'_>, rma: RmaNumber) -> usize {
    let before = snapshot(w.db);
    let mut refused = 0;
    for (who, command) in every_command(rma) {
        let told = format!("{who} {command:?}");
        let probe = w.app.db.write(|c| {
            let order = homeward::domain::rma::Order {
                command: command.clone(),
                actor: actor(who),
                occurred_at: w.now(),
                source: "story".to_owned(),
            };
            // Taken back by the error: this only asks whether the rules would let it pass.
            match homeward::app::rmas::execute(&w.app, c, rma, &order, None, w.now()) {
                Ok(_) => Err(AppError::NoSuch { what: "matter", name: "passes".to_owned() }),
                Err(error) => Err::<(), _>(error),
            }
        });
        match probe.expect_err("always taken back") {
            AppError::NoSuch { what: "matter", .. } => {}
            AppError::Refused(_) => {
                let kept = w.try_run(rma, who, command, None);
                assert!(matches!(kept, Err(AppError::Refused(_))), "{told}");
                refused += 1;
            }
            other => panic!("{told}: {other}"),
        }
        assert_same(&before, &snapshot(w.db), &told);
    }
    refused
}

#[test]
fn a_refused_command_stores_nothing_in_any_state() {
    each_database("refusals", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        w.stock("S1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").created("A1");
        assert!(refusals_store_nothing(&w, rma) > 20);
        w.run(rma, "logistics:lena", Command::Issue {});
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.send(rma, "B1");
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.at("2026-11-16 15:00").deliver(rma);
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.at("2026-12-02 06:00").clock();
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.run(rma, "finance:fred", charge(420_000));
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.accept(rma);
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.run(rma, "finance:fred", credit(420_000));
        assert!(refusals_store_nothing(&w, rma) > 15);
        w.verified();
    });
}

#[test]
fn a_judgement_on_an_overtaken_version_loses_and_a_fact_does_not() {
    each_database("stale", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        w.at("2026-12-02 06:00").clock();
        let seen = w.rma(rma).version;
        let hand_over = Command::HandOver { carrier: None, tracking_number: None };
        w.run(rma, "carrier:swift", hand_over);

        let before = snapshot(w.db);
        let stale = w.try_run(rma, "finance:fred", charge(420_000), Some(seen));
        let Err(AppError::Stale { judged, current, .. }) = stale else { panic!("{stale:?}") };
        assert_eq!((judged, current), (seen, seen + 1));
        assert_same(&before, &snapshot(w.db), "a stale charge");

        let receive = Command::Receive { serial_number: Some(serial("A1")), site: None };
        w.try_run(rma, "dock:dora", receive, Some(seen)).expect("it is here, whatever was seen");
        w.tracks(rma, "issued delivered received none in_review Open");
        let current = w.rma(rma).version;
        w.try_run(rma, "inspector:ines", Command::Accept {}, Some(1)).expect("a fact");
        let waive = Command::Waive { reason: "late".to_owned() };
        let late = w.try_run(rma, "finance:fred", waive, Some(current));
        assert!(matches!(late, Err(AppError::Stale { .. })), "{late:?}");
        w.verified();
    });
}

#[test]
fn t1_refused_requests_give_their_number_back() {
    each_database("requests", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.advance_unit("A2", "MER-LOU");
        w.advance_unit("Z1", "NOR-AMS");
        w.stock("B1", "DEP-LOU");
        w.at("2026-11-12 15:00");
        let case = w.open_case("A1");
        w.try_request(case, "A1").expect("the first");
        let second = w.stores_nothing("a second on the serial", || w.try_request(case, "A1"));
        assert!(second.reason.contains("R0000000001"), "{second}");
        let before = snapshot(w.db);
        // Others' units, stock and unknown serials are told apart from nobody.
        for unit in ["Z1", "B1", "X9"] {
            let refused = w.try_request(case, unit).expect_err(unit);
            assert_eq!(refused.to_string(), format!("there is no unit with serial {unit:?}"));
        }
        let mut bad = case_of("A2");
        bad.contact_email = "nobody@localhost".to_owned();
        let who = actor("customer:x");
        let refused = w.db.write(|c| cases::open(&w.app, c, &bad, &who, w.now()));
        assert!(matches!(refused, Err(AppError::Invalid { field: "contact_email", .. })));
        assert_same(&before, &snapshot(w.db), "a bad request");
        assert_eq!(w.request("A2").to_string(), "R0000000002");
        w.verified();
    });
}

#[test]
fn a_box_said_to_arrive_tomorrow_is_not_on_record() {
    each_database("tomorrow's box", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let mut arrival = boxed("RC-MTY", Some(rma), Some("A1"));
        arrival.occurred_at = w.now() + chrono::TimeDelta::days(1);
        let refusal = w.stores_nothing("tomorrow's box", || {
            crate::support::world::arrive(&w.app, &arrival, w.now())
        });
        assert_eq!(refusal.rule, "T8");
        assert_eq!(w.arrives("RC-MTY", Some(rma), Some("A1")).verdict, DockVerdict::Receive);
        w.verified();
    });
}
