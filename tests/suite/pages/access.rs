//! Who sees which page: every page of the table, every role, ids of one's own, foreign ones and absent ones.

use homeward::domain::rma::Role;
use homeward::http::{Access, Door, ROUTES, Route};

use super::{Visitor, hidden, user};
use crate::http::Stage;
use crate::http::access::{Things, things};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;

fn pages() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.door == Door::Session)
}

/// The request of a page for one kind of id; a page without its row here fails the test.
fn request(route: &Route, things: &Things, csrf: &str) -> Request {
    let path = route.path.replace(
        "{number}",
        match route.path {
            path if path.starts_with("/cases/") => &things.case,
            _ => &things.rma,
        },
    );
    let key = [("csrf", csrf), ("once", "key-of-a-test")];
    let form = |fields: &[(&str, &str)]| Request::form(&path, &[&key[..], fields].concat());
    match (route.method, route.path) {
        ("GET", "/assets/{name}") => Request::get("/assets/portal.css"),
        ("GET", "/search") => Request::get(&format!("/search?q={}", things.rma)),
        ("GET", "/cases") => Request::get(&format!("/cases?q={}", things.case)),
        ("GET", "/rmas") => Request::get(&format!("/rmas?q={}", things.rma)),
        ("GET", "/" | "/cases/new" | "/account") => Request::get(route.path),
        ("GET", path_of) if path_of.contains("{number}") => Request::get(&path),
        ("POST", "/cases") => form(&super::case_fields(things.serial)),
        // The serial has an open RMA: refused where it is seen.
        ("POST", "/cases/{number}/rmas") => {
            form(&[("serial_number", things.serial), ("symptom", "dead")])
        }
        ("POST", "/rmas/{number}/progress-requests") => {
            form(&[("about", "shipment_update"), ("text", "where is it?")])
        }
        ("POST", "/sign-in") => form(&[]),
        ("POST", "/sign-out" | "/account/sign-out-everywhere") => form(&[]),
        ("POST", "/account/zone") => form(&[("zone", "UTC")]),
        ("POST", "/account/password") => form(&[("current", "a"), ("new", "b"), ("again", "b")]),
        (method, path) => panic!("{method} {path} has no row in this test"),
    }
}

/// A user of every role, and whether it is bound to accounts.
fn users(db: &TestDatabase) -> Vec<(Role, bool, String)> {
    let linked = db.homeward(&["partner", "link", "Cascade", "Northwind"]);
    assert_eq!(linked.code, 0, "{linked:?}");
    let of = |role: &Role| {
        let (email, account) = match role {
            Role::Clock => return None,
            Role::Customer => ("ann@northwind.example".to_owned(), Some("Northwind")),
            Role::AccountAdmin => ("admin@northwind.example".to_owned(), Some("Northwind")),
            Role::Partner => ("desk@cascade.example".to_owned(), Some("Cascade")),
            _ => (format!("{role}@vendor.example"), None),
        };
        user(db, &email, role.as_str(), account);
        Some((*role, account.is_some(), email))
    };
    Role::ALL.iter().filter_map(of).collect()
}

#[test]
fn every_page_for_every_role_and_id() {
    each_database("pages and roles", |db| {
        let stage = Stage::set(db, 1);
        let things = things(&stage);
        for (role, bound, email) in users(db) {
            let visitor = Visitor::sign_in(&stage.service, &email);
            let csrf = hidden(&visitor.page("/account"), "csrf").expect("a token");
            for route in pages() {
                let Access::With(capability) = route.access else { continue };
                let answers: Vec<(u16, String)> = things
                    .iter()
                    .map(|(_, one)| {
                        let answer = visitor.send(request(route, one, &csrf));
                        assert!(answer.status < 500, "{role} {route:?}: {}", answer.text());
                        let mut text = answer.text().replace(one.serial, "SERIAL");
                        // Each form has a key of its own.
                        while let Some(key) = hidden(&text, "once").filter(|key| key != "KEY") {
                            text = text.replace(&key, "KEY");
                        }
                        (answer.status, text.replace(&one.rma, "RMA").replace(&one.case, "CASE"))
                    })
                    .collect();
                let context = format!("{role} {} {}: {answers:#?}", route.method, route.path);
                let [own, foreign, absent] = &answers[..] else { panic!("three answers") };
                if !capability.belongs_to(role) {
                    assert!(answers.iter().all(|(status, _)| *status == 403), "{context}");
                    continue;
                }
                assert_ne!(own.0, 404, "{context}");
                if !bound {
                    continue;
                }
                assert_eq!(foreign, absent, "{context}");
                for secret in ["CN001", "上海", "SH-1", "yuanhang"] {
                    assert!(!foreign.1.contains(secret), "{secret}: {context}");
                }
                assert!(!route.path.contains('{') || foreign.0 == 404, "{context}");
            }
        }
    });
}

#[test]
fn without_a_session_every_page_leads_to_the_sign_in_and_tells_nothing() {
    each_database("pages without a session", |db| {
        let stage = Stage::set(db, 1);
        let things = things(&stage);
        let mut led = 0;
        for route in pages().filter(|route| route.access != Access::Public) {
            for (_, one) in &things {
                for cookie in ["", "homeward=0123", "__Host-homeward=0123"] {
                    // A token of the API is none here.
                    let request = request(route, one, "x").header("cookie", cookie);
                    let answer = stage.service.send(&request.token(&stage.admin));
                    assert_eq!(answer.status, 303, "{route:?}: {}", answer.text());
                    let to = answer.get("location").expect("a way");
                    let expected = if route.method == "GET" { "/?next=%2F" } else { "/" };
                    assert!(to.starts_with(expected), "{route:?}: {to}");
                    assert_eq!((answer.text().as_str(), answer.get("set-cookie")), ("", None));
                    led += 1;
                }
            }
        }
        assert!(led > 100, "{led}");
        for path in ["/", "/assets/portal.css", "/assets/portal.js", "/assets/mark.svg"] {
            let answer = stage.service.send(&Request::get(path));
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.text().contains("Northwind"), "{path}");
        }
        let head = stage.service.send(&Request::new("HEAD", "/"));
        assert_eq!((head.status, head.body.len()), (200, 0));
        let none = Request::get("/assets/../Cargo.toml");
        assert_eq!(stage.service.send(&none).status, 404);
    });
}
