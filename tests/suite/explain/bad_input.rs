//! What cannot be answered, each with a clear word, on the command line, in a file and over HTTP.

use super::Bare;
use crate::http::Stage;
use crate::support::databases::TestDatabase;
use crate::support::service::Request;

/// A question, the option that is wrong, and what has to be said of it.
const BAD: &[(&str, &str, &[&str])] = &[
    (
        "return-window --at 2026-11-16T10:00:00Z --calendar XX --zone UTC",
        "calendar",
        &["there is no calendar XX"],
    ),
    (
        "return-window --at 2026-11-16T10:00:00Z --calendar UK --zone UTC",
        "calendar",
        &["did you mean GB"],
    ),
    (
        "return-window --at 2026-11-16T10:00:00Z --calendar us --zone UTC",
        "calendar",
        &["is no calendar code"],
    ),
    ("return-window --at 2026-11-16T10:00:00Z --zone UTC", "calendar", &["a calendar is needed"]),
    (
        "return-window --at 2026-11-16T10:00:00Z --calendar US --zone Amsterdam",
        "zone",
        &["did you mean Europe/Amsterdam"],
    ),
    ("return-window --at 2026-11-16T10:00:00Z --calendar US", "zone", &["a time zone is needed"]),
    (
        "return-window --calendar US --zone America/New_York",
        "at",
        &["an instant with its offset is needed"],
    ),
    (
        "return-window --at 2026-11-16T10:00:00 --calendar US --zone America/New_York",
        "at",
        &["has no offset", "2026-11-16T10:00:00-05:00"],
    ),
    (
        "return-window --at 2026-03-29T02:30:00 --calendar NL --zone Europe/Amsterdam",
        "at",
        &["does not exist in Europe/Amsterdam"],
    ),
    (
        "return-window --at 2026-10-25T02:30 --calendar NL --zone Europe/Amsterdam",
        "at",
        &["happens twice in Europe/Amsterdam", "+01:00", "+02:00"],
    ),
    (
        "return-window --at 2026-11-16 --calendar US --zone America/New_York",
        "at",
        &["is not an instant with its offset"],
    ),
    (
        "return-window --at 2026-02-30T10:00:00Z --calendar US --zone America/New_York",
        "at",
        &["is not an instant"],
    ),
    (
        "return-window --at 2041-11-16T10:00:00Z --calendar US --zone America/New_York",
        "at",
        &["calendar US is known from 2010-01-01 to 2035-12-31", "2041-11-16"],
    ),
    (
        "return-window --at 2026-12-20T10:00:00Z --calendar LK --zone Asia/Colombo",
        "at",
        &["calendar LK is known from 2010-01-01 to 2026-12-31"],
    ),
    (
        "return-window --kind advance --at 2026-11-16T10:00:00Z --calendar US --zone UTC",
        "kind",
        &["advance_replacement, return_to_factory"],
    ),
    (
        "return-window --anchor received --at 2026-11-16T10:00:00Z --calendar US --zone UTC",
        "anchor",
        &["issued, shipped, delivered"],
    ),
    (
        "return-window --at 2026-11-16T10:00:00Z --calendar US --zone UTC --programme 2031.4",
        "programme",
        &["2031.4"],
    ),
    ("warranty", "shipped", &["a date is needed"]),
    ("warranty --shipped 2026-13-01", "shipped", &["is not a day of the calendar"]),
    ("warranty --shipped 26-01-10", "shipped", &["write it as YYYY-MM-DD"]),
    (
        "warranty --shipped 2026-01-10 --resold 2026-01-09",
        "resold",
        &["2026-01-09 is before the factory ship date 2026-01-10"],
    ),
    (
        "replacement --level gold --approved-at 2026-11-16T10:00:00Z",
        "level",
        &["next_day_delivery", "same_day_2_hour"],
    ),
    ("replacement --approved-at 2026-11-16T10:00:00Z", "level", &["a service level is needed"]),
    (
        "replacement --level next_day_ship --approved-at 2026-11-16T10:00:00Z --zone UTC",
        "calendar",
        &["a calendar is needed"],
    ),
    (
        "replacement --level next_day_ship --approved-at 2026-11-16T10:00:00Z --calendar US --zone UTC --cut-off 3pm",
        "cut_off",
        &["write it as 15:00"],
    ),
    (
        "replacement --level next_day_delivery --approved-at 2026-11-16T10:00:00Z --calendar US --zone UTC --site-calendar ZZ",
        "site_calendar",
        &["there is no calendar ZZ"],
    ),
    ("repair --received 2009-12-31 --calendar US", "received", &["2010-01-01 to 2035-12-31"]),
    ("repair --received tomorrow --calendar US", "received", &["is not a date"]),
    ("analysis --received 2026-12-10", "kind", &["ra", "fa"]),
    ("analysis --kind xa --received 2026-12-10", "kind", &["ra, fa"]),
    ("ra-eligibility --requested 2026-12-10", "frs", &["a date is needed"]),
    ("ra-eligibility --frs 2026-12-10", "requested", &["a date is needed"]),
];

/// The question as the parameters of a request, or as a file of one question.
fn options(question: &str) -> (String, Vec<(String, String)>) {
    let mut words = question.split_whitespace();
    let kind = words.next().expect("a question").to_owned();
    let mut options = Vec::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        let name = name.trim_start_matches("--").replace('-', "_");
        options.push((name, value.to_owned()));
    }
    (kind, options)
}

#[test]
fn on_the_command_line() {
    let bare = Bare::new();
    for (question, option, says) in BAD {
        let said = bare.refused(question);
        assert!(said.starts_with(&format!("error: {option}: ")), "{question}: {said}");
        for part in *says {
            assert!(said.contains(part), "{question}: {said}");
        }
    }
}

#[test]
fn in_a_file_the_row_says_it_and_the_rest_is_answered() {
    let bare = Bare::new();
    for (question, option, says) in BAD {
        let (kind, options) = options(question);
        // Columns nobody filled keep a question without options from being an empty line.
        let spare: &[&str] = if options.is_empty() { &["on", "resold"] } else { &[] };
        let mut names: Vec<&str> = options.iter().map(|(name, _)| name.as_str()).collect();
        let mut values: Vec<&str> = options.iter().map(|(_, value)| value.as_str()).collect();
        names.extend(spare);
        values.extend(spare.iter().map(|_| ""));
        let csv = format!("{}\n{}\n", names.join(","), values.join(","));
        std::fs::write(bare.path("in.csv"), &csv).expect("a file of questions");
        let ran = bare.run(&["explain", &kind, "--batch", "in.csv", "--out", "out.csv"]);
        assert_eq!(ran.code, 0, "{question}: {}", ran.err);
        let mut reader = csv::Reader::from_path(bare.path("out.csv")).expect("the answers");
        let row = reader.records().next().expect("an answer").expect("a row");
        let said = row.iter().next_back().expect("the column error");
        assert!(said.starts_with(&format!("{option}: ")), "{csv}: {said}");
        for part in *says {
            assert!(said.contains(part), "{csv}: {said}");
        }
    }
}

#[test]
fn over_http_the_problem_names_the_parameter() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    for (question, option, says) in BAD {
        let (kind, options) = options(question);
        let query: Vec<String> = options
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")))
            .collect();
        let path = format!("/api/v1/explain/{kind}?{}", query.join("&"));
        let answer = stage.service.send(&Request::get(&path).token(&stage.admin));
        let problem = answer.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], *option, "{path}: {problem}");
        let reason = problem["errors"][0]["reason"].as_str().unwrap_or_default();
        // With a database, a programme is sought there too.
        for part in says.iter().filter(|_| *option != "programme") {
            assert!(reason.contains(part), "{path}: {reason}");
        }
    }
    let path = "/api/v1/explain/warranty?shipped=2026-01-10&colour=red";
    let answer = stage.service.send(&Request::get(path).token(&stage.admin));
    assert_eq!(answer.problem(422, "invalid")["errors"][0]["field"], "colour");
}
