//! AMB-18: a reader chooses the zone that times are shown in.

use chrono::{DateTime, FixedOffset};
use homeward::domain::zone::Zone;
use serde_json::{Value, json};

use super::Stage;
use crate::support::databases::each_database;
use crate::support::service::Request;

const PACIFIC: &str = "America/Los_Angeles";

fn instant(row: &Value, name: &str) -> DateTime<FixedOffset> {
    let text = row[name].as_str().expect("an instant");
    DateTime::parse_from_rfc3339(text).expect("RFC 3339")
}

/// The offset of a zone at an instant, in seconds.
fn offset(zone: &str, at: DateTime<FixedOffset>) -> i32 {
    use chrono::Offset;
    let zone = Zone::parse(zone).expect("a zone");
    at.with_timezone(&zone.tz()).offset().fix().local_minus_utc()
}

#[test]
fn amb_18_lists_show_times_in_the_zone_asked_for_and_say_which() {
    each_database("zones of lists", |db| {
        let stage = Stage::set(db, 3);
        for n in 1..=3 {
            let number = stage.request(&stage.admin, &format!("SN00{n}"));
            stage.command(&number, &json!({ "command": "create", "diagnosis": "dead" }));
        }
        for (list, column) in [
            ("rmas", "created_at"),
            ("rmas", "modified_at"),
            ("cases", "opened_at"),
            ("cases", "modified_at"),
            ("logistics/queue", "created_at"),
        ] {
            let base = format!("/api/v1/{list}?limit=1");
            let plain = stage.get(&stage.admin, &base);
            assert_eq!(plain["zone"], "UTC", "{list}");
            let text = plain["items"][0][column].as_str().expect("an instant");
            assert!(text.ends_with('Z'), "{list} {text}");
            for zone in [PACIFIC, "Asia/Kolkata", "UTC"] {
                let shown = stage.get(&stage.admin, &format!("{base}&zone={zone}"));
                assert_eq!(shown["zone"], zone, "{list}");
                let at = instant(&shown["items"][0], column);
                assert_eq!(at, instant(&plain["items"][0], column), "{list} in {zone}");
                assert_eq!(at.offset().local_minus_utc(), offset(zone, at), "{list} in {zone}");
            }
            // It is how a page is shown, not which: the cursor holds in another zone.
            let next = plain["next"].as_str().expect("a next page");
            stage.get(&stage.admin, &format!("{base}&zone={PACIFIC}&cursor={next}"));
            let bad = Request::get(&format!("{base}&zone=Pacific")).token(&stage.admin);
            let problem = stage.service.send(&bad).problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "zone", "{problem}");
        }
    });
}

#[test]
fn amb_18_a_csv_says_the_zone_in_the_headings_of_its_times() {
    each_database("zones of a CSV", |db| {
        let stage = Stage::set(db, 1);
        stage.request(&stage.admin, "SN001");
        let run = |query: &str| {
            let path = format!("/api/v1/reports/open-rmas/runs{query}");
            let answer =
                stage.service.send(&Request::post(&path, &Value::Null).token(&stage.admin));
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.text()
        };
        let cell = |csv: &str, heading: &str| {
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let headings = reader.headers().expect("headings").clone();
            let at = headings.iter().position(|name| name == heading);
            let at = at.unwrap_or_else(|| panic!("no {heading:?} in {headings:?}"));
            let row = reader.records().next().expect("a row").expect("a row");
            row[at].to_owned()
        };
        let plain = cell(&run(""), "requested_at");
        assert!(plain.ends_with('Z'), "{plain}");
        let parse = |text: &str| DateTime::parse_from_rfc3339(text).expect("RFC 3339");
        let pacific = cell(&run(&format!("?zone={PACIFIC}")), "requested_at (America/Los_Angeles)");
        assert_eq!(parse(&pacific), parse(&plain));
        let at = parse(&pacific);
        assert_eq!(at.offset().local_minus_utc(), offset(PACIFIC, at), "{pacific}");

        let ran =
            db.homeward(&["report", "run", "open-rmas", "--zone", "Asia/Tokyo", "--out", "-"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let tokyo = cell(&ran.out, "requested_at (Asia/Tokyo)");
        assert!(tokyo.ends_with("+09:00"), "{tokyo}");
        assert_eq!(parse(&tokyo), parse(&plain));
    });
}
