//! Files of questions: in order, each answer as the same question alone would have it.

use std::process::Stdio;

use chrono::{Datelike, Days, NaiveDate};
use homeward::domain::calendar::Calendars;
use serde_json::Value;

use super::Bare;
use crate::support::command::{Ran, homeward};
use crate::support::databases::each_database;
use crate::support::world::World;

fn answered(bare: &Bare, kind: &str, csv: &str) -> Vec<Vec<String>> {
    std::fs::write(bare.path("in.csv"), csv).expect("a file of questions");
    let ran = bare.run(&["explain", kind, "--batch", "in.csv", "--out", "out.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    rows(&std::fs::read(bare.path("out.csv")).expect("the answers"))
}

fn rows(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    let text = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(|row| text(row.expect("a row"))).collect()
}

#[test]
fn the_columns_are_the_questions_and_then_the_answers() {
    let bare = Bare::new();
    let common = "rule,anchor_on,calendar,zone,programme,because,error";
    for (kind, asked, answers) in [
        ("return-window", "kind,anchor,at,calendar,zone,programme", "due_on"),
        (
            "warranty",
            "shipped,resold,distributor,on",
            "start_on,last_covered_on,provisional,covered",
        ),
        (
            "replacement",
            "level,approved_at,calendar,zone,cut_off,site_calendar,programme",
            "due_on,due_at,verdict,service_level",
        ),
        ("repair", "received,calendar", "due_on"),
        ("analysis", "kind,received,agreed", "due_on"),
        ("ra-eligibility", "frs,requested,eol,eos", "verdict"),
    ] {
        let header = answered(&bare, kind, &format!("{asked}\n")).remove(0).join(",");
        assert_eq!(header, format!("{asked},{answers},{common}"), "{kind}");
        // In any order, and some left out.
        let mut turned: Vec<&str> = asked.split(',').rev().collect();
        turned.truncate(2);
        let asked = turned.join(",");
        let header = answered(&bare, kind, &format!("\u{feff}{asked}\r\n")).remove(0).join(",");
        assert_eq!(header, format!("{asked},{answers},{common}"), "{kind}");
    }
}

/// A file of windows that reaches over several pieces, with rows that cannot be answered among them.
#[test]
fn a_long_file_is_answered_in_order_as_an_independent_count_does() {
    let bare = Bare::new();
    let calendars = Calendars::builtin();
    let codes = ["US", "NL", "CN", "SA", "DE-BY", "MX"];
    let first: NaiveDate = "2024-01-01".parse().expect("a date");
    let mut csv = "at,zone,calendar\n".to_owned();
    let mut expected = Vec::new();
    for n in 0..5_000_u64 {
        let code = codes[(n % 6) as usize];
        let on = first + Days::new(n % 900);
        let good = n % 7 != 3;
        let calendar_text = if good { code } else { "ZZ" };
        csv.push_str(&format!("{on}T12:00:00Z,UTC,{calendar_text}\n"));
        let calendar = calendars.get(&code.parse().expect("a code")).expect("a calendar");
        // One day at a time.
        let due = on
            .iter_days()
            .skip(1)
            .filter(|day| calendar.is_business_day(*day).expect("a known day"))
            .nth(9)
            .expect("a due date");
        expected.push((format!("{on}T12:00:00Z"), good.then(|| due.to_string())));
    }
    let rows = answered(&bare, "return-window", &csv);
    assert_eq!(rows.len(), 5_001);
    for (row, (at, due)) in rows[1..].iter().zip(expected) {
        assert_eq!(row[0], at);
        assert_eq!(row[3], due.clone().unwrap_or_default(), "{row:?}");
        let error = row.last().expect("the column error");
        assert_eq!(error.is_empty(), due.is_some(), "{row:?}");
    }
}

#[test]
fn a_row_says_what_the_question_alone_says() {
    let bare = Bare::new();
    let files = [
        (
            "return-window",
            "kind,anchor,at,calendar,zone,programme\n\
             ,,2026-11-16T09:30:00-05:00,US,America/New_York,\n\
             return_to_factory,issued,2026-12-30T23:30:00.5Z,CN,Asia/Shanghai,2026.1\n\
             advance_replacement,shipped,2010-01-03T00:30:00+14:00,IT,Europe/Rome,\n",
        ),
        (
            "warranty",
            "shipped,resold,distributor,on\n\
             2026-01-10,,,\n2026-01-10,2026-06-01,true,2027-04-09\n2028-02-29,,true,2026-01-01\n",
        ),
        (
            "replacement",
            "level,approved_at,calendar,zone,cut_off,site_calendar\n\
             same_day_2_hour,2026-12-25T23:00:00Z,,,,\n\
             next_day_ship,2026-12-24T15:01:00-05:00,US,America/New_York,15:30,\n\
             next_day_onsite,2026-04-02T10:00:00+02:00,NL,Europe/Amsterdam,,DE\n\
             core,,,,,\n",
        ),
        ("repair", "received,calendar\n2026-11-30,MX\n2026-12-20,CN\n"),
        ("analysis", "kind,received,agreed\nra,2026-12-10,\nfa,2026-12-10,2027-01-12\n"),
        (
            "ra-eligibility",
            "frs,requested,eol,eos\n2021-11-20,2026-11-20,,\n,2026-11-20,2020-01-01,\n",
        ),
    ];
    for (kind, csv) in files {
        let rows = answered(&bare, kind, csv);
        let asked = csv.lines().next().expect("a header").split(',').count();
        for row in &rows[1..] {
            assert_same_alone(&bare, kind, (&rows[0], row), asked);
        }
    }
}

fn assert_same_alone(bare: &Bare, kind: &str, (header, row): (&[String], &[String]), asked: usize) {
    let mut arguments = vec!["explain".to_owned(), kind.to_owned(), "--json".to_owned()];
    for (name, value) in header[..asked].iter().zip(row).filter(|(_, value)| !value.is_empty()) {
        arguments.push(format!("--{}", name.replace('_', "-")));
        if name != "distributor" {
            arguments.push(value.clone());
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = bare.run(&arguments);
    let error = row.last().expect("the column error");
    if !error.is_empty() {
        assert_eq!(ran.err, format!("error: {error}\n"), "{row:?}");
        return;
    }
    let alone: Value = serde_json::from_str(&ran.out).expect("JSON");
    for (name, cell) in header[asked..].iter().zip(&row[asked..]) {
        let said = match &alone[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(*cell, said, "{name} of {row:?}: {alone}");
    }
}

#[test]
fn rows_that_are_no_rows_say_so_and_text_comes_back_as_it_was() {
    let bare = Bare::new();
    let mut csv = b"received,calendar\n2026-11-30,MX\n2026-11-30\n2026-11-30,MX,more\n".to_vec();
    csv.extend(b"\n\"2026-11-30\",\"M\"\"X\"\nM\xFCnchen,DE\n\"=1+1\",US\n");
    std::fs::write(bare.path("in.csv"), &csv).expect("a file of questions");
    let ran = bare.run(&["explain", "repair", "--batch", "in.csv", "--out", "out.csv"]);
    assert_eq!((ran.code, ran.err.trim()), (0, "6 questions, 5 of them not answered"));
    let rows = rows(&std::fs::read(bare.path("out.csv")).expect("the answers"));
    let column = |at: usize| rows[1..].iter().map(move |row| row[at].as_str());
    assert_eq!(column(2).collect::<Vec<_>>(), ["2026-12-29", "", "", "", "", ""]);
    assert_eq!(
        column(0).collect::<Vec<_>>(),
        ["2026-11-30", "2026-11-30", "2026-11-30", "2026-11-30", "M\u{fffd}nchen", "=1+1"]
    );
    assert_eq!(rows[4][1], "M\"X");
    let errors: Vec<&str> =
        rows[1..].iter().map(|row| row.last().expect("error").as_str()).collect();
    for (error, part) in errors.iter().zip([
        "",
        "the row has 1 values, the first line 2",
        "the row has 3 values, the first line 2",
        "is no calendar code",
        "is not UTF-8",
        "is not a date",
    ]) {
        assert!(error.contains(part), "{error}");
    }
}

/// Plain lines are taken past the CSV reader; from the first quote on it reads the rest.
#[test]
fn it_makes_no_difference_whether_a_row_is_a_plain_line() {
    let bare = Bare::new();
    // Longer than several pieces, with rows of every kind that needs no quotes.
    let kinds = [
        "2026-11-30,MX",
        "",
        "2026-11-30",
        "2026-11-30,MX,more",
        ",",
        "2026-02-30,MX",
        "2026-07-02,NO",
    ];
    let plain: String = (0..21_000).map(|n| format!("{}\n", kinds[n % kinds.len()])).collect();
    let header = "received,calendar\n";
    let odd = "\"2026-11-30\",MX\n";
    let all = answered(&bare, "repair", &format!("{header}{odd}{plain}"));
    assert_eq!(all.len(), 2 + 21_000 / kinds.len() * (kinds.len() - 1));
    let lines = answered(&bare, "repair", &format!("{header}{plain}"));
    assert!(lines[0] == all[0] && lines[1..] == all[2..], "all of it in lines");
    // The last without its end, with other ends, and with the odd one in the middle.
    let unended = answered(&bare, "repair", &format!("{header}{plain}2026-11-30,MX"));
    assert!(unended[..lines.len()] == lines && unended[lines.len()..] == all[1..2], "unended");
    let crlf = answered(&bare, "repair", &format!("{header}{plain}").replace('\n', "\r\n"));
    assert!(crlf == lines, "other ends");
    let middle = answered(&bare, "repair", &format!("{header}{plain}{odd}{plain}"));
    let both = [&lines[..], &all[1..]].concat();
    assert!(middle == both, "in the middle");
}

/// Lines and bytes that were passed over are counted.
#[test]
fn what_is_wrong_after_plain_lines_is_named_by_its_line_and_byte() {
    let bare = Bare::new();
    let row = "2026-11-30,MX\n";
    let many = 10_000;
    for mark in ["", "\u{feff}"] {
        let plain = format!("{mark}received,calendar\n{}", row.repeat(many));
        std::fs::write(bare.path("in.csv"), format!("{plain}2026-11-30,\"MX\n{row}"))
            .expect("a file");
        let ran = bare.run(&["explain", "repair", "--batch", "in.csv", "--out", "out.csv"]);
        let says = format!("the quote opened on line {} is never closed", many + 2);
        assert!(ran.code == 1 && ran.err.contains(&says), "{}", ran.err);
        let bytes = [plain.as_bytes(), &b"M\xFCnchen,MX\n"[..]].concat();
        std::fs::write(bare.path("in.csv"), bytes).expect("a file");
        let ran = bare.run(&["explain", "repair", "--batch", "in.csv", "--out", "out.csv"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let answers = rows(&std::fs::read(bare.path("out.csv")).expect("the answers"));
        let error = answers.last().and_then(|row| row.last()).expect("an error");
        let says = format!("byte {} of the file (0xFC)", plain.len() + 2);
        assert!(error.contains(&says), "{says}: {error}");
    }
}

#[test]
fn a_file_that_is_none_is_refused_and_leaves_nothing() {
    let bare = Bare::new();
    for (bytes, says) in [
        (&b""[..], "the file is empty"),
        (b"received,calender\n2026-11-30,MX\n", "did you mean `calendar`"),
        (b"received,calendar,received\n", "is there twice"),
        (b"received;calendar\n2026-11-30;MX\n", "separate the columns by commas"),
        (b"received,calendar\n2026-11-30,\"MX\n2026-11-30,MX\n", "is never closed"),
        (b"\xFF\xFEr\0e\0", "UTF-16"),
    ] {
        std::fs::write(bare.path("in.csv"), bytes).expect("a file");
        std::fs::write(bare.path("out.csv"), "kept").expect("a file from before");
        let ran = bare.run(&["explain", "repair", "--batch", "in.csv", "--out", "out.csv"]);
        assert_eq!(ran.code, 1, "{says}");
        assert!(ran.err.contains(says), "{}", ran.err);
        let kept = std::fs::read_to_string(bare.path("out.csv")).expect("the file from before");
        assert_eq!(kept, "kept");
    }
    for arguments in [
        ["explain", "repair", "--batch", "nowhere.csv", "--out", "-"].as_slice(),
        &["explain", "repair", "--batch", ".", "--out", "-"],
        &["explain", "repair", "--batch", "in.csv", "--out", "-", "--calendar", "US"],
    ] {
        assert_eq!(bare.run(arguments).code, 1, "{arguments:?}");
    }
    assert_eq!(bare.run(&["explain", "repair", "--batch", "in.csv"]).code, 2);
}

#[test]
fn standard_streams_are_files_too() {
    use std::io::Write;
    let bare = Bare::new();
    let mut child = homeward(&bare.path(""), "sqlite://none.db")
        .args(["explain", "repair", "--batch", "-", "--out", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("running homeward");
    let mut stdin = child.stdin.take().expect("its standard input");
    stdin.write_all(b"calendar,received\nMX,2026-11-30\n").expect("writing");
    drop(stdin);
    let ran: Ran = child.wait_with_output().expect("its end").into();
    assert_eq!(ran.code, 0, "{ran:?}");
    let rows = rows(ran.out.as_bytes());
    assert_eq!(rows[1][..3], ["MX", "2026-11-30", "2026-12-29"]);
    assert!(rows[1].iter().any(|cell| cell.starts_with("Twenty business days")), "{rows:?}");
}

#[test]
fn entitlements_are_read_from_the_register() {
    each_database("a file of entitlements", |db| {
        let world = World::new(db);
        world.advance_unit("SN-A", "MER-LOU");
        world.install("SN-W", "MER-LOU");
        let csv = "serial,on\nSN-A,2026-11-16\nSN-W,2026-11-16\nSN-W,2028-01-01\nSN-NONE,\n,\n";
        std::fs::write(db.folder().join("in.csv"), csv).expect("a file of questions");
        let ran = db.homeward(&["explain", "entitlement", "--batch", "in.csv", "--out", "out.csv"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let rows = rows(&std::fs::read(db.folder().join("out.csv")).expect("the answers"));
        let verdicts: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
        assert_eq!(verdicts, ["verdict", "entitled", "entitled", "not_entitled", "", ""]);
        let rules: Vec<&str> = rows.iter().map(|row| row[6].as_str()).collect();
        assert_eq!(rules, ["rule", "ENT-3", "WAR-5", "ENT-3", "", ""]);
        let errors: Vec<&str> =
            rows.iter().map(|row| row.last().expect("error").as_str()).collect();
        assert!(errors[4].contains("SN-NONE") && errors[5].contains("serial"), "{errors:?}");
        // A day in 2026, so that the year is not today's.
        assert_eq!(rows[1][7], "2026-11-16");
        assert_eq!(NaiveDate::parse_from_str(&rows[1][4], "%Y-%m-%d").expect("a day").year(), 2027);
    });
}
