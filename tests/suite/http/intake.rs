//! What warranty alone is enough for (AMB-9, AMB-10), and an agent's word against it.

use serde_json::{Value, json};

use super::{Stage, case, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;
use crate::support::snapshot::{assert_same, snapshot};

const ANN: &[&str] =
    &["--role", "customer", "--user", "ann@northwind.example", "--account", "Northwind"];

/// SN001 is under contract, WA001 under warranty alone: shipped within the year.
fn stage(db: &TestDatabase) -> Stage {
    let stage = Stage::set(db, 1);
    // Where the unit stands it may be yesterday still.
    let shipped = chrono::Utc::now().date_naive() - chrono::Days::new(2);
    stage.import(
        "units",
        &format!(
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
             ACME,WA001,RT-100,Northwind,NW-1,{shipped},{shipped}\n"
        ),
    );
    stage
}

fn with(mut body: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

#[test]
fn amb_10_warranty_alone_creates_and_tracks_rmas_but_opens_no_technical_case() {
    each_database("technical cases", |db| {
        let stage = stage(db);
        let ann = token(db, ANN);
        let technical = |serial: &str| with(case(serial), json!({ "kind": "technical" }));
        let opened = stage.post(&ann, "/api/v1/cases", &technical("SN001"), 201);
        let number = opened["number"].as_str().expect("a number");
        let seen = stage.get(&ann, &format!("/api/v1/cases/{number}"));
        assert_eq!([&seen["kind"], &seen["channel"]], ["technical", "online"], "{seen}");
        let before = snapshot(db);
        let send =
            |body: &Value| stage.service.send(&Request::post("/api/v1/cases", body).token(&ann));
        assert_eq!(send(&technical("WA001")).problem(409, "refused")["rule"], "AMB-10");
        let own_word = with(technical("WA001"), json!({ "override_reason": "please" }));
        let refused = send(&own_word).problem(409, "refused");
        assert!(
            refused["detail"].as_str().expect("a detail").contains("customer may not set that")
        );
        let idle = with(case("SN001"), json!({ "override_reason": "to be sure" }));
        assert_eq!(send(&idle).problem(422, "invalid")["errors"][0]["field"], "override_reason");
        assert_same(&before, &snapshot(db), "cases that are not let in");
        let opened = stage.post(&ann, "/api/v1/cases", &case("WA001"), 201);
        let opened = opened["number"].as_str().expect("a number");
        let now = json!({ "occurred_at": chrono::Utc::now().to_rfc3339() });
        let done = stage.post(&ann, "/api/v1/rmas", &with(rma(opened, "WA001"), now), 201);
        let number = done["number"].as_str().expect("a number").to_owned();
        let created = stage.command(&number, &json!({ "command": "create" }));
        assert_eq!(created["tracks"]["authorisation"], "created", "{created}");
        assert_eq!(stage.get(&ann, &format!("/api/v1/rmas/{number}"))["status"], "Open");
    });
}

#[test]
fn amb_9_warranty_alone_comes_online_unless_an_agent_lets_it_in() {
    each_database("the telephone", |db| {
        let stage = stage(db);
        let ann = token(db, ANN);
        let eva = token(db, &["--role", "engineer", "--user", "eva@vendor.example"]);
        let phoned = |serial: &str| with(case(serial), json!({ "channel": "telephone" }));
        stage.post(&eva, "/api/v1/cases", &phoned("SN001"), 201);
        let refused = Request::post("/api/v1/cases", &phoned("WA001")).token(&eva);
        assert_eq!(stage.service.send(&refused).problem(409, "refused")["rule"], "AMB-9");
        // Customer care may let a case in, but requests no RMA (T1).
        let cora = token(db, &["--role", "customer_care", "--user", "cora@vendor.example"]);
        let word = json!({ "override_reason": "the manager called" });
        let let_in = stage.post(&cora, "/api/v1/cases", &with(phoned("WA001"), word.clone()), 201);
        let asked = with(rma(let_in["number"].as_str().expect("a number"), "WA001"), word);
        let asked = Request::post("/api/v1/rmas", &asked).token(&cora);
        stage.service.send(&asked).problem(403, "forbidden");
        let reason = json!({ "override_reason": "the line to the site is down" });
        let opened = stage.post(&eva, "/api/v1/cases", &with(phoned("WA001"), reason.clone()), 201);
        let number = opened["number"].as_str().expect("a number");

        let asked = with(rma(number, "WA001"), json!({ "channel": "telephone" }));
        // A token's first use of the day is kept with it.
        stage.get(&ann, "/api/v1/cases");
        let before = snapshot(db);
        for (who, body) in [(&eva, asked.clone()), (&ann, with(asked.clone(), reason.clone()))] {
            let refused = stage.service.send(&Request::post("/api/v1/rmas", &body).token(who));
            assert_eq!(refused.problem(409, "refused")["rule"], "AMB-9");
        }
        assert_same(&before, &snapshot(db), "requests that are not let in");
        let done = stage.post(&eva, "/api/v1/rmas", &with(asked, reason), 201);
        let seen = stage.get(&eva, &format!("/api/v1/cases/{number}"));
        let kept = seen["overrides"].as_array().expect("overrides");
        assert_eq!(kept.len(), 2, "{seen}");
        for (row, number) in kept.iter().zip([Value::Null, done["number"].clone()]) {
            assert_eq!(row["rule"], "AMB-9", "{seen}");
            assert_eq!(row["reason"], "the line to the site is down", "{seen}");
            assert_eq!(row["actor"], "engineer:eva@vendor.example", "{seen}");
            assert_eq!(row["rma_number"], number, "{seen}");
        }
    });
}
