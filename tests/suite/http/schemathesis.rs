//! Schemathesis holds every answer to the OpenAPI document: no failure of the service, and no status,
//! media type, header or body that the document does not know. In a short form; for long, run it by hand
//! with more examples.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::Stage;
use super::access::tokens;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::outside::{HOW, folder, python};
use crate::support::service::Request;
use crate::support::skipped;

/// A cheap way into every state, by the commands that lead there.
const LIVES: &[&[(&str, &str, &str)]] = &[
    &[],
    &[("create", "diagnosis", "dead")],
    &[("create", "diagnosis", "dead"), ("issue", "", "")],
    &[
        ("create", "diagnosis", "dead"),
        ("issue", "", ""),
        ("allocate", "serial_number", "ST002"),
        ("ship", "carrier", "UPS"),
        ("deliver", "signed_by", "Ann"),
    ],
];

/// RMAs in several states, and the settings that know their numbers.
fn fill(stage: &Stage, db: &TestDatabase) {
    let (mut cases, mut rmas) = (Vec::new(), Vec::new());
    for (at, life) in LIVES.iter().enumerate() {
        let number = stage.request(&stage.admin, &format!("SN{:03}", at + 1));
        for (command, field, value) in *life {
            let mut body = json!({ "command": command });
            if !field.is_empty() {
                body[*field] = json!(value);
            }
            stage.command(&number, &body);
        }
        let seen = stage.get(&stage.admin, &format!("/api/v1/rmas/{number}"));
        cases.push(seen["case_number"].clone());
        rmas.push(json!(number));
    }
    let settings = std::fs::read_to_string(folder().join("schemathesis.toml")).expect("settings");
    let list = |values: Vec<Value>| Value::Array(values).to_string();
    let settings = settings.replace("[\"CASES\"]", &list(cases)).replace("[\"RMAS\"]", &list(rmas));
    std::fs::write(db.folder().join("schemathesis.toml"), settings).expect("writing settings");
}

/// Lets it loose with a token for some seconds.
fn meet(program: &Path, stage: &Stage, db: &TestDatabase, role: &str, token: &str, seconds: u32) {
    // A token that is not one would be answered by 401 throughout, as the document says.
    let known = stage.service.send(&Request::get("/api/v1/rmas").token(token)).status;
    assert!(matches!(known, 200 | 403), "{role}: {known}");
    let run = Command::new(program)
        .args(["--config-file", "schemathesis.toml", "run"])
        .arg(stage.service.url("/api/v1/openapi.json"))
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "10"])
        .args(["--continue-on-failure", "--no-color", "--generation-database", "none"])
        .args(["--seed", "1", "--max-time", &seconds.to_string()])
        .env("TOKEN", token)
        .current_dir(db.folder())
        .output()
        .expect("running Schemathesis");
    let said = String::from_utf8_lossy(&run.stdout);
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{role} on {}:\n{said}\n{told}", db.url());
    let passed = said.split_once(" passed").map(|(_, rest)| rest.contains(" generated, "));
    assert_eq!(passed, Some(true), "{role} met nothing:\n{said}\n{told}");
}

#[test]
fn no_answer_is_outside_the_document() {
    let Some((program, _)) = python("schemathesis") else {
        return skipped("Schemathesis", HOW);
    };
    each_database("Schemathesis", |db| {
        let stage = Stage::set(db, 12);
        fill(&stage, db);
        meet(&program, &stage, db, "administrator", &stage.admin, 12);
    });
}

#[test]
fn no_answer_to_any_role_is_outside_the_document() {
    let Some((program, _)) = python("schemathesis") else {
        return skipped("Schemathesis with every role", HOW);
    };
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 12);
    fill(&stage, &db);
    for (role, _, token) in tokens(&db) {
        // Reading the document counts too, and takes two of them on a machine with other work.
        meet(&program, &stage, &db, role.as_str(), &token, 4);
    }
}
