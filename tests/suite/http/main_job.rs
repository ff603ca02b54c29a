//! A whole RMA over HTTP.

use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::databases::each_database;
use crate::support::service::Request;

#[test]
fn a_unit_goes_home_over_http() {
    each_database("a whole RMA over HTTP", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(
            db,
            &["--role", "customer", "--user", "Ann@Northwind.example", "--account", "Northwind"],
        );
        let number = stage.request(&ann, "SN001");
        stage.command(&number, &json!({ "command": "create", "diagnosis": "supply dead" }));
        // The one who issues may not charge later; here nobody does.
        let issued = stage.command(&number, &json!({ "command": "issue" }));
        assert_eq!(issued["tracks"]["authorisation"], "issued", "{issued}");
        stage.command(&number, &json!({ "command": "allocate", "serial_number": "ST001" }));
        stage.command(&number, &json!({ "command": "ship", "carrier": "UPS" }));
        let delivered =
            stage.command(&number, &json!({ "command": "deliver", "signed_by": "Ann" }));
        assert!(delivered["due_on"].is_string(), "{delivered}");
        // Every form of the number is the same RMA (AMB-7).
        let digits = number.trim_start_matches("R00");
        for form in
            [number.clone(), format!("R{digits}"), number[1..].trim_start_matches('0').to_owned()]
        {
            let seen = stage.get(&ann, &format!("/api/v1/rmas/{form}"));
            assert_eq!(seen["number"], json!(number), "{form}");
            assert_eq!(seen["due"]["rule"], "RET-1", "{seen}");
        }
        for paper in ["label.pdf", "instructions.pdf", "instructions.pdf?paper=letter"] {
            let path = format!("/api/v1/rmas/{number}/{paper}");
            let pdf = stage.service.send(&Request::get(&path).token(&ann));
            assert_eq!(pdf.status, 200, "{}", pdf.text());
            assert!(pdf.body.starts_with(b"%PDF-"), "{paper}");
        }
        let arrival = json!({
            "site": "CM-MX", "marked": number, "serial_number": "SN001",
            "occurred_at": chrono::Utc::now().to_rfc3339()
        });
        let verdict = stage.post(&stage.admin, "/api/v1/dock/arrivals", &arrival, 200);
        assert_eq!(verdict["verdict"], "receive", "{verdict}");
        let accepted = stage.command(&number, &json!({ "command": "accept" }));
        assert_eq!(accepted["status"], "Closed", "{accepted}");
        let events = stage.get(&ann, &format!("/api/v1/rmas/{number}/events"));
        let kinds: Vec<&str> = events["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter_map(|event| event["kind"].as_str())
            .collect();
        assert!(kinds.starts_with(&["requested", "created", "issued"]), "{kinds:?}");
        assert_eq!(kinds.last(), Some(&"closed"));
        let ran = db.homeward(&["verify"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    });
}

#[test]
fn search_finds_by_every_number() {
    each_database("search over HTTP", |db| {
        let stage = Stage::set(db, 2);
        let number = stage.request(&stage.admin, "SN001");
        stage.request(&stage.admin, "SN002");
        let seen = stage.get(&stage.admin, &format!("/api/v1/rmas/{number}"));
        let case = seen["case_number"].as_str().expect("a case").to_owned();
        let digits: String = case.chars().filter(char::is_ascii_digit).collect();
        let words = [
            case.clone(),
            digits.clone(),
            format!("{digits}%23"),
            number.clone(),
            "SN001".into(),
            "PO-SN001".into(),
        ];
        for word in words {
            for list in ["rmas", "cases"] {
                let found = stage.get(&stage.admin, &format!("/api/v1/{list}?q={word}"));
                let items = found["items"].as_array().expect("items");
                assert_eq!(items.len(), 1, "{list} by {word}: {found}");
                assert_eq!(items[0]["serial_number"], "SN001");
            }
        }
        let unit = stage.get(&stage.admin, "/api/v1/units/ACME/SN001");
        assert_eq!(unit["entitlement"]["rule"], "ENT-3", "{unit}");
        assert_eq!(unit["entitlement"]["warranty"]["rule"], "WAR-1", "{unit}");
        let reports = stage.get(&stage.admin, "/api/v1/reports");
        assert_eq!(reports["items"][0]["name"], "non-returns");
        let run = Request::post("/api/v1/reports/non-returns/runs?as_of=2026-11-17", &Value::Null);
        let csv = stage.service.send(&run.token(&stage.admin));
        assert_eq!(csv.status, 200, "{}", csv.text());
        assert!(csv.text().starts_with("rma_number,"), "{}", csv.text());
    });
}
