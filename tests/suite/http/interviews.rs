//! Automated RMAs (SYS-5): questions over HTTP that end in an RMA, in a remedy, or with an engineer.

use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

pub const ANN: &[&str] =
    &["--role", "customer", "--user", "ann@northwind.example", "--account", "Northwind"];

/// A stage whose routers are of a family, `switch` unless it is said to be another.
fn stage(db: &TestDatabase, family: &str) -> Stage {
    let stage = Stage::set(db, 3);
    stage.import(
        "products",
        &format!(
            "manufacturer,part_number,description,list_prices,contract_manufacturer,family\n\
             ACME,RT-100,Router,USD 1490.00,Fabrikam,{family}\n"
        ),
    );
    stage
}

fn begin(stage: &Stage, token: &str, serial: &str) -> Value {
    let case = stage.open_case(token, serial);
    let path = format!("/api/v1/cases/{case}/interviews");
    stage.post(token, &path, &json!({ "serial_number": serial }), 201)
}

fn answers(given: &[(&str, &str)]) -> Value {
    given
        .iter()
        .map(|(question, answer)| json!({ "question": question, "answer": answer }))
        .collect()
}

fn send(stage: &Stage, token: &str, interview: &Value, version: &str, given: Value) -> Answer {
    let path = format!("/api/v1/interviews/{}/answers", interview["id"]);
    let body = json!({ "version": version, "answers": given });
    stage.service.send(&Request::post(&path, &body).token(token))
}

fn count(stage: &Stage, list: &str) -> usize {
    stage.get(&stage.admin, list)["items"].as_array().expect("items").len()
}

#[test]
fn sys_5_a_failed_unit_is_replaced_by_its_answers_alone() {
    each_database("a whole automated RMA", |db| {
        let stage = stage(db, "switch");
        let ann = token(db, ANN);
        let begun = begin(&stage, &ann, "SN001");
        assert_eq!(begun["state"], "asking", "{begun}");
        assert_eq!(begun["version"], "builtin-1", "{begun}");
        assert_eq!(begun["question"]["id"], "part", "{begun}");
        assert_eq!(begun["question"]["choices"].as_array().expect("choices").len(), 4, "{begun}");
        let path = format!("/api/v1/interviews/{}", begun["id"]);
        assert_eq!(stage.get(&ann, &path), begun);
        // One answer, twice under one key; then the rest at once.
        let body = json!({ "version": "builtin-1", "answers": answers(&[("part", "whole")]) });
        let first = Request::post(&format!("{path}/answers"), &body).token(&ann);
        let first = first.header("idempotency-key", "part");
        let next = stage.service.send(&first).expect(200);
        assert_eq!(next["question"]["id"], "power", "{next}");
        assert_eq!(stage.service.send(&first).expect(200), next);
        let rest = answers(&[("power", "no"), ("outlet", "yes")]);
        let ended = send(&stage, &ann, &begun, "builtin-1", rest).expect(200);
        assert_eq!(ended["state"], "rma", "{ended}");
        assert_eq!(ended["verdict"]["id"], "dead", "{ended}");
        assert_eq!(ended["answers"].as_array().expect("answers").len(), 3, "{ended}");
        assert_eq!(stage.get(&ann, &path), ended);
        let number = ended["rma_number"].as_str().expect("an RMA").to_owned();
        let rma = stage.get(&ann, &format!("/api/v1/rmas/{number}"));
        assert_eq!(rma["case_number"], begun["case_number"], "{rma}");
        assert_eq!(rma["tracks"]["authorisation"], "created", "{rma}");
        let events = stage.get(&ann, &format!("/api/v1/rmas/{number}/events"));
        for (at, kind) in [(0, "requested"), (1, "created")] {
            let event = &events["events"][at];
            assert_eq!(event["kind"], kind, "{events}");
            assert_eq!(event["actor"], "questionnaire:switch builtin-1", "{events}");
            assert_eq!(
                event["source"], "interview 1 of customer:ann@northwind.example",
                "{events}"
            );
        }
        goes_home(&stage, &number);
        let again = send(&stage, &ann, &begun, "builtin-1", answers(&[("part", "fan")]));
        assert_eq!(again.problem(409, "refused")["rule"], "SYS-5");
        assert_eq!(count(&stage, "/api/v1/tasks"), 0);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

/// A replacement is sent as for any other RMA, and the unit comes back.
pub fn goes_home(stage: &Stage, number: &str) {
    let issued = stage.command(number, &json!({ "command": "issue" }));
    assert_eq!(issued["tracks"]["authorisation"], "issued", "{issued}");
    stage.command(number, &json!({ "command": "allocate", "serial_number": "ST001" }));
    stage.command(number, &json!({ "command": "ship", "carrier": "UPS" }));
    stage.command(number, &json!({ "command": "deliver", "signed_by": "Ann" }));
    let arrival = json!({
        "site": "CM-MX", "marked": number, "serial_number": "SN001",
        "occurred_at": chrono::Utc::now().to_rfc3339()
    });
    stage.post(&stage.admin, "/api/v1/dock/arrivals", &arrival, 200);
    let accepted = stage.command(number, &json!({ "command": "accept" }));
    assert_eq!(accepted["status"], "Closed", "{accepted}");
}

#[test]
fn sys_5_a_remedy_makes_no_rma_and_an_engineer_gets_the_case() {
    each_database("remedies and engineers", |db| {
        let stage = stage(db, "switch");
        let ann = token(db, ANN);
        let begun = begin(&stage, &ann, "SN001");
        let fan = answers(&[("part", "fan"), ("fan-noise", "loud"), ("temperature", "41")]);
        let ended = send(&stage, &ann, &begun, "builtin-1", fan).expect(200);
        assert_eq!(ended["state"], "remedy", "{ended}");
        assert_eq!(ended["verdict"]["steps"].as_array().expect("steps").len(), 2, "{ended}");
        assert_eq!([count(&stage, "/api/v1/rmas"), count(&stage, "/api/v1/tasks")], [0, 0]);

        let begun = begin(&stage, &ann, "SN002");
        let other = answers(&[("part", "other")]);
        let ended = send(&stage, &ann, &begun, "builtin-1", other).expect(200);
        assert_eq!(ended["state"], "engineer", "{ended}");
        let eva = token(db, &["--role", "engineer", "--user", "eva@vendor.example"]);
        let waiting = stage.get(&eva, "/api/v1/tasks?queue=engineer&status=open");
        let task = &waiting["items"][0];
        assert_eq!(task["case_number"], ended["case_number"], "{waiting}");
        assert_eq!(task["reason"], ended["verdict"]["reason"], "{waiting}");
        assert_eq!(task["interview"], ended["id"], "{waiting}");
        let path = format!("/api/v1/tasks/{}/settle", task["id"]);
        let settled = stage.post(&eva, &path, &json!({ "answer": "a licence was missing" }), 200);
        assert_eq!(settled["settled_by"], "engineer:eva@vendor.example", "{settled}");
        let twice = Request::post(&path, &json!({ "answer": "again" })).token(&eva);
        assert_eq!(stage.service.send(&twice).problem(409, "refused")["rule"], "SYS-5");
        assert_eq!(count(&stage, "/api/v1/tasks?status=open"), 0);
        assert_eq!(count(&stage, "/api/v1/tasks?status=closed"), 1);
    });
}

#[test]
fn sys_5_without_a_questionnaire_the_case_goes_to_the_engineers_page_by_page() {
    each_database("a family without a questionnaire", |db| {
        let stage = stage(db, "loom");
        for (serial, token) in [("SN001", &stage.admin), ("SN002", &stage.admin)] {
            let ended = begin(&stage, token, serial);
            assert_eq!(ended["state"], "engineer", "{ended}");
            assert_eq!((&ended["version"], &ended["question"]), (&Value::Null, &Value::Null));
            let reason = "there is no questionnaire for the family loom";
            assert_eq!(ended["verdict"]["reason"], reason, "{ended}");
        }
        // Asked again on the same case, the same unit waits: no second task.
        let first = stage.get(&stage.admin, "/api/v1/tasks?limit=1");
        let case = first["items"][0]["case_number"].as_str().expect("a case");
        let path = format!("/api/v1/cases/{case}/interviews");
        stage.post(&stage.admin, &path, &json!({ "serial_number": "SN001" }), 201);
        let next = first["next"].as_str().expect("another page");
        let second = stage.get(&stage.admin, &format!("/api/v1/tasks?limit=1&cursor={next}"));
        assert_eq!(second["next"], Value::Null, "{second}");
        let serials = [&first, &second].map(|page| page["items"][0]["serial_number"].clone());
        assert_eq!(serials, ["SN001", "SN002"]);
        let other = Request::get(&format!("/api/v1/tasks?status=open&limit=1&cursor={next}"));
        stage.service.send(&other.token(&stage.admin)).problem(400, "bad-cursor");
    });
}

#[test]
fn sys_5_wrong_answers_other_versions_and_other_peoples_interviews_change_nothing() {
    each_database("wrong answers", |db| {
        let stage = stage(db, "switch");
        let ann = token(db, ANN);
        let mut bob = ANN.to_vec();
        bob[3] = "bob@northwind.example";
        let bob = token(db, &bob);
        let begun = begin(&stage, &ann, "SN001");
        // A token's first use of the day is kept with it.
        stage.get(&bob, "/api/v1/cases");
        let before = snapshot(db);
        let good = || answers(&[("part", "fan")]);
        for (given, said) in [
            (json!([]), "1 to 200 answers are needed"),
            (answers(&[("power", "yes")]), "the question asked at this point is \"part\""),
            (answers(&[("part", "tray")]), "none of its answers: whole, fan, port, other"),
            (answers(&[("part", "port"), ("ports", "YES")]), "answer 2, to \"ports\""),
            (
                answers(&[("part", "port"), ("ports", "yes"), ("how-many", "129")]),
                "129 is out of bounds: a whole number from 1 to 128 is asked for",
            ),
            (
                answers(&[("part", "port"), ("ports", "yes"), ("how-many", "one")]),
                "\"one\" is no number",
            ),
            (answers(&[("part", "other"), ("power", "yes")]), "no question is left"),
        ] {
            let refused = send(&stage, &ann, &begun, "builtin-1", given);
            let problem = refused.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "answers", "{problem}");
            let reason = problem["errors"][0]["reason"].as_str().expect("a reason");
            assert!(reason.contains(said), "{reason}");
        }
        let stale = send(&stage, &ann, &begun, "builtin-0", good()).problem(409, "refused");
        assert_eq!(stale["rule"], "SYS-5", "{stale}");
        assert!(stale["detail"].as_str().expect("a detail").contains("asks version builtin-1"));
        let foreign = send(&stage, &bob, &begun, "builtin-1", good()).problem(404, "not-found");
        let absent = send(&stage, &bob, &json!({ "id": 999 }), "builtin-1", good());
        assert_eq!(absent.problem(404, "not-found"), foreign);
        assert_same(&before, &snapshot(db), "answers that cannot be taken");
        // Somebody's RMA is open on the serial meanwhile: no second one, and the answers are not kept.
        let case = begun["case_number"].as_str().expect("a case");
        stage.post(&ann, "/api/v1/rmas", &super::rma(case, "SN001"), 201);
        let before = snapshot(db);
        let fan = answers(&[("part", "fan"), ("fan-noise", "still")]);
        let refused = send(&stage, &ann, &begun, "builtin-1", fan).problem(409, "refused");
        assert_eq!(refused["rule"], "T1", "{refused}");
        assert_same(&before, &snapshot(db), "an RMA that a rule forbids");
        // Nor does a closed case take answers.
        let begun = begin(&stage, &ann, "SN002");
        let closed = format!("/api/v1/cases/{}/close", begun["case_number"].as_str().expect("one"));
        stage.post(&ann, &closed, &json!({}), 200);
        let refused = send(&stage, &ann, &begun, "builtin-1", good()).problem(409, "refused");
        assert_eq!(refused["rule"], "RMA-14", "{refused}");
    });
}

const NEWER: &str = r#"
family = "switch"
version = "2026-2"
[[question]]
id = "smoke"
kind = "yes_no"
text = "Does it smoke?"
yes = "burnt"
no = "look"
[[verdict]]
id = "burnt"
kind = "rma"
diagnosis = "It smokes."
[[verdict]]
id = "look"
kind = "engineer"
reason = "It does not smoke."
"#;

#[test]
fn sys_5_a_version_serves_from_its_day_and_an_interview_keeps_its_own() {
    each_database("versions of a questionnaire", |db| {
        let stage = stage(db, "switch");
        std::fs::write(db.folder().join("newer.toml"), NEWER).expect("a file");
        let add =
            |day: &str| db.homeward(&["questionnaire", "add", "newer.toml", "--effective-on", day]);
        let before = begin(&stage, &stage.admin, "SN001");
        assert_eq!(add("2026-01-01").code, 0);
        let again = add("2026-02-01");
        assert_eq!(again.code, 1, "{again:?}");
        assert!(again.err.contains("switch has a version 2026-2 already"), "{again:?}");
        let listed = db.homeward(&["questionnaire", "list"]).out;
        let expected =
            "optic\talways\tbuiltin-1\nswitch\t2026-01-01\t2026-2\nswitch\talways\tbuiltin-1\n";
        assert_eq!(listed, expected);
        let shown = db.homeward(&["questionnaire", "show", "switch", "--on", "2025-12-31"]);
        assert!(shown.out.contains("version = \"builtin-1\""), "{shown:?}");
        // What is shown can be taken in again.
        std::fs::write(db.folder().join("shown.toml"), &shown.out).expect("a file");
        let checked = db.homeward(&["questionnaire", "check", "shown.toml"]);
        assert_eq!(checked.out, "switch builtin-1: 8 questions, 8 verdicts\n", "{checked:?}");

        let kept = answers(&[("part", "fan"), ("fan-noise", "still")]);
        let kept = send(&stage, &stage.admin, &before, "builtin-1", kept).expect(200);
        assert_eq!((&kept["state"], &kept["version"]), (&json!("rma"), &json!("builtin-1")));
        let newer = begin(&stage, &stage.admin, "SN002");
        assert_eq!(newer["question"]["id"], "smoke", "{newer}");
        // Begun anew on the same case: the first one has ended.
        let case = newer["case_number"].as_str().expect("a case");
        let path = format!("/api/v1/cases/{case}/interviews");
        let anew = stage.post(&stage.admin, &path, &json!({ "serial_number": "SN002" }), 201);
        let all = stage.get(&stage.admin, &path);
        let states: Vec<&Value> =
            all["items"].as_array().expect("items").iter().map(|item| &item["state"]).collect();
        assert_eq!(states, ["abandoned", "asking"], "{all}");
        let ended = answers(&[("smoke", "yes")]);
        let ended = send(&stage, &stage.admin, &anew, "2026-2", ended).expect(200);
        assert_eq!(ended["verdict"]["diagnosis"], "It smokes.", "{ended}");
    });
}

#[test]
fn sys_5_a_questionnaire_with_faults_is_refused_with_each_of_them() {
    let db = TestDatabase::sqlite();
    let wrong = r#"
family = "switch"
version = " "
[[question]]
id = "a"
kind = "yes_no"
text = "Round?"
yes = "b"
no = "nowhere"
[[question]]
id = "b"
kind = "number"
text = "How many?"
least = 1
most = 9
ranges = [{ through = 5, next = "a" }, { through = 8, next = "end" }]
[[question]]
id = "c"
kind = "choice"
text = ""
choices = [{ answer = "x", text = "X", next = "end" }]
[[verdict]]
id = "end"
kind = "remedy"
steps = []
[[verdict]]
id = "end"
kind = "rma"
diagnosis = "twice"
"#;
    std::fs::write(db.folder().join("wrong.toml"), wrong).expect("a file");
    let day = ["--effective-on", "2026-01-01"];
    let checked = db.homeward(&["questionnaire", "check", "wrong.toml"]);
    let added = db.homeward(&[&["questionnaire", "add", "wrong.toml"][..], &day].concat());
    for ran in [checked, added] {
        assert_eq!(ran.code, 1, "{ran:?}");
        for fault in [
            "the document: version \" \" begins or ends with a blank",
            "question \"a\", answer no: \"nowhere\" follows, which is no question and no verdict",
            "question \"a\": a circle: a -> b -> a",
            "question \"b\": its ranges must rise from 1 or more through 9 exactly",
            "question \"c\": text: 1 to 2000 characters are needed",
            "question \"c\": a choice has two answers at the least",
            "question \"c\": no answer leads to it",
            "verdict \"end\": a remedy has one step at the least",
            "verdict \"end\": the id stands twice",
        ] {
            assert!(ran.err.contains(fault), "{fault}: {ran:?}");
        }
    }
    std::fs::write(db.folder().join("odd.toml"), "family = 'x'\nsize = 3\n").expect("a file");
    let odd = db.homeward(&["questionnaire", "check", "odd.toml"]);
    assert!(odd.err.contains("unknown field `size`"), "{odd:?}");
    assert_eq!(db.homeward(&["questionnaire", "list"]).out.lines().count(), 2);
}
