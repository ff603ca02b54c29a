//! What a caller may set. Every field of every model of the document, every parameter and every column
//! of every table is sent to every writing route: what is not the route's own is refused by its name.
//! Where what is its own stands afterwards is looked at in `marked`.

use std::collections::BTreeSet;

use homeward::http::document;
use serde_json::{Value, json};

use super::{Stage, case, rma};
use crate::support::databases::TestDatabase;
use crate::support::files::pdf;
use crate::support::service::{Answer, Request};
use crate::support::snapshot::{assert_same, columns, snapshot};

const AT: &str = "2026-11-16T09:30:00-06:00";

/// How a route takes what is written.
pub(super) enum Body {
    /// JSON: what it is called here, a body that is read without complaint, and its schema.
    Json(Vec<(String, Value, Value)>),
    /// CSV: each subject's path and the columns it knows.
    Csv(Vec<(String, &'static str)>),
    /// Nothing but the parameters after `?`.
    Query(String),
    /// A file, with parameters after `?`.
    File,
}

pub(super) fn whole() -> Value {
    serde_json::from_str(&document().to_json().expect("a document")).expect("JSON")
}

/// Every method and path that may change something.
pub(super) fn writing(document: &Value) -> Vec<(String, String)> {
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
pub(super) fn body(document: &Value, (method, path): (&str, &str)) -> Body {
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
