//! T3 and T4: what keeps an RMA from being issued, and its release.

use std::collections::BTreeSet;

use diesel::prelude::*;
use homeward::app::import::Subject;
use homeward::db::DbError;
use homeward::domain::ids::RmaNumber;
use homeward::domain::programme::Programme;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::HoldReason;

use crate::support::bring_in::bring_in;
use crate::support::databases::each_database;
use crate::support::world::World;

/// Tries to issue and finds the RMA on hold for `reason`.
fn held(w: &World<'_>, unit: &str, reason: &str) -> RmaNumber {
    let rma = w.created(unit);
    w.run(rma, "logistics:lena", Command::Issue {});
    w.tracks(rma, "on_hold none not_expected none none Open");
    assert_eq!(w.rma(rma).reason.as_deref(), Some(reason));
    w.outbox(rma, "acknowledgement held");
    rma
}

fn issues(w: &World<'_>, rma: RmaNumber) {
    w.run(rma, "logistics:lena", Command::Issue {});
    w.tracks(rma, "issued none awaiting none none Open");
}

fn still_held(w: &World<'_>, rma: RmaNumber) {
    let refusal = w.refused(rma, "logistics:lena", Command::Issue {});
    assert!(refusal.reason.contains("on hold"), "{refusal}");
}

fn release(note: &str) -> Command {
    Command::Release { note: note.to_owned() }
}

#[test]
fn war_4_an_unregistered_unit_waits_until_it_is_registered() {
    each_database("registration", |db| {
        let w = World::new(db);
        w.install_row("A1", "HX-4300", "MER-LOU", "2026-01-10", "");
        let rma = held(w.at("2026-11-12 15:00"), "A1", "registration");
        still_held(&w, rma);
        // AMB-5: registered at the claim; the start does not change.
        w.install_row("A1", "HX-4300", "MER-LOU", "2026-01-10", "2026-11-13");
        w.at("2026-11-13 15:00");
        issues(&w, rma);
        let terms = w.rma(rma).terms.expect("terms");
        assert_eq!(terms.entitlement.warranty.start_on.to_string(), "2026-01-10");
        assert_eq!(terms.entitlement.warranty.last_covered_on.to_string(), "2027-01-09");
        w.verified();
    });
}

#[test]
fn t3_an_export_check_is_passed_by_a_person() {
    each_database("export", |db| {
        let w = World::new(db);
        let export_check_countries = BTreeSet::from(["CN".to_owned()]);
        let version = "export".to_owned();
        w.programme(&Programme { version, export_check_countries, ..Programme::default() });
        w.advance_unit("A1", "YH-PVG");
        let rma = held(w.at("2026-11-12 03:00"), "A1", "export");
        still_held(&w, rma);
        w.refused(rma, "customer:zhang@yh.example", release("let me through"));
        w.run(rma, "logistics:leo", release("screened, licence 5A002 not needed"));
        w.tracks(rma, "created none not_expected none none Open");
        issues(&w, rma);
        w.verified();
    });
}

#[test]
fn amb_15_no_price_in_the_accounts_currency_holds_and_never_converts() {
    each_database("price", |db| {
        let w = World::new(db);
        w.install_row("A1", "HX-9000", "NOR-AMS", "2026-01-10", "2026-01-12");
        w.cover("A1", "NOR-AMS", "next_day_delivery");
        let rma = held(w.at("2026-11-12 15:00"), "A1", "price");
        still_held(&w, rma);
        bring_in(
            db,
            Subject::Products,
            "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
             Halden,HX-9000,chassis,USD 99000.00;EUR 91000.00,Fab One\n",
        );
        issues(&w, rma);
        let terms = w.rma(rma).terms.expect("terms");
        assert_eq!(terms.list_price.to_string(), "EUR 91000.00");
        // A later price changes nothing that was kept at issue.
        bring_in(
            db,
            Subject::Products,
            "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
             Halden,HX-9000,chassis,USD 99000.00;EUR 1.00,Fab One\n",
        );
        assert_eq!(w.rma(rma).terms.expect("terms").list_price.to_string(), "EUR 91000.00");
        w.verified();
    });
}

#[test]
fn ent_2_without_contract_and_warranty_it_waits_for_a_contract() {
    each_database("entitlement", |db| {
        let w = World::new(db);
        w.install_row("A1", "HX-4300", "MER-LOU", "2024-01-10", "2024-01-12");
        let rma = held(w.at("2026-11-12 15:00"), "A1", "entitlement");
        still_held(&w, rma);
        w.cover("A1", "MER-LOU", "next_day_ship");
        issues(&w, rma);
        w.verified();
    });
}

#[test]
fn t4_logistics_asks_for_information_and_then_denies_or_issues() {
    each_database("information", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.advance_unit("A2", "MER-LOU");
        let hold = || {
            let note = "which suite, and the goods-in hours".to_owned();
            Command::Hold { reason: HoldReason::Information, note }
        };
        let rma = w.at("2026-11-12 15:00").created("A1");
        w.run(rma, "logistics:leo", hold());
        w.tracks(rma, "on_hold none not_expected none none Open");
        w.refused(rma, "logistics:leo", hold());
        // Nothing stands in the way but the person who asked: issuing is no way round the answer.
        still_held(&w, rma);
        w.run(rma, "logistics:leo", release("suite 4, 8 to 16"));
        issues(&w, rma);
        // On hold once issued, and taken up where it stood.
        w.run(rma, "logistics:leo", hold());
        w.tracks(rma, "on_hold none awaiting none none Open");
        let serial_number = "B1".parse().expect("a serial");
        w.stock("B1", "DEP-LOU");
        w.refused(rma, "depot:dirk", Command::Allocate { serial_number });
        w.run(rma, "logistics:leo", release("suite 5"));
        w.tracks(rma, "issued none awaiting none none Open");

        let denied = w.created("A2");
        let deny = Command::Deny { reason: "grey market".to_owned() };
        w.run(denied, "logistics:leo", deny);
        w.tracks(denied, "denied none not_expected none none Closed");
        w.outbox(denied, "acknowledgement denied closed");
        w.verified();
    });
}

#[test]
fn t3_a_site_without_an_address_waits_for_one() {
    each_database("an address", |db| {
        let w = World::new(db);
        // The importer asks for an address; a register filled by other means may lack one.
        let address = |text: &str| {
            let sql = format!("UPDATE sites SET address = '{text}' WHERE code = 'MER-LOU'");
            let done = db.write(|c| Ok::<_, DbError>(diesel::sql_query(sql).execute(c)?));
            assert_eq!(done.expect("changing an address"), 1);
        };
        w.advance_unit("A1", "MER-LOU");
        address(" ");
        let rma = held(w.at("2026-11-12 15:00"), "A1", "information");
        still_held(&w, rma);
        address("400 W Market St");
        issues(&w, rma);
        w.verified();
    });
}
