//! An account's installed units and their milestones, for whoever may see the account.

use super::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Answer, Request};

fn accounts(stage: &Stage) -> [String; 2] {
    let listed = stage.get(&stage.admin, "/api/v1/accounts");
    let items = listed["items"].as_array().expect("items");
    ["Northwind", "上海远航"].map(|name| {
        items.iter().find(|item| item["name"] == name).expect("the account")["id"].to_string()
    })
}

fn ask(stage: &Stage, token: &str, account: &str, as_of: &str) -> Answer {
    let path = format!("/api/v1/accounts/{account}/product-life.csv?as_of={as_of}");
    stage.service.send(&Request::get(&path).token(token))
}

fn callers(db: &TestDatabase) -> [String; 2] {
    let linked = db.homeward(&["partner", "link", "Cascade", "Northwind"]);
    assert_eq!(linked.code, 0, "{linked:?}");
    [
        token(db, &["--role", "account_admin", "--account", "Northwind"]),
        token(db, &["--role", "partner", "--account", "Cascade"]),
    ]
}

#[test]
fn an_account_is_reported_to_its_own_its_partner_and_staff() {
    each_database("product life over HTTP", |db| {
        let stage = Stage::set(db, 2);
        let [own, foreign] = accounts(&stage);
        let staff = token(db, &["--role", "engineer"]);
        let asked = ["report", "run", "product-life", "--as-of", "2026-11-20", "--out", "-"];
        let by_command = db.homeward(&[&asked[..], &["--account", "Northwind"]].concat());
        for caller in callers(db) {
            let answer = ask(&stage, &caller, &own, "2026-11-20");
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.get("content-type"), Some("text/csv; charset=utf-8"));
            let name = "attachment; filename=\"product-life-2026-11-20.csv\"";
            assert_eq!(answer.get("content-disposition"), Some(name));
            assert_eq!(answer.text(), by_command.out);
            assert!(answer.text().contains(",SN001,") && !answer.text().contains("CN001"));
            ask(&stage, &caller, &foreign, "2026-11-20").problem(404, "not-found");
        }
        for account in [&own, &foreign] {
            assert_eq!(ask(&stage, &staff, account, "2026-11-20").status, 200);
        }
        let ann = ["--role", "customer", "--user", "ann@northwind.example"];
        let ann = token(db, &[&ann[..], &["--account", "Northwind"]].concat());
        ask(&stage, &ann, &own, "2026-11-20").problem(403, "forbidden");
        ask(&stage, &staff, "999999", "2026-11-20").problem(404, "not-found");
        for (as_of, status, slug) in
            [("2026-02-29", 422, "invalid"), ("9000-01-01", 422, "invalid"), ("x", 422, "invalid")]
        {
            let problem = ask(&stage, &staff, &own, as_of).problem(status, slug);
            assert_eq!(problem["errors"][0]["field"], "as_of", "{problem}");
        }
    });
}

#[test]
fn a_report_of_another_kind_under_its_name_is_not_shown_to_accounts() {
    each_database("a report in its place", |db| {
        std::fs::create_dir(db.folder().join("own")).expect("a folder");
        let other = include_str!("../../../reports/non-returns.toml");
        std::fs::write(db.folder().join("own/product-life.toml"), other).expect("a report");
        std::fs::write(db.folder().join("homeward.toml"), "[jobs]\nreports_folder = 'own'\n")
            .expect("settings");
        let stage = Stage::set(db, 1);
        let [own, _] = accounts(&stage);
        for caller in callers(db) {
            let answer = ask(&stage, &caller, &own, "2026-11-20");
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.text().starts_with("account,site,"), "{}", answer.text());
        }
    });
}
