//! ID-5: software is named by its SSRN, in place of a serial number.

use serde_json::{Value, json};

use super::{Stage, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

const HEAD: &str =
    "contract_number,account,level,starts_on,ends_on,manufacturer,ssrn,part_number,site";
const RUNS: &str = "02-7781-4400";
const ENDED: &str = "02-7781-0001";
const FOREIGN: &str = "02-7781-9999";

fn contracts() -> String {
    format!(
        "{HEAD}\n\
         S-1,Northwind,core,2026-01-01,2035-12-31,ACME,{RUNS},VS-9,NW-1\n\
         S-0,Northwind,core,2025-01-01,2026-01-31,ACME,{ENDED},VS-9,NW-1\n\
         S-2,上海远航,core,2026-01-01,2035-12-31,ACME,{FOREIGN},VS-9,SH-1\n"
    )
}

fn stage(db: &TestDatabase) -> Stage {
    let stage = Stage::set(db, 1);
    stage.import(
        "products",
        "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
         ACME,VS-9,Virtual router,USD 900.00,Fabrikam\n",
    );
    stage.import("contracts", &contracts());
    stage
}

fn case(ssrn: &str) -> Value {
    json!({
        "ssrn": ssrn, "priority": 3, "summary": "the control plane restarts",
        "contact_name": "Ann", "contact_email": "ann@northwind.example"
    })
}

fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

fn customer(db: &TestDatabase, user: &str) -> String {
    token(db, &["--role", "customer", "--user", user, "--account", "Northwind"])
}

#[test]
fn id_5_a_case_names_software_by_its_ssrn_and_is_found_by_it() {
    each_database("software", |db| {
        let stage = stage(db);
        let ann = customer(db, "ann@northwind.example");
        let opened = stage.post(&ann, "/api/v1/cases", &case(RUNS), 201);
        let number = opened["number"].as_str().expect("a number").to_owned();
        let seen = stage.get(&ann, &format!("/api/v1/cases/{number}"));
        assert_eq!([&seen["kind"], &seen["ssrn"], &seen["platform"]], ["technical", RUNS, "VS-9"]);
        // Under contract by telephone too (AMB-9).
        let spoken = with(case(RUNS), "channel", "telephone");
        stage.post(&ann, "/api/v1/cases", &spoken, 201);
        // On a unit no SSRN is shown.
        let unit = stage.open_case(&ann, "SN001");
        assert_eq!(stage.get(&ann, &format!("/api/v1/cases/{unit}"))["ssrn"], Value::Null);

        let found = |who: &str| {
            let page = stage.get(who, &format!("/api/v1/cases?q={RUNS}&sort=number"));
            page["items"].as_array().expect("items").len()
        };
        let other =
            token(db, &["--role", "customer", "--user", "li@yh.example", "--account", "上海远航"]);
        let bob = customer(db, "bob@northwind.example");
        assert_eq!([&stage.admin, &ann, &bob, &other].map(|who| found(who)), [2, 2, 0, 0]);

        let ran = db.homeward(&[
            "case",
            "open",
            "--ssrn",
            RUNS,
            "--summary",
            "again",
            "--contact-name",
            "Ann",
            "--contact-email",
            "ann@northwind.example",
            "--as",
            "engineer:eva",
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let seen = stage.get(&stage.admin, &format!("/api/v1/cases/{}", ran.out.trim()));
        assert_eq!([&seen["kind"], &seen["ssrn"]], ["technical", RUNS], "{seen}");

        // Its contract is told with it, and no hardware warranty.
        let seen = stage.get(&ann, &format!("/api/v1/units/ACME/{RUNS}"));
        let text = seen.to_string();
        assert!(
            text.contains("S-1") && text.contains("software has no hardware warranty"),
            "{seen}"
        );
        // The same file again changes nothing.
        std::fs::write(db.folder().join("c.csv"), contracts()).expect("a file");
        let ran = db.homeward(&["import", "contracts", "c.csv"]);
        assert!(ran.code == 0 && ran.out.contains("3 unchanged"), "{ran:?}");
    });
}

#[test]
fn id_5_software_has_no_rma_and_needs_its_contract_and_its_own_name() {
    each_database("software's refusals", |db| {
        let stage = stage(db);
        let ann = customer(db, "ann@northwind.example");
        let number = stage.post(&ann, "/api/v1/cases", &case(RUNS), 201)["number"].clone();
        let number = number.as_str().expect("a number");
        let before = snapshot(db);
        let send = |path: &str, body: &Value| -> Answer {
            stage.service.send(&Request::post(path, body).token(&ann))
        };
        let open = |body: &Value| send("/api/v1/cases", body);
        // Nothing can be returned: no case for it, no request, no questionnaire.
        let kept = open(&with(case(RUNS), "kind", "rma")).problem(409, "refused");
        assert_eq!(kept["rule"], "ID-5", "{kept}");
        let asked = send("/api/v1/rmas", &rma(number, RUNS)).problem(409, "refused");
        assert_eq!(asked["rule"], "ID-5", "{asked}");
        let detail = asked["detail"].as_str().expect("a detail");
        assert!(detail.contains("there is nothing to return or replace"), "{asked}");
        let path = format!("/api/v1/cases/{number}/interviews");
        let begun = send(&path, &json!({ "serial_number": RUNS })).problem(409, "refused");
        assert_eq!(begun["rule"], "ID-5", "{begun}");
        // As by serial: a contract that runs (AMB-10).
        assert_eq!(open(&case(ENDED)).problem(409, "refused")["rule"], "AMB-10");
        // What is another's is absent.
        let detail = |ssrn: &str| -> String {
            let problem = open(&case(ssrn)).problem(422, "invalid");
            problem["detail"].as_str().expect("a detail").replace(ssrn, "…")
        };
        assert_eq!(detail(FOREIGN), detail("02-7781-5555"));
        for (body, field) in [
            (super::case(RUNS), "serial_number"),
            (with(case(RUNS), "serial_number", "SN001"), "ssrn"),
            (case("no digit here"), "ssrn"),
            (case("12345"), "ssrn"),
        ] {
            let wrong = open(&body).problem(422, "invalid");
            assert_eq!(wrong["errors"][0]["field"], field, "{wrong}");
        }
        let mut nothing = case(RUNS);
        nothing.as_object_mut().expect("an object").remove("ssrn");
        let wrong = open(&nothing).problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["field"], "serial_number", "{wrong}");
        assert_same(&before, &snapshot(db), "what is refused of software");
        let ran = db.homeward(&["explain", "entitlement", "--serial", RUNS]);
        assert!(ran.code == 1 && ran.err.contains("is software by its SSRN"), "{ran:?}");
    });
}

#[test]
fn id_5_bad_rows_of_software_are_named_and_nothing_is_kept() {
    let db = TestDatabase::sqlite();
    drop(stage(&db));
    let before = snapshot(&db);
    let head = HEAD.replace("ssrn,", "serial_number,ssrn,");
    for (row, says) in [
        (",X-1234,VS-9,", "column `site`: X-1234 is new, so its site is needed"),
        (",X-1234,,NW-1", "column `part_number`: X-1234 is new, so its part number is needed"),
        (",X-1234,VS-7,NW-1", "there is no product \"VS-7\" of ACME"),
        (",X-1234,VS-9,SH-1", "software runs at a site of the contract's account"),
        (",X-1234,VS-9,DEP-1", "software runs at a site of the contract's account"),
        (",X 1234,VS-9,NW-1", "column `ssrn`: \"X 1234\" is not an SSRN"),
        ("SN001,X-1234,VS-9,NW-1", "column `ssrn`: a row covers a unit or software, not both"),
        ("SN001,,VS-9,", "column `part_number`: it is said of software alone"),
        (",02-7781-9999,,", "column `ssrn`: 02-7781-9999 belongs to another account"),
        ("02-7781-4400,,,", "02-7781-4400 is the SSRN of software; give it as `ssrn`"),
    ] {
        let text = format!("{head}\nS-9,Northwind,core,2026-01-01,2035-12-31,ACME,{row}\n");
        std::fs::write(db.folder().join("c.csv"), text).expect("a file");
        let ran = db.homeward(&["import", "contracts", "c.csv"]);
        assert!(ran.code == 1 && ran.err.contains(says), "{says}: {ran:?}");
    }
    // A unit's serial number is no SSRN, though it may look like one.
    let text = format!("{head}\nS-9,Northwind,core,2026-01-01,2035-12-31,ACME,,UNIT-1,VS-9,NW-1\n");
    assert_same(&before, &snapshot(&db), "bad rows");
    crate::support::bring_in::bring_in(
        &db,
        homeward::app::import::Subject::Units,
        "manufacturer,serial_number,part_number,account,site,shipped_on\n\
         ACME,UNIT-1,RT-100,Northwind,NW-1,2026-06-10\n",
    );
    std::fs::write(db.folder().join("c.csv"), text).expect("a file");
    let ran = db.homeward(&["import", "contracts", "c.csv"]);
    assert!(
        ran.code == 1 && ran.err.contains("UNIT-1 is a unit's serial number, no SSRN"),
        "{ran:?}"
    );
}
