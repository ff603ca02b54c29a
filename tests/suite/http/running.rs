//! Running it: alive, ready, measured, limited, ended.

use super::{Stage, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

#[test]
fn it_is_watched_and_ends_when_told() {
    each_database("running the service", |db| {
        let stage = Stage::set(db, 1);
        for path in ["/livez", "/readyz"] {
            stage.service.send(&Request::get(path)).expect(200);
        }
        stage.request(&stage.admin, "SN001");
        let page = stage.service.send(&Request::get("/metrics")).text();
        for line in [
            "homeward_open_rmas{state=\"requested\",track=\"authorisation\"} 1",
            "homeward_http_request_seconds_count{method=\"POST\",route=\"/api/v1/rmas\",status=\"201\"} 1",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
        let docs = stage.service.send(&Request::get("/api/docs/"));
        assert!(docs.status == 200 && docs.text().contains("swagger"), "{}", docs.text());
        let given = Request::get("/livez").header("x-request-id", "mine-1");
        assert_eq!(stage.service.send(&given).get("x-request-id"), Some("mine-1"));
        assert_eq!(stage.service.stop(), Some(0));
    });
}

#[test]
fn a_token_has_its_share_and_ends_when_revoked() {
    let db = TestDatabase::sqlite();
    let one = token(&db, &["--role", "engineer", "--name", "one"]);
    let other = token(&db, &["--role", "engineer", "--name", "other"]);
    let service = Service::start_with(&db, &[("HOMEWARD_SERVICE__REQUESTS_A_MINUTE", "3")]);
    let ask = |token: &str| service.send(&Request::get("/api/v1/rmas").token(token));
    for left in ["2", "1", "0"] {
        let answer = ask(&one);
        answer.expect(200);
        assert_eq!(answer.get("ratelimit-remaining"), Some(left));
        assert_eq!(answer.get("ratelimit-limit"), Some("3"));
    }
    let refused = ask(&one);
    refused.problem(429, "too-many-requests");
    let wait: u64 = refused.get("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    ask(&other).expect(200);
    let revoked = db.homeward(&["token", "revoke", "2"]);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    ask(&other).problem(401, "unauthenticated");
    let listed = db.homeward(&["token", "list"]);
    assert!(!listed.out.contains(&one) && listed.out.contains("engineer"), "{listed:?}");
}
