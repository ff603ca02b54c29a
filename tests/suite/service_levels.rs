//! The catalogue of service levels (AMB-22) and what the levels promise, at the doors.

use homeward::app::import::Subject;
use homeward::domain::programme::Programme;
use homeward::domain::service_level::{Promise, ServiceLevel};
use serde_json::{Value, json};

use crate::http::{Stage, token};
use crate::support::bring_in::bring_in;
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;
use crate::support::world::World;

/// Imports a contract for one unit, by whatever name the file has for its level.
fn contract(db: &TestDatabase, serial: &str, level: &str, starts_on: &str) -> Ran {
    let csv = format!(
        "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
         CT-{serial}-{starts_on},Meridian Networks,{level},{starts_on},2027-12-31,Halden,{serial}\n"
    );
    std::fs::write(db.folder().join("contracts.csv"), csv).expect("a file");
    db.homeward(&["import", "contracts", "contracts.csv"])
}

fn explained(db: &TestDatabase, question: &str) -> Value {
    let arguments: Vec<&str> =
        ["explain"].into_iter().chain(question.split(' ')).chain(["--json"]).collect();
    let ran = db.homeward(&arguments);
    assert_eq!(ran.code, 0, "{question}: {}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Adds a version of the policy as an operator does.
fn add_version(db: &TestDatabase, toml: &str) -> Ran {
    std::fs::write(db.folder().join("programme.toml"), toml).expect("a file");
    db.homeward(&["programme", "add", "Halden", "programme.toml", "--effective-on", "2026-01-01"])
}

#[test]
fn amb_22_an_older_name_is_understood_and_answered_by_the_standard_one() {
    each_database("aliases", |db| {
        let w = World::new(db);
        for (serial, name) in
            [("A1", "Next Business Day"), ("A2", "nbd"), ("A3", "Next-Day Delivery")]
        {
            w.install(serial, "MER-LOU");
            let ran = contract(db, serial, name, "2026-01-01");
            assert_eq!(ran.code, 0, "{ran:?}");
            let found = explained(db, &format!("entitlement --serial {serial} --on 2026-11-16"));
            assert_eq!(found["service_level"], "next_day_delivery", "{found}");
            let because = found["because"].as_str().expect("a sentence");
            assert!(because.contains("(next_day_delivery)"), "{because}");
        }
        // The same contract under its other name says nothing different.
        let again = contract(db, "A1", "next_day_delivery", "2026-01-01");
        assert!(again.out.contains("1 unchanged"), "{again:?}");

        let asked = "--approved-at 2026-12-24T14:59:00-05:00 --calendar US --zone America/New_York";
        let found = explained(db, &format!("replacement --level NBD {asked}"));
        let standard = explained(db, &format!("replacement --level next_day_delivery {asked}"));
        assert_eq!(found["service_level"], "next_day_delivery");
        assert_eq!(found["due_on"], standard["due_on"]);
        let because = found["because"].as_str().expect("a sentence");
        assert!(because.ends_with("; NBD is the level next_day_delivery"), "{because}");

        let questions =
            "level,approved_at\n4-hour,2026-12-25T23:00:00Z\nRTF,2026-12-25T23:00:00Z\n";
        std::fs::write(db.folder().join("q.csv"), questions).expect("a file");
        let ran = db.homeward(&["explain", "replacement", "--batch", "q.csv", "--out", "-"]);
        assert!(ran.out.contains("\n4-hour,2026-12-25T23:00:00Z,,2026-12-26T03:00:00Z,,same_day,"));
        assert!(ran.out.contains("\nRTF,2026-12-25T23:00:00Z,,,none,core_plus,SVC-2,"), "{ran:?}");
    });
}

#[test]
fn amb_22_the_api_knows_the_names_too() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let customer = token(&db, &["--role", "account_admin", "--account", "Northwind"]);
    let asked = "/api/v1/explain/replacement?level=SD%20Onsite&approved_at=2026-12-25T23:00:00Z";
    let found = stage.get(&customer, asked);
    assert_eq!(found["service_level"], "same_day_onsite", "{found}");
    let csv = "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
               C-2H,Northwind,2 HOUR,2026-01-01,2035-12-31,ACME,SN001\n";
    let import = Request::new("POST", "/api/v1/imports/contracts")
        .token(&stage.admin)
        .header("content-type", "text/csv")
        .bytes(csv);
    stage.service.send(&import).expect(200);
    let unit = stage.get(&customer, "/api/v1/units/ACME/SN001");
    assert_eq!(unit["entitlement"]["promise"], "two_hours", "{unit}");
    assert_eq!(unit["entitlement"]["contracts"][0]["level"], "same_day_2_hour", "{unit}");
}

#[test]
fn amb_22_what_is_unknown_or_not_offered_is_refused() {
    each_database("levels that are not to be had", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        let refused = |ran: &Ran, says: &[&str]| {
            let said = says.iter().all(|text| ran.err.contains(text));
            assert!(ran.code == 1 && said, "{says:?}: {ran:?}");
        };
        let unknown = contract(db, "A1", "Gold", "2026-02-01");
        refused(
            &unknown,
            &["column `level`: \"Gold\" is not a service level", "core_plus (", "NBD"],
        );
        let added = add_version(
            db,
            "version = \"halden.1\"\n\
             [service_levels.same_day]\noffered_from = \"2026-02-01\"\noffered_through = \"2026-06-30\"\n\
             [service_levels.core_plus]\naliases = [\"Gold\", \"金牌\"]\n",
        );
        assert_eq!(added.code, 0, "{added:?}");
        let shown = db.homeward(&["programme", "show", "Halden"]).out;
        assert!(shown.contains("[service_levels.same_day]"), "{shown}");
        assert!(shown.contains("offered_through = \"2026-06-30\""), "{shown}");
        for (day, taken) in [
            ("2026-01-31", false),
            ("2026-02-01", true),
            ("2026-06-30", true),
            ("2026-07-01", false),
        ] {
            let ran = contract(db, "A1", "SD", day);
            match taken {
                true => assert_eq!(ran.code, 0, "{day}: {ran:?}"),
                false => refused(
                    &ran,
                    &[
                        "column `level`: the level same_day is offered from 2026-02-01 to 2026-06-30",
                    ],
                ),
            }
        }
        // The manufacturer's own names; the eight words stand in every version.
        assert_eq!(contract(db, "A1", "金牌", "2026-01-01").code, 0);
        refused(&contract(db, "A1", "RTF", "2026-01-01"), &["core_plus (Gold, 金牌)"]);
        // A catalogue in which a name means two things, or a range is none, is not taken.
        for (wrong, says) in [
            ("[service_levels.core]\naliases = [\"same day\"]\n", "a name that no other level has"),
            (
                "[service_levels.core]\noffered_from = \"2026-02-01\"\noffered_through = \"2026-01-01\"\n",
                "a range whose last day is not before its first",
            ),
            ("[service_levels.silver]\nname = \"Silver\"\n", "silver"),
        ] {
            refused(&add_version(db, &format!("version = \"wrong\"\n{wrong}")), &[says]);
        }
    });
}

#[test]
fn amb_22_a_new_version_changes_new_rmas_alone() {
    each_database("a level that promises less from now on", |db| {
        let w = World::new(db);
        for serial in ["A1", "A2"] {
            w.install(serial, "MER-LOU");
            assert_eq!(contract(db, serial, "SD", "2026-01-01").code, 0);
        }
        let old = w.at("2026-11-12 15:00").issued("A1");
        let mut programme = Programme { version: "less".to_owned(), ..Programme::default() };
        programme.service_levels.terms_mut(ServiceLevel::SameDay).promise = Promise::NextDayShip;
        w.programme(&programme);
        let new = w.issued("A2");
        for (rma, due) in [(old, json!("2026-11-12T19:00:00Z")), (new, json!("2026-11-13"))] {
            let found = explained(db, &format!("rma {rma}"));
            let dates = found["dates"].as_array().expect("dates");
            let promised = dates.iter().find(|date| date["what"] == "replacement").expect("one");
            let on = if rma == old { &promised["due_at"] } else { &promised["due_on"] };
            assert_eq!(*on, due, "{promised}");
        }
    });
}

#[test]
fn svc_8_four_hours_and_an_engineer() {
    each_database("same-day onsite", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "same_day_onsite");
        w.install("A2", "MER-LOU");
        w.cover("A2", "MER-LOU", "same_day");
        // A Saturday evening: hours run day and night.
        w.at("2026-11-14 23:30");
        for (serial, onsite) in [("A1", true), ("A2", false)] {
            let number = w.issued(serial);
            let rma = w.app.db.read(|c| {
                homeward::app::look::seen(&w.app, c, &homeward::db::scope::Scope::All, number)
            });
            let terms = rma.expect("an RMA").0.terms.expect("terms");
            let due = serde_json::to_value(terms.replacement_due).expect("JSON");
            let by = json!({ "promise": "deliver_by", "at": "2026-11-15T03:30:00Z" });
            assert_eq!((due, terms.entitlement.onsite), (by, onsite), "{serial}");
        }
        // Of two contracts with the same promise the one that brings an engineer serves.
        bring_in(
            db,
            Subject::Contracts,
            "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
             CT-MORE,Meridian Networks,same_day_onsite,2026-01-01,2026-12-31,Halden,A2\n",
        );
        let found = explained(db, "entitlement --serial A2 --on 2026-11-16");
        assert_eq!(found["service_level"], "same_day_onsite", "{found}");
    });
}
