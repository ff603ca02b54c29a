//! The same key, the same effect, once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Stage, case, token};
use crate::support::databases::each_database;
use crate::support::service::{Request, Service};

const POSTS: usize = 1_000;

#[test]
fn a_thousand_posts_each_sent_one_to_five_times_at_once() {
    each_database("posts sent again", |db| {
        let stage = Stage::set(db, 1);
        let next = AtomicUsize::new(0);
        let numbers = std::sync::Mutex::new(BTreeSet::new());
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= POSTS {
                            return;
                        }
                        let number = one_post(&stage, n);
                        assert!(numbers.lock().expect("the set").insert(number), "given twice");
                    }
                });
            }
        });
        assert_eq!(numbers.into_inner().expect("the set").len(), POSTS);
        let mut seen = 0;
        let mut path = "/api/v1/cases?limit=500".to_owned();
        loop {
            let page = stage.get(&stage.admin, &path);
            seen += page["items"].as_array().expect("items").len();
            match page["next"].as_str() {
                Some(next) => path = format!("/api/v1/cases?limit=500&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, POSTS);
    });
}

/// Sends post `n` once to five times at once; all answers are the same.
fn one_post(stage: &Stage, n: usize) -> String {
    let mut body = case("SN001");
    body["summary"] = json!(format!("failure {n}"));
    let request = Request::post("/api/v1/cases", &body)
        .token(&stage.admin)
        .header("idempotency-key", &format!("key-{n}"));
    let answers: Vec<_> = std::thread::scope(|threads| {
        let sent: Vec<_> =
            (0..=n % 5).map(|_| threads.spawn(|| stage.service.send(&request))).collect();
        sent.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(answer.get("location"), answers[0].get("location"));
    }
    let replayed = answers.iter().filter(|a| a.get("idempotency-replayed").is_some()).count();
    assert_eq!(replayed, answers.len() - 1);
    answers[0].json()["number"].as_str().expect("a number").to_owned()
}

#[test]
fn a_service_killed_in_between_leaves_one_effect_each() {
    const SENT: usize = 200;
    each_database("a killed service", |db| {
        let mut stage = Stage::set(db, 1);
        let admin = stage.admin.clone();
        let request = |n: usize| {
            let mut body = case("SN001");
            body["summary"] = json!(format!("failure {n}"));
            let key = format!("killed-{n}");
            Request::post("/api/v1/cases", &body).token(&admin).header("idempotency-key", &key)
        };
        let answered = AtomicUsize::new(0);
        let next = AtomicUsize::new(0);
        let before = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= SENT {
                            return;
                        }
                        let Some(answer) = stage.service.try_send(&request(n)) else { continue };
                        before.lock().expect("the list").push((n, answer.body));
                        if answered.fetch_add(1, Ordering::Relaxed) == SENT / 4 {
                            stage.service.kill();
                        }
                    }
                });
            }
        });
        let before = before.into_inner().expect("the list");
        assert!((SENT / 4..SENT).contains(&before.len()), "{} were answered", before.len());
        stage.service = Service::start(db);
        for (n, body) in &before {
            assert_eq!(stage.service.send(&request(*n)).body, *body, "post {n}");
        }
        for n in 0..SENT {
            stage.service.send(&request(n)).expect(201);
        }
        let page = stage.get(&stage.admin, "/api/v1/cases?limit=500");
        assert_eq!(page["items"].as_array().expect("items").len(), SENT);
    });
}

#[test]
fn a_key_is_for_one_request_of_one_principal_and_keeps_no_refusal() {
    each_database("idempotency keys", |db| {
        let stage = Stage::set(db, 1);
        let send = |token: &str, path: &str, body: &Value| {
            let request = Request::post(path, body).token(token).header("idempotency-key", "k");
            stage.service.send(&request)
        };
        let unknown = send(&stage.admin, "/api/v1/cases", &case("SN404"));
        unknown.problem(422, "invalid");
        // Not kept: the same key serves once the request is right.
        let first = send(&stage.admin, "/api/v1/cases", &case("SN001"));
        first.expect(201);
        assert_eq!(send(&stage.admin, "/api/v1/cases", &case("SN001")).body, first.body);
        send(&stage.admin, "/api/v1/cases", &case("CN001")).problem(422, "key-reused");
        let other = token(db, &["--role", "engineer"]);
        let others = send(&other, "/api/v1/cases", &case("SN001"));
        others.expect(201);
        assert_ne!(others.body, first.body);
    });
}
