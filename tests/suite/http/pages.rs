//! Pages: every column, both directions, both ends, while rows change.

use homeward::db::lists::{CaseSort, RmaSort};
use serde_json::Value;

use super::Stage;
use crate::support::databases::each_database;

const UNITS: usize = 12;

fn numbers(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()).collect()
}

/// Reads a list page by page to its end, and back again to its beginning.
fn there_and_back(stage: &Stage, list: &str, sort: &str) -> Vec<String> {
    let base = format!("/api/v1/{list}?limit=5&sort={sort}");
    let mut page = stage.get(&stage.admin, &base);
    assert!(page["previous"].is_null(), "{page}");
    let mut there = numbers(&page);
    while let Some(next) = page["next"].as_str() {
        page = stage.get(&stage.admin, &format!("{base}&cursor={next}"));
        there.extend(numbers(&page));
    }
    let mut back = numbers(&page);
    while let Some(previous) = page["previous"].as_str() {
        page = stage.get(&stage.admin, &format!("{base}&cursor={previous}"));
        let mut before = numbers(&page);
        before.extend(back);
        back = before;
    }
    assert_eq!(there, back, "{list} by {sort}");
    there
}

#[test]
fn every_column_sorts_both_ways_and_every_row_comes_once() {
    each_database("sorting", |db| {
        let stage = Stage::set(db, UNITS);
        for n in 1..=UNITS {
            stage.request(&stage.admin, &format!("SN{n:03}"));
        }
        let rmas = RmaSort::ALL.iter().map(|sort| ("rmas", sort.as_str()));
        let cases = CaseSort::ALL.iter().map(|sort| ("cases", sort.as_str()));
        for (list, sort) in rmas.chain(cases) {
            let up = there_and_back(&stage, list, sort);
            let mut down = there_and_back(&stage, list, &format!("-{sort}"));
            down.reverse();
            assert_eq!(up, down, "{list} by {sort}");
            let mut once = up.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), UNITS, "{list} by {sort}: {up:?}");
        }
    });
}

#[test]
fn pages_are_stable_while_rows_come_and_change() {
    each_database("stable pages", |db| {
        let stage = Stage::set(db, UNITS);
        let before: Vec<String> =
            (1..=8).map(|n| stage.request(&stage.admin, &format!("SN{n:03}"))).collect();
        let base = "/api/v1/rmas?limit=3&sort=-created_at";
        let mut page = stage.get(&stage.admin, base);
        let mut seen = numbers(&page);
        let mut fresh = 9;
        while let Some(next) = page["next"].as_str().map(str::to_owned) {
            // One comes at the list's beginning, one that was seen changes.
            stage.request(&stage.admin, &format!("SN{fresh:03}"));
            fresh += 1;
            let create = serde_json::json!({ "command": "create", "diagnosis": "dead" });
            stage.command(&seen[fresh - 10], &create);
            page = stage.get(&stage.admin, &format!("{base}&cursor={next}"));
            seen.extend(numbers(&page));
        }
        let mut expected = before;
        expected.reverse();
        assert_eq!(seen, expected);
    });
}

#[test]
fn filters_narrow_by_every_column() {
    each_database("filters", |db| {
        let stage = Stage::set(db, 3);
        let number = stage.request(&stage.admin, "SN001");
        stage.request(&stage.admin, "CN002");
        let one = stage.get(&stage.admin, &format!("/api/v1/rmas/{number}"));
        let case = one["case_number"].as_str().expect("a case");
        let count =
            |query: &str| numbers(&stage.get(&stage.admin, &format!("/api/v1/{query}"))).len();
        for filter in [
            format!("number={number}"),
            "account=Northwind".to_owned(),
            format!("case_number={case}"),
            "serial_number=SN001".to_owned(),
        ] {
            assert_eq!(count(&format!("rmas?{filter}")), 1, "{filter}");
        }
        for filter in [
            "status=Open",
            "part_number=RT-100",
            "stage=requested",
            "created_from=2026-01-01T00:00:00Z",
        ] {
            assert_eq!(count(&format!("rmas?{filter}")), 2, "{filter}");
        }
        for filter in [
            "status=Closed",
            "stage=closed",
            "due_from=2020-01-01",
            "created_before=2020-01-01T00:00:00%2B02:00",
        ] {
            assert_eq!(count(&format!("rmas?{filter}")), 0, "{filter}");
        }
        for filter in ["site_code=NW-1", "account=Northwind", "site=Northwind%20Austin"] {
            assert_eq!(count(&format!("cases?{filter}")), 1, "{filter}");
        }
        for filter in ["status=Open", "contact=Ann", "platform=RT-100", "priority=3"] {
            assert_eq!(count(&format!("cases?{filter}")), 2, "{filter}");
        }
    });
}
