//! The same answer at both doors; dates of RMAs and units; a new policy changes new RMAs alone.

use homeward::domain::programme::Programme;
use homeward::domain::rma::Command;
use serde_json::{Value, json};

use super::Bare;
use crate::http::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;
use crate::support::world::World;

fn explained(db: &TestDatabase, arguments: &[&str]) -> Value {
    let ran = db.homeward(&[&["explain"], arguments, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// The date of one subject.
fn date<'v>(found: &'v Value, what: &str) -> &'v Value {
    let dates = found["dates"].as_array().expect("dates");
    dates.iter().find(|date| date["what"] == what).unwrap_or_else(|| panic!("no {what}: {found}"))
}

#[test]
fn text_and_json_and_http_say_the_same() {
    let bare = Bare::new();
    let question =
        "return-window --at 2026-11-16T10:00:00-05:00 --calendar US --zone America/New_York";
    let arguments: Vec<&str> = ["explain"].into_iter().chain(question.split(' ')).collect();
    let ran = bare.run(&arguments);
    insta::assert_snapshot!(ran.out, @r"
    Ten business days from delivery on Mon 16 Nov 2026 in the United States of America; Thu 26 Nov is Thanksgiving Day; due Tue 1 Dec 2026.
      due on            Tue 1 Dec 2026
      reminders         Mon 23 Nov 2026, Fri 27 Nov 2026, Tue 1 Dec 2026
      rule              RET-1
      anchor            Mon 16 Nov 2026 (delivered)
      calendar          US
      zone              America/New_York
      programme         2026.1
    ");
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let carrier = token(&db, &["--role", "carrier"]);
    for (question, path) in [
        (question, "return-window?at=2026-11-16T10:00:00-05:00&calendar=US&zone=America/New_York"),
        (
            "warranty --shipped 2026-01-10 --distributor --on 2026-05-05",
            "warranty?shipped=2026-01-10&distributor=true&on=2026-05-05",
        ),
        (
            "replacement --level same_day --approved-at 2026-12-25T23:00:00Z",
            "replacement?level=same_day&approved_at=2026-12-25T23:00:00Z",
        ),
        (
            "replacement --level RTF --approved-at 2026-12-25T23:00:00Z",
            "replacement?level=RTF&approved_at=2026-12-25T23:00:00Z",
        ),
        ("repair --received 2026-11-30 --calendar MX", "repair?received=2026-11-30&calendar=MX"),
        ("analysis --kind ra --received 2026-12-10", "analysis?kind=ra&received=2026-12-10"),
        (
            "ra-eligibility --frs 2021-11-20 --requested 2026-11-20",
            "ra-eligibility?frs=2021-11-20&requested=2026-11-20",
        ),
    ] {
        // Pure questions are any role's.
        let request = Request::get(&format!("/api/v1/explain/{path}")).token(&carrier);
        assert_eq!(stage.service.send(&request).expect(200), bare.ask(question), "{path}");
    }
}

#[test]
fn every_date_of_an_rma_with_what_moved_it() {
    each_database("explaining an RMA", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let before = explained(db, &["rma", &rma.to_string()]);
        assert_eq!(date(&before, "replacement")["due_on"], "2026-11-13");
        assert_eq!(date(&before, "entitlement")["rule"], "ENT-3");
        w.send(rma, "B1");
        let shipped = explained(db, &["rma", &rma.to_string()]);
        assert_eq!(date(&shipped, "delivery_estimate")["due_on"], "2026-11-27");
        w.at("2026-11-16 15:00").deliver(rma);
        let reason = "the carrier is on strike".to_owned();
        w.run(rma, "finance:fay", Command::Extend { business_days: 2, reason });
        let found = explained(db, &["rma", &rma.to_string()]);
        let window = date(&found, "return_window");
        assert_eq!(window["due_on"], "2026-12-03", "{window}");
        assert_eq!(
            window["because"],
            "Ten business days from delivery on Mon 16 Nov 2026 in the United States of America, \
             and two business days more as an extension; Thu 26 Nov is Thanksgiving Day; due Thu 3 Dec 2026"
        );
        assert_eq!(window["anchor"], "delivered");
        assert_eq!(window["zone"], "America/Kentucky/Louisville");
        assert_eq!(date(&found, "dead_on_arrival")["due_on"], "2026-12-16");
        let text = db.homeward(&["explain", "rma", &rma.to_string()]);
        assert!(text.out.contains("two business days more as an extension"), "{text:?}");
        let absent = db.homeward(&["explain", "rma", "R9999999999"]);
        assert_eq!((absent.code, absent.out.as_str()), (1, ""), "{absent:?}");
    });
}

#[test]
fn a_new_policy_changes_new_rmas_alone() {
    each_database("a new policy", |db| {
        let w = World::new(db);
        for (unit, spare) in [("A1", "B1"), ("A2", "B2")] {
            w.advance_unit(unit, "MER-LOU");
            w.stock(spare, "DEP-LOU");
        }
        let old = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.programme(&Programme {
            version: "five".to_owned(),
            return_days: 5,
            repair_days: 7,
            ..Programme::default()
        });
        let new = w.shipped("A2", "B2");
        w.at("2026-11-16 15:00").deliver(old);
        w.deliver(new);
        for (rma, version, due_on) in [(old, "2026.1", "2026-12-01"), (new, "five", "2026-11-23")] {
            let found = explained(db, &["rma", &rma.to_string()]);
            let window = date(&found, "return_window");
            assert_eq!(
                (&window["due_on"], &window["programme"]),
                (&json!(due_on), &json!(version))
            );
        }
        assert!(super::stored::assert_dates_stand(&w.app) > 10);
    });
}

#[test]
fn every_date_of_a_unit() {
    each_database("explaining a unit", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let found = explained(db, &["unit", "A1", "--on", "2026-11-16"]);
        assert_eq!(found["serial_number"], "A1");
        let warranty = date(&found, "warranty");
        assert_eq!(
            (&warranty["last_covered_on"], &warranty["covered"]),
            (&json!("2027-01-09"), &json!(true))
        );
        assert_eq!(date(&found, "entitlement")["verdict"], "entitled");
        // The product's first revenue shipment is not in the register.
        assert_eq!(date(&found, "ra_eligibility")["verdict"], "approval");
        let absent = db.homeward(&["explain", "unit", "NOWHERE"]);
        assert_eq!(absent.code, 1, "{absent:?}");
        let alone = explained(db, &["entitlement", "--serial", "A1", "--on", "2026-11-16"]);
        assert_eq!(&alone, date(&found, "entitlement"));
    });
}

#[test]
fn http_gives_the_dates_the_command_line_gives() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let rma = stage.request(&stage.admin, "SN001");
    stage.command(&rma, &json!({ "command": "create", "diagnosis": "power supply" }));
    stage.command(&rma, &json!({ "command": "issue" }));
    let http = stage.get(&stage.admin, &format!("/api/v1/explain/rma/{rma}"));
    assert_eq!(http, explained(&db, &["rma", &rma]));
    let on = "2026-11-16";
    let http = stage.get(&stage.admin, &format!("/api/v1/explain/unit/SN001?on={on}"));
    assert_eq!(http, explained(&db, &["unit", "SN001", "--on", on]));
    let http =
        stage.get(&stage.admin, &format!("/api/v1/explain/entitlement?serial=SN001&on={on}"));
    assert_eq!(http, explained(&db, &["entitlement", "--serial", "SN001", "--on", on]));
}
