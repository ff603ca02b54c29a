//! A case closes with the customer's agreement, apart from its RMAs (RMA-14).

use serde_json::{Value, json};

use super::interviews::{ANN, goes_home};
use super::{Stage, rma, token};
use crate::support::databases::each_database;
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

fn close(stage: &Stage, token: &str, case: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/cases/{case}/close");
    stage.service.send(&Request::post(&path, body).token(token))
}

/// The refusal's words, held to the rule.
fn refused(answer: &Answer) -> String {
    let problem = answer.problem(409, "refused");
    assert_eq!(problem["rule"], "RMA-14", "{problem}");
    problem["detail"].as_str().expect("a detail").to_owned()
}

#[test]
fn rma_14_a_case_closes_when_the_customer_agrees_and_no_rma_is_open() {
    each_database("a case and its end", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(db, ANN);
        let case = stage.open_case(&ann, "SN001");
        let requested = stage.post(&ann, "/api/v1/rmas", &rma(&case, "SN001"), 201);
        let number = requested["number"].as_str().expect("a number");
        let before = snapshot(db);
        let waits = refused(&close(&stage, &ann, &case, &json!({})));
        assert!(waits.contains(&format!("{number} is open")), "{waits}");
        assert_same(&before, &snapshot(db), "a case with an open RMA");
        stage.command(number, &json!({ "command": "create", "diagnosis": "dead" }));
        goes_home(&stage, number);
        // The RMA has closed by itself; the case waits for the customer's word.
        let path = format!("/api/v1/cases/{case}");
        assert_eq!(stage.get(&ann, &path)["status"], "Open");
        let request = Request::post(&format!("{path}/close"), &json!({})).token(&ann);
        let request = request.header("idempotency-key", "agreed");
        let closed = stage.service.send(&request).expect(200);
        assert_eq!(closed["status"], "Closed", "{closed}");
        assert_eq!(closed["agreed_by"], "ann@northwind.example", "{closed}");
        assert_eq!(closed["closed_by"], "customer:ann@northwind.example", "{closed}");
        assert_eq!(stage.service.send(&request).expect(200), closed);
        assert!(refused(&close(&stage, &ann, &case, &json!({}))).contains("closed already"));
        let shown = stage.get(&ann, &path);
        assert_eq!(
            (&shown["status"], &shown["rmas"][0]["number"]),
            (&json!("Closed"), &json!(number))
        );
        assert_eq!(shown["closings"][0]["agreed_at"], closed["agreed_at"], "{shown}");
        let listed = stage.get(&ann, "/api/v1/cases?status=Closed");
        assert_eq!(listed["items"][0]["number"], case.as_str(), "{listed}");
        // What fails later is another problem.
        let before = snapshot(db);
        let late = Request::post("/api/v1/rmas", &rma(&case, "SN002")).token(&ann);
        assert!(refused(&stage.service.send(&late)).contains("open a new case"));
        let asked = json!({ "serial_number": "SN002" });
        let begun = Request::post(&format!("{path}/interviews"), &asked).token(&ann);
        assert!(refused(&stage.service.send(&begun)).contains("open a new case"));
        assert_same(&before, &snapshot(db), "a closed case");
        // But its own RMA opens it again.
        stage.command(number, &json!({ "command": "reopen", "reason": "the wrong unit came" }));
        let shown = stage.get(&ann, &path);
        assert_eq!(shown["status"], "Open", "{shown}");
        assert_eq!(shown["closings"][0]["reopened_by"], number, "{shown}");
        stage.command(number, &json!({ "command": "close" }));
        close(&stage, &ann, &case, &json!({})).expect(200);
        let shown = stage.get(&ann, &path);
        assert_eq!(shown["closings"].as_array().map(Vec::len), Some(2), "{shown}");
        assert_eq!(shown["closings"][1]["reopened_at"], Value::Null, "{shown}");
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

#[test]
fn rma_14_staff_name_who_agreed_and_nobody_closes_what_is_foreign() {
    each_database("an agreement", |db| {
        let stage = Stage::set(db, 3);
        let cora = token(db, &["--role", "customer_care", "--user", "cora@vendor.example"]);
        let eva = token(db, &["--role", "engineer", "--user", "eva@vendor.example"]);
        let leo = token(db, &["--role", "logistics", "--user", "leo@vendor.example"]);
        let mut bob = ANN.to_vec();
        bob[3] = "bob@northwind.example";
        let (ann, bob) = (token(db, ANN), token(db, &bob));
        let case = stage.open_case(&ann, "SN001");
        for token in [&cora, &eva, &leo, &bob] {
            stage.service.send(&Request::get("/api/v1/cases").token(token)).expect(200);
        }
        let before = snapshot(db);
        let later = chrono::Utc::now() + chrono::TimeDelta::hours(1);
        for (body, field, said) in [
            (json!({}), "agreed_by", "name who of the customer's agreed"),
            (json!({ "agreed_by": " " }), "agreed_by", "who agreed"),
            (
                json!({ "agreed_by": "Ann", "agreed_at": later.to_rfc3339() }),
                "agreed_at",
                "still to come",
            ),
            (
                json!({ "agreed_by": "Ann", "agreed_at": "2020-01-01T10:00:00Z" }),
                "agreed_at",
                "before the case was opened",
            ),
        ] {
            let problem = close(&stage, &cora, &case, &body).problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
            let reason = problem["errors"][0]["reason"].as_str().expect("a reason");
            assert!(reason.contains(said), "{reason}");
        }
        let agreed = json!({ "agreed_by": "Ann Example" });
        close(&stage, &leo, &case, &agreed).problem(403, "forbidden");
        let foreign = close(&stage, &bob, &case, &agreed).problem(404, "not-found");
        let absent = close(&stage, &bob, "2020-0101-000001", &agreed);
        assert_eq!(absent.problem(404, "not-found")["title"], foreign["title"]);
        assert_same(&before, &snapshot(db), "an agreement that does not stand");
        let closed = close(&stage, &cora, &case, &agreed).expect(200);
        assert_eq!(closed["agreed_by"], "Ann Example", "{closed}");
        assert_eq!(closed["closed_by"], "customer_care:cora@vendor.example", "{closed}");
        let second = stage.open_case(&ann, "SN002");
        close(&stage, &eva, &second, &agreed).expect(200);
        let third = stage.open_case(&ann, "SN003");
        close(&stage, &stage.admin, &third, &agreed).expect(200);
    });
}

/// Of a close and a request at the same moment one is refused: a closed case has no open RMA.
#[test]
fn rma_14_a_close_and_a_request_at_once_do_not_both_stand() {
    const CASES: usize = 12;
    each_database("closes and requests at once", |db| {
        let stage = Stage::set(db, CASES);
        for n in 1..=CASES {
            let serial = format!("SN{n:03}");
            let case = stage.open_case(&stage.admin, &serial);
            let agreed = json!({ "agreed_by": "Ann" });
            let request = Request::post("/api/v1/rmas", &rma(&case, &serial)).token(&stage.admin);
            let (closed, requested) = std::thread::scope(|threads| {
                let closed = threads.spawn(|| close(&stage, &stage.admin, &case, &agreed));
                let requested = stage.service.send(&request);
                (closed.join().expect("an answer"), requested)
            });
            let lost = match (closed.status, requested.status) {
                (200, 409) => &requested,
                (409, 201) => &closed,
                both => panic!("{both:?}: {} {}", closed.text(), requested.text()),
            };
            refused(lost);
            let shown = stage.get(&stage.admin, &format!("/api/v1/cases/{case}"));
            let open = if closed.status == 200 { "Closed" } else { "Open" };
            assert_eq!(shown["status"], open, "{shown}");
        }
    });
}

#[test]
fn rma_14_what_waits_for_an_engineer_is_settled_with_the_case() {
    each_database("a closing and its tasks", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(db, ANN);
        let asked = |serial: &str| {
            let case = stage.open_case(&ann, serial);
            // Its product belongs to no family: an engineer has to look.
            let path = format!("/api/v1/cases/{case}/interviews");
            stage.post(&ann, &path, &json!({ "serial_number": serial }), 201);
            case
        };
        let (case, other) = (asked("SN001"), asked("SN002"));
        let closed = close(&stage, &ann, &case, &json!({})).expect(200);
        assert_eq!(closed["settled_tasks"], json!([1]), "{closed}");
        let tasks = stage.get(&stage.admin, "/api/v1/tasks");
        let found = tasks["items"].as_array().expect("tasks");
        let of =
            |case: &str| found.iter().find(|task| task["case_number"] == case).expect("a task");
        assert_eq!(of(&case)["settled_by"], closed["closed_by"], "{tasks}");
        assert!(of(&case)["answer"].as_str().is_some_and(|a| a.contains("closed")), "{tasks}");
        assert!(of(&other)["settled_at"].is_null(), "{tasks}");
        let closed = close(&stage, &ann, &stage.open_case(&ann, "SN001"), &json!({})).expect(200);
        assert_eq!(closed["settled_tasks"], json!([]), "{closed}");
    });
}
