//! Faster RMA progress: a customer asks, customer care answers (CASE-5).

use std::sync::Arc;

use homeward::clock::SystemClock;
use homeward::db::outbox as rows;
use homeward::jobs::Stop;
use homeward::jobs::outbox::run;
use homeward::mail::MemoryTransport;
use serde_json::{Value, json};

use super::interviews::ANN;
use super::{Stage, token};
use crate::outbox::{app, mailer};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

fn ask(stage: &Stage, token: &str, rma: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/rmas/{rma}/progress-requests");
    stage.service.send(&Request::post(&path, body).token(token))
}

fn shipment() -> Value {
    json!({ "about": "shipment_update", "text": "Where is the replacement?" })
}

/// Sends what waits and gives the texts that left.
fn letters(db: &TestDatabase) -> Vec<String> {
    let memory = Arc::new(MemoryTransport::default());
    run(&app(db), &mailer(memory.clone()), &SystemClock, &Stop::default()).expect("a run");
    let texts = memory.letters();
    texts.iter().map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned()).collect()
}

#[test]
fn case_5_a_customer_asks_for_faster_progress_and_customer_care_answers() {
    each_database("a request for progress", |db| {
        let stage = Stage::set(db, 1);
        let ann = token(db, ANN);
        let cora = token(db, &["--role", "customer_care", "--user", "cora@vendor.example"]);
        let eva = token(db, &["--role", "engineer", "--user", "eva@vendor.example"]);
        let number = stage.request(&ann, "SN001");
        letters(db);
        let path = format!("/api/v1/rmas/{number}/progress-requests");
        let request = Request::post(&path, &shipment()).token(&ann);
        let request = request.header("idempotency-key", "where");
        let asked = stage.service.send(&request).expect(201);
        assert_eq!(stage.service.send(&request).expect(201), asked);
        assert_eq!(asked["asked_by"], "customer:ann@northwind.example", "{asked}");
        let again = json!({ "about": "creation_status", "text": "And when is it confirmed?" });
        let problem = ask(&stage, &ann, &number, &again).problem(409, "refused");
        assert_eq!(problem["rule"], "CASE-5", "{problem}");
        let list = "/api/v1/tasks?queue=customer_care&status=open";
        let waiting = stage.get(&cora, list);
        let task = &waiting["items"][0];
        assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1), "{waiting}");
        assert_eq!((&task["rma_number"], &task["about"]), (&json!(number), &shipment()["about"]));
        assert_eq!(task["reason"], shipment()["text"], "{task}");
        let settle = format!("/api/v1/tasks/{}/settle", task["id"]);
        let answer = json!({ "answer": "It leaves Louisville tonight." });
        let refused = stage.service.send(&Request::post(&settle, &answer).token(&eva));
        assert_eq!(refused.problem(409, "refused")["rule"], "CASE-5");
        stage.post(&cora, &settle, &answer, 200);
        let twice = stage.service.send(&Request::post(&settle, &answer).token(&cora));
        assert_eq!(twice.problem(409, "refused")["rule"], "CASE-5");
        assert_eq!(stage.get(&cora, list)["items"], json!([]));
        // The customer is told once, the case keeps the note, and shows request and answer.
        let sent = letters(db);
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(sent[0].contains("It leaves Louisville tonight."), "{}", sent[0]);
        let notes = db.read(|c| rows::notes(c, 1)).expect("the case's notes");
        assert!(notes[1].3.contains("It leaves Louisville tonight."), "{notes:?}");
        let rma = stage.get(&ann, &format!("/api/v1/rmas/{number}"));
        let case = rma["case_number"].as_str().expect("a case");
        let shown = stage.get(&ann, &format!("/api/v1/cases/{case}"));
        let told = &shown["progress_requests"][0];
        assert_eq!(told["answer"], answer["answer"], "{shown}");
        assert_eq!(told["answered_by"], "customer_care:cora@vendor.example", "{shown}");
        // Answered: another question may be asked.
        ask(&stage, &ann, &number, &again).expect(201);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

#[test]
fn case_5_what_cannot_be_asked_is_refused_and_nothing_is_kept() {
    each_database("requests that do not stand", |db| {
        let stage = Stage::set(db, 2);
        let mut bob = ANN.to_vec();
        bob[3] = "bob@northwind.example";
        let (ann, bob) = (token(db, ANN), token(db, &bob));
        let cora = token(db, &["--role", "customer_care", "--user", "cora@vendor.example"]);
        let (number, ended) = (stage.request(&ann, "SN001"), stage.request(&ann, "SN002"));
        stage.command(&ended, &json!({ "command": "cancel", "reason": "no longer needed" }));
        for token in [&bob, &cora] {
            stage.service.send(&Request::get("/api/v1/cases").token(token)).expect(200);
        }
        let before = snapshot(db);
        let problem = ask(&stage, &ann, &ended, &shipment()).problem(409, "refused");
        assert_eq!(problem["rule"], "CASE-5", "{problem}");
        for (body, field) in [
            (json!({ "about": "reassignment", "text": "x" }), "about"),
            (json!({ "about": "shipment_update", "text": " " }), "text"),
            (json!({ "about": "shipment_update", "text": "x".repeat(2_001) }), "text"),
        ] {
            let problem = ask(&stage, &ann, &number, &body).problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        ask(&stage, &cora, &number, &shipment()).problem(403, "forbidden");
        ask(&stage, &bob, &number, &shipment()).problem(404, "not-found");
        assert_same(&before, &snapshot(db), "a request that does not stand");
    });
}
