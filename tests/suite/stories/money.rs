//! (b) overdue, charged, returned late and credited; (d) bought; and what finance may not do.

use homeward::domain::dock::DockVerdict;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::Exclusion;

use crate::support::databases::each_database;
use crate::support::world::{World, charge, credit};

fn delivered(w: &World<'_>) -> homeward::domain::ids::RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
    w.at("2026-11-16 15:00").deliver(rma);
    rma
}

#[test]
fn b_overdue_charged_returned_late_and_credited() {
    each_database("story (b)", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let reminded = |at: &str| {
            let report = w.at(at).clock();
            (report.reminded, report.fell_due)
        };
        // 5 and 2 business days before, and the due day, each from its own midnight in Louisville.
        assert_eq!(reminded("2026-11-23 04:59"), (0, 0));
        assert_eq!(reminded("2026-11-23 05:00"), (1, 0));
        assert_eq!(reminded("2026-11-23 06:00"), (0, 0));
        assert_eq!(reminded("2026-11-27 05:00"), (1, 0));
        assert_eq!(reminded("2026-12-01 05:00"), (1, 0));
        // The due date ends at the return site, in Monterrey.
        assert_eq!(reminded("2026-12-02 05:59"), (0, 0));
        w.owed(rma, "2026-12-01 exposed 0");
        assert_eq!(reminded("2026-12-02 06:00"), (0, 1));
        w.tracks(rma, "issued delivered awaiting none in_review Open");
        w.owed(rma, "2026-12-01 in_review 0");
        w.ledger(rma, "");

        let refusal = w.refused(rma, "finance:lena", charge(420_000));
        assert!(refusal.reason.contains("another person"), "{refusal}");
        assert_eq!(w.refused(rma, "finance:fred", charge(420_001)).rule, "AMB-15");
        assert_eq!(w.refused(rma, "finance:fred", charge(0)).rule, "T11");
        assert_eq!(w.refused(rma, "logistics:leo", charge(1)).rule, "T11");
        w.at("2026-12-03 15:00").run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        w.ledger(rma, "charge 420000 USD");
        w.owed(rma, "2026-12-01 charged 420000");

        let late = w.at("2026-12-10 15:00").arrives("RC-MTY", None, Some("A1"));
        assert_eq!((late.verdict, late.rma), (DockVerdict::Receive, Some(rma)));
        w.tracks(rma, "issued delivered received none charged Open");
        w.owed(rma, "nothing");
        w.at("2026-12-11 15:00").accept(rma);
        w.tracks(rma, "issued delivered accepted none credit_review Open");
        w.refused(rma, "finance:fred", credit(420_001));
        w.run(rma, "finance:fred", credit(420_000));
        w.tracks(rma, "issued delivered accepted none credited Closed");
        w.ledger(rma, "charge 420000 USD, credit 420000 USD");
        w.outbox(
            rma,
            "acknowledgement issued shipped delivered reminder reminder reminder charged closed \
             received credited closed",
        );
        w.verified();
    });
}

#[test]
fn ret_3_late_but_not_charged_is_processed_as_any_other() {
    each_database("late, not charged", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let report = w.at("2026-12-05 05:00").clock();
        assert_eq!((report.reminded, report.fell_due), (0, 1), "missed reminders do not follow");
        w.at("2026-12-07 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!(w.refused(rma, "finance:fred", charge(420_000)).rule, "AMB-30");
        w.tracks(rma, "issued delivered received none in_review Open");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.ledger(rma, "");
        w.verified();
    });
}

#[test]
fn t10_missed_reminders_become_one() {
    each_database("missed reminders", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        assert_eq!(w.at("2026-11-28 05:00").clock().reminded, 1);
        assert_eq!(w.rma(rma).reminders_sent, 1);
        w.verified();
    });
}

#[test]
fn t11_an_extension_takes_the_review_back_and_a_waiver_ends_it() {
    each_database("extended and waived", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-12-02 06:00").clock();
        let extend = |business_days| Command::Extend { business_days, reason: "strike".to_owned() };
        // A day more would end before today is over.
        w.at("2026-12-03 06:00").refused(rma, "finance:fred", extend(1));
        w.run(rma, "finance:fred", extend(5));
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.due(rma, "2026-12-08 RET-1 delivered 2026-11-16 US");
        assert_eq!(w.at("2026-12-04 05:00").clock().reminded, 1, "two business days before");
        assert_eq!(w.at("2026-12-09 06:00").clock().fell_due, 1);
        w.run(rma, "finance:fred", Command::Waive { reason: "goodwill".to_owned() });
        w.tracks(rma, "issued delivered awaiting none waived Closed");
        w.owed(rma, "nothing");
        w.ledger(rma, "");
        w.verified();
    });
}

#[test]
fn amb_15_part_of_the_price_may_be_charged_and_part_credited() {
    each_database("part of the price", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-12-02 06:00").clock();
        w.run(rma, "finance:fred", charge(100_000));
        w.ledger(rma, "charge 100000 USD");
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.refused(rma, "finance:fred", credit(100_001));
        w.run(rma, "finance:fred", credit(60_000));
        w.tracks(rma, "issued delivered accepted none credited Closed");
        w.ledger(rma, "charge 100000 USD, credit 60000 USD");
        w.verified();
    });
}

#[test]
fn d_bought_before_the_charge_then_it_arrives_anyway() {
    each_database("story (d), before", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let buy = || Command::Purchase { purchase_order: "PO-77".to_owned() };
        w.at("2026-11-20 15:00").run(rma, "customer:noc@meridian.example", buy());
        w.tracks(rma, "cancelled delivered awaiting none purchased Closed");
        w.owed(rma, "nothing");
        w.ledger(rma, "");
        assert_eq!(w.at("2026-12-05 15:00").clock(), Default::default());

        // With and without the number on the box.
        for marked in [Some(rma), None] {
            let judged = w.at("2026-12-06 15:00").arrives("RC-MTY", marked, Some("A1"));
            assert_eq!((judged.verdict, judged.rma), (DockVerdict::Quarantine, Some(rma)));
        }
        w.tracks(rma, "cancelled delivered awaiting none purchased Closed");
        w.boxes("A1", "quarantine 1, quarantine 1");
        w.verified();
    });
}

#[test]
fn d_bought_after_the_charge_the_charge_is_credited_in_the_same_write() {
    each_database("story (d), after", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-12-02 06:00").clock();
        w.run(rma, "finance:fred", charge(400_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        let buy = Command::Purchase { purchase_order: "PO-78".to_owned() };
        w.at("2026-12-04 15:00").run(rma, "finance:fred", buy);
        w.tracks(rma, "cancelled delivered awaiting none purchased Closed");
        w.ledger(rma, "charge 400000 USD, credit 400000 USD");
        w.owed(rma, "nothing");
        let judged = w.at("2026-12-06 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!(judged.verdict, DockVerdict::Quarantine);
        w.tracks(rma, "cancelled delivered awaiting none purchased Closed");
        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-11-11");
        w.verified();
    });
}

#[test]
fn d_bought_before_the_delivery_is_proved_the_rma_waits_for_the_proof() {
    each_database("bought while charged and under way", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let buy = || Command::Purchase { purchase_order: "PO-79".to_owned() };
        w.refused(rma, "customer:noc@meridian.example", buy());
        w.at("2026-11-16 15:00").deliver(rma);
        w.run(rma, "customer:noc@meridian.example", buy());
        w.tracks(rma, "cancelled delivered awaiting none purchased Closed");
        w.verified();
    });
}

#[test]
fn t9a_an_exclusion_found_after_closing_is_finances_to_judge() {
    each_database("an exclusion", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        let find = Command::FindExclusion {
            exclusion: Exclusion::ThirdPartyOptics,
            evidence: "burnt cage, photo 3".to_owned(),
        };
        w.at("2026-11-24 15:00").run(rma, "repair:rosa", find);
        w.tracks(rma, "issued delivered accepted none in_review Open");
        // It is here, so nothing is owed; the fault is what is charged.
        w.owed(rma, "nothing");
        w.run(rma, "finance:fred", charge(120_000));
        w.tracks(rma, "issued delivered accepted none charged Closed");
        w.ledger(rma, "charge 120000 USD");
        w.verified();
    });
}
