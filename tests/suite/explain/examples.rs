//! The worked examples of the rulebook's Part 5, by rule, as `homeward explain` answers them.

use serde_json::Value;

use homeward::app::import::Subject;

use super::Bare;
use crate::support::bring_in::bring_in;
use crate::support::databases::each_database;
use crate::support::world::World;

/// Rule, example, question, and what the answer says.
type Example = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const EXAMPLES: &[Example] = &[
    (
        "RET-1",
        "1 delivered",
        "return-window --at 2026-11-16T10:00:00-05:00 --calendar US --zone America/New_York",
        &[("due_on", "2026-12-01"), ("anchor", "delivered"), ("anchor_on", "2026-11-16")],
    ),
    (
        "RET-1",
        "1 issued",
        "return-window --anchor issued --at 2026-11-12T10:00:00-05:00 --calendar US --zone America/New_York",
        &[("due_on", "2026-11-27"), ("anchor", "issued")],
    ),
    (
        "RET-1",
        "1 a return to factory, from its issue",
        "return-window --kind return_to_factory --at 2026-11-12T10:00:00-05:00 --calendar US --zone America/New_York",
        &[("due_on", "2026-11-27"), ("anchor", "issued")],
    ),
    (
        "RET-1",
        "2",
        "return-window --at 2026-11-16T10:00:00+01:00 --calendar NL --zone Europe/Amsterdam",
        &[("due_on", "2026-11-30"), ("calendar", "NL"), ("zone", "Europe/Amsterdam")],
    ),
    (
        "RET-1",
        "3 US",
        "return-window --at 2026-12-18T10:00:00-05:00 --calendar US --zone America/New_York",
        &[("due_on", "2027-01-05")],
    ),
    (
        "RET-1",
        "3 NL",
        "return-window --at 2026-12-18T10:00:00+01:00 --calendar NL --zone Europe/Amsterdam",
        &[("due_on", "2027-01-05")],
    ),
    (
        "RET-1",
        "4 a Saturday",
        "return-window --at 2026-11-14T10:00:00-05:00 --calendar US --zone America/New_York",
        &[("due_on", "2026-11-30")],
    ),
    (
        "RET-1",
        "6 Riyadh",
        "return-window --at 2026-06-05T10:00:00+03:00 --calendar SA --zone Asia/Riyadh",
        &[("due_on", "2026-06-18")],
    ),
    (
        "RET-1",
        "the local date at the site, not in UTC",
        "return-window --at 2026-11-16T02:00:00Z --calendar US --zone America/New_York",
        &[("due_on", "2026-11-30"), ("anchor_on", "2026-11-15")],
    ),
    (
        "WAR-5",
        "8",
        "repair --received 2026-11-30 --calendar MX",
        &[("due_on", "2026-12-29"), ("anchor_on", "2026-11-30")],
    ),
    (
        "AMB-6",
        "9",
        "replacement --level next_day_delivery --approved-at 2026-03-27T13:30:00Z --calendar NL --zone Europe/Amsterdam --cut-off 15:00",
        &[("due_on", "2026-03-30")],
    ),
    (
        "AMB-6",
        "11 before the cut-off",
        "replacement --level next_day_delivery --approved-at 2026-12-24T14:59:00-05:00 --calendar US --zone America/Kentucky/Louisville",
        &[("due_on", "2026-12-28")],
    ),
    (
        "AMB-6",
        "11 after the cut-off",
        "replacement --level next_day_onsite --approved-at 2026-12-24T15:01:00-05:00 --calendar US --zone America/Kentucky/Louisville",
        &[("due_on", "2026-12-29")],
    ),
    (
        "AMB-6",
        "a later cut-off, and a site with days off of its own",
        "replacement --level next_day_delivery --approved-at 2026-04-02T16:00:00+02:00 --calendar NL --zone Europe/Amsterdam --cut-off 17:30 --site-calendar DE",
        &[("due_on", "2026-04-07")],
    ),
    (
        "AMB-6",
        "four elapsed hours, through the night",
        "replacement --level same_day --approved-at 2026-12-25T23:00:00Z",
        &[("due_at", "2026-12-26T03:00:00Z")],
    ),
    (
        "AMB-6",
        "two elapsed hours, across a clock change",
        "replacement --level same_day_2_hour --approved-at 2026-03-29T01:30:00+01:00 --zone Europe/Amsterdam",
        &[("due_at", "2026-03-29T02:30:00Z")],
    ),
    (
        "SVC-1",
        "no hardware option",
        "replacement --level core --approved-at 2026-12-24T14:59:00-05:00",
        &[("verdict", "none")],
    ),
    (
        "SVC-2",
        "nothing in advance",
        "replacement --level core_plus --approved-at 2026-12-24T14:59:00-05:00",
        &[("verdict", "none")],
    ),
    (
        "WAR-1",
        "13 the last covered day",
        "warranty --shipped 2026-03-15 --on 2027-03-14",
        &[("start_on", "2026-03-15"), ("last_covered_on", "2027-03-14"), ("covered", "true")],
    ),
    (
        "WAR-1",
        "13 the day after",
        "warranty --shipped 2026-03-15 --on 2027-03-15",
        &[("last_covered_on", "2027-03-14"), ("covered", "false"), ("provisional", "false")],
    ),
    (
        "WAR-2",
        "15 resold",
        "warranty --shipped 2026-01-10 --resold 2026-02-20 --distributor",
        &[("start_on", "2026-02-20"), ("last_covered_on", "2027-02-19")],
    ),
    (
        "WAR-2",
        "15 resold late",
        "warranty --shipped 2026-01-10 --resold 2026-06-01 --distributor",
        &[("start_on", "2026-04-10"), ("last_covered_on", "2027-04-09"), ("provisional", "false")],
    ),
    (
        "AMB-2",
        "15 resale unknown",
        "warranty --shipped 2026-01-10 --distributor",
        &[("start_on", "2026-04-10"), ("provisional", "true")],
    ),
    (
        "WAR-1",
        "AMB-4, an anniversary without its day rolls forward",
        "warranty --shipped 2028-02-29",
        &[("last_covered_on", "2029-02-28")],
    ),
    (
        "ANA-6",
        "16 repair analysis",
        "analysis --kind ra --received 2026-12-10",
        &[("due_on", "2027-01-09"), ("anchor", "received")],
    ),
    (
        "ANA-7",
        "16 failure analysis, agreed with the unit there",
        "analysis --kind fa --received 2026-12-10 --agreed 2027-01-12",
        &[("due_on", "2027-01-27"), ("anchor", "agreed"), ("anchor_on", "2027-01-12")],
    ),
    (
        "ANA-7",
        "16 to the letter",
        "analysis --kind fa --received 2026-12-10",
        &[("due_on", "2026-12-25"), ("anchor", "received")],
    ),
    (
        "ANA-7",
        "AMB-16, agreed before the unit came",
        "analysis --kind fa --received 2027-01-12 --agreed 2026-12-10",
        &[("due_on", "2027-01-27"), ("anchor", "received")],
    ),
    (
        "ANA-2",
        "AMB-17, the anniversary itself",
        "ra-eligibility --frs 2021-11-20 --requested 2026-11-20",
        &[("verdict", "no_approval")],
    ),
    (
        "ANA-3",
        "AMB-17, the day after",
        "ra-eligibility --frs 2021-11-20 --requested 2026-11-21",
        &[("verdict", "approval")],
    ),
    (
        "ANA-2",
        "five years from a leap day",
        "ra-eligibility --frs 2020-02-29 --requested 2025-03-01",
        &[("verdict", "no_approval")],
    ),
    (
        "ANA-3",
        "five years from a leap day, the day after",
        "ra-eligibility --frs 2020-02-29 --requested 2025-03-02",
        &[("verdict", "approval")],
    ),
    (
        "ANA-4",
        "end of life goes before the five years",
        "ra-eligibility --frs 2024-01-01 --requested 2026-11-20 --eol 2026-11-20",
        &[("verdict", "refused"), ("anchor_on", "2026-11-20")],
    ),
    (
        "ANA-2",
        "end of life announced, not passed",
        "ra-eligibility --frs 2024-01-01 --requested 2026-11-20 --eol 2026-11-21 --eos 2027-11-21",
        &[("verdict", "no_approval")],
    ),
    (
        "ANA-4",
        "end of service",
        "ra-eligibility --frs 2010-01-01 --requested 2026-11-20 --eos 2020-01-01",
        &[("verdict", "refused")],
    ),
];

fn said(answer: &Value, field: &str) -> String {
    match &answer[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn the_rulebooks_examples_hold() {
    let bare = Bare::new();
    for (rule, example, question, expected) in EXAMPLES {
        let answer = bare.ask(question);
        assert_eq!(said(&answer, "rule"), *rule, "example {example}: {answer}");
        for (field, value) in *expected {
            assert_eq!(said(&answer, field), *value, "example {example}, {field}: {answer}");
        }
        assert_eq!(answer["programme"], "2026.1", "{answer}");
        assert!(answer["because"].as_str().is_some_and(|text| text.len() > 20), "{answer}");
    }
}

#[test]
fn a_customer_understands_the_sentence() {
    let bare = Bare::new();
    let because = |question: &str| said(&bare.ask(question), "because");
    let sentence =
        |(_, example, question, _): &Example| format!("{example}: {}.", because(question));
    let sentences: Vec<String> = EXAMPLES.iter().map(sentence).collect();
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("explained", sentences.join("\n"));
    });
}

#[test]
fn an_answer_past_the_last_known_make_up_day_says_so() {
    let bare = Bare::new();
    let answer =
        bare.ask("return-window --at 2026-12-25T10:00:00+08:00 --calendar CN --zone Asia/Shanghai");
    assert_eq!(answer["make_up_days_known_to"], "2026-12-31", "{answer}");
    let because = said(&answer, "because");
    assert!(because.contains("announced to Thu 31 Dec 2026 only"), "{because}");
    let answer = bare.ask("repair --received 2026-12-20 --calendar CN");
    assert_eq!(answer["make_up_days_known_to"], "2026-12-31", "{answer}");
    let answer = bare.ask(
        "replacement --level next_day_ship --approved-at 2026-12-31T10:00:00+08:00 --calendar CN --zone Asia/Shanghai",
    );
    assert_eq!(answer["make_up_days_known_to"], "2026-12-31", "{answer}");
}

/// Example 25, and extensions by country: policies that only a database knows.
#[test]
fn a_policy_of_ones_own_is_counted_by_its_numbers() {
    each_database("explaining by a policy", |db| {
        let add = |name: &str, toml: &str| {
            let file = db.folder().join(name);
            std::fs::write(&file, toml).expect("a policy");
            let file = file.display().to_string();
            let ran =
                db.homeward(&["programme", "add", "*", &file, "--effective-on", "2026-01-01"]);
            assert_eq!(ran.code, 0, "{ran:?}");
        };
        add(
            "cisco.toml",
            "version = \"10-30\"\nreturn_days = 30\nreturn_count = \"calendar\"\nreminder_days = [20]\n",
        );
        add("india.toml", "version = \"in-5\"\n[country_extensions]\nIN = 5\n");
        let ask = |question: &str| -> Value {
            let arguments: Vec<&str> =
                ["explain", "return-window"].into_iter().chain(question.split(' ')).collect();
            let ran = db.homeward(&[&arguments[..], &["--json"]].concat());
            assert_eq!(ran.code, 0, "{question}: {}", ran.err);
            serde_json::from_str(&ran.out).expect("JSON")
        };
        let ten_thirty = ask(
            "--at 2026-11-16T10:00:00-05:00 --calendar US --zone America/New_York --programme 10-30",
        );
        assert_eq!(ten_thirty["due_on"], "2026-12-16", "{ten_thirty}");
        assert_eq!(ten_thirty["remind_on"], serde_json::json!(["2026-11-26"]));
        assert_eq!(ten_thirty["programme"], "10-30");
        let because = said(&ten_thirty, "because");
        assert_eq!(
            because,
            "30 calendar days from delivery on Mon 16 Nov 2026 in the United States of America; due Wed 16 Dec 2026"
        );
        let india = ask(
            "--at 2026-11-16T10:00:00+05:30 --calendar IN --zone Asia/Kolkata --programme in-5",
        );
        let plain = ask("--at 2026-11-16T10:00:00+05:30 --calendar IN --zone Asia/Kolkata");
        assert!(said(&india, "because").contains("five business days more for returns"), "{india}");
        assert!(said(&india, "due_on") > said(&plain, "due_on"), "{india} {plain}");
    });
}

#[test]
fn weekend_days_that_are_worked_are_counted_and_said() {
    let bare = Bare::new();
    let answer =
        bare.ask("return-window --at 2026-09-28T10:00:00+08:00 --calendar CN --zone Asia/Shanghai");
    let because = answer["because"].as_str().expect("a sentence");
    assert!(because.contains("; Sat 10 Oct is worked; due "), "{because}");
}

#[test]
fn a_holiday_that_a_site_works_is_counted_and_said() {
    each_database("a worked holiday", |db| {
        let w = World::new(db);
        bring_in(
            db,
            Subject::Sites,
            "code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar,closed_days,working_days\n\
             MER-LOU,Meridian Louisville,customer,Meridian Networks,,AMER,400 W Market St|Louisville KY 40202,US,\
             America/Kentucky/Louisville,US,2026-11-20 Stocktaking,2026-11-26;2026-11-28\n",
        );
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let number = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(number);
        let ran = db.homeward(&["explain", "rma", &number.to_string()]);
        let says = "; Fri 20 Nov is Stocktaking; Thu 26 Nov and Sat 28 Nov are worked; due ";
        assert!(ran.code == 0 && ran.out.contains(says), "{ran:?}");
    });
}
