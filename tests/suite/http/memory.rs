//! What the service remembers is never older than what anybody committed.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use homeward::db::{AnyConnection, DbError};
use serde_json::json;

use super::interviews::ANN;
use super::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};
use crate::support::skipped;

/// Commands that another instance carries out while the RMA is looked at.
const COMMANDS: usize = 20;

#[test]
fn an_rma_that_is_looked_at_all_the_time_is_as_another_instance_left_it() {
    each_database("looking while another writes", |db| {
        let stage = Stage::set(db, 1);
        let ann = token(db, ANN);
        let number = stage.request(&ann, "SN001");
        let path = format!("/api/v1/rmas/{number}");
        let looked = Service::start(db);
        let (committed, done) = (AtomicI64::new(0), AtomicBool::new(false));
        let look = || {
            let before = committed.load(Ordering::SeqCst);
            let answer = looked.send(&Request::get(&path).token(&ann));
            let shown = answer.expect(200);
            let version = shown["version"].as_i64().expect("a version");
            assert!(version >= before, "{version} is shown after {before} was committed");
            assert_eq!(answer.get("etag"), Some(format!("\"{version}\"").as_str()));
            let held = shown["tracks"]["authorisation"] == "on_hold";
            (version, held)
        };
        std::thread::scope(|threads| {
            // Lets the others end too where an assertion here fails.
            let ended = Ended(&done);
            for _ in 0..3 {
                threads.spawn(|| {
                    let mut last = 0;
                    while !done.load(Ordering::SeqCst) {
                        let (version, _) = look();
                        assert!(version >= last, "{version} is shown after {last}");
                        last = version;
                    }
                });
            }
            for turn in 0..COMMANDS {
                let command = match turn % 2 {
                    0 => json!({ "command": "hold", "reason": "export", "note": "to be checked" }),
                    _ => json!({ "command": "release", "note": "checked" }),
                };
                let version = stage.command(&number, &command)["version"].as_i64();
                committed.store(version.expect("a version"), Ordering::SeqCst);
                let (shown, held) = look();
                assert_eq!((Some(shown), held), (version, turn % 2 == 0));
            }
            drop(ended);
        });
        let etag = format!("\"{}\"", committed.into_inner());
        let again = Request::get(&path).token(&ann).header("if-none-match", &etag);
        let answer = looked.send(&again);
        assert_eq!((answer.status, answer.get("etag")), (304, Some(etag.as_str())));
    });
}

/// Says so when it is dropped.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn what_one_may_see_is_not_remembered_for_another_nor_beyond_its_end() {
    each_database("remembered and revoked", |db| {
        let stage = Stage::set(db, 1);
        let ann = token(db, ANN);
        let foreign =
            ["--role", "customer", "--user", "wu@yuanhang.example", "--account", "上海远航"];
        let foreign = token(db, &foreign);
        let partner = token(db, &["--role", "partner", "--account", "Cascade"]);
        let path = format!("/api/v1/rmas/{}", stage.request(&ann, "SN001"));
        let look = |token: &str| stage.service.send(&Request::get(&path).token(token)).status;
        let done = |arguments: &[&str]| {
            let ran = db.homeward(arguments);
            assert_eq!(ran.code, 0, "{ran:?}");
        };
        assert_eq!([look(&ann), look(&ann)], [200, 200]);
        assert_eq!([look(&foreign), look(&foreign), look(&partner)], [404, 404, 404]);
        done(&["partner", "link", "Cascade", "Northwind"]);
        assert_eq!([look(&partner), look(&partner)], [200, 200]);
        done(&["partner", "unlink", "Cascade", "Northwind"]);
        assert_eq!(look(&partner), 404);
        assert_eq!(look(&ann), 200);
        let listed = db.homeward(&["token", "list"]);
        let line = listed.out.lines().find(|line| line.contains("ann@northwind.example"));
        let id = line.and_then(|line| line.split_whitespace().next()).expect("the token's number");
        done(&["token", "revoke", id]);
        assert_eq!(look(&ann), 401);
    });
}

/// The connections on which a server is asked for its state: ended, or only counted.
fn askers(db: &TestDatabase, end: bool) -> i64 {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let what = if end { "count(pg_terminate_backend(pid))" } else { "count(*)" };
    let sql = format!(
        "SELECT {what} AS number FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND query LIKE '%pg_current_snapshot()%'"
    );
    let found: Result<Found, DbError> = db.read(|c| {
        let AnyConnection::Postgres(c) = c else { panic!("{sql}") };
        Ok(diesel::sql_query(&sql).get_result(c)?)
    });
    found.expect("the server's activity").number
}

/// A server that is started again ends the connections it is asked on: what is shown then is read, and it is
/// asked again on others.
#[test]
fn a_server_that_hangs_up_is_asked_anew() {
    let db = match TestDatabase::postgres() {
        Ok(db) => db,
        Err(why) => return skipped("a server that hangs up", why),
    };
    let stage = Stage::set(&db, 1);
    let ann = token(&db, ANN);
    let number = stage.request(&ann, "SN001");
    let look = || {
        let path = format!("/api/v1/rmas/{number}");
        let shown = stage.service.send(&Request::get(&path).token(&ann)).expect(200);
        (shown["version"].as_i64(), shown["tracks"]["authorisation"] == "on_hold")
    };
    for turn in 0..4 {
        let before = look();
        assert!(askers(&db, false) > 0, "nobody asks the server");
        assert!(askers(&db, true) > 0, "nobody asked the server");
        assert_eq!(look(), before, "turn {turn}");
        let command = match turn % 2 {
            0 => json!({ "command": "hold", "reason": "export", "note": "to be checked" }),
            _ => json!({ "command": "release", "note": "checked" }),
        };
        let version = stage.command(&number, &command)["version"].as_i64();
        assert_eq!(look(), (version, turn % 2 == 0));
        assert_eq!(look(), (version, turn % 2 == 0));
    }
}
