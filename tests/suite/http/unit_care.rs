//! Customer care (ROL-4): changes of owner (ENT-7), grey-market marks and reinstatement (ENT-6).

use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

/// A second customer's site, and customer care's token.
fn stage(db: &TestDatabase) -> (Stage, String) {
    let cora = token(db, &["--role", "customer_care", "--user", "cora@vendor.example"]);
    let stage = Stage::set(db, 3);
    stage.get(&cora, "/api/v1/accounts");
    (stage, cora)
}

fn act(stage: &Stage, token: &str, (serial, what): (&str, &str), body: &Value) -> Answer {
    let path = format!("/api/v1/units/ACME/{serial}/{what}");
    stage.service.send(&Request::post(&path, body).token(token))
}

fn sold() -> Value {
    json!({ "account": "上海远航", "site": "SH-1", "reason": "deed of 2026-11-16" })
}

#[test]
fn ent_7_a_unit_changes_its_owner_and_its_history_says_so() {
    each_database("a change of owner", |db| {
        let (stage, cora) = stage(db);
        let moved = act(&stage, &cora, ("SN001", "transfer"), &sold()).expect(200);
        assert_eq!([&moved["account"], &moved["site_code"]], ["上海远航", "SH-1"], "{moved}");
        let line = &moved["care"][0];
        assert_eq!(line["kind"], "transferred", "{moved}");
        assert_eq!([&line["account_was"], &line["account"]], ["Northwind", "上海远航"]);
        assert_eq!([&line["site_was"], &line["site"]], ["NW-1", "SH-1"]);
        assert_eq!(line["actor"], "customer_care:cora@vendor.example");
        assert_eq!(line["reason"], "deed of 2026-11-16");
        // The former owner's contract serves no longer; the warranty goes with the unit.
        let rule = &moved["entitlement"]["rule"];
        assert!(*rule != "ENT-3", "{moved}");
        assert_eq!(moved["entitlement"]["warranty"]["start_on"], "2026-01-10", "{moved}");
        let explained = stage.get(&cora, "/api/v1/explain/unit/SN001");
        assert_eq!(explained["history"], moved["care"], "{explained}");
        let shown = db.homeward(&["explain", "unit", "SN001"]).out;
        let told = "transferred: Northwind (NW-1) -> 上海远航 (SH-1); deed of 2026-11-16";
        assert!(shown.contains(told), "{shown}");
        // Back by the command line; a file does it too, and leaves the same kind of line.
        let back = ["unit", "transfer", "SN001", "--account", "Northwind", "--site", "NW-1"];
        let ran = db.homeward(&[&back[..], &["--reason", "sale undone"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        stage.import(
            "units",
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
             ACME,SN001,RT-100,上海远航,SH-1,2026-01-10,2026-01-12\n",
        );
        let unit = stage.get(&cora, "/api/v1/units/ACME/SN001");
        let sources: Vec<&Value> =
            unit["care"].as_array().expect("care").iter().map(|line| &line["source"]).collect();
        assert_eq!(sources, ["api", "cli", "units.csv"], "{unit}");
    });
}

#[test]
fn ent_7_what_a_rule_forbids_changes_no_owner() {
    each_database("owners that stay", |db| {
        let (stage, cora) = stage(db);
        let number = stage.request(&stage.admin, "SN002");
        let before = snapshot(db);
        let elsewhere = |name: &str, value: &str| {
            let mut body = sold();
            body[name] = json!(value);
            body
        };
        for (serial, body, status, said) in [
            ("SN002", sold(), 409, format!("{number} is open on serial SN002")),
            ("ST001", sold(), 409, "serial ST001 is stock".to_owned()),
            ("CN001", sold(), 409, "serial CN001 is 上海远航's already".to_owned()),
            ("SN001", elsewhere("account", "Cascade"), 409, "Cascade is a partner".to_owned()),
            ("SN001", elsewhere("account", "Nobody"), 422, "no customer \"Nobody\"".to_owned()),
            ("SN001", elsewhere("site", "NW-1"), 422, "has no site \"NW-1\"".to_owned()),
            ("SN001", elsewhere("reason", " "), 422, "1 to 500 characters are needed".to_owned()),
        ] {
            let refused = act(&stage, &cora, (serial, "transfer"), &body);
            assert_eq!(refused.status, status, "{}", refused.text());
            assert!(refused.text().contains(&said.replace('"', "\\\"")), "{}", refused.text());
        }
        act(&stage, &cora, ("XX404", "transfer"), &sold()).problem(404, "not-found");
        assert_same(&before, &snapshot(db), "changes of owner that are refused");
        // A file cannot do it either while the RMA is open: the unit is left as it is.
        std::fs::write(
            db.folder().join("units.csv"),
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
             ACME,SN002,RT-100,上海远航,SH-1,2026-01-10,2026-01-12\n",
        )
        .expect("a file");
        let ran = db.homeward(&["import", "units", "units.csv"]);
        assert!(ran.out.contains("1 units have moved on since"), "{ran:?}");
        assert_same(&before, &snapshot(db), "a file that names another owner");
    });
}

#[test]
fn ent_6_a_grey_market_unit_gets_nothing_until_it_is_reinstated() {
    each_database("the grey market", |db| {
        let (stage, cora) = stage(db);
        let why = |reason: &str| json!({ "reason": reason });
        let marked =
            act(&stage, &cora, ("SN001", "grey-market"), &why("bought from a broker")).expect(200);
        assert_eq!(marked["entitlement"]["verdict"], "grey_market", "{marked}");
        let again = act(&stage, &cora, ("SN001", "grey-market"), &why("twice"));
        assert_eq!(again.problem(409, "refused")["rule"], "ENT-6");
        let asked = stage.get(&cora, "/api/v1/explain/entitlement?serial=SN001");
        assert_eq!([&asked["verdict"], &asked["rule"]], ["grey_market", "ENT-6"], "{asked}");
        // An RMA on it waits, whatever its contract says.
        let number = stage.request(&stage.admin, "SN001");
        stage.command(&number, &json!({ "command": "create", "diagnosis": "dead" }));
        let held = stage.command(&number, &json!({ "command": "issue" }));
        assert_eq!(held["tracks"]["authorisation"], "on_hold", "{held}");
        let waiting = stage.get(&cora, &format!("/api/v1/rmas/{number}"));
        assert_eq!(waiting["reason"], "entitlement", "{waiting}");
        let back = act(&stage, &cora, ("SN001", "reinstatement"), &why("papers seen")).expect(200);
        assert_eq!(back["entitlement"]["rule"], "ENT-3", "{back}");
        let kinds: Vec<&Value> =
            back["care"].as_array().expect("care").iter().map(|line| &line["kind"]).collect();
        assert_eq!(kinds, ["grey_market", "reinstated"]);
        let issued = stage.command(&number, &json!({ "command": "issue" }));
        assert_eq!(issued["tracks"]["authorisation"], "issued", "{issued}");
        let idle = act(&stage, &cora, ("SN002", "reinstatement"), &why("no mark"));
        assert_eq!(idle.problem(409, "refused")["rule"], "ENT-6");
        let shown = db.homeward(&["unit", "show", "SN001"]).out;
        assert!(shown.contains("grey market; bought from a broker"), "{shown}");
        let acting = ["unit", "grey-market", "SN003", "--reason", "x", "--as", "logistics:lena"];
        let ran = db.homeward(&acting);
        assert!(ran.code == 1 && ran.err.contains("it is customer care's"), "{ran:?}");
    });
}

/// MOD-1 stands in SN001, under whose contract it is.
fn placed(stage: &Stage) {
    stage.import(
        "units",
        "manufacturer,serial_number,part_number,account,site,shipped_on,chassis_serial\n\
         ACME,MOD-1,RT-100,Northwind,NW-1,2024-01-10,SN001\n",
    );
}

fn account_admin(db: &TestDatabase, account: &str) -> String {
    token(db, &["--role", "account_admin", "--account", account])
}

#[test]
fn ent_7_a_module_given_away_leaves_its_chassis_and_its_cover() {
    each_database("a module given away", |db| {
        let (stage, cora) = stage(db);
        placed(&stage);
        let before = stage.get(&cora, "/api/v1/units/ACME/MOD-1");
        assert_eq!(before["entitlement"]["rule"], "ENT-3", "{before}");
        act(&stage, &cora, ("MOD-1", "transfer"), &sold()).expect(200);
        let apart = || {
            let theirs = stage.get(&account_admin(db, "上海远航"), "/api/v1/units/ACME/MOD-1");
            assert_eq!(theirs["chassis"], Value::Null, "{theirs}");
            assert_eq!(theirs["entitlement"]["verdict"], "not_entitled", "{theirs}");
            assert!(!theirs.to_string().contains("SN001"), "{theirs}");
            let ours = stage.get(&account_admin(db, "Northwind"), "/api/v1/units/ACME/SN001");
            assert_eq!(ours["modules"], json!([]), "{ours}");
        };
        apart();
        // Where the two had not been parted, the accounts would still keep them apart.
        db.write(|c| {
            let mut id = |name: &str| {
                let serial = name.parse().expect("a serial");
                let found = homeward::db::facts::units_of_serial(c, &serial)?.pop();
                Ok::<_, homeward::db::DbError>(found.expect("a unit").id.0)
            };
            let (unit_id, chassis_id) = (id("MOD-1")?, id("SN001")?);
            let from_on = "2026-02-01".parse().expect("a date");
            let place = homeward::db::placements::NewPlacement { unit_id, chassis_id, from_on };
            homeward::db::placements::add(c, &[place])
        })
        .expect("a place");
        apart();
    });
}

#[test]
fn ent_7_a_chassis_given_away_leaves_its_modules() {
    each_database("a chassis given away", |db| {
        let (stage, cora) = stage(db);
        placed(&stage);
        let moved = ["unit", "transfer", "SN001", "--account", "上海远航", "--site", "SH-1"];
        let ran = db.homeward(&[&moved[..], &["--reason", "sold"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(stage.get(&cora, "/api/v1/units/ACME/SN001")["modules"], json!([]));
        let module = stage.get(&cora, "/api/v1/units/ACME/MOD-1");
        assert_eq!(module["chassis"], Value::Null, "{module}");
        assert_eq!(module["entitlement"]["verdict"], "not_entitled", "{module}");
    });
}

#[test]
fn ent_7_the_new_owner_is_not_told_of_the_former() {
    each_database("what a new owner sees", |db| {
        let (stage, cora) = stage(db);
        let why = json!({ "reason": "Northwind's broker" });
        act(&stage, &cora, ("SN001", "grey-market"), &why).expect(200);
        act(&stage, &cora, ("SN001", "reinstatement"), &why).expect(200);
        act(&stage, &cora, ("SN001", "transfer"), &sold()).expect(200);
        let since = json!({ "reason": "of our own time" });
        act(&stage, &cora, ("SN001", "grey-market"), &since).expect(200);
        act(&stage, &cora, ("SN001", "reinstatement"), &since).expect(200);
        let ran = db.homeward(&["partner", "link", "Cascade", "上海远航"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let customer = ["--role", "customer", "--user", "li@yh.example", "--account", "上海远航"];
        let partner = ["--role", "partner", "--account", "Cascade"];
        for who in [account_admin(db, "上海远航"), token(db, &customer), token(db, &partner)] {
            let unit = stage.get(&who, "/api/v1/units/ACME/SN001");
            let explained = stage.get(&who, "/api/v1/explain/unit/SN001");
            let told = format!("{unit} {explained}");
            for name in ["Northwind", "NW-1", "C-SN", "deed of"] {
                assert!(!told.contains(name), "{name}: {told}");
            }
            assert_eq!(unit["care"], explained["history"]);
            let care = unit["care"].as_array().expect("care");
            assert_eq!(care.len(), 5, "{unit}");
            for line in &care[..3] {
                for field in ["actor", "source", "reason", "account_was", "site_was"] {
                    assert_eq!(line[field], Value::Null, "{field}: {line}");
                }
            }
            assert_eq!([&care[2]["account"], &care[2]["site"]], ["上海远航", "SH-1"]);
            assert_eq!(care[4]["reason"], "of our own time", "{unit}");
            assert_eq!(unit["entitlement"]["contracts"], json!([]), "{unit}");
            let past = "/api/v1/explain/entitlement?serial=SN001&on=2026-03-02";
            let past = stage.get(&who, past);
            assert!(!past.to_string().contains("C-SN"), "{past}");
        }
        let seen = stage.get(&cora, "/api/v1/units/ACME/SN001").to_string();
        assert!(seen.contains("deed of") && seen.contains("C-SN"), "{seen}");
    });
}

#[test]
fn ent_6_a_marked_unit_opens_no_case_that_needs_a_contract_and_covers_no_module() {
    each_database("a marked chassis", |db| {
        let (stage, cora) = stage(db);
        placed(&stage);
        let why = json!({ "reason": "bought from a broker" });
        act(&stage, &cora, ("SN001", "grey-market"), &why).expect(200);
        let refused = |token: &str, serial: &str, (name, value): (&str, &str), rule: &str| {
            let mut body = super::case(serial);
            body[name] = json!(value);
            let answer = stage.service.send(&Request::post("/api/v1/cases", &body).token(token));
            assert_eq!(answer.problem(409, "refused")["rule"], rule);
        };
        let (admin, eva) = (account_admin(db, "Northwind"), token(db, &["--role", "engineer"]));
        for serial in ["SN001", "MOD-1"] {
            refused(&admin, serial, ("kind", "technical"), "AMB-10");
            refused(&eva, serial, ("channel", "telephone"), "AMB-9");
        }
        let module = stage.get(&cora, "/api/v1/units/ACME/MOD-1");
        assert_eq!(module["entitlement"]["verdict"], "not_entitled", "{module}");
        assert_eq!(module["entitlement"]["contracts"], json!([]), "{module}");
        act(&stage, &cora, ("SN001", "reinstatement"), &why).expect(200);
        let module = stage.get(&cora, "/api/v1/units/ACME/MOD-1");
        assert_eq!(module["entitlement"]["rule"], "ENT-3", "{module}");
    });
}

const CONTRACTS: &str =
    "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n";

/// Contracts, one a row: number, account, first and last day, and the unit.
fn contracts(db: &TestDatabase, rows: &[[&str; 5]]) -> Ran {
    let row = |[number, account, from, to, unit]: &[&str; 5]| {
        format!("{number},{account},next_day_delivery,{from},{to},ACME,{unit}\n")
    };
    let rows: String = rows.iter().map(row).collect();
    std::fs::write(db.folder().join("contracts.csv"), format!("{CONTRACTS}{rows}"))
        .expect("a file");
    db.homeward(&["import", "contracts", "contracts.csv"])
}

#[test]
fn ent_7_a_former_owners_contract_covers_a_unit_given_away_no_longer() {
    each_database("a former owner's file", |db| {
        let (stage, cora) = stage(db);
        // One that ends of itself the day before the unit is given away.
        let yesterday = chrono::Utc::now().date_naive() - chrono::TimeDelta::days(2);
        let yesterday = yesterday.to_string();
        let short = |to: &str, unit: &str| {
            contracts(db, &[["C-SHORT", "Northwind", "2026-01-01", to, unit]])
        };
        assert_eq!(short(&yesterday, "SN003").code, 0);
        for unit in ["SN001", "SN003"] {
            act(&stage, &cora, (unit, "transfer"), &sold()).expect(200);
        }
        let theirs = |unit: &str| {
            let told =
                stage.get(&account_admin(db, "上海远航"), &format!("/api/v1/units/ACME/{unit}"));
            (told["entitlement"]["rule"].clone(), told["entitlement"]["contracts"].to_string())
        };
        let before = snapshot(db);
        let ran = contracts(db, &[["C-NEW", "Northwind", "2026-01-01", "2029-12-31", "SN001"]]);
        let says =
            "contracts.csv:2: column `serial_number`: SN001 was given to another account on ";
        assert!(ran.code == 1 && ran.err.contains(says), "{ran:?}");
        assert!(ran.err.contains("a contract of Northwind covers it no longer (ENT-7)"), "{ran:?}");
        assert_same(&before, &snapshot(db), "a former owner's contract");

        // Its renewal takes in what it covers still, and what it covered once is no fault of its list.
        let ran = short("2029-12-31", "SN003");
        assert!(ran.code == 0 && ran.out.contains("1 changed"), "{ran:?}");
        assert_ne!(theirs("SN003").0, "ENT-3");
        // What ended before is history, and not the new owner's to know.
        let ran = contracts(db, &[["C-OLD", "Northwind", "2024-01-01", "2025-12-31", "SN001"]]);
        assert!(ran.code == 0 && ran.out.contains("1 added"), "{ran:?}");
        assert!(theirs("SN001").0 != "ENT-3" && theirs("SN001").1 == "[]", "{:?}", theirs("SN001"));
        assert!(stage.get(&cora, "/api/v1/units/ACME/SN001").to_string().contains("C-OLD"));

        // The new owner's own serves, and that of a partner linked to it.
        let serving = |number: &str, account: &str, unit: &str| {
            contracts(db, &[[number, account, "2026-01-01", "2029-12-31", unit]])
        };
        assert_eq!(serving("C-CAS", "Cascade", "SN001").code, 1);
        assert_eq!(db.homeward(&["partner", "link", "Cascade", "上海远航"]).code, 0);
        assert_eq!(serving("C-CAS", "Cascade", "SN001").code, 0);
        assert_eq!(serving("C-OWN", "上海远航", "SN003").code, 0);
        for (unit, number) in [("SN001", "C-CAS"), ("SN003", "C-OWN")] {
            let (rule, told) = theirs(unit);
            assert!(rule == "ENT-3" && told.contains(number), "{rule} {told}");
        }
        // Given back, the former owner's contract covers it again, from that day on.
        let back = json!({ "account": "Northwind", "site": "NW-1", "reason": "sale undone" });
        act(&stage, &cora, ("SN003", "transfer"), &back).expect(200);
        let ran = short("2029-12-31", "SN003");
        assert!(ran.code == 0 && ran.out.contains("1 changed"), "{ran:?}");
        let ours = stage.get(&account_admin(db, "Northwind"), "/api/v1/units/ACME/SN003");
        assert_eq!(ours["entitlement"]["rule"], "ENT-3", "{ours}");
        assert!(!ours.to_string().contains("C-OWN"), "{ours}");
        assert!(short("2029-12-31", "SN003").out.contains("1 unchanged"));
    });
}

#[test]
fn ent_7_a_unit_given_back_twice_on_one_day_is_covered_again_each_time() {
    each_database("given back twice", |db| {
        let (stage, cora) = stage(db);
        let back = json!({ "account": "Northwind", "site": "NW-1", "reason": "sale undone" });
        for _ in 0..3 {
            act(&stage, &cora, ("SN003", "transfer"), &sold()).expect(200);
            act(&stage, &cora, ("SN003", "transfer"), &back).expect(200);
            let unit = stage.get(&cora, "/api/v1/units/ACME/SN003");
            assert_ne!(unit["entitlement"]["rule"], "ENT-3", "{unit}");
            let ran = contracts(db, &[["C-DAY", "Northwind", "2026-01-01", "2029-12-31", "SN003"]]);
            assert_eq!(ran.code, 0, "{ran:?}");
            let unit = stage.get(&cora, "/api/v1/units/ACME/SN003");
            assert_eq!(unit["entitlement"]["rule"], "ENT-3", "{unit}");
        }
    });
}

#[test]
fn ent_7_who_is_told_is_judged_by_the_account_and_not_by_its_name() {
    each_database("an account of another name", |db| {
        let (stage, cora) = stage(db);
        act(&stage, &cora, ("SN001", "transfer"), &sold()).expect(200);
        let buyer = account_admin(db, "上海远航");
        db.write(|c| {
            let known = homeward::db::organizations::organizations(c)?;
            let (id, row) = known.into_iter().find(|(_, row)| row.name == "上海远航").expect("it");
            let row = homeward::db::organizations::OrganizationRecord {
                name: "Shanghai Yuanhang".to_owned(),
                ..row
            };
            homeward::db::organizations::update_organization(c, id, &row)
        })
        .expect("another name");
        let line = &stage.get(&buyer, "/api/v1/units/ACME/SN001")["care"][0];
        assert_eq!([&line["account"], &line["site"]], ["上海远航", "SH-1"], "as it was then");
        assert_eq!(line["account_was"], Value::Null, "{line}");
    });
}
