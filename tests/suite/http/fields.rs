//! What a caller may set. Every field of every model of the document, every parameter and every column
//! of every table is sent to every writing route: what is not the route's own is refused by its name,
//! and what is its own stands afterwards where it belongs and nowhere else.

use std::collections::BTreeSet;

use homeward::http::document;
use serde_json::{Value, json};

use super::{Stage, case, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::{pdf, today};
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, columns, places, snapshot};
use crate::support::world::World;

const AT: &str = "2026-11-16T09:30:00-06:00";

/// How a route takes what is written.
enum Body {
    /// JSON: what it is called here, a body that is read without complaint, and its schema.
    Json(Vec<(String, Value, Value)>),
    /// CSV: each subject's path and the columns it knows.
    Csv(Vec<(String, &'static str)>),
    /// Nothing but the parameters after `?`.
    Query(String),
    /// A file, with parameters after `?`.
    File,
}

fn whole() -> Value {
    serde_json::from_str(&document().to_json().expect("a document")).expect("JSON")
}

/// Every method and path that may change something.
fn writing(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("an item").keys();
        let writing = methods.filter(|method| !matches!(method.as_str(), "get" | "head"));
        writing.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// Every field and parameter the document knows, at any depth.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                found.extend(properties.keys().cloned());
            }
            if let (Some(Value::String(name)), true) =
                (object.get("name"), object.contains_key("in"))
            {
                found.insert(name.clone());
            }
            object.values().for_each(|inner| names(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

fn schema(document: &Value, name: &str) -> Value {
    document["components"]["schemas"][name].clone()
}

/// A value of a property's kind.
fn sample(property: &Value) -> Value {
    if let Some(word) = property["enum"].get(0) {
        return word.clone();
    }
    let kind = property["type"].as_str().or(property["type"][0].as_str());
    match (kind, property["format"].as_str()) {
        (Some("integer"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([1]),
        (_, Some("date")) => json!("2026-11-16"),
        (_, Some("date-time")) => json!(AT),
        _ => json!("text"),
    }
}

fn commands(document: &Value) -> Vec<(String, Value, Value)> {
    let listed = schema(document, "CommandBody")["oneOf"].clone();
    let one = |schema: &Value| {
        let required = schema["required"].as_array().expect("required fields").iter();
        let field = |name: &Value| {
            let name = name.as_str().expect("a name");
            (name.to_owned(), sample(&schema["properties"][name]))
        };
        let body = Value::Object(required.map(field).collect());
        (schema["title"].as_str().expect("a title").to_owned(), body, schema.clone())
    };
    listed.as_array().expect("commands").iter().map(one).collect()
}

/// What a route is sent; a writing route without its row here fails the test.
fn body(document: &Value, (method, path): (&str, &str)) -> Body {
    let one =
        |body: Value, name: &str| Body::Json(vec![(name.to_owned(), body, schema(document, name))]);
    match (method, path) {
        ("POST", "/api/v1/cases") => one(case("SN001"), "CaseRequest"),
        ("POST", "/api/v1/cases/{number}/close") => {
            one(json!({ "agreed_by": "Ann" }), "CloseRequest")
        }
        ("POST", "/api/v1/cases/{number}/interviews") => {
            one(json!({ "serial_number": "SN001" }), "InterviewRequest")
        }
        ("POST", "/api/v1/interviews/{id}/answers") => {
            let answers = json!([{ "question": "a", "answer": "b" }]);
            one(json!({ "version": "1", "answers": answers }), "AnswersRequest")
        }
        ("POST", "/api/v1/units/{manufacturer}/{serial_number}/transfer") => {
            let body = json!({ "account": "上海远航", "site": "SH-1", "reason": "sold" });
            one(body, "TransferRequest")
        }
        ("POST", path) if path.starts_with("/api/v1/units/") => {
            one(json!({ "reason": "seen" }), "CareRequest")
        }
        ("POST", "/api/v1/tasks/{id}/settle") => one(json!({ "answer": "called" }), "SettleTask"),
        ("POST", "/api/v1/rmas") => one(rma("2026-1116-000001", "SN001"), "RmaRequest"),
        ("POST", "/api/v1/rmas/{number}/commands") => Body::Json(commands(document)),
        ("POST", "/api/v1/rmas/{number}/progress-requests") => {
            let body = json!({ "about": "shipment_update", "text": "where is it?" });
            one(body, "ProgressRequest")
        }
        ("POST", "/api/v1/rmas/{number}/dead-on-arrival") => {
            one(json!({ "symptom": "no light", "occurred_at": AT }), "DeadOnArrival")
        }
        ("POST", "/api/v1/dock/arrivals") => {
            one(json!({ "site": "CM-MX", "occurred_at": AT }), "BoxArrival")
        }
        ("POST", path) if path.ends_with("/attachments") => Body::File,
        ("POST", path) if path.ends_with("/withdrawal") => {
            one(json!({ "reason": "a wrong one" }), "WithdrawalBody")
        }
        ("POST", "/api/v1/report-runs") => one(json!({ "report": "open-rmas" }), "StartRun"),
        ("POST", "/api/v1/report-runs/{id}/retry") => {
            Body::Json(vec![("retry".to_owned(), json!({}), json!({ "properties": {} }))])
        }
        ("POST", "/api/v1/reports/{name}/runs") => {
            Body::Query(path.replace("{name}", "non-returns"))
        }
        ("POST", "/api/v1/imports/{subject}") => {
            let of = |(subject, columns): &(&str, &'static str)| {
                (path.replace("{subject}", subject), *columns)
            };
            Body::Csv(COLUMNS.iter().map(of).collect())
        }
        (method, path) => panic!("{method} {path} has no row in this test"),
    }
}

/// The columns an import of each subject needs.
const COLUMNS: &[(&str, &str)] = &[
    ("organizations", "name,kind,currency,bill_to"),
    ("products", "manufacturer,part_number,description,list_prices,contract_manufacturer"),
    ("calendars", "calendar,kind,from"),
    ("sites", "code,name,kind,region,address,country,zone,calendar"),
    ("units", "manufacturer,serial_number,part_number,site,shipped_on"),
    ("contracts", "contract_number,account,level,starts_on,ends_on"),
];

/// The columns an import may have beside those.
const MORE_COLUMNS: &[(&str, &str)] = &[
    (
        "organizations",
        "email,qualification,qualified_from,qualified_until,partner_contract,partner_contract_from,partner_contract_until",
    ),
    ("products", "frs_on,eol_on,eoe_on,eos_on,replacement_part,family"),
    ("calendars", "to,name"),
    (
        "sites",
        "organization,contract_manufacturer,contact_name,contact_email,contact_phone,cut_off,closed_days,working_days",
    ),
    ("units", "account,distributor,resold_on,registered_on,chassis_serial"),
    ("contracts", "media_retention,manufacturer,serial_number,ssrn,part_number,site"),
];

/// Holds an answer to a refusal that names the field.
fn refused(answer: &Answer, name: &str, slug: &str, context: &str) {
    let problem = answer.problem(422, slug);
    let named = match slug {
        "invalid" => problem["errors"][0]["field"] == name,
        _ => problem["detail"].as_str().is_some_and(|detail| detail.contains(name)),
    };
    assert!(named, "{context} with {name}: {problem}");
}

fn foreign_fields(stage: &Stage, document: &Value, number: &str, all: &BTreeSet<String>) {
    for (method, path) in writing(document) {
        let target = path.replace("{number}", number).replace("{id}", "1");
        let target = target
            .replace("{box}", "1")
            .replace("{manufacturer}", "ACME")
            .replace("{serial_number}", "SN001");
        match body(document, (&method, &path)) {
            Body::Json(bodies) => {
                for (title, good, schema) in bodies {
                    let own = schema["properties"].as_object().expect("properties");
                    for name in all.iter().filter(|name| !own.contains_key(*name)) {
                        let mut body = good.clone();
                        body[name] = json!("taken");
                        let request = Request::post(&target, &body).header("if-match", "\"1\"");
                        let answer = stage.service.send(&request.token(&stage.admin));
                        refused(&answer, name, "invalid", &format!("{path} {title}"));
                    }
                }
            }
            Body::Csv(files) => {
                for (target, known) in files {
                    let subject = target.rsplit('/').next().unwrap_or_default();
                    let more = MORE_COLUMNS.iter().find(|(name, _)| *name == subject);
                    let more = more.expect("a subject's columns").1;
                    let own: BTreeSet<&str> = known.split(',').chain(more.split(',')).collect();
                    for name in all.iter().filter(|name| !own.contains(name.as_str())) {
                        let request = Request::new("POST", &target)
                            .header("content-type", "text/csv")
                            .bytes(format!("{known},{name}\n"));
                        let answer = stage.service.send(&request.token(&stage.admin));
                        refused(&answer, name, "bad-rows", &target);
                    }
                }
            }
            Body::File => {
                for name in all.iter().filter(|name| !["kind", "name"].contains(&name.as_str())) {
                    let target = format!("{target}?kind=other&name=a.pdf&{name}=taken");
                    let request = Request::new("POST", &target)
                        .header("content-type", "application/pdf")
                        .bytes(pdf("taken"));
                    let answer = stage.service.send(&request.token(&stage.admin));
                    refused(&answer, name, "invalid", &target);
                }
            }
            Body::Query(target) => {
                for name in all.iter().filter(|name| *name != "as_of") {
                    let request = Request::post(&format!("{target}?{name}=taken"), &Value::Null);
                    let answer = stage.service.send(&request.token(&stage.admin));
                    refused(&answer, name, "invalid", &target);
                }
            }
        }
    }
}

#[test]
fn a_field_that_is_not_a_routes_own_is_refused_by_its_name() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let number = stage.request(&stage.admin, "SN001");
    let document = whole();
    let mut all = BTreeSet::new();
    names(&document, &mut all);
    for name in ["version", "account", "charged_minor", "number", "recorded_at", "actor"] {
        assert!(all.contains(name), "{name} of the document was not found");
    }
    all.extend(columns(&db).into_values().flatten());
    let before = snapshot(&db);
    foreign_fields(&stage, &document, &number, &all);
    assert_same(&before, &snapshot(&db), "a foreign field");
}

/// A route's or command's free texts, each with every place it stands in afterwards.
type Texts = &'static [(&'static str, &'static [&'static str])];

const EVENT: &[&str] = &["rma_events.payload"];
/// A notice tells it too.
const TOLD: &[&str] = &["outbox.payload", "rma_events.payload"];
/// A report stays in the RMA's file (SYS-6).
const FILED: &[&str] = &["outbox.payload", "rma_events.payload", "rmas.state"];
/// The way from a dock to the repair centre stays in the RMA's state (RCV-3).
const MOVED: &[&str] = &["rma_events.payload", "rmas.state"];
/// And it stays on the RMA.
const KEPT: &[&str] = &["outbox.payload", "rma_events.payload", "rmas.reason", "rmas.state"];
const SOURCE: (&str, &[&str]) = ("source", &["rma_events.source"]);

/// Sends a body whose free texts are marked, and looks for the marks in the whole database.
struct Marking<'a> {
    db: &'a TestDatabase,
    stage: &'a Stage,
    /// Who sends.
    token: String,
    /// Every text that was marked, as `route or command.field`.
    marked: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Marking<'_> {
    fn send(
        &mut self,
        what: &str,
        request: impl Fn(&Value) -> Request,
        body: Value,
        texts: Texts,
    ) -> Value {
        let mut body = body;
        let mark = |field: &str| format!("mark-{what}-{field}").replace('_', "-");
        for (field, _) in texts {
            body[*field] = json!(mark(field));
        }
        let token = &self.token;
        for (field, _) in texts {
            let mut body = body.clone();
            body[*field] = json!("a\0b");
            let refused = self.stage.service.send(&request(&body).token(token));
            assert!(matches!(refused.status, 409 | 422), "{what} {field}: {}", refused.text());
        }
        let answer = self.stage.service.send(&request(&body).token(token));
        assert!(matches!(answer.status, 200 | 201), "{what}: {body}: {}", answer.text());
        for (field, expected) in texts {
            let found = places(self.db, &mark(field));
            if found != *expected {
                self.wrong.push(format!("{what}.{field}: {found:?}, not {expected:?}"));
            }
            self.marked.insert(format!("{what}.{field}"));
        }
        answer.json()
    }

    fn post(&mut self, path: &str, body: Value, texts: Texts) -> Value {
        let what = path.rsplit('/').next().expect("a name").to_owned();
        self.send(&what, |body| Request::post(path, body), body, texts)
    }

    fn command(&mut self, number: &str, command: &str, body: Value, texts: Texts) {
        let seen = self.stage.get(&self.stage.admin, &format!("/api/v1/rmas/{number}"));
        let tag = format!("\"{}\"", seen["version"]);
        let path = format!("/api/v1/rmas/{number}/commands");
        let mut body = body;
        body["command"] = json!(command);
        body["occurred_at"] = json!(chrono::Utc::now().to_rfc3339());
        let request = |body: &Value| Request::post(&path, body).header("if-match", &tag);
        self.send(command, request, body, texts);
    }
}

#[test]
fn a_text_stands_where_it_belongs_and_nowhere_else() {
    each_database("marked texts", |db| {
        let stage = Stage::set(db, 13);
        stage.import(
            "contracts",
            "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
             C-ON,Northwind,next_day_onsite,2026-01-01,2035-12-31,ACME,SN012\n",
        );
        let mut marking = Marking {
            db,
            stage: &stage,
            token: stage.admin.clone(),
            marked: BTreeSet::new(),
            wrong: Vec::new(),
        };
        texts_of_a_life(&mut marking);
        texts_of_endings(&mut marking);
        texts_of_replacements(&mut marking);
        texts_of_inspections(&mut marking);
        texts_of_the_bench(&mut marking);
        texts_of_money(&mut marking);
        texts_of_visits(&mut marking);
        texts_of_overrides(&mut marking);
        assert!(marking.wrong.is_empty(), "{:#?}", marking.wrong);
        let all = free_texts(&whole());
        let left: Vec<_> = all.difference(&marking.marked).collect();
        assert!(left.is_empty(), "never marked: {left:?}");
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

/// Texts that must name something there is.
const REFERENCES: &[&str] = &[
    "about",
    "serial_number",
    "ssrn",
    "manufacturer",
    "case_number",
    "site",
    "condition",
    "contact_email",
    "report",
    "version",
    "account",
    "kind",
    "channel",
];

/// Every text of a JSON body that is neither a word of a list nor a date, as `route or command.field`.
fn free_texts(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (method, path) in writing(document) {
        let Body::Json(bodies) = body(document, (&method, &path)) else { continue };
        let route = path.rsplit('/').next().expect("a name");
        for (title, _, schema) in bodies {
            let what = if route == "commands" { title.as_str() } else { route };
            for (name, property) in schema["properties"].as_object().expect("properties") {
                let kind = property["type"].as_str().or(property["type"][0].as_str());
                let free = property["enum"].is_null() && property["format"].is_null();
                if kind == Some("string") && free && !REFERENCES.contains(&name.as_str()) {
                    found.insert(format!("{what}.{name}"));
                }
            }
        }
    }
    found
}

fn requested(marking: &mut Marking<'_>, serial: &str) -> String {
    let opened = marking.post("/api/v1/cases", case(serial), &[]);
    let case = opened["number"].as_str().expect("a number").to_owned();
    let done = marking.post("/api/v1/rmas", rma(&case, serial), &[]);
    done["number"].as_str().expect("a number").to_owned()
}

/// By telephone for a unit without a contract: an agent says why it is let in (AMB-9).
fn texts_of_overrides(marking: &mut Marking<'_>) {
    marking.stage.import(
        "units",
        "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
         ACME,WA001,RT-100,Northwind,NW-1,2026-01-10,2026-01-12\n",
    );
    let phoned = |mut body: Value| {
        body["channel"] = json!("telephone");
        body
    };
    const KEPT: Texts = &[("override_reason", &["case_overrides.reason"])];
    let opened = marking.post("/api/v1/cases", phoned(case("WA001")), KEPT);
    let number = opened["number"].as_str().expect("a number").to_owned();
    marking.post("/api/v1/rmas", phoned(rma(&number, "WA001")), KEPT);
}

fn texts_of_a_life(marking: &mut Marking<'_>) {
    let opened = marking.post(
        "/api/v1/cases",
        case("SN001"),
        &[
            ("summary", &["cases.summary"]),
            ("customer_reference", &["cases.customer_reference"]),
            ("contact_name", &["cases.contact_name"]),
        ],
    );
    let case = opened["number"].as_str().expect("a number").to_owned();
    // The unit's product has no family: an engineer has to look.
    let path = format!("/api/v1/cases/{case}/interviews");
    marking.post(&path, json!({ "serial_number": "SN001" }), &[]);
    marking.post("/api/v1/tasks/1/settle", json!({}), &[("answer", &["tasks.answer"])]);
    let done = marking.post("/api/v1/rmas", rma(&case, "SN001"), &[("symptom", TOLD), SOURCE]);
    let number = done["number"].as_str().expect("a number").to_owned();
    let number = number.as_str();
    let none = || json!({});
    marking.command(number, "create", none(), &[("diagnosis", EVENT), SOURCE]);
    let held = json!({ "reason": "information" });
    marking.command(number, "hold", held, &[("note", TOLD), SOURCE]);
    let asked = json!({ "about": "creation_status" });
    let path = format!("/api/v1/rmas/{number}/progress-requests");
    marking.post(&path, asked, &[("text", &["tasks.reason"])]);
    // The answer to a customer is told as well.
    let answered: Texts = &[("answer", &["outbox.payload", "tasks.answer"])];
    marking.post("/api/v1/tasks/2/settle", json!({}), answered);
    marking.command(number, "release", none(), &[("note", EVENT), SOURCE]);
    marking.command(number, "issue", none(), &[SOURCE]);
    marking.command(number, "backorder", json!({ "expected_on": "2030-01-02" }), &[SOURCE]);
    marking.command(number, "allocate", json!({ "serial_number": "ST001" }), &[SOURCE]);
    let shipped: Texts = &[("carrier", TOLD), ("tracking_number", TOLD), SOURCE];
    marking.command(number, "ship", none(), shipped);
    marking.command(number, "fail_delivery", none(), &[("reason", EVENT), SOURCE]);
    marking.command(number, "deliver", none(), &[("signed_by", TOLD), SOURCE]);
    marking.command(
        number,
        "hand_over",
        none(),
        &[("carrier", EVENT), ("tracking_number", EVENT), SOURCE],
    );
    let proof = marking.stage.attach(number, "delivery_proof", &pdf("slip"));
    let today = json!({ "delivered_on": today(), "attachments": [proof] });
    marking.command(number, "claim_delivery", today, &[("proof", EVENT), SOURCE]);
    marking.command(number, "reject_claim", none(), &[("reason", TOLD), SOURCE]);
    marking.command(number, "refuse", none(), &[("reason", EVENT), SOURCE]);
    marking.command(number, "request_analysis", none(), &[SOURCE]);
    marking.command(number, "approve_analysis", none(), &[("reason", EVENT), SOURCE]);
    let elsewhere = json!({ "serial_number": "SN001", "site": "DEP-1" });
    marking.command(number, "receive", elsewhere, &[SOURCE]);
    marking.command(number, "mark_discrepant", none(), &[("reason", TOLD), SOURCE]);
    let right = json!({ "outcome": "right_unit" });
    marking.command(number, "resolve_discrepancy", right, &[SOURCE]);
    let sent_on: Texts = &[("carrier", MOVED), ("tracking_number", MOVED), SOURCE];
    marking.command(number, "forward", none(), sent_on);
    marking.command(number, "receive_at_centre", none(), &[SOURCE]);
    let whole = json!({ "unit_destroyed": false });
    marking.command(number, "post_final_report", whole, &[("report", FILED), SOURCE]);
    let agreed = json!({ "accept_destruction": true });
    marking.command(number, "agree_failure_analysis", agreed, &[SOURCE]);
    marking.command(number, "decline_analysis", none(), &[("reason", TOLD), SOURCE]);
    let arrived = json!({ "site": "CM-MX", "serial_number": "SN001", "occurred_at": chrono::Utc::now().to_rfc3339() });
    marking.post(
        "/api/v1/dock/arrivals",
        arrived,
        &[("marked", &["dock_receipts.marked_number"]), ("box", &["dock_receipts.box"]), SOURCE],
    );
    marking.command(number, "quarantine", none(), &[("reason", EVENT), SOURCE]);
    marking.command(number, "reopen", none(), &[("reason", EVENT), SOURCE]);
    marking.command(number, "close", none(), &[SOURCE]);
    let path = format!("/api/v1/cases/{case}/close");
    marking.post(&path, none(), &[("agreed_by", &["case_closings.agreed_by"])]);
}

fn texts_of_endings(marking: &mut Marking<'_>) {
    let number = requested(marking, "SN002");
    marking.command(&number, "cancel", json!({}), &[("reason", KEPT), SOURCE]);
    let care: Texts = &[("reason", &["unit_care.reason"]), ("source", &["unit_care.source"])];
    let sold = json!({ "account": "上海远航", "site": "SH-1" });
    marking.post("/api/v1/units/ACME/SN002/transfer", sold, care);
    marking.post("/api/v1/units/ACME/SN002/grey-market", json!({}), care);
    marking.post("/api/v1/units/ACME/SN002/reinstatement", json!({}), care);
    let number = requested(marking, "SN003");
    marking.command(&number, "create", json!({ "diagnosis": "dead" }), &[]);
    marking.command(&number, "deny", json!({}), &[("reason", KEPT), SOURCE]);
}

/// Issued, and what was asked for is on its way back.
fn issued(marking: &mut Marking<'_>, serial: &str) -> String {
    let number = requested(marking, serial);
    marking.command(&number, "create", json!({ "diagnosis": "dead" }), &[]);
    marking.command(&number, "issue", json!({}), &[]);
    number
}

/// An advance replacement that was delivered.
fn delivered(marking: &mut Marking<'_>, serial: &str, replacement: &str) -> String {
    let number = issued(marking, serial);
    marking.command(&number, "allocate", json!({ "serial_number": replacement }), &[]);
    marking.command(&number, "ship", json!({ "carrier": "UPS" }), &[]);
    marking.command(&number, "deliver", json!({}), &[]);
    number
}

fn texts_of_replacements(marking: &mut Marking<'_>) {
    let number = delivered(marking, "SN004", "ST002");
    marking.command(&number, "purchase", json!({}), &[("purchase_order", TOLD), SOURCE]);
    let number = delivered(marking, "SN005", "ST003");
    let path = format!("/api/v1/rmas/{number}/dead-on-arrival");
    let dead = json!({ "occurred_at": chrono::Utc::now().to_rfc3339() });
    // The child RMA tells it as its own symptom.
    marking.post(&path, dead, &[("symptom", TOLD), SOURCE]);
    let back = json!({ "serial_number": "ST003", "condition": "defective" });
    marking.command(&number, "receive_replacement", back, &[SOURCE]);
    let number = issued(marking, "SN006");
    marking.command(&number, "certify_destruction", json!({}), &[("certificate", EVENT), SOURCE]);
}

/// Who comes, and why not, stays with the visit in the RMA's state (SVC-5).
fn texts_of_visits(marking: &mut Marking<'_>) {
    let number = issued(marking, "SN012");
    let soon = || json!({ "at": (chrono::Utc::now() + chrono::TimeDelta::hours(2)).to_rfc3339() });
    marking.command(&number, "plan_visit", soon(), &[("engineer", FILED), SOURCE]);
    let moved: Texts = &[("engineer", FILED), ("reason", TOLD), SOURCE];
    marking.command(&number, "move_visit", soon(), moved);
    let came = json!({ "arrived_at": chrono::Utc::now().to_rfc3339(), "outcome": "could_not" });
    let recorded: Texts = &[("engineer", FILED), ("reason", FILED), SOURCE];
    marking.command(&number, "record_visit", came, recorded);
    marking.command(&number, "withdraw_visit", json!({}), &[("reason", FILED), SOURCE]);
}

fn texts_of_inspections(marking: &mut Marking<'_>) {
    let number = issued(marking, "SN007");
    marking.command(&number, "request_analysis", json!({}), &[]);
    marking.command(&number, "receive", json!({ "serial_number": "SN007" }), &[]);
    marking.command(&number, "void_analysis", json!({}), &[("missing", TOLD), SOURCE]);
    let damage = json!({ "exclusion": "customer_damage" });
    marking.command(&number, "find_exclusion", damage, &[("evidence", EVENT), SOURCE]);
    marking.command(&number, "accept", json!({}), &[SOURCE]);
    let file = marking.stage.attach(&number, "other", &pdf("of another"));
    let path = format!("/api/v1/rmas/{number}/attachments/{file}/withdrawal");
    marking.post(&path, json!({}), &[("reason", &["attachments.withdrawn_because"])]);
    let number = issued(marking, "SN008");
    let proof = marking.stage.attach(&number, "delivery_proof", &pdf("slip"));
    let today = json!({ "delivered_on": today(), "proof": "slip", "attachments": [proof] });
    marking.command(&number, "claim_delivery", today, &[]);
    marking.command(&number, "uphold_claim", json!({ "found": true }), &[SOURCE]);
    let number = issued(marking, "SN011");
    let elsewhere = json!({ "serial_number": "SN011", "site": "DEP-1" });
    marking.command(&number, "receive", elsewhere, &[]);
    marking.command(&number, "lose_in_transfer", json!({}), &[("reason", EVENT), SOURCE]);
}

fn texts_of_the_bench(marking: &mut Marking<'_>) {
    let none = || json!({});
    let units = "manufacturer,serial_number,part_number,account,site,shipped_on\n\
                 ACME,RF001,RT-100,Northwind,NW-1,2026-01-10\n";
    marking.stage.import("units", units);
    let cover = "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
                 C-RF,Northwind,core_plus,2026-01-01,2035-12-31,ACME,RF001\n";
    marking.stage.import("contracts", cover);
    let number = issued(marking, "RF001");
    marking.command(&number, "receive", json!({ "serial_number": "RF001" }), &[]);
    marking.command(&number, "accept", none(), &[]);
    marking.command(&number, "start_repair", none(), &[SOURCE]);
    marking.command(&number, "quote", json!({ "amount_minor": 5000 }), &[SOURCE]);
    let outcome = json!({ "outcome": "returned_unrepaired" });
    marking.command(&number, "finish_repair", outcome, &[SOURCE]);
    // A failure analysis begins when both sides agree.
    let number = issued(marking, "SN009");
    marking.command(&number, "request_analysis", none(), &[]);
    marking.command(&number, "approve_analysis", json!({ "reason": "rare" }), &[]);
    marking.command(&number, "receive", json!({ "serial_number": "SN009" }), &[]);
    marking.command(&number, "accept", none(), &[]);
    let whole = json!({ "report": "a capacitor", "unit_destroyed": false });
    marking.command(&number, "post_final_report", whole, &[]);
    let agreed = json!({ "accept_destruction": true });
    marking.command(&number, "agree_failure_analysis", agreed.clone(), &[]);
    let customer = ["--role", "account_admin", "--account", "Northwind"];
    marking.token = token(marking.db, &customer);
    marking.command(&number, "agree_failure_analysis", agreed, &[]);
    marking.token.clone_from(&marking.stage.admin);
    let later = chrono::Utc::now().date_naive() + chrono::Days::new(5);
    let interim = json!({ "final_due_on": later.to_string() });
    marking.command(&number, "post_interim_report", interim, &[("report", FILED), SOURCE]);
}

/// Money asks for a second person: another than who issued the RMA.
fn texts_of_money(marking: &mut Marking<'_>) {
    let number = delivered(marking, "SN010", "ST004");
    let finance = ["--role", "finance", "--user", "fin@homeward.example"];
    marking.token = token(marking.db, &finance);
    let days = json!({ "business_days": 2 });
    marking.command(&number, "extend", days, &[("reason", EVENT), SOURCE]);
    marking.token.clone_from(&marking.stage.admin);
    let overdue = overdue(marking.db);
    let [charged, kept, waived] = overdue.each_ref().map(|(_, number)| number.as_str());
    // What moves money stands in the ledger as well.
    let reason: Texts =
        &[("reason", &["ledger.reason", "outbox.payload", "rma_events.payload"]), SOURCE];
    marking.command(waived, "waive", json!({}), &[("reason", TOLD), SOURCE]);
    let amount = json!({ "amount_minor": 100 });
    marking.command(charged, "charge", amount.clone(), reason);
    marking.command(kept, "charge", amount.clone(), reason);
    for (serial, number) in &overdue[..2] {
        marking.command(number, "receive", json!({ "serial_number": serial }), &[]);
        marking.command(number, "accept", json!({}), &[]);
    }
    marking.command(charged, "credit", amount, reason);
    marking.command(kept, "keep_charge", json!({}), &[("reason", EVENT), SOURCE]);
}

/// Three units whose replacements were delivered long ago, and whose windows the clock job has closed.
fn overdue(db: &TestDatabase) -> [(&'static str, String); 3] {
    let world = World::new(db);
    let issued = [("OD1", "OR1"), ("OD2", "OR2"), ("OD3", "OR3")].map(|(unit, replacement)| {
        world.advance_unit(unit, "MER-LOU");
        world.stock(replacement, "DEP-LOU");
        let number = world.at("2026-09-01 15:00").issued(unit);
        world.at("2026-09-01 22:00").send(number, replacement);
        world.at("2026-09-03 15:00").deliver(number);
        (unit, number.to_string())
    });
    world.at("2026-10-01 15:00").clock();
    issued
}
