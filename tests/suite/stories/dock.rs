//! (e) the wrong serial in the right box, (m) two boxes swapped, and the rest of the dock's grid
//! (AMB-14) through the use case.

use homeward::app::dock::Arrival;
use homeward::domain::dock::DockVerdict;
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::WrongUnit;

use crate::support::databases::each_database;
use crate::support::snapshot::{assert_same, snapshot};
use crate::support::world::{World, arrive, boxed, charge, serial};

fn delivered(w: &World<'_>, unit: &str, replacement: &str) -> RmaNumber {
    w.advance_unit(unit, "MER-LOU");
    w.stock(replacement, "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped(unit, replacement);
    w.at("2026-11-16 15:00").deliver(rma);
    rma
}

#[test]
fn e_the_wrong_serial_in_the_right_box_then_the_right_one() {
    each_database("story (e)", |db| {
        let w = World::new(db);
        let rma = delivered(&w, "A1", "B1");
        let wrong = w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), Some("X9"));
        assert_eq!((wrong.verdict, wrong.rma), (DockVerdict::ReceiveDiscrepant, Some(rma)));
        w.tracks(rma, "issued delivered discrepant none exposed Open");
        w.owed(rma, "2026-12-01 exposed 0");
        w.boxes("X9", "receive_discrepant 1");
        let outcome = WrongUnit::ReturnedToSender;
        w.run(rma, "inspector:ines", Command::ResolveDiscrepancy { outcome });
        w.tracks(rma, "issued delivered awaiting none exposed Open");

        let right = w.at("2026-11-24 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!(right.verdict, DockVerdict::Receive);
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.outbox(rma, "acknowledgement issued shipped delivered discrepancy received closed");
        w.verified();
    });
}

#[test]
fn e_the_right_one_comes_before_anybody_has_decided_about_the_wrong_one() {
    each_database("story (e), undecided", |db| {
        let w = World::new(db);
        let rma = delivered(&w, "A1", "B1");
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), None);
        w.tracks(rma, "issued delivered discrepant none exposed Open");
        w.at("2026-11-24 15:00").arrives("RC-MTY", None, Some("A1"));
        w.tracks(rma, "issued delivered received none exposed Open");
        // The wrong one is on the shelf still, and is somebody's.
        let resolve = |outcome| Command::ResolveDiscrepancy { outcome };
        let refusal = w.refused(rma, "inspector:ines", resolve(WrongUnit::RightUnit));
        assert!(refusal.reason.contains("is received"), "{refusal}");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.run(rma, "inspector:ines", resolve(WrongUnit::ReturnedToSender));
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        assert_eq!(w.refused(rma, "inspector:ines", resolve(WrongUnit::Scrapped)).rule, "T9");
        w.verified();
    });
}

#[test]
fn e_found_wrong_on_the_bench_the_days_the_dock_held_it_are_given_back() {
    each_database("story (e), found late", |db| {
        let w = World::new(db);
        let rma = delivered(&w, "A1", "B1");
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        let discrepant = Command::MarkDiscrepant { reason: "the label sits on another".to_owned() };
        w.at("2026-11-25 15:00").run(rma, "inspector:ines", discrepant);
        w.tracks(rma, "issued delivered discrepant none exposed Open");
        // Three business days: 11-23, 11-24, 11-25.
        w.due(rma, "2026-12-04 RET-1 delivered 2026-11-16 US");
        w.owed(rma, "2026-12-04 exposed 0");
        assert_eq!(w.at("2026-12-05 06:00").clock().fell_due, 1);
        w.run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered discrepant none charged Closed");
        w.verified();
    });
}

#[test]
fn m_two_boxes_swapped_each_goes_to_its_own_rma() {
    each_database("story (m)", |db| {
        let w = World::new(db);
        let one = delivered(&w, "A1", "B1");
        let two = delivered(&w, "A2", "B2");
        let first = w.at("2026-11-20 15:00").arrives("RC-MTY", Some(one), Some("A2"));
        assert_eq!((first.verdict, first.rma), (DockVerdict::Receive, Some(two)));
        w.tracks(one, "issued delivered awaiting none exposed Open");
        w.owed(one, "2026-12-01 exposed 0");
        w.tracks(two, "issued delivered received none exposed Open");
        w.owed(two, "nothing");
        let second = w.at("2026-11-20 15:05").arrives("RC-MTY", Some(two), Some("A1"));
        assert_eq!((second.verdict, second.rma), (DockVerdict::Receive, Some(one)));
        for rma in [one, two] {
            w.accept(rma);
            w.tracks(rma, "issued delivered accepted none cleared Closed");
        }
        w.boxes("A1", "receive 1");
        w.boxes("A2", "receive 2");
        w.verified();
    });
}

#[test]
fn amb_14_a_box_nobody_knows_is_refused_and_on_record() {
    each_database("a stranger's box", |db| {
        let w = World::new(db);
        delivered(&w, "A1", "B1");
        let judged = w.arrives_as(Arrival {
            marked: Some("Ж'; DROP TABLE rmas; --".to_owned()),
            ..boxed("RC-MTY", None, Some("X9"))
        });
        assert_eq!((judged.verdict, judged.rma), (DockVerdict::Refuse, None));
        w.boxes("X9", "refuse -");
        w.verified();
    });
}

#[test]
fn amb_14_the_same_box_scanned_again_is_the_same_receipt() {
    each_database("scanned twice", |db| {
        let w = World::new(db);
        let rma = delivered(&w, "A1", "B1");
        let scan = |id: &str| {
            let box_id = Some(id.to_owned());
            w.arrives_as(Arrival { box_id, ..boxed("RC-MTY", Some(rma), Some("A1")) }).verdict
        };
        w.at("2026-11-20 15:00");
        assert_eq!(scan("00340000000000000001"), DockVerdict::Receive);
        assert_eq!(scan("00340000000000000001"), DockVerdict::AlreadyReceived);
        assert_eq!(scan("00340000000000000002"), DockVerdict::Quarantine);
        w.accept(rma);
        assert_eq!(scan("00340000000000000001"), DockVerdict::AlreadyReceived);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.verified();
    });
}

#[test]
fn amb_14_the_box_of_an_rma_not_issued_waits_for_logistics() {
    each_database("not issued", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").created("A1");
        let judged = w.at("2026-11-13 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!((judged.verdict, judged.rma), (DockVerdict::Quarantine, Some(rma)));
        w.tracks(rma, "created none not_expected none none Open");
        w.boxes("A1", "quarantine 1");
        w.verified();
    });
}

#[test]
fn amb_14_a_late_return_is_taken_for_a_year_and_then_put_aside() {
    for marked in [true, false] {
        each_database("late by a year", |db| {
            let w = World::new(db);
            let rma = delivered(&w, "A1", "B1");
            w.at("2026-12-02 06:00").clock();
            w.run(rma, "finance:fred", charge(420_000));
            w.tracks(rma, "issued delivered awaiting none charged Closed");
            let number = marked.then_some(rma);
            let judged = w.at("2027-12-03 15:00").arrives("RC-MTY", number, Some("A1"));
            assert_eq!((judged.verdict, judged.rma), (DockVerdict::Quarantine, Some(rma)));
            w.tracks(rma, "issued delivered awaiting none charged Closed");
            w.boxes("A1", "quarantine 1");
            w.verified();
        });
    }
}

#[test]
fn amb_14_a_cancelled_rmas_unit_comes_all_the_same() {
    each_database("cancelled, yet it comes", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let cancel = Command::Cancel { reason: "works again".to_owned() };
        w.run(rma, "customer:noc@meridian.example", cancel);
        let judged = w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!((judged.verdict, judged.rma), (DockVerdict::Receive, Some(rma)));
        // Taken up again: it can be issued anew, or ended.
        w.tracks(rma, "created none received none none Open");
        w.accept(rma);
        w.tracks(rma, "created none accepted none none Open");
        w.run(rma, "logistics:leo", Command::Cancel { reason: "sent back as it came".to_owned() });
        w.tracks(rma, "cancelled none accepted none none Closed");
        w.verified();
    });
}

#[test]
fn rcv_3_a_customers_site_is_no_dock() {
    each_database("a customer's site", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let before = snapshot(db);
        let now = w.now();
        let box_at_home = Arrival { occurred_at: now, ..boxed("MER-LOU", Some(rma), Some("A1")) };
        let scanned = arrive(&w.app, &box_at_home, now).expect_err("a box at home");
        assert!(scanned.to_string().contains("MER-LOU is a customer's site"), "{scanned}");
        let serial_number = Some("A1".parse().expect("a serial"));
        let receive = Command::Receive { serial_number, site: Some("MER-LOU".to_owned()) };
        let told = w.try_run(rma, "dock:dora", receive, None).expect_err("a receipt at home");
        assert!(told.to_string().contains("a depot or a repair centre"), "{told}");
        assert_same(&before, &snapshot(db), "a dock at a customer's");
    });
}

#[test]
fn amb_14_a_box_for_what_ended_before_its_issue_waits_on_the_shelf() {
    each_database("cancelled before its issue", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").request("A1");
        let cancel = Command::Cancel { reason: "fixed by a restart".to_owned() };
        w.run(rma, "customer:noc@meridian.example", cancel);
        w.tracks(rma, "cancelled none not_expected none none Closed");
        w.at("2026-11-16 15:00");
        for marked in [Some(rma), None] {
            let found = w.arrives("RC-MTY", marked, Some("A1"));
            assert_eq!((found.verdict, found.rma), (DockVerdict::Quarantine, Some(rma)));
            assert!(found.reason.contains("logistics decides"), "{}", found.reason);
        }
        let receive = Command::Receive { serial_number: Some(serial("A1")), site: None };
        assert_eq!(w.refused(rma, "dock:dora", receive).rule, "T8");
        w.tracks(rma, "cancelled none not_expected none none Closed");
        w.boxes("A1", "quarantine 1, quarantine 1");
        w.verified();
    });
}
