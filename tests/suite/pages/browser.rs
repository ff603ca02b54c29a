//! The portal in a real browser, with the keyboard, light and dark, on a desk and on a phone.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{PASSWORD, stage};
use crate::support::databases::TestDatabase;
use crate::support::outside::{browser, folder};
use crate::support::skipped;

#[test]
fn sys_1_a_real_browser_takes_the_whole_way_and_every_page_is_accessible() {
    let (chromium, node, modules) = match browser() {
        Ok(found) => found,
        Err(how) => return skipped("the portal in a browser", how),
    };
    let db = TestDatabase::sqlite();
    let stage = stage(&db, 1);
    let given = json!({
        "base": stage.service.url(""), "chromium": chromium, "modules": modules,
        "profile": db.folder().join("profile"),
        "email": "ann@northwind.example", "password": PASSWORD, "serial": "SN001",
    });
    let mut run = Command::new(node)
        .arg(folder().join("portal.js"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("running Node.js");
    let mut stdin = run.stdin.take().expect("its standard input");
    stdin.write_all(given.to_string().as_bytes()).expect("handing it over");
    drop(stdin);
    let run = run.wait_with_output().expect("its end");
    let (said, told) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{told}");
    // Each page was looked at in both themes and both widths.
    assert_eq!(said.lines().filter(|line| line.starts_with("looked at ")).count(), 8 * 4, "{said}");
    let listed = stage.get(&stage.admin, "/api/v1/rmas");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    let tasks = stage.get(&stage.admin, "/api/v1/tasks");
    assert_eq!(tasks["items"][0]["reason"], "where is it?", "{tasks}");
}
