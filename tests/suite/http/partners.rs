//! ENT-1: by what a partner may bring in cases and requests.

use serde_json::{Value, json};

use super::{Stage, case, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

/// WA001 is under warranty alone, OLD001 under nothing; both partners serve Northwind.
fn stage(db: &TestDatabase) -> Stage {
    let stage = Stage::set(db, 2);
    stage.import(
        "products",
        "manufacturer,part_number,description,list_prices,contract_manufacturer,family\n\
         ACME,RT-100,Router,USD 1490.00,Fabrikam,switch\n",
    );
    // Where the unit stands it may be yesterday still.
    let shipped = chrono::Utc::now().date_naive() - chrono::Days::new(2);
    stage.import(
        "units",
        &format!(
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
             ACME,WA001,RT-100,Northwind,NW-1,{shipped},{shipped}\n\
             ACME,OLD001,RT-100,Northwind,NW-1,2020-01-10,2020-01-10\n"
        ),
    );
    for partner in ["Cascade", "Lone"] {
        let done = db.homeward(&["partner", "link", partner, "Northwind"]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    stage
}

fn partner(db: &TestDatabase, name: &str) -> String {
    let user = format!("desk@{}.example", name.to_lowercase());
    token(db, &["--role", "partner", "--user", &user, "--account", name])
}

fn open(stage: &Stage, who: &str, serial: &str) -> Answer {
    stage.service.send(&Request::post("/api/v1/cases", &case(serial)).token(who))
}

/// What the refusal by ENT-1 says; nothing was stored.
#[track_caller]
fn refused(db: &TestDatabase, attempt: impl FnOnce() -> Answer) -> String {
    let before = snapshot(db);
    let problem = attempt().problem(409, "refused");
    assert_eq!(problem["rule"], "ENT-1", "{problem}");
    assert_same(&before, &snapshot(db), "what a partner may not bring in");
    problem["detail"].as_str().expect("a detail").to_owned()
}

/// Says anew what is recorded of Cascade.
fn record(stage: &Stage, qualification: &str, contract: &str) {
    let head = "name,kind,currency,bill_to,qualification,qualified_from,qualified_until,\
                partner_contract,partner_contract_from,partner_contract_until";
    stage.import(
        "organizations",
        &format!("{head}\nCascade,partner,USD,Cascade AP,{qualification},{contract}\n"),
    );
}

const QUALIFIED: &str = "qualified,2020-01-01,";
const CONTRACT: &str = "PC-1,2020-01-01,";

#[test]
fn ent_1_a_partner_needs_a_qualification_and_a_contract_of_its_own() {
    each_database("partners", |db| {
        let stage = stage(db);
        let [cascade, lone] = ["Cascade", "Lone"].map(|name| partner(db, name));
        // A qualified partner comes with any unit; an Operate Specialist with those that are covered.
        open(&stage, &cascade, "OLD001").expect(201);
        for covered in ["SN001", "WA001"] {
            open(&stage, &lone, covered).expect(201);
        }
        let said = refused(db, || open(&stage, &lone, "OLD001"));
        assert!(said.contains("Lone is an Operate Specialist"), "{said}");
        assert!(said.contains("the customer may come itself, or ask customer care"), "{said}");

        let kept = stage.request(&cascade, "SN001");
        let asked = format!("/api/v1/cases/{}/interviews", stage.open_case(&cascade, "WA001"));
        let asked = stage.post(&cascade, &asked, &json!({ "serial_number": "WA001" }), 201);
        let case_of_partner = stage.open_case(&cascade, "SN002");
        for (qualification, contract, says) in [
            (
                "qualified,2020-01-01,2026-01-31",
                CONTRACT,
                "(qualified) ended on 2026-01-31; renew it",
            ),
            ("qualified,2199-01-01,", CONTRACT, "(qualified) begins on 2199-01-01"),
            (",,", CONTRACT, "has no qualification on record"),
            (
                QUALIFIED,
                "PC-1,2020-01-01,2026-01-31",
                "contract PC-1 ended on 2026-01-31; renew it",
            ),
            (QUALIFIED, ",,", "has no contract of its own on record"),
        ] {
            record(&stage, qualification, contract);
            let said = refused(db, || open(&stage, &cascade, "SN001"));
            assert!(said.contains(says), "{said}");
            let request = Request::post("/api/v1/rmas", &rma(&case_of_partner, "SN002"));
            let said = refused(db, || stage.service.send(&request.token(&cascade)));
            assert!(said.contains(says), "{said}");
            let path = format!("/api/v1/cases/{case_of_partner}/interviews");
            let begin = Request::post(&path, &json!({ "serial_number": "SN002" }));
            refused(db, || stage.service.send(&begin.token(&cascade)));
        }
        // Its customer's matters go on: what it began asking for, the partner's own RMA, and what the customer and staff bring in.
        let answers = format!("/api/v1/interviews/{}/answers", asked["id"]);
        let dead = [("part", "whole"), ("power", "no"), ("outlet", "yes")];
        let dead = dead.map(|(asked, said)| json!({ "question": asked, "answer": said }));
        let dead = json!({ "version": "builtin-1", "answers": dead });
        let ended = stage.post(&cascade, &answers, &dead, 200);
        assert_eq!(ended["state"], "rma", "{ended}");
        let path = format!("/api/v1/rmas/{kept}/commands");
        let at = chrono::Utc::now().to_rfc3339();
        let cancel = json!({ "command": "cancel", "reason": "works again", "occurred_at": at });
        let cancel = Request::post(&path, &cancel).token(&cascade).header("if-match", "\"1\"");
        stage.service.send(&cancel).expect(200);
        let customer = token(db, &["--role", "account_admin", "--account", "Northwind"]);
        stage.post(&customer, "/api/v1/rmas", &rma(&case_of_partner, "SN002"), 201);
        let engineer = token(db, &["--role", "engineer", "--user", "eva@vendor.example"]);
        open(&stage, &engineer, "OLD001").expect(201);
        // Renewed, it comes in again.
        record(&stage, QUALIFIED, CONTRACT);
        open(&stage, &cascade, "SN001").expect(201);
    });
}

#[test]
fn ent_1_what_is_recorded_is_shown_kept_and_judged_on_the_command_line_too() {
    each_database("partners on record", |db| {
        let stage = stage(db);
        let seen = |name: &str| {
            let page = stage.get(&stage.admin, &format!("/api/v1/accounts?name={name}"));
            page["items"][0]["partner"].clone()
        };
        let on_record = json!({
            "qualification": "operate_specialist", "qualified_from": "2020-01-01",
            "qualified_until": null, "contract": "PC-2", "contract_from": "2020-01-01",
            "contract_until": null,
        });
        assert_eq!(seen("Lone"), on_record);
        assert_eq!(seen("Northwind"), Value::Null);
        // A file that does not speak of it leaves it as it is.
        stage.import("organizations", "name,kind,currency,bill_to\nLone,partner,EUR,Lone BV\n");
        assert_eq!(seen("Lone"), on_record);

        let asked = |who: &str, serial: &str| {
            let what = ["case", "open", "--serial", serial, "--summary", "dead", "--as", who];
            let contact = ["--contact-name", "Ann", "--contact-email", "ann@northwind.example"];
            db.homeward(&[&what[..], &contact].concat())
        };
        assert_eq!(asked("partner:Lone", "WA001").code, 0);
        let before = snapshot(db);
        for (who, says) in [
            ("partner:Lone", "Lone is an Operate Specialist"),
            ("partner:Nobody", "no partner is called \"Nobody\""),
            ("partner:Northwind", "no partner is called \"Northwind\""),
        ] {
            let ran = asked(who, "OLD001");
            assert!(ran.code == 1 && ran.err.contains(says), "{ran:?}");
            assert!(ran.err.contains("ENT-1"), "{ran:?}");
        }
        assert_same(&before, &snapshot(db), "what a partner may not bring in");
    });
}

#[test]
fn ent_1_bad_data_of_partners_is_named_and_nothing_is_kept() {
    let db = TestDatabase::sqlite();
    let stage = stage(&db);
    drop(stage);
    let before = snapshot(&db);
    let head = "name,kind,currency,bill_to,qualification,qualified_from,qualified_until,\
                partner_contract,partner_contract_from,partner_contract_until";
    for (row, says) in [
        (
            "N,customer,USD,N,qualified,2026-01-01,,,,",
            "column `qualification`: only a partner has one",
        ),
        (
            "N,partner,USD,N,gold,2026-01-01,,,,",
            "column `qualification`: \"gold\" is not a qualification",
        ),
        (
            "N,partner,USD,N,qualified,,,,,",
            "column `qualified_from`: the first day of `qualification`",
        ),
        (
            "N,partner,USD,N,,2026-01-01,,,,",
            "column `qualified_from`: a day without `qualification`",
        ),
        ("N,partner,USD,N,,,,PC-9,2026-02-01,2026-01-31", "2026-01-31 is before 2026-02-01"),
        ("N,partner,USD,N,,,,,,2026-01-31", "column `partner_contract_until`: a day without"),
        ("N,distributor,USD,N,,,,PC-9,2026-02-01,", "column `partner_contract`: only a partner"),
    ] {
        std::fs::write(db.folder().join("o.csv"), format!("{head}\n{row}\n")).expect("a file");
        let ran = db.homeward(&["import", "organizations", "o.csv"]);
        assert!(ran.code == 1 && ran.err.contains(says), "{says}: {ran:?}");
    }
    assert_same(&before, &snapshot(&db), "bad rows");
}
