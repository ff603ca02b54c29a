//! `homeward demo`: everything an RMA can come to can be seen in it, on whatever day it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use chrono::{DateTime, NaiveDate, Utc};
use homeward::app::import::Progress;
use homeward::app::{App, demo, register, verify};
use homeward::db::house::{self, HouseState};
use homeward::db::{counts, rmas};
use homeward::domain::rma::tracks::{
    Analysis, Authorisation, Exposure, HoldReason, Inbound, Outbound, Repair,
};
use homeward::domain::rma::visit::VisitState;
use homeward::domain::rma::{Rma, Role};
use homeward::domain::zone::Zone;
use serde_json::Value;

use crate::pages::try_to_sign_in;
use crate::support::command::homeward;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

/// Every word of every track, as `track: word`.
fn words() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |track: &str, word: &str| {
        all.insert(format!("{track}: {word}"));
    };
    Authorisation::ALL.iter().for_each(|word| add("authorisation", word.as_str()));
    HoldReason::ALL.iter().for_each(|word| add("on hold", word.as_str()));
    Outbound::ALL.iter().for_each(|word| add("outbound", word.as_str()));
    Inbound::ALL.iter().for_each(|word| add("inbound", word.as_str()));
    Repair::ALL.iter().for_each(|word| add("repair", word.as_str()));
    Analysis::ALL.iter().for_each(|word| add("analysis", word.as_str()));
    Exposure::ALL.iter().for_each(|word| add("exposure", word.as_str()));
    VisitState::ALL.iter().for_each(|word| add("visit", word.as_str()));
    all
}

/// What each story has to have met with, in the kinds of its events.
const STORIES: [(&str, &[&str]); 22] = [
    ("a", &["issued", "shipped", "delivered", "received", "accepted", "closed"]),
    ("b", &["fell_due", "charged", "received", "credit_review_opened", "credited", "closed"]),
    ("c1", &["delivery_claimed", "claim_upheld", "received", "accepted", "closed"]),
    ("c2", &["delivery_claimed", "claim_upheld", "exposure_cleared", "closed"]),
    ("c3", &["delivery_claimed", "claim_rejected", "fell_due"]),
    ("d1", &["purchased", "quarantined"]),
    ("d2", &["charged", "credited", "purchased", "quarantined"]),
    ("e", &["found_discrepant", "discrepancy_resolved", "received", "accepted", "closed"]),
    ("f", &["repair_queued", "repair_finished", "shipped", "delivered", "closed"]),
    ("g", &["dead_on_arrival_reported", "window_paused", "window_resumed", "closed"]),
    ("h", &["shipped", "replacement_returned", "cancelled", "closed"]),
    (
        "i",
        &[
            "analysis_requested",
            "repair_analysis_started",
            "report_posted",
            "failure_analysis_agreed",
            "failure_analysis_started",
            "report_posted",
            "closed",
        ],
    ),
    ("j", &["destruction_certified", "exposure_cleared", "closed"]),
    ("k", &["received", "accepted", "delivered", "closed"]),
    ("l1", &["fell_due", "received", "accepted", "closed"]),
    ("l2", &["fell_due", "charged", "received", "accepted", "credit_review_opened"]),
    ("m1", &["received", "accepted", "closed"]),
    ("m2", &["received", "accepted", "closed"]),
    ("visit-done", &["visit_promised", "visit_planned", "delivered", "visit_recorded"]),
    (
        "visit-again",
        &["visit_planned", "visit_recorded", "visit_planned", "delivered", "visit_recorded"],
    ),
    ("visit-void", &["visit_promised", "cancelled", "visit_voided", "closed"]),
    ("n", &["delivery_estimated", "window_opened", "delivered", "window_moved", "closed"]),
];

/// A demonstration at work, with what it said before it listened.
struct Demo {
    service: Service,
    said: String,
    /// Kept open as long as it may write there.
    _err: std::process::ChildStderr,
}

impl Demo {
    fn start(db: &TestDatabase) -> Self {
        let mut child = homeward(db.folder(), db.url_text())
            .args(["demo", "--bind", "127.0.0.1:0"])
            .env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0")
            .env("HOMEWARD_SERVICE__REQUESTS_A_MINUTE", "1000000")
            .env("HOMEWARD_LOG", "warn")
            // Whatever the settings say of a mail server: a demonstration writes to nobody.
            .env("HOMEWARD_MAIL__TRANSPORT", "smtp")
            .env("HOMEWARD_MAIL__SMTP__HOST", "127.0.0.1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starting the demonstration");
        let out = BufReader::new(child.stdout.take().expect("its standard output"));
        let mut err = child.stderr.take().expect("its standard error");
        let (said, address) = heard(out);
        let service = Service::running(child, address.as_deref().unwrap_or_default());
        if address.is_none() {
            let mut why = String::new();
            let _ = err.read_to_string(&mut why);
            panic!("it ended before it listened:\n{said}\n{why}");
        }
        Self { service, said, _err: err }
    }

    fn tokens(&self) -> BTreeMap<String, String> {
        let words = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        self.said
            .lines()
            .filter_map(words)
            .filter(|(_, token)| token.starts_with("hmwd_"))
            .collect()
    }

    /// The password of all its users.
    fn password(&self) -> &str {
        let line = self.said.lines().find(|line| line.contains("and the password "));
        line.and_then(|line| line.split_whitespace().last()).expect("a password")
    }

    fn get(&self, role: &str, path: &str) -> Value {
        let token = &self.tokens()[role];
        self.service.send(&Request::get(path).token(token)).expect(200)
    }

    /// The RMAs of a stop of the tour, by the customer's number.
    fn stop(&self, key: &str) -> Vec<String> {
        let found = self.get("administrator", &format!("/api/v1/rmas?q=TOUR-{key}&sort=number"));
        let items = found["items"].as_array().expect("items");
        items.iter().map(|row| row["number"].as_str().expect("a number").to_owned()).collect()
    }
}

/// What it says until it listens, and where.
fn heard(out: impl BufRead) -> (String, Option<String>) {
    let mut said = String::new();
    for line in out.lines() {
        let line = line.expect("a line");
        if let Some(address) = line.strip_prefix("listening on http://") {
            return (said, Some(address.to_owned()));
        }
        said.push_str(&line);
        said.push('\n');
    }
    (said, None)
}

/// The keys of the tour, as printed.
fn keys(said: &str) -> Vec<String> {
    let stop = |line: &str| {
        let key = line.trim().strip_prefix("TOUR-")?.split_whitespace().next()?;
        Some(key.to_owned())
    };
    said.lines().filter_map(stop).collect()
}

fn seen(demo: &Demo) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for number in keys(&demo.said).iter().flat_map(|key| demo.stop(key)) {
        let rma = demo.get("administrator", &format!("/api/v1/rmas/{number}"));
        for (track, word) in rma["tracks"].as_object().expect("tracks") {
            seen.insert(format!("{track}: {}", word.as_str().expect("a word")));
        }
        let visit = rma["visit"]["state"].as_str().unwrap_or("none");
        seen.insert(format!("visit: {visit}"));
        if rma["tracks"]["authorisation"] == "on_hold" {
            seen.insert(format!("on hold: {}", rma["reason"].as_str().expect("a reason")));
        }
    }
    seen
}

fn stories_are_told(demo: &Demo) {
    for (key, kinds) in STORIES {
        let number = demo.stop(key).first().cloned().unwrap_or_else(|| panic!("no story {key}"));
        let told = demo.get("administrator", &format!("/api/v1/rmas/{number}/events"));
        let told: Vec<&str> = told["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter_map(|event| event["kind"].as_str())
            .collect();
        let mut rest = told.iter();
        for kind in kinds {
            assert!(rest.any(|k| k == kind), "story {key} lacks {kind} (in this order): {told:?}");
        }
    }
    assert_eq!(demo.stop("g").len(), 2, "the dead replacement has an RMA of its own");
}

fn scopes_differ(demo: &Demo) {
    let count = |role: &str| {
        let page = demo.get(role, "/api/v1/rmas?limit=500");
        page["items"].as_array().expect("items").len()
    };
    let all = count("administrator");
    let (own, account, partner) = (count("customer"), count("account_admin"), count("partner"));
    assert!(0 < own && own < account && account < all, "{own}, {account} of {all}");
    assert!(0 < partner && partner < all, "{partner} of {all}");
}

#[test]
fn everything_can_be_seen_and_is_found_again() {
    each_database("the demonstration", |db| {
        let demo = Demo::start(db);
        let missing: Vec<String> = words().difference(&seen(&demo)).cloned().collect();
        assert!(missing.is_empty(), "nothing on the tour shows {missing:?}");
        stories_are_told(&demo);
        scopes_differ(&demo);
        let tokens = demo.tokens();
        for role in Role::ALL.iter().filter(|role| **role != Role::Clock) {
            assert!(tokens.contains_key(role.as_str()), "no token for {role}");
        }
        let mail = std::fs::read_dir(db.folder().join("data/mail")).expect("mail in a folder");
        assert!(mail.count() > 500, "its history's mail is there to read");
        for user in ["dana.whitcomb@prairielantern.example", "grace.okafor@quillmark.example"] {
            assert!(demo.said.contains(user), "{user}: {}", demo.said);
            let answer = try_to_sign_in(&demo.service, user, demo.password());
            assert_eq!(answer.status, 303, "{user}: {}", answer.text());
        }
        let password = demo.password().to_owned();
        assert_eq!(demo.service.stop(), Some(0));
        let before = db.read(counts::count).expect("counting");
        let ran = db.homeward(&["verify"]);
        assert_eq!(ran.code, 0, "{ran:?}");

        // Again: the same history and the same tokens.
        let ran = db.homeward(&["demo", "--no-serve"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(db.read(counts::count).expect("counting"), before);
        for token in tokens.values() {
            assert!(ran.out.contains(token.as_str()), "a token was not kept");
        }
        assert!(ran.out.contains(&password), "the password was not kept");
        fresh_tokens_end_the_older(db, &tokens);
    });
}

fn tokens_file(db: &TestDatabase) -> std::path::PathBuf {
    let beside = db.folder().join("homeward.tokens");
    if beside.exists() { beside } else { db.folder().join("data/demonstration.tokens") }
}

fn fresh_tokens_end_the_older(db: &TestDatabase, older: &BTreeMap<String, String>) {
    use std::os::unix::fs::PermissionsExt;
    let file = tokens_file(db);
    let mode = std::fs::metadata(&file).expect("the tokens' file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::remove_file(&file).expect("losing the tokens");
    let demo = Demo::start(db);
    let fresh = demo.tokens();
    assert_eq!(fresh.len(), older.len());
    for (role, token) in older {
        assert_ne!(fresh[role], *token);
        let answer = demo.service.send(&Request::get("/api/v1/rmas").token(token));
        assert_eq!(answer.status, 401, "the older token of {role} still works");
    }
    demo.get("customer", "/api/v1/rmas");
    let user = "dana.whitcomb@prairielantern.example";
    assert_eq!(try_to_sign_in(&demo.service, user, demo.password()).status, 303);
}

#[test]
fn somebodys_database_is_left_alone() {
    each_database("a demonstration in a database in use", |db| {
        let ran = db.homeward(&["replay", "--sample"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let before = db.read(counts::count).expect("counting");
        let ran = db.homeward(&["demo", "--no-serve"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("is no demonstration; name another"), "{ran:?}");
        assert_eq!(db.read(counts::count).expect("counting"), before);
    });
}

#[test]
fn one_that_was_broken_off_is_said_to_be() {
    let db = TestDatabase::sqlite();
    db.write(|c| house::set(c, HouseState::Demo, "making", Utc::now())).expect("a broken one");
    let ran = db.homeward(&["demo", "--no-serve"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("did not come to its end; remove that database"), "{ran:?}");
}

struct Quiet;

impl Progress for Quiet {
    fn begin(&mut self, _: &'static str, _: u64) {}
    fn reach(&mut self, _: u64) {}
    fn end(&mut self) {}
}

fn all(db: &TestDatabase, app: &App) -> Vec<(String, Rma)> {
    let stops = demo::tour(app).expect("the tour");
    let mut found = Vec::new();
    for stop in stops {
        assert!(!stop.rmas.is_empty(), "stop {} has no RMA", stop.key);
        for number in stop.rmas {
            let loaded = db.read(|c| rmas::load(c, number)).expect("loading").expect("an RMA");
            found.push((stop.key.clone(), loaded.rma));
        }
    }
    found
}

/// Business days from today (at the dock) to the due date.
fn due_in(app: &App, rma: &Rma, now: DateTime<Utc>) -> i64 {
    let due = rma.due.as_ref().expect("a due date");
    let today: NaiveDate = due.return_zone.local_date(now);
    if due.due_on == today {
        return 0;
    }
    let site = app.db.read(|c| {
        let terms = rma.terms.as_ref().expect("terms");
        homeward::db::facts::site(c, terms.ship_to.id)
    });
    let place = app.place(&site.expect("reading").expect("a site")).expect("a place");
    place.calendar.business_days_between(today, due.due_on).expect("counting")
}

/// A Saturday, the turn of a year, the week of most holidays in Asia, and the day of a clock change.
#[test]
fn on_whatever_day_it_is_made() {
    for now in [
        "2026-11-21T10:00:00Z",
        "2027-01-01T00:30:00Z",
        "2027-02-09T23:50:00Z",
        "2027-03-14T12:00:00Z",
    ] {
        let db = TestDatabase::sqlite();
        let now: DateTime<Utc> = now.parse().expect("an instant");
        let calendars = db.read(register::calendars).expect("calendars");
        let app = App::new((*db).clone(), calendars, Zone::UTC);
        demo::make(&app, now, &mut |_| Ok(()), &mut Quiet).unwrap_or_else(|e| panic!("{now}: {e}"));
        let all = all(&db, &app);
        let mut seen = BTreeSet::new();
        for (_, rma) in &all {
            assert!(rma.last_event_at <= now, "{now}: {} lives in the future", rma.number);
            seen.insert(format!("authorisation: {}", rma.authorisation));
            seen.insert(format!("outbound: {}", rma.outbound));
            seen.insert(format!("inbound: {}", rma.inbound));
            seen.insert(format!("repair: {}", rma.repair));
            seen.insert(format!("analysis: {}", rma.analysis));
            seen.insert(format!("exposure: {}", rma.exposure));
            seen.insert(format!("visit: {}", rma.visit.state));
            if rma.authorisation == Authorisation::OnHold {
                seen.insert(format!("on hold: {}", rma.reason.as_deref().unwrap_or_default()));
            }
        }
        let missing: Vec<String> = words().difference(&seen).cloned().collect();
        assert!(missing.is_empty(), "{now}: nothing on the tour shows {missing:?}");
        for (key, days) in [("due-today", 0), ("due-in-2", 2), ("due-in-5", 5)] {
            let (_, rma) = all.iter().find(|(k, _)| k == key).expect("a stop");
            assert_eq!(due_in(&app, rma, now), days, "{now}: {key}, {:?}", rma.due);
            assert_eq!(rma.exposure, Exposure::Exposed, "{now}: {key}");
        }
        let overdue = all.iter().find(|(key, _)| key == "overdue").expect("a stop");
        assert_eq!(overdue.1.exposure, Exposure::InReview, "{now}");
        let verified = verify::run(&app, |finding| panic!("{now}: {finding}"), |_| {});
        assert!(verified.expect("verifying").rmas > 200, "{now}");
    }
}
