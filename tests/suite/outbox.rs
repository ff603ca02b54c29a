//! Messages on their way out, against a mail server that also refuses, stalls and hangs up.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use homeward::app::notices::Links;
use homeward::app::{App, register};
use homeward::clock::{Clock, SystemClock, VirtualClock};
use homeward::db::outbox::{self as rows, MessageState};
use homeward::documents::Typesetter;
use homeward::domain::zone::Zone;
use homeward::jobs::outbox::run;
use homeward::jobs::{Mailer, OutboxReport, Stop};
use homeward::mail::{MailSettings, MemoryTransport, Sender, Transport};

use crate::door::issued;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::smtp::{Act, Smtp};

pub fn app(db: &TestDatabase) -> App {
    let calendars = db.read(register::calendars).expect("the calendars");
    App::new((**db).clone(), calendars, Zone::UTC)
}

pub fn mailer(transport: Arc<dyn Transport>) -> Mailer {
    Mailer {
        transport,
        sender: Sender::parse("Homeward <rma@vendor.example>", None).expect("a sender"),
        links: Links {
            status_url: "https://rma.vendor.example/rmas".to_owned(),
            survey_url: Some("https://survey.vendor.example".to_owned()),
        },
        typesetter: Arc::new(Typesetter::new(None).expect("fonts")),
        attempts: 4,
    }
}

fn smtp(server: &Smtp) -> Mailer {
    let text = format!(
        "transport = 'smtp'\n[smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'\n\
         timeout_seconds = 1",
        server.port
    );
    let settings: MailSettings = toml::from_str(&text).expect("settings");
    mailer(Arc::from(homeward::mail::open(&settings).expect("a transport")))
}

fn listed(db: &TestDatabase, state: MessageState) -> Vec<rows::Listed> {
    db.read(|c| rows::list(c, state, 100)).expect("the messages")
}

/// Runs the outbox, a day later each time, until nothing waits any more.
fn until_settled(app: &App, mailer: &Mailer, db: &TestDatabase) -> OutboxReport {
    let mut all = OutboxReport::default();
    let mut now: DateTime<Utc> = SystemClock.now();
    for _ in 0..20 {
        let clock = VirtualClock::at(now);
        let done = run(app, mailer, &clock, &Stop::default()).expect("a run");
        all.sent += done.sent;
        all.put_off += done.put_off;
        all.laid_aside += done.laid_aside;
        all.lost += done.lost;
        if listed(db, MessageState::Pending).is_empty() {
            return all;
        }
        now += TimeDelta::days(1);
    }
    panic!("the outbox does not come to rest: {all:?}");
}

/// NTF-1 carries the notice, the label and the instructions, and is copied to the case.
#[test]
fn ntf_1_carries_notice_label_and_instructions() {
    each_database("the confirmation", |db| {
        let rma = issued(db);
        let app = app(db);
        let memory = Arc::new(MemoryTransport::default());
        let done = until_settled(&app, &mailer(memory.clone()), db);
        assert_eq!((done.sent, done.laid_aside), (2, 0), "{done:?}");
        let letters = memory.letters();
        let text = String::from_utf8_lossy(&letters[1].bytes).into_owned();
        assert!(letters[1].message_id.ends_with(".issued@vendor.example>"), "{text}");
        assert!(text.contains(&format!("{rma}-label.pdf")), "no label");
        assert!(text.contains(&format!("{rma}-instructions.pdf")), "no instructions");
        assert!(text.contains("list price"), "no non-return notice");
        let notes = db.read(|c| rows::notes(c, 1)).expect("the case's notes");
        assert_eq!(notes.len(), 2, "a note a message");
        assert!(notes[1].3.starts_with("To ann@northwind.example:"), "{:?}", notes[1]);
        assert!(notes[1].3.contains("USD 1490.00"), "{:?}", notes[1]);
        let again = run(&app, &mailer(memory.clone()), &SystemClock, &Stop::default());
        assert_eq!(again.expect("a run"), OutboxReport::default(), "nothing is sent twice");
    });
}

/// Every message at least once; doubles only where the 250 was in doubt, under the same Message-ID.
#[test]
fn a_bad_server_loses_nothing_and_doubles_only_what_was_in_doubt() {
    each_database("the bad mail server", |db| {
        issued(db);
        use Act::*;
        let server =
            Smtp::start(&[TryLater, TakeAndDrop, DropInData, Stall, RefuseUs, TakeAndDrop]);
        let done = until_settled(&app(db), &Mailer { attempts: 10, ..smtp(&server) }, db);
        assert_eq!((done.sent, done.laid_aside, done.put_off), (2, 0, 6), "{done:?}");
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for (id, _) in server.kept() {
            *copies.entry(id).or_default() += 1;
        }
        assert_eq!(copies.len(), 2, "each message came: {copies:?}");
        for (id, count) in &copies {
            assert_eq!(*count, 1 + server.in_doubt(id), "{id} came more often than was in doubt");
        }
        assert_eq!(copies.values().sum::<usize>(), 4, "two were in doubt: {copies:?}");
        assert_eq!(db.read(|c| rows::notes(c, 1)).expect("notes").len(), 2, "a note a message");
    });
}

#[test]
fn what_is_refused_for_good_is_laid_aside_with_its_reason_and_can_be_retried() {
    each_database("laying aside", |db| {
        issued(db);
        let server = Smtp::start(&[Act::NoSuchMailbox]);
        let (app, mailer) = (app(db), smtp(&server));
        let done = until_settled(&app, &mailer, db);
        assert_eq!((done.sent, done.laid_aside), (1, 1), "{done:?}");
        let dead = listed(db, MessageState::Dead);
        assert!(
            dead[0].error.as_deref().is_some_and(|e| e.contains("no such mailbox")),
            "{dead:?}"
        );
        let shown = db.homeward(&["outbox", "list"]);
        assert!(shown.out.contains("no such mailbox"), "{shown:?}");
        let noted = db.read(|c| rows::notes(c, 1)).expect("notes");
        assert!(noted.iter().any(|n| n.2.contains("could not be sent")), "{noted:?}");
        assert_eq!(db.homeward(&["outbox", "retry", &dead[0].id.to_string()]).code, 0);
        assert_ne!(db.homeward(&["outbox", "retry", "999"]).code, 0);
        assert_eq!(until_settled(&app, &mailer, db).sent, 1);
        assert_eq!(server.kept().len(), 2);
    });
}

#[test]
fn a_message_never_taken_is_laid_aside_after_its_attempts() {
    let db = TestDatabase::sqlite();
    issued(&db);
    let server = Smtp::start(&[Act::TryLater; 100]);
    let done = until_settled(&app(&db), &smtp(&server), &db);
    assert_eq!((done.sent, done.put_off, done.laid_aside), (0, 6, 2), "{done:?}");
    assert!(listed(&db, MessageState::Dead).iter().all(|m| m.attempts == 4));
}

/// Three instances at once: each message is leased by one.
#[test]
fn many_instances_send_each_message_once() {
    each_database("many instances", |db| {
        issued(db);
        let server = Smtp::start(&[]);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let (app, mailer) = (app(db), smtp(&server));
                scope.spawn(move || {
                    run(&app, &mailer, &SystemClock, &Stop::default()).expect("a run")
                });
            }
        });
        assert_eq!(server.kept().len(), 2);
        assert_eq!(listed(db, MessageState::Sent).len(), 2);
    });
}

/// An instance that died after leasing: another takes over when the lease has run out, and the first
/// can no longer mark anything (fencing).
#[test]
fn a_lease_that_ran_out_is_taken_over_and_fenced_off() {
    each_database("fencing", |db| {
        issued(db);
        let now = SystemClock.now();
        let later = now + TimeDelta::hours(1);
        let id = db.read(|c| rows::due(c, now, 1)).expect("due")[0];
        let take = |at: DateTime<Utc>| {
            db.write(|c| rows::lease(c, id, at, at + TimeDelta::minutes(20))).expect("a lease")
        };
        let dead = take(now).expect("free");
        assert!(take(now + TimeDelta::minutes(19)).is_none(), "held");
        let heir = take(later).expect("run out");
        assert!(!db.write(|c| rows::mark_sent(c, &dead, later)).expect("marking"));
        assert!(!db.write(|c| rows::mark_failed(c, &dead, None, "x")).expect("marking"));
        assert!(db.write(|c| rows::mark_sent(c, &heir, later)).expect("marking"));
    });
}
