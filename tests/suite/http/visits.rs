//! SVC-5, SVC-8 over HTTP: what logistics sees in its queue, and what it is told where something is wrong.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::databases::each_database;
use crate::support::service::{Answer, Request};

/// Numbers and visits of a queue.
fn queue(stage: &Stage, task: &str) -> Vec<(String, String, Value)> {
    let page = stage.get(&stage.admin, &format!("/api/v1/logistics/queue?task={task}"));
    let rows = page["items"].as_array().expect("items").iter();
    let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
    rows.map(|row| (text(row, "number"), text(row, "task"), row["visit"].clone())).collect()
}

fn give(stage: &Stage, token: &str, rma: &str, (body, at): (Value, DateTime<Utc>)) -> Answer {
    let version = stage.get(&stage.admin, &format!("/api/v1/rmas/{rma}"))["version"].clone();
    let mut body = body;
    body["occurred_at"] = json!(at.to_rfc3339());
    let path = format!("/api/v1/rmas/{rma}/commands");
    let request = Request::post(&path, &body).token(token);
    stage.service.send(&request.header("if-match", &format!("\"{version}\"")))
}

fn issued(stage: &Stage, serial: &str, at: DateTime<Utc>) -> String {
    let number = stage.request(&stage.admin, serial);
    stage.command(&number, &json!({ "command": "create", "diagnosis": "supply dead" }));
    give(stage, &stage.admin, &number, (json!({ "command": "issue" }), at)).expect(200);
    number
}

#[test]
fn svc_8_the_queue_has_who_comes_today_and_who_is_overdue() {
    each_database("visits in the queue", |db| {
        let stage = Stage::set(db, 3);
        let mut csv =
            "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n"
                .to_owned();
        for n in 1..=3 {
            csv += &format!("C-ON,Northwind,same_day_onsite,2026-01-01,2035-12-31,ACME,SN00{n}\n");
        }
        stage.import("contracts", &csv);
        let now = Utc::now();
        let overdue = issued(&stage, "SN001", now - TimeDelta::hours(5));
        let [new, far] = ["SN002", "SN003"].map(|serial| issued(&stage, serial, now));
        let row = |number: &String, visit: &str| {
            (number.clone(), "allocate".to_owned(), Value::from(visit))
        };
        assert_eq!(queue(&stage, "visit_overdue"), [row(&overdue, "visit_overdue")]);
        assert_eq!(queue(&stage, "plan_visit"), [row(&new, "plan_visit"), row(&far, "plan_visit")]);
        assert_eq!(queue(&stage, "visit_today"), []);

        // Planned for this very instant, which is today wherever the site is.
        let plan = |at: DateTime<Utc>| json!({ "command": "plan_visit", "engineer": "Eva Field", "at": at.to_rfc3339() });
        let at = Utc::now();
        give(&stage, &stage.admin, &new, (plan(at), at)).expect(200);
        let days = (plan(at + TimeDelta::days(3)), at);
        give(&stage, &stage.admin, &far, days).expect(200);
        assert_eq!(queue(&stage, "visit_today"), [row(&new, "visit_today")]);
        assert_eq!(queue(&stage, "plan_visit"), []);
        let all = queue(&stage, "allocate");
        assert!(all.contains(&(far.clone(), "allocate".to_owned(), Value::Null)), "{all:?}");

        let seen = stage.get(&stage.admin, &format!("/api/v1/rmas/{new}"));
        let visit = &seen["visit"];
        assert_eq!([&visit["state"], &visit["rule"]], ["planned", "SVC-8"], "{seen}");
        assert_eq!(visit["engineer"], "Eva Field", "{seen}");
        let promise = seen["promises"].as_array().expect("promises");
        let promise = promise.iter().find(|promise| promise["what"] == "visit");
        let promise = promise.expect("a promise");
        assert_eq!((&promise["promise"], &promise["met"]), (&json!("visit_by"), &Value::Null));

        // What is wrong is named, and stores nothing.
        let path = format!("/api/v1/rmas/{overdue}/commands");
        let mut body = plan(at + TimeDelta::hours(1));
        body["occurred_at"] = json!(at.to_rfc3339());
        let send =
            |body: &Value, who: &str| stage.service.send(&Request::post(&path, body).token(who));
        send(&body, &stage.admin).problem(428, "version-required");
        let customer = token(db, &["--role", "account_admin", "--account", "Northwind"]);
        assert_eq!(send(&body, &customer).problem(403, "forbidden")["rule"], "SVC-5");
        body["at"] = json!("tomorrow");
        let wrong = send(&body, &stage.admin).problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["field"], "at", "{wrong}");
        let past = give(&stage, &stage.admin, &overdue, (plan(at - TimeDelta::hours(1)), at));
        assert_eq!(past.problem(409, "refused")["rule"], "SVC-5");
        assert_eq!(
            stage.get(&customer, &format!("/api/v1/rmas/{overdue}"))["visit"]["state"],
            "owed"
        );

        let done = json!({
            "command": "record_visit", "outcome": "replaced", "arrived_at": at.to_rfc3339(),
        });
        give(&stage, &stage.admin, &new, (done, at)).expect(200);
        let seen = stage.get(&customer, &format!("/api/v1/rmas/{new}"));
        assert_eq!(seen["visit"]["state"], "done", "{seen}");
        assert_eq!(seen["visit"]["records"][0]["outcome"], "replaced", "{seen}");
        assert_eq!(queue(&stage, "visit_today"), []);
    });
}
