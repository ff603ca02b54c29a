//! Bad input: a clear answer each, and nothing stored.

use serde_json::{Value, json};

use super::{Stage, case, rma};
use crate::support::databases::each_database;
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, snapshot};

/// The problem's first field and its reason.
fn field(answer: &Answer, status: u16, slug: &str) -> (String, String) {
    let problem = answer.problem(status, slug);
    let error = &problem["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["field"]), text(&error["reason"]))
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[test]
fn bad_bodies_name_their_field_and_store_nothing() {
    each_database("bad bodies", |db| {
        let stage = Stage::set(db, 1);
        let number = stage.request(&stage.admin, "SN001");
        let before = snapshot(db);
        let post = |path: &str, body: &Value| {
            stage.service.send(&Request::post(path, body).token(&stage.admin))
        };
        let cases = [
            (with(case("SN001"), "priority", json!("high")), "priority"),
            (with(case("SN001"), "priority", json!(9)), "priority"),
            (with(case("SN001"), "priority", json!(99_999)), "priority"),
            (with(case("SN001"), "colour", json!("red")), "colour"),
            (with(case("SN001"), "summary", json!("")), "summary"),
            (with(case("SN001"), "serial_number", json!(" x")), "serial_number"),
            (with(case("SN001"), "contact_email", json!("a..b@c")), "contact_email"),
            (
                with(case("SN001"), "contact_email", json!("a@b.example\r\nBcc: c@d.example")),
                "contact_email",
            ),
            (json!({}), "priority"),
            // Neither a unit nor software.
            (with(case("SN001"), "serial_number", Value::Null), "serial_number"),
        ];
        for (body, wanted) in cases {
            assert_eq!(field(&post("/api/v1/cases", &body), 422, "invalid").0, wanted, "{body}");
        }
        let wanted = rma("2026-1116-000001", "SN001");
        for at in ["2026-11-16T09:30:00", "2026-11-16", "yesterday", "2026-02-30T00:00:00Z"] {
            let body = with(wanted.clone(), "occurred_at", json!(at));
            let (name, reason) = field(&post("/api/v1/rmas", &body), 422, "invalid");
            assert!(name == "occurred_at" && reason.contains("offset"), "{at}: {name}: {reason}");
        }
        // An id of another kind.
        let body = with(wanted, "case_number", json!(number));
        assert_eq!(field(&post("/api/v1/rmas", &body), 422, "invalid").0, "case_number");
        bad_commands(&stage, &number);
        assert_same(&before, &snapshot(db), "bad bodies");
    });
}

fn bad_commands(stage: &Stage, number: &str) {
    let path = format!("/api/v1/rmas/{number}/commands");
    let send = |body: &Value| {
        let request = Request::post(&path, body).token(&stage.admin);
        stage.service.send(&request.header("if-match", "\"1\""))
    };
    let at = "2026-11-16T09:30:00Z";
    for (body, wanted) in [
        (json!({ "command": "fly", "occurred_at": at }), "command"),
        (json!({ "occurred_at": at }), "command"),
        (json!({ "command": "issue" }), "occurred_at"),
        (json!({ "command": "issue", "occurred_at": 7 }), "occurred_at"),
        (json!({ "command": "deny", "occurred_at": at }), "reason"),
        (json!({ "command": "deny", "reason": "no", "x": 1, "occurred_at": at }), "x"),
        (
            json!({ "command": "backorder", "expected_on": "+262142-12-31", "occurred_at": at }),
            "expected_on",
        ),
        (json!({ "command": "issue", "source": "a\r\nb", "occurred_at": at }), "source"),
        (
            json!({ "command": "report_dead_on_arrival", "symptom": "x", "occurred_at": at }),
            "command",
        ),
    ] {
        let (name, reason) = field(&send(&body), 422, "invalid");
        let said = name == wanted || reason.contains(wanted);
        assert!(said, "{body}: {name}: {reason}");
    }
    let judged = json!({ "command": "create", "diagnosis": "x", "occurred_at": at });
    let without = Request::post(&path, &judged).token(&stage.admin);
    stage.service.send(&without).problem(428, "version-required");
    let stale = without.clone().header("if-match", "\"77\"");
    assert_eq!(stage.service.send(&stale).problem(412, "stale")["current_version"], 1);
    for tag in ["7", "W/\"1\"", "*", "\"x\""] {
        let odd = without.clone().header("if-match", tag);
        assert_eq!(field(&stage.service.send(&odd), 400, "malformed").0, "If-Match", "{tag}");
    }
    let clock = json!({ "command": "fall_due", "occurred_at": at });
    send(&clock).problem(403, "forbidden");
}

#[test]
fn bad_forms_are_told_apart() {
    each_database("bad forms", |db| {
        let stage = Stage::set(db, 1);
        let before = snapshot(db);
        let post = |content_type: &str, body: Vec<u8>| {
            let request = Request::new("POST", "/api/v1/cases").token(&stage.admin);
            stage.service.send(&request.header("content-type", content_type).bytes(body))
        };
        let good = case("SN001").to_string().into_bytes();
        post("text/plain", good.clone()).problem(415, "unsupported-media-type");
        let json = "application/json";
        let twice = [&good[..], b"{}"].concat();
        for body in [&b"{"[..], b"", &twice, b"\xff\xfe", b"nonsense"] {
            post(json, body.to_vec()).problem(400, "malformed");
        }
        post(json, vec![b'['; 100_000]).problem(422, "invalid");
        let deep = format!("{{\"summary\":{}", "[".repeat(100_000));
        let refused = post(json, deep.into_bytes());
        assert!(matches!(refused.status, 400 | 422), "{}", refused.text());
        post(json, vec![b' '; (1 << 20) + 1]).problem(413, "too-large");
        let get = |path: &str| Request::get(path).token(&stage.admin);
        let ask = |path: &str| stage.service.send(&get(path));
        for (header, taken) in [("accept", "image/png"), ("accept-encoding", "identity;q=0, *;q=0")]
        {
            let picky = get("/api/v1/rmas").header(header, taken);
            stage.service.send(&picky).problem(406, "not-acceptable");
        }
        for path in ["/api/v1/rmas/2026-1116-000001", "/api/v1/rmas/x", "/api/v1/cases/R0000000001"]
        {
            assert_eq!(field(&ask(path), 400, "malformed").0, "number", "{path}");
        }
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=501", "limit"),
            ("limit=1e9", "limit"),
            ("limit=1&limit=2", "limit"),
            ("account=a%00b", "account"),
            ("sort=colour", "sort"),
            ("colour=red", "colour"),
            ("created_from=2026-01-01", "created_from"),
            ("due_to=2026-02-30", "due_to"),
            ("due_to=-262143-01-01", "due_to"),
            ("due_from=%2B262142-12-31", "due_from"),
            ("status=ajar", "status"),
        ] {
            assert_eq!(field(&ask(&format!("/api/v1/rmas?{query}")), 422, "invalid").0, name);
        }
        for cursor in ["zz", "7b7d", "é", "00"] {
            let cursor = cursor.replace('é', "%C3%A9");
            ask(&format!("/api/v1/rmas?cursor={cursor}")).problem(400, "bad-cursor");
        }
        assert_eq!(field(&ask("/api/v1/sites/NW%00"), 400, "malformed").0, "code");
        let run = "/api/v1/reports/non-returns/runs?as_of=-262143-01-01";
        let run = Request::post(run, &Value::Null).token(&stage.admin);
        assert_eq!(field(&stage.service.send(&run), 422, "invalid").0, "as_of");
        for (path, allowed) in [("/api/v1/rmas", "GET, HEAD, POST"), ("/livez", "GET, HEAD")] {
            let refused = stage.service.send(&Request::new("PUT", path).token(&stage.admin));
            refused.problem(405, "method-not-allowed");
            assert_eq!(refused.get("allow"), Some(allowed), "{path}");
        }
        ask("/api/v1/nothing").problem(404, "not-found");
        assert_same(&before, &snapshot(db), "bad forms");
    });
}

#[test]
fn a_bad_file_names_every_bad_row_and_stores_nothing() {
    each_database("a bad file", |db| {
        let stage = Stage::set(db, 1);
        let before = snapshot(db);
        let csv = "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
                   ACME,NEW1,RT-100,Northwind,NW-1,2026-01-10,\n\
                   ACME,NEW2,RT-100,Nobody,NW-1,2026-01-10,\n\
                   ACME,NEW3,RT-100,Northwind,NW-1,2026-02-30,\n";
        let send = |path: &str, csv: &str| {
            let request = Request::new("POST", path).token(&stage.admin);
            stage.service.send(&request.header("content-type", "text/csv").bytes(csv))
        };
        let problem = send("/api/v1/imports/units", csv).problem(422, "bad-rows");
        let errors = problem["errors"].as_array().expect("errors");
        let fields: Vec<&str> = errors.iter().filter_map(|e| e["field"].as_str()).collect();
        assert_eq!(fields, ["line 3, account", "line 4, shipped_on"]);
        send("/api/v1/imports/units", "colour\nred\n").problem(422, "bad-rows");
        send("/api/v1/imports/colours", csv).problem(400, "malformed");
        assert_same(&before, &snapshot(db), "a bad file");
        let done = send("/api/v1/imports/units?skip_bad=true", csv).expect(200);
        assert_eq!((&done["added"], &done["refused"]), (&json!(1), &json!(2)), "{done}");
    });
}
