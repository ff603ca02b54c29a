//! (n): no proof of delivery, an estimate, and then the proof after all (AMB-1, T6a).

use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::Command;

use crate::support::databases::each_database;
use crate::support::world::{World, charge, credit, deliver};

/// Shipped on Thursday 2026-11-12; no proof after 10 business days, that is 11-27.
fn estimated(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
    assert_eq!(w.at("2026-11-28 04:59").clock().estimated, 0);
    assert_eq!(w.at("2026-11-28 05:00").clock().estimated, 1);
    assert_eq!(w.at("2026-11-28 05:00").clock().estimated, 0);
    w.tracks(rma, "issued delivered awaiting none exposed Open");
    // Three business days after shipping and ten more give 12-02; five from today give 12-04.
    w.due(rma, "2026-12-04 AMB-1 estimated 2026-11-17 US");
    w.owed(rma, "2026-12-04 exposed 0");
    rma
}

#[test]
fn n_a_late_proof_moves_the_estimated_due_date() {
    each_database("story (n)", |db| {
        let w = World::new(db);
        let rma = estimated(&w);
        w.at("2026-11-30 15:00").run_late(rma, "carrier:swift", deliver(), "2026-11-25 15:00");
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.due(rma, "2026-12-10 RET-1 delivered 2026-11-25 US");
        w.owed(rma, "2026-12-10 exposed 0");
        w.refused(rma, "carrier:swift", deliver());
        w.outbox(rma, "acknowledgement issued shipped delivered");
        w.verified();
    });
}

#[test]
fn n_an_early_proof_never_moves_it_earlier() {
    each_database("story (n), earlier", |db| {
        let w = World::new(db);
        let rma = estimated(&w);
        w.at("2026-11-30 15:00").run_late(rma, "carrier:swift", deliver(), "2026-11-13 15:00");
        w.due(rma, "2026-12-04 RET-1 delivered 2026-11-13 US");
        w.verified();
    });
}

#[test]
fn n_after_the_review_it_takes_the_review_back() {
    each_database("story (n), reviewed", |db| {
        let w = World::new(db);
        let rma = estimated(&w);
        assert_eq!(w.at("2026-12-05 06:00").clock().fell_due, 1);
        w.tracks(rma, "issued delivered awaiting none in_review Open");
        w.at("2026-12-07 15:00").run_late(rma, "carrier:swift", deliver(), "2026-11-25 15:00");
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.due(rma, "2026-12-10 RET-1 delivered 2026-11-25 US");
        assert_eq!(w.at("2026-12-08 05:00").clock().reminded, 1);
        assert_eq!(w.at("2026-12-11 06:00").clock().fell_due, 1);
        w.verified();
    });
}

#[test]
fn n_after_the_charge_it_opens_the_credit_review() {
    each_database("story (n), charged", |db| {
        let w = World::new(db);
        let rma = estimated(&w);
        w.at("2026-12-05 06:00").clock();
        w.run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        w.at("2026-12-07 15:00").run_late(rma, "carrier:swift", deliver(), "2026-11-25 15:00");
        w.tracks(rma, "issued delivered awaiting none credit_review Open");
        w.run(rma, "finance:fred", credit(420_000));
        // Still owed, and its window runs until 12-10.
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.owed(rma, "2026-12-10 exposed 0");
        assert_eq!(w.at("2026-12-11 06:00").clock().fell_due, 1);
        w.run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        w.ledger(rma, "charge 420000 USD, credit 420000 USD, charge 420000 USD");
        w.verified();
    });
}

#[test]
fn n_a_delivery_that_failed_after_all_takes_the_estimate_back() {
    each_database("story (n), failed", |db| {
        let w = World::new(db);
        let rma = estimated(&w);
        let fail = Command::FailDelivery { reason: "lost by the carrier".to_owned() };
        w.at("2026-11-30 15:00").run(rma, "carrier:swift", fail);
        w.tracks(rma, "issued failed awaiting none cleared Open");
        w.owed(rma, "nothing");
        assert_eq!(w.at("2026-12-20 15:00").clock(), Default::default());
        w.verified();
    });
}
