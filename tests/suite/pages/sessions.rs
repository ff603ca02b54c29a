//! How sessions end, by the clock and by hand.

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use homeward::app::{App, register, users};
use homeward::clock::{Clock, VirtualClock};
use homeward::domain::zone::Zone;

use super::{PASSWORD, Visitor, stage, user};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;

fn app(db: &TestDatabase) -> App {
    let database = homeward::db::Database::open(db.url()).expect("the database");
    let calendars = database.read(register::calendars).expect("the calendars");
    App::new(database, calendars, Zone::UTC)
}

#[test]
fn a_session_ends_when_nobody_uses_it_and_after_a_week_at_the_latest() {
    each_database("the clock of sessions", |db| {
        user(db, "eva@vendor.example", "engineer", None);
        let app = app(db);
        let clock = VirtualClock::at(Utc::now());
        let begun = clock.now();
        let sign_in = || {
            let secret = users::sign_in(&app, "eva@vendor.example", PASSWORD, clock.now());
            secret.expect("an answer").expect("a session")
        };
        let look = |secret: &str| {
            let found = app.db.read(|c| users::signed_in(c, secret, clock.now()));
            found.expect("an answer")
        };
        let (idle, busy) = (sign_in(), sign_in());
        let almost = users::IDLE - TimeDelta::seconds(1);
        while clock.now() + almost < begun + users::AT_MOST {
            clock.advance_to(clock.now() + almost);
            let found = look(&busy).expect("it is in use");
            assert!(found.is_to_be_noted, "{}", clock.now());
            users::note_use(&app, found.session, clock.now());
            assert!(!look(&busy).expect("still").is_to_be_noted);
            let is_idle = clock.now() - begun >= users::IDLE;
            assert_eq!(look(&idle).is_none(), is_idle, "{}", clock.now());
        }
        clock.advance_to(begun + users::AT_MOST - TimeDelta::microseconds(1));
        assert!(look(&busy).is_some());
        clock.advance_to(begun + users::AT_MOST);
        assert!(look(&busy).is_none());
        assert_eq!(users::forget_sessions(&app, clock.now()).expect("forgetting"), 1);
        assert_eq!(users::forget_sessions(&app, begun + users::AT_MOST * 2).expect("again"), 1);
    });
}

#[test]
fn an_ended_session_leads_to_the_sign_in_and_says_so() {
    each_database("ended sessions", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let elsewhere = Visitor::sign_in(&stage.service, "ann@northwind.example");
        ann.page("/cases");
        let long_ago = (Utc::now() - users::IDLE).format("%F %T%.6f");
        let sql = format!("UPDATE sessions SET seen_at = '{long_ago}' WHERE id = 1");
        let age = |sql: String| {
            db.write(|c| diesel::sql_query(sql).execute(c).map_err(homeward::db::DbError::from))
        };
        age(sql).expect("aging it");
        let over = ann.get("/cases");
        assert_eq!((over.status, over.get("location")), (303, Some("/?next=%2Fcases")));
        assert_eq!(over.text(), "");
        let door = ann.get("/?next=%2Fcases");
        assert!(door.text().contains("Your session has ended"), "{}", door.text());
        assert!(door.get("set-cookie").is_some_and(|set| set.contains("Max-Age=0")), "{door:?}");
        // Signing out ends one session at the server, not in the browser alone.
        elsewhere.page("/cases");
        let third = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let out = elsewhere.fill_in("/cases", "/sign-out", &[]);
        assert_eq!((out.status, out.get("location")), (303, Some("/")));
        assert_eq!(elsewhere.get("/cases").status, 303);
        third.page("/cases");
        let fourth = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let out = fourth.fill_in("/account", "/account/sign-out-everywhere", &[]);
        assert_eq!(out.status, 303);
        assert_eq!((third.get("/cases").status, fourth.get("/cases").status), (303, 303));
        // A password given at the command line ends them too.
        let fifth = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let ran = db.homeward(&["user", "password", "ann@northwind.example"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(fifth.get("/cases").status, 303);
        // A secret that is none of ours is nobody's.
        for secret in ["0".repeat(64), "a".to_owned(), "'; DROP TABLE sessions".to_owned()] {
            let request = Request::get("/cases").header("cookie", &format!("homeward={secret}"));
            assert_eq!(stage.service.send(&request).status, 303);
        }
    });
}
