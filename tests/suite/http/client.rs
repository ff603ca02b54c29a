//! A client that others would generate from the document takes an RMA through its whole life.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Map, Value};

use super::{Stage, token};
use crate::support::databases::each_database;
use crate::support::outside::{HOW, folder, python};
use crate::support::skipped;

/// The roles that have a hand in it.
const ROLES: &[&str] =
    &["engineer", "logistics", "logistics_lead", "depot", "carrier", "dock", "inspector"];

fn went_well(run: &Output) {
    let said = String::from_utf8_lossy(&run.stdout);
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{told}");
}

#[test]
fn a_generated_client_takes_a_unit_home() {
    let Some((generator, python)) = python("openapi-python-client") else {
        return skipped("the generated client", HOW);
    };
    each_database("the generated client", |db| {
        let stage = Stage::set(db, 1);
        // Everything of the document must have become code: a warning is a failure.
        let generated = Command::new(&generator)
            .args(["generate", "--meta", "none", "--fail-on-warning", "--url"])
            .arg(stage.service.url("/api/v1/openapi.json"))
            .arg("--config")
            .arg(folder().join("client.yml"))
            .arg("--output-path")
            .arg(db.folder().join("homeward_client"))
            .output();
        went_well(&generated.expect("running the generator"));
        let customer =
            ["--role", "customer", "--user", "ann@northwind.example", "--account", "Northwind"];
        let mut tokens = Map::from_iter([("customer".to_owned(), token(db, &customer).into())]);
        for role in ROLES {
            tokens.insert((*role).to_owned(), token(db, &["--role", role]).into());
        }
        let mut run = Command::new(&python)
            .arg(folder().join("whole_life.py"))
            .arg(stage.service.url(""))
            .env("PYTHONPATH", db.folder())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("running Python");
        let mut stdin = run.stdin.take().expect("its standard input");
        stdin.write_all(Value::Object(tokens).to_string().as_bytes()).expect("handing tokens over");
        drop(stdin);
        went_well(&run.wait_with_output().expect("its end"));
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}
