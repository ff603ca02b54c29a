//! Who sees what: every route of the table, every role, ids of one's own, foreign ones and absent ones.

use homeward::app::Capability;
use homeward::domain::rma::Role;
use homeward::http::{Access, Door, ROUTES, Route};
use serde_json::{Value, json};

use super::{Stage, case, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::{pdf, png};
use crate::support::service::{Answer, Request};

/// What a route is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Own,
    Foreign,
    Absent,
}

/// The names of things, one row of each kind.
pub struct Things {
    pub case: String,
    pub rma: String,
    pub serial: &'static str,
    account: String,
    site: &'static str,
    /// A run of a report that tells of no money.
    run: String,
    /// An interview that has ended.
    interview: String,
    task: String,
    /// Files of the case, of the RMA and of the box.
    files: [String; 3],
    /// A box that a dock has judged.
    on_record: String,
}

/// The request of a route for one kind of id; a route without its row here fails the test.
fn request(route: &Route, things: &Things, whose: Whose) -> Request {
    let Things { case: number, rma: rma_number, serial, account, site, run, .. } = things;
    let at = chrono::Utc::now().to_rfc3339();
    let get = |path: String| Request::get(&path);
    match (route.method, route.path) {
        ("GET", "/api/v1/openapi.json") => get(route.path.to_owned()),
        ("GET", "/api/v1/cases") => get(format!("/api/v1/cases?q={number}")),
        ("POST", "/api/v1/cases") => Request::post(route.path, &case(serial)),
        ("GET", "/api/v1/cases/{number}") => get(format!("/api/v1/cases/{number}")),
        // It has an open RMA: refused where it is seen.
        ("POST", "/api/v1/cases/{number}/close") => {
            let path = route.path.replace("{number}", number);
            Request::post(&path, &json!({ "agreed_by": "Ann" }))
        }
        ("GET", "/api/v1/cases/{number}/interviews") => get(route.path.replace("{number}", number)),
        ("POST", "/api/v1/cases/{number}/interviews") => {
            let path = route.path.replace("{number}", number);
            Request::post(&path, &json!({ "serial_number": serial }))
        }
        ("GET", "/api/v1/interviews/{id}") => get(route.path.replace("{id}", &things.interview)),
        // It has ended: refused where it is seen.
        ("POST", "/api/v1/interviews/{id}/answers") => {
            let body = json!({ "version": "1", "answers": [{ "question": "a", "answer": "b" }] });
            Request::post(&route.path.replace("{id}", &things.interview), &body)
        }
        ("GET", "/api/v1/tasks") => get(route.path.to_owned()),
        ("POST", "/api/v1/tasks/{id}/settle") => {
            let path = route.path.replace("{id}", &things.task);
            Request::post(&path, &json!({ "answer": "called" }))
        }
        ("GET", "/api/v1/rmas") => get(format!("/api/v1/rmas?q={rma_number}")),
        // The serial has an open RMA: refused where it is seen, and nothing changes.
        ("POST", "/api/v1/rmas") => Request::post(route.path, &rma(number, serial)),
        (_, path) if path.contains("/attachments") => file(route, things),
        ("GET", "/api/v1/dock/arrivals") => get(format!("{}?q={serial}", route.path)),
        ("GET", "/api/v1/dock/arrivals/{box}") => {
            get(route.path.replace("{box}", &things.on_record))
        }
        ("GET", path) if path.starts_with("/api/v1/rmas/{number}") => {
            get(path.replace("{number}", rma_number))
        }
        ("POST", "/api/v1/rmas/{number}/commands") => {
            let body = json!({ "command": "cancel", "reason": "no", "occurred_at": at });
            let path = route.path.replace("{number}", rma_number);
            Request::post(&path, &body).header("if-match", "\"999\"")
        }
        ("POST", "/api/v1/rmas/{number}/progress-requests") => {
            let body = json!({ "about": "shipment_update", "text": "where is it?" });
            Request::post(&route.path.replace("{number}", rma_number), &body)
        }
        ("POST", "/api/v1/rmas/{number}/dead-on-arrival") => {
            let body = json!({ "symptom": "no light", "occurred_at": at });
            Request::post(&route.path.replace("{number}", rma_number), &body)
        }
        ("POST", "/api/v1/dock/arrivals") => {
            let site = if whose == Whose::Absent { "NOWHERE" } else { "CM-MX" };
            Request::post(route.path, &json!({ "site": site, "occurred_at": at }))
        }
        ("GET", "/api/v1/logistics/queue") => get(format!("{}?region=AMER", route.path)),
        ("GET", "/api/v1/accounts") => get(route.path.to_owned()),
        ("GET", "/api/v1/accounts/{id}") => get(format!("/api/v1/accounts/{account}")),
        ("GET", "/api/v1/accounts/{id}/product-life.csv") => {
            get(format!("/api/v1/accounts/{account}/product-life.csv?as_of=2026-11-01"))
        }
        ("GET", "/api/v1/sites") => get(format!("/api/v1/sites?name={site}")),
        ("GET", "/api/v1/sites/{code}") => get(format!("/api/v1/sites/{site}")),
        ("GET", "/api/v1/units/{manufacturer}/{serial_number}") => {
            get(format!("/api/v1/units/ACME/{serial}"))
        }
        // Onto the account that has it already: refused, and nothing changes.
        ("POST", "/api/v1/units/{manufacturer}/{serial_number}/transfer") => {
            let name = if *serial == "CN001" { "上海远航" } else { "Northwind" };
            let body = json!({ "account": name, "site": site, "reason": "none" });
            Request::post(&format!("/api/v1/units/ACME/{serial}/transfer"), &body)
        }
        ("POST", path) if path.starts_with("/api/v1/units/{manufacturer}/{serial_number}/") => {
            let path = path.replace("{manufacturer}", "ACME").replace("{serial_number}", serial);
            Request::post(&path, &json!({ "reason": "none" }))
        }
        ("GET", "/api/v1/explain/return-window") => {
            get(format!("{}?at=2026-11-16T10:00:00Z&calendar=US&zone=America/New_York", route.path))
        }
        ("GET", "/api/v1/explain/warranty") => get(format!("{}?shipped=2026-01-10", route.path)),
        ("GET", "/api/v1/explain/replacement") => {
            get(format!("{}?level=same_day&approved_at=2026-11-16T10:00:00Z", route.path))
        }
        ("GET", "/api/v1/explain/repair") => {
            get(format!("{}?received=2026-11-30&calendar=MX", route.path))
        }
        ("GET", "/api/v1/explain/analysis") => {
            get(format!("{}?kind=ra&received=2026-12-10", route.path))
        }
        ("GET", "/api/v1/explain/ra-eligibility") => {
            get(format!("{}?frs=2021-11-20&requested=2026-11-20", route.path))
        }
        ("GET", "/api/v1/explain/entitlement") => get(format!("{}?serial={serial}", route.path)),
        ("GET", "/api/v1/explain/rma/{number}") => get(route.path.replace("{number}", rma_number)),
        ("GET", "/api/v1/explain/unit/{serial}") => get(route.path.replace("{serial}", serial)),
        ("GET", "/api/v1/reports") => get(route.path.to_owned()),
        ("POST", "/api/v1/reports/{name}/runs") => {
            let name = if whose == Whose::Absent { "nothing" } else { "non-returns" };
            let path = format!("/api/v1/reports/{name}/runs?as_of=2026-11-01");
            Request::post(&path, &Value::Null)
        }
        ("GET", "/api/v1/report-runs") => get(route.path.to_owned()),
        ("POST", "/api/v1/report-runs") => {
            let name = if whose == Whose::Absent { "nothing" } else { "open-rmas" };
            Request::post(route.path, &json!({ "report": name }))
        }
        ("GET", path) if path.starts_with("/api/v1/report-runs/{id}") => {
            get(path.replace("{id}", run))
        }
        // It did not fail: refused where it is seen.
        ("POST", "/api/v1/report-runs/{id}/retry") => {
            Request::post(&route.path.replace("{id}", run), &Value::Null)
        }
        ("POST", "/api/v1/imports/{subject}") => {
            let subject = if whose == Whose::Absent { "nothing" } else { "organizations" };
            let csv = "name,kind,currency,bill_to,email\n";
            Request::new("POST", &format!("/api/v1/imports/{subject}"))
                .header("content-type", "text/csv")
                .bytes(csv)
        }
        (method, path) => panic!("{method} {path} has no row in this test"),
    }
}

/// The request of a route of files: the first that gives one keeps it, the first that takes it back does.
fn file(route: &Route, things: &Things) -> Request {
    let (thing, file) = match route.path {
        path if path.starts_with("/api/v1/cases/") => (&things.case, &things.files[0]),
        path if path.starts_with("/api/v1/rmas/") => (&things.rma, &things.files[1]),
        _ => (&things.on_record, &things.files[2]),
    };
    let path = route.path.replace("{number}", thing).replace("{box}", thing).replace("{id}", file);
    match route.method {
        "GET" => Request::get(&path),
        _ if path.ends_with("/withdrawal") => Request::post(&path, &json!({ "reason": "wrong" })),
        method => Request::new(method, &format!("{path}?kind=other&name=a.pdf"))
            .header("content-type", "application/pdf")
            .bytes(pdf("a file")),
    }
}

/// A token of every role that can have one, and whether it is bound to accounts.
pub fn tokens(db: &TestDatabase) -> Vec<(Role, bool, String)> {
    let linked = db.homeward(&["partner", "link", "Cascade", "Northwind"]);
    assert_eq!(linked.code, 0, "{linked:?}");
    let of = |role: &Role| {
        let word = role.as_str();
        let more: &[&str] = match role {
            Role::Clock => return None,
            Role::Customer => &["--user", "ann@northwind.example", "--account", "Northwind"],
            Role::AccountAdmin => &["--account", "Northwind"],
            Role::Partner => &["--account", "Cascade"],
            _ => &[],
        };
        let made = token(db, &[&["--role", word], more].concat());
        Some((*role, !more.is_empty(), made))
    };
    Role::ALL.iter().filter_map(of).collect()
}

pub fn things(stage: &Stage) -> [(Whose, Things); 3] {
    let accounts = stage.get(&stage.admin, "/api/v1/accounts");
    let id = |name: &str| {
        let items = accounts["items"].as_array().expect("items");
        items.iter().find(|a| a["name"] == name).expect("an account")["id"].to_string()
    };
    let run = super::report_runs::ran(stage, &stage.admin, &json!({ "report": "open-rmas" }));
    let run = run["id"].to_string();
    let of = |serial: &'static str, account: &str, site: &'static str| {
        let mut opening = case(serial);
        if serial == "CN001" {
            opening["contact_email"] = json!("li@yuanhang.example");
        }
        let opened = stage.post(&stage.admin, "/api/v1/cases", &opening, 201);
        let case = opened["number"].as_str().expect("a number").to_owned();
        let done = stage.post(&stage.admin, "/api/v1/rmas", &rma(&case, serial), 201);
        let rma = done["number"].as_str().expect("a number").to_owned();
        let path = format!("/api/v1/cases/{case}/interviews");
        let begun = stage.post(&stage.admin, &path, &json!({ "serial_number": serial }), 201);
        let listed = stage.get(&stage.admin, "/api/v1/tasks");
        let task = listed["items"].as_array().and_then(|items| items.last()).expect("a task");
        let task = task["id"].to_string();
        let at = json!({ "site": "CM-MX", "occurred_at": chrono::Utc::now().to_rfc3339() });
        let judged = stage.post(&stage.admin, "/api/v1/dock/arrivals", &at, 200);
        let on_record = judged["box"].to_string();
        let kept = |path: String| {
            let request =
                Request::new("POST", &format!("{path}/attachments?kind=other&name=b.png"))
                    .header("content-type", "image/png")
                    .bytes(png());
            stage.service.send(&request.token(&stage.admin)).expect(201)["id"].to_string()
        };
        let files = [
            kept(format!("/api/v1/cases/{case}")),
            kept(format!("/api/v1/rmas/{rma}")),
            kept(format!("/api/v1/dock/arrivals/{on_record}")),
        ];
        // Nobody whose tokens are bound to accounts sees any run, task or box.
        let (account, run) = (id(account), run.clone());
        let interview = begun["id"].to_string();
        Things { case, rma, serial, account, site, run, interview, task, files, on_record }
    };
    let absent = Things {
        case: "2020-0101-000001".to_owned(),
        rma: "R9999999999".to_owned(),
        serial: "XX404",
        account: "999999".to_owned(),
        site: "NOWHERE",
        run: "999999".to_owned(),
        interview: "999999".to_owned(),
        task: "999999".to_owned(),
        files: ["999999"; 3].map(str::to_owned),
        on_record: "999999".to_owned(),
    };
    [
        (Whose::Own, of("SN001", "Northwind", "NW-1")),
        (Whose::Foreign, of("CN001", "上海远航", "SH-1")),
        (Whose::Absent, absent),
    ]
}

/// An answer without what differs by nature: the request's id, and the id that was asked for.
fn comparable(answer: &Answer, things: &Things) -> (u16, String) {
    let id = answer.get("x-request-id").unwrap_or_default();
    let text = answer.text().replace(id, "ID").replace(things.serial, "SERIAL");
    (answer.status, text)
}

#[test]
fn every_route_for_every_role_and_id() {
    each_database("routes and roles", |db| {
        let stage = Stage::set(db, 1);
        let things = things(&stage);
        let tokens = tokens(db);
        for route in ROUTES.iter().filter(|route| route.door == Door::Token) {
            for (whose, one) in &things {
                let anonymous = stage.service.send(&request(route, one, *whose));
                match route.access {
                    Access::Public => assert_eq!(anonymous.status, 200),
                    Access::Known | Access::With(_) => {
                        drop(anonymous.problem(401, "unauthenticated"))
                    }
                }
            }
            let Access::With(capability) = route.access else { continue };
            for (role, bound, token) in &tokens {
                let answers: Vec<(u16, String)> = things
                    .iter()
                    .map(|(whose, one)| {
                        let answer = stage.service.send(&request(route, one, *whose).token(token));
                        assert!(answer.status < 500, "{role} {route:?}: {}", answer.text());
                        comparable(&answer, one)
                    })
                    .collect();
                judge(route, (*role, *bound), capability, &answers);
            }
        }
    });
}

fn judge(
    route: &Route,
    (role, bound): (Role, bool),
    capability: Capability,
    answers: &[(u16, String)],
) {
    let context = format!("{role} {} {}: {answers:#?}", route.method, route.path);
    let [own, foreign, absent] = answers else { panic!("three answers") };
    if !capability.belongs_to(role) {
        assert!(answers.iter().all(|(status, _)| *status == 403), "{context}");
        return;
    }
    assert_ne!(own.0, 404, "{context}");
    if !bound {
        return;
    }
    assert_eq!(foreign, absent, "{context}");
    for secret in ["CN001", "上海", "SH-1", "yuanhang"] {
        assert!(!foreign.1.contains(secret), "{context}");
    }
    // An id in the path that is foreign is not found at all.
    let by_id = route.path.contains('{');
    assert!(!by_id || foreign.0 == 404, "{context}");
}

/// HEAD is GET without its body, for every resource, also where it is refused.
#[test]
fn head_is_answered_wherever_get_is() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let things = things(&stage);
    let mut compared = 0;
    let of_the_api = ROUTES.iter().filter(|route| route.door == Door::Token);
    for route in of_the_api.filter(|route| route.method == "GET") {
        for (whose, one) in &things {
            for token in ["", stage.admin.as_str()] {
                let get = request(route, one, *whose).token(token);
                let head = get.clone().with_method("HEAD");
                let (got, headed) = (stage.service.send(&get), stage.service.send(&head));
                assert_eq!(got.status, headed.status, "{route:?}");
                assert!(headed.body.is_empty(), "{route:?}: {}", headed.text());
                assert_eq!(told(&got), told(&headed), "{route:?}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 80, "{compared}");
    for path in ["/livez", "/readyz", "/metrics", "/api/docs/"] {
        let head = stage.service.send(&Request::new("HEAD", path));
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    let refused = stage.service.send(&Request::new("DELETE", "/api/v1/rmas").token(&stage.admin));
    refused.problem(405, "method-not-allowed");
    assert_eq!(refused.get("allow"), Some("GET, HEAD, POST"));
}

/// The headers of an answer without those that differ from one request to the next.
fn told(answer: &Answer) -> Vec<(String, String)> {
    let differs = |name: &str| ["date", "x-request-id"].contains(&name) || name.starts_with("rate");
    let mut told: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !differs(name)).cloned().collect();
    told.sort();
    told
}

#[test]
fn a_partner_sees_its_linked_customers_alone_and_a_customer_its_own_cases() {
    each_database("scopes", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(
            db,
            &["--role", "customer", "--user", "ann@northwind.example", "--account", "Northwind"],
        );
        let bob = token(
            db,
            &["--role", "customer", "--user", "bob@northwind.example", "--account", "Northwind"],
        );
        let admin = token(db, &["--role", "account_admin", "--account", "Northwind"]);
        let linked = token(db, &["--role", "partner", "--account", "Cascade"]);
        let lone = token(db, &["--role", "partner", "--account", "Lone"]);
        let count = |token: &str| {
            let page = stage.get(token, "/api/v1/rmas");
            page["items"].as_array().expect("items").len()
        };
        stage.request(&ann, "SN001");
        assert_eq!([&ann, &bob, &admin, &linked, &lone].map(|t| count(t)), [1, 0, 1, 0, 0]);
        let done = db.homeward(&["partner", "link", "Cascade", "Northwind"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!([&linked, &lone].map(|t| count(t)), [1, 0]);
        let done = db.homeward(&["partner", "unlink", "Cascade", "Northwind"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(count(&linked), 0);
    });
}
