//! What those who run the service see of it, and how much a stranger may ask.

use serde_json::json;

use super::report_runs::{missed, ran};
use super::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

/// A schedule that is late is told, and leaves the service ready.
#[test]
fn late_schedules_are_seen_and_leave_the_service_ready() {
    each_database("late schedules", |db| {
        let admin = token(db, &["--role", "administrator"]);
        let stage = Stage { service: Service::start(db), admin };
        let ready = stage.service.send(&Request::get("/readyz")).expect(200);
        assert_eq!((&ready["status"], &ready["schedules"]), (&json!("ready"), &json!("ok")));
        assert_eq!(stage.service.stop(), Some(0));
        // Nobody has even noted its slots; its first was due more than a day ago.
        missed(db, "non-returns", "0 6 * * *", 3);
        let admin = stage.admin;
        let stage = Stage { service: Service::start(db), admin };
        let degraded = stage.service.send(&Request::get("/readyz")).expect(200);
        assert_eq!(degraded["status"], "degraded", "{degraded}");
        assert_eq!(degraded["late"][0]["schedule"], "non-returns", "{degraded}");
        let seconds = degraded["late"][0]["seconds"].as_i64().expect("seconds");
        assert!(seconds > 86_400, "{degraded}");
        ran(&stage, &stage.admin, &json!({ "report": "open-rmas" }));
        let page = stage.service.send(&Request::get("/metrics")).text();
        let of = |begin: &str| {
            let line = page.lines().find(|line| line.starts_with(begin));
            let line = line.unwrap_or_else(|| panic!("{begin} is not in {page}"));
            line.rsplit(' ').next().and_then(|n| n.parse::<i64>().ok()).expect("a number")
        };
        assert!(of("homeward_schedule_lag_seconds{schedule=\"non-returns\"}") > 86_400);
        assert_eq!(of("homeward_schedule_lag_seconds{schedule=\"clock\"}"), 0);
        assert_eq!(of("homeward_runs{outcome=\"done\",schedule=\"open-rmas\"}"), 1);
        // More patience, and it is not late.
        let patient = [("HOMEWARD_JOBS__LATE_AFTER_MINUTES", "10000")];
        let service = Service::start_with(db, &patient);
        let ready = service.send(&Request::get("/readyz")).expect(200);
        assert_eq!(ready["status"], "ready", "{ready}");
    });
}

/// The oldest message that waits, and how many there are of each state.
#[test]
fn waiting_messages_are_measured() {
    each_database("the outbox measured", |db| {
        crate::door::issued(db);
        let service = Service::start(db);
        let page = service.send(&Request::get("/metrics")).text();
        for line in [
            "homeward_outbox{state=\"pending\",what=\"count\"} 2",
            "homeward_outbox{state=\"pending\",what=\"oldest_seconds\"} ",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
        assert_eq!(db.homeward(&["outbox", "send"]).code, 0);
        let page = Service::start(db).send(&Request::get("/metrics")).text();
        let sent = "homeward_outbox{state=\"sent\",what=\"count\"} 2";
        assert!(page.contains(sent) && !page.contains("pending"), "{page}");
    });
}

#[test]
fn a_stranger_has_a_share_by_address_and_those_who_are_known_go_on() {
    let db = TestDatabase::sqlite();
    let known = token(&db, &["--role", "engineer", "--name", "known"]);
    let new = token(&db, &["--role", "engineer", "--name", "new"]);
    let few = [("HOMEWARD_SERVICE__ANONYMOUS_REQUESTS_A_MINUTE", "4")];
    let service = Service::start_with(&db, &few);
    let ask = |token: &str| service.send(&Request::get("/api/v1/rmas").token(token));
    // The first use of a token is a stranger's.
    ask(&known).expect(200);
    for left in ["2", "1", "0"] {
        let refused = ask("hw_guess");
        refused.problem(401, "unauthenticated");
        assert_eq!(refused.get("ratelimit-remaining"), Some(left));
        assert_eq!(refused.get("ratelimit-limit"), Some("4"));
    }
    let limited = ask("hw_guess");
    limited.problem(429, "too-many-requests");
    let wait: u64 = limited.get("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=15).contains(&wait), "{wait}");
    // A right guess is not told from a wrong one.
    ask(&new).problem(429, "too-many-requests");
    for path in ["/api/v1/openapi.json", "/api/v1/nothing"] {
        service.send(&Request::get(path)).problem(429, "too-many-requests");
    }
    // Another way to write the same path is no way around.
    for path in ["/%61pi/v1/rmas", "/api/%76%31/rmas"] {
        let status = service.send(&Request::get(path).token(&new)).status;
        assert!([404, 429].contains(&status), "{path}: {status}");
    }
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(service.send(&Request::get(path)).status, 200, "{path}");
    }
    ask(&known).expect(200);
    let revoked = db.homeward(&["token", "revoke", "1"]);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    ask(&known).problem(401, "unauthenticated");
    ask(&known).problem(429, "too-many-requests");
}

#[test]
fn behind_a_proxy_that_is_trusted_each_client_has_its_own_share() {
    let db = TestDatabase::sqlite();
    let few = ("HOMEWARD_SERVICE__ANONYMOUS_REQUESTS_A_MINUTE", "1");
    let from = |service: &Service, client: &str| {
        let get = Request::get("/api/v1/rmas").header("x-forwarded-for", client);
        service.send(&get).status
    };
    let trusting = Service::start_with(
        &db,
        &[few, ("HOMEWARD_SERVICE__TRUSTED_PROXIES", "[\"127.0.0.1\", \"192.0.2.9\"]")],
    );
    assert_eq!(from(&trusting, "198.51.100.1"), 401);
    assert_eq!(from(&trusting, "198.51.100.1"), 429);
    assert_eq!(from(&trusting, "198.51.100.2"), 401);
    // The nearest that is no proxy counts, whatever the client wrote before it.
    assert_eq!(from(&trusting, "203.0.113.7, 198.51.100.2, 192.0.2.9"), 429);
    // Over several lines of the header it is the same list (RFC 9110, 5.3).
    let lines = |lines: &[&str]| {
        let get = Request::get("/api/v1/rmas");
        let add = |get: Request, line: &&str| get.header("x-forwarded-for", line);
        trusting.send(&lines.iter().fold(get, add)).status
    };
    assert_eq!(lines(&["203.0.113.8", "198.51.100.2", "192.0.2.9"]), 429);
    assert_eq!(lines(&["198.51.100.2", "203.0.113.8, 192.0.2.9"]), 401);
    assert_eq!(lines(&["203.0.113.9, 203.0.113.8", "192.0.2.9"]), 429);
    // Addresses of one IPv6 network are one client.
    assert_eq!(from(&trusting, "2001:db8::1"), 401);
    assert_eq!(from(&trusting, "2001:db8::ffff"), 429);
    let wary = Service::start_with(&db, &[few]);
    assert_eq!(from(&wary, "198.51.100.1"), 401);
    assert_eq!(from(&wary, "198.51.100.2"), 429, "the header of a stranger is not believed");
}
