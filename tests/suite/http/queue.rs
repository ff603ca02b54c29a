//! SYS-4: each region's queue of what waits for logistics.

use diesel::prelude::*;
use homeward::db::DbError;
use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::databases::each_database;
use crate::support::files::{pdf, today};
use crate::support::service::Request;

/// The queue as `number task`, read a row a page to its end and back.
fn queue(stage: &Stage, query: &str) -> Vec<(String, String)> {
    let base = format!("/api/v1/logistics/queue?limit=1&{query}");
    let row = |page: &Value| -> Vec<(String, String)> {
        let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
        let rows = page["items"].as_array().expect("items").iter();
        rows.map(|row| (text(row, "number"), text(row, "task"))).collect()
    };
    let mut page = stage.get(&stage.admin, &base);
    let mut there = row(&page);
    while let Some(next) = page["next"].as_str() {
        page = stage.get(&stage.admin, &format!("{base}&cursor={next}"));
        there.extend(row(&page));
    }
    let mut back = row(&page);
    while let Some(previous) = page["previous"].as_str() {
        page = stage.get(&stage.admin, &format!("{base}&cursor={previous}"));
        back = [row(&page), back].concat();
    }
    assert_eq!(there, back, "{query}");
    there
}

/// An RMA requested and created: dispatched to the queue (RMA-3).
fn created(stage: &Stage, serial: &str) -> String {
    let number = stage.request(&stage.admin, serial);
    stage.command(&number, &json!({ "command": "create", "diagnosis": "supply dead" }));
    number
}

#[test]
fn sys_4_each_region_has_its_queue_of_what_waits_for_logistics() {
    each_database("queues", |db| {
        let stage = Stage::set(db, 4);
        stage.import(
            "sites",
            "code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar\n\
             SH-1,上海机房,customer,上海远航,,APAC,浦东|上海,CN,Asia/Shanghai,CN\n\
             DEP-2,Depot 2,depot,,,APAC,Waigaoqiao,CN,Asia/Shanghai,CN\n",
        );
        // Waits for an engineer, not for logistics.
        stage.request(&stage.admin, "SN001");
        let [new, held, issued] = ["SN002", "SN003", "SN004"].map(|serial| created(&stage, serial));
        let far = created(&stage, "CN001");
        let hold = json!({ "command": "hold", "reason": "information", "note": "which suite?" });
        stage.command(&held, &hold);
        stage.command(&issued, &json!({ "command": "issue" }));
        let row = |number: &String, task: &str| (number.clone(), task.to_owned());

        let waiting = [row(&new, "issue"), row(&held, "hold"), row(&issued, "allocate")];
        assert_eq!(queue(&stage, "region=AMER"), waiting);
        let mut turned = waiting.clone();
        turned.reverse();
        assert_eq!(queue(&stage, "region=AMER&sort=-created_at"), turned);
        assert_eq!(queue(&stage, "region=APAC"), [row(&far, "issue")]);
        assert_eq!(queue(&stage, "region=AMER&task=hold"), [row(&held, "hold")]);
        assert_eq!(queue(&stage, "").len(), 4);

        let seen = stage.get(&stage.admin, "/api/v1/logistics/queue?region=AMER&task=allocate");
        let one = &seen["items"][0];
        assert!(one["promised_on"].is_string(), "{one}");
        assert_eq!((&one["region"], &one["site"]), (&json!("AMER"), &json!("Northwind Austin")));
        let seen = stage.get(&stage.admin, "/api/v1/logistics/queue?task=hold");
        assert_eq!(seen["items"][0]["reason"], "information");

        // What is done leaves; what fails comes back.
        let next = |command: Value, task: Option<&str>| {
            stage.command(&issued, &command);
            let left = queue(&stage, "region=AMER").into_iter().find(|row| row.0 == issued);
            assert_eq!(left.map(|row| row.1).as_deref(), task, "after {command}");
        };
        next(json!({ "command": "backorder" }), Some("await_stock"));
        next(json!({ "command": "allocate", "serial_number": "ST001" }), Some("ship"));
        // The box left without the label of the return (AMB-26).
        next(json!({ "command": "ship", "carrier": "UPS" }), Some("send_label"));
        next(json!({ "command": "fail_delivery", "reason": "lost" }), Some("send_again"));
        next(json!({ "command": "deliver" }), Some("send_label"));
        let proof = stage.attach(&issued, "delivery_proof", &pdf("slip 7"));
        let today = today();
        let claim = json!({ "command": "claim_delivery", "proof": "slip 7", "delivered_on": today, "attachments": [proof] });
        next(claim, Some("decide_claim"));
        next(json!({ "command": "uphold_claim", "found": false }), None);

        for (query, field) in
            [("region=AMERICA", "region"), ("task=sleep", "task"), ("zone=Mars/Base", "zone")]
        {
            let path = format!("/api/v1/logistics/queue?{query}");
            let answer = stage.service.send(&Request::get(&path).token(&stage.admin));
            assert_eq!(answer.problem(422, "invalid")["errors"][0]["field"], field);
        }
    });
}

/// A repaired unit has to go home; while its analysis is at work it stays (T16).
#[test]
fn war_5_a_repaired_unit_waits_to_go_home() {
    each_database("repaired units in queues", |db| {
        let stage = Stage::set(db, 1);
        // Without a contract: a return to factory on warranty.
        let units =
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n";
        let unit = |serial: &str| {
            let (shipped, registered) = (days_ago(60), days_ago(50));
            format!("ACME,{serial},RT-100,Northwind,NW-1,{shipped},{registered}\n")
        };
        stage.import("units", &format!("{units}{}{}", unit("WA001"), unit("WA002")));
        let [plain, analysed] = ["WA001", "WA002"].map(|serial| {
            let number = created(&stage, serial);
            stage.command(&number, &json!({ "command": "issue" }));
            let issued = stage.get(&stage.admin, &format!("/api/v1/rmas/{number}"));
            assert_eq!(issued["terms"]["mode"], "return_to_factory", "{issued}");
            number
        });
        stage.command(&analysed, &json!({ "command": "request_analysis" }));
        assert_eq!(queue(&stage, ""), []);
        let task = |number: &str| {
            let found = queue(&stage, "region=AMER").into_iter().find(|row| row.0 == number);
            found.map(|row| row.1)
        };
        for (number, serial) in [(&plain, "WA001"), (&analysed, "WA002")] {
            let arrival = json!({
                "site": "CM-MX", "marked": number, "serial_number": serial,
                "occurred_at": chrono::Utc::now().to_rfc3339()
            });
            stage.post(&stage.admin, "/api/v1/dock/arrivals", &arrival, 200);
            stage.command(number, &json!({ "command": "accept" }));
            stage.command(number, &json!({ "command": "start_repair" }));
            assert_eq!(task(number), None);
            stage.command(number, &json!({ "command": "finish_repair", "outcome": "repaired" }));
        }
        assert_eq!(task(&plain).as_deref(), Some("ship"));
        assert_eq!(task(&analysed), None, "kept for its analysis");
        let seen = stage.get(&stage.admin, "/api/v1/logistics/queue?task=ship");
        let rma = stage.get(&stage.admin, &format!("/api/v1/rmas/{plain}"));
        assert!(rma["repair_due_on"].is_string(), "{rma}");
        assert_eq!(seen["items"][0]["promised_on"], rma["repair_due_on"], "{seen}");

        let decline = json!({ "command": "decline_analysis", "reason": "nothing to learn" });
        stage.command(&analysed, &decline);
        assert_eq!(task(&analysed).as_deref(), Some("ship"), "declined");
        for number in [&plain, &analysed] {
            stage.command(number, &json!({ "command": "ship", "carrier": "UPS" }));
        }
        assert_eq!(queue(&stage, ""), []);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

fn days_ago(days: i64) -> chrono::NaiveDate {
    chrono::Utc::now().date_naive() - chrono::TimeDelta::days(days)
}

#[test]
fn what_was_promised_is_told_or_said_to_be_damaged() {
    each_database("a damaged promise", |db| {
        let stage = Stage::set(db, 1);
        let number = created(&stage, "SN001");
        stage.command(&number, &json!({ "command": "issue" }));
        let damage = "UPDATE rmas SET ship_due = '{\"promise\":\"some day\"}'";
        let done = db.write(|c| diesel::sql_query(damage).execute(c).map_err(DbError::from));
        assert_eq!(done.expect("a row"), 1);
        let path = "/api/v1/logistics/queue";
        stage.service.send(&Request::get(path).token(&stage.admin)).problem(500, "internal");
    });
}

#[test]
fn sys_4_a_queue_is_for_those_who_work_it() {
    each_database("who sees queues", |db| {
        let stage = Stage::set(db, 1);
        created(&stage, "SN001");
        let ann = token(
            db,
            &["--role", "customer", "--user", "Ann@Northwind.example", "--account", "Northwind"],
        );
        let path = "/api/v1/logistics/queue?region=AMER";
        stage.service.send(&Request::get(path).token(&ann)).problem(403, "forbidden");
        for role in ["logistics", "depot", "engineer"] {
            let staff = token(db, &["--role", role, "--user", "sam@homeward.example"]);
            assert_eq!(stage.get(&staff, path)["items"].as_array().map(Vec::len), Some(1));
        }
    });
}
