//! (f) return to factory, no fault found; (j) destroyed where it stands.

use homeward::domain::ids::RmaNumber;
use homeward::domain::programme::Programme;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::{Mode, Repair};

use crate::support::databases::each_database;
use crate::support::world::{World, charge, deliver, on, serial, ship};

fn finish(outcome: Repair) -> Command {
    Command::FinishRepair { outcome }
}

/// Issued on warranty alone, without a diagnosis (WAR-7).
fn on_warranty(w: &World<'_>) -> RmaNumber {
    w.install("A1", "MER-LOU");
    let rma = w.at("2026-11-12 15:00").request("A1");
    w.run(rma, "questionnaire:web", Command::Create { diagnosis: None });
    w.run(rma, "logistics:lena", Command::Issue {});
    assert_eq!(w.rma(rma).mode(), Some(Mode::ReturnToFactory));
    rma
}

#[test]
fn f_no_fault_found_the_same_unit_goes_back() {
    each_database("story (f)", |db| {
        let w = World::new(db);
        let rma = on_warranty(&w);
        w.tracks(rma, "issued none awaiting none none Open");
        // AMB-1: for information, counted from issue.
        w.due(rma, "2026-11-27 RET-1 issued 2026-11-12 US");
        w.owed(rma, "nothing");
        w.refused(rma, "depot:dirk", ship());
        assert_eq!(w.at("2026-11-29 15:00").clock(), Default::default());

        w.at("2026-11-30 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        // WAR-5: 20 business days in Monterrey, Christmas Day off.
        assert_eq!(w.rma(rma).repair_due_on, Some(on("2026-12-29")));
        w.tracks(rma, "issued none received none none Open");
        w.at("2026-12-01 15:00").accept(rma);
        w.tracks(rma, "issued none accepted queued none Open");
        w.run(rma, "repair:rosa", Command::StartRepair {});
        w.tracks(rma, "issued none accepted in_repair none Open");
        w.run(rma, "repair:rosa", finish(Repair::NoFaultFound));
        w.tracks(rma, "issued none accepted no_fault_found none Open");

        w.stock("B1", "DEP-LOU");
        let serial_number = serial("B1");
        w.refused(rma, "depot:dirk", Command::Allocate { serial_number });
        w.at("2026-12-03 15:00").run(rma, "repair:rosa", ship());
        w.tracks(rma, "issued shipped accepted no_fault_found none Open");
        w.at("2026-12-07 15:00").deliver(rma);
        w.tracks(rma, "issued delivered accepted no_fault_found none Closed");
        w.unit("A1", "installed MER-LOU");
        // No fault: the remainder of the warranty only.
        assert_eq!(w.granted_cover("A1"), Some(on("2027-01-09")));
        w.ledger(rma, "");
        w.outbox(rma, "acknowledgement issued received shipped delivered closed");

        // The unit is the customer's as before, and may fail again.
        w.at("2026-12-14 15:00").request("A1");
        w.verified();
    });
}

#[test]
fn f_repaired_is_covered_for_ninety_days_where_that_is_longer() {
    each_database("repaired", |db| {
        let w = World::new(db);
        let rma = on_warranty(&w);
        w.at("2026-11-30 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.run(rma, "repair:rosa", Command::StartRepair {});
        w.at("2026-12-10 15:00").run(rma, "repair:rosa", finish(Repair::Repaired));
        assert_eq!(w.granted_cover("A1"), Some(on("2027-03-10")));
        w.at("2026-12-11 15:00").run(rma, "repair:rosa", ship());
        w.deliver(rma);
        w.tracks(rma, "issued delivered accepted repaired none Closed");
        w.verified();
    });
}

#[test]
fn f_a_quote_is_answered_and_a_scrapped_unit_ends_it() {
    each_database("quoted and scrapped", |db| {
        let w = World::new(db);
        let rma = on_warranty(&w);
        w.at("2026-11-30 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.run(rma, "repair:rosa", Command::StartRepair {});
        w.run(rma, "repair:rosa", Command::Quote { amount_minor: 55_000 });
        w.tracks(rma, "issued none accepted awaiting_quote none Open");
        w.refused(rma, "repair:rosa", finish(Repair::Repaired));
        w.run(rma, "repair:rosa", finish(Repair::Scrapped));
        w.tracks(rma, "issued none accepted scrapped none Closed");
        w.ledger(rma, "");
        w.verified();
    });
}

#[test]
fn f_replaced_from_stock_the_entitlement_moves() {
    each_database("replaced", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "core_plus");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        assert_eq!(w.rma(rma).mode(), Some(Mode::ReturnToFactory));
        w.at("2026-11-30 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.run(rma, "repair:rosa", Command::StartRepair {});
        w.run(rma, "repair:rosa", finish(Repair::Replaced));
        w.refused(rma, "repair:rosa", ship());
        w.at("2026-12-02 15:00").send(rma, "B1");
        w.deliver(rma);
        w.tracks(rma, "issued delivered accepted replaced none Closed");
        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-12-01");
        w.unit("B1", "installed MER-LOU CT-A1 2026-12-02..2027-12-31");
        w.verified();
    });
}

#[test]
fn j_destroyed_because_it_cannot_leave_the_country() {
    each_database("story (j), advance", |db| {
        let w = World::new(db);
        w.programme(&Programme { version: "j".to_owned(), ..Programme::default() });
        w.advance_unit("A1", "YH-PVG");
        w.stock("B1", "DEP-SHA");
        let rma = w.at("2026-11-12 03:00").shipped("A1", "B1");
        w.at("2026-11-16 03:00").deliver(rma);
        w.owed(rma, "2026-11-30 exposed 0");
        let certify = || Command::CertifyDestruction { certificate: "销毁证明-17".to_owned() };
        w.at("2026-11-20 03:00").run(rma, "customer:zhang@yh.example", certify());
        w.tracks(rma, "issued delivered not_required_destroyed none cleared Closed");
        w.owed(rma, "nothing");
        w.refused(rma, "customer:zhang@yh.example", certify());
        let judged = w.at("2026-12-20 03:00").arrives("RC-SUZ", Some(rma), Some("A1"));
        assert_eq!(judged.verdict.as_str(), "quarantine");
        w.tracks(rma, "issued delivered not_required_destroyed none cleared Closed");
        w.verified();
    });
}

#[test]
fn j_destroyed_after_the_charge_opens_the_credit_review() {
    each_database("story (j), charged", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "YH-PVG");
        w.stock("B1", "DEP-SHA");
        let rma = w.at("2026-11-12 03:00").shipped("A1", "B1");
        w.at("2026-11-16 03:00").deliver(rma);
        w.at("2026-12-01 00:00").clock();
        w.run(rma, "finance:fred", charge(3_150_000));
        w.ledger(rma, "charge 3150000 CNY");
        let certificate = "销毁证明-18".to_owned();
        w.run(rma, "customer:zhang@yh.example", Command::CertifyDestruction { certificate });
        w.tracks(rma, "issued delivered not_required_destroyed none credit_review Open");
        let keep = Command::KeepCharge { reason: "destroyed a month late".to_owned() };
        w.run(rma, "finance:fred", keep);
        w.tracks(rma, "issued delivered not_required_destroyed none charged Closed");
        w.verified();
    });
}

#[test]
fn j_a_destroyed_return_to_factory_is_replaced() {
    each_database("story (j), return to factory", |db| {
        let w = World::new(db);
        w.install("A1", "YH-PVG");
        w.cover("A1", "YH-PVG", "core_plus");
        w.stock("B1", "DEP-SHA");
        let rma = w.at("2026-11-12 03:00").issued("A1");
        let certificate = "销毁证明-19".to_owned();
        w.at("2026-11-20 03:00");
        w.run(rma, "customer:zhang@yh.example", Command::CertifyDestruction { certificate });
        w.tracks(rma, "issued none not_required_destroyed replaced none Open");
        w.at("2026-11-23 03:00").send(rma, "B1");
        w.tracks(rma, "issued shipped not_required_destroyed replaced none Open");
        w.at("2026-11-24 03:00").run(rma, "carrier:swift", deliver());
        w.tracks(rma, "issued delivered not_required_destroyed replaced none Closed");
        w.unit("A1", "retired YH-PVG CT-A1 2026-01-01..2026-11-22");
        w.unit("B1", "installed YH-PVG CT-A1 2026-11-23..2027-12-31");
        w.verified();
    });
}
