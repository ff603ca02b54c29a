//! Where a text that a caller sends stands afterwards: in the places it belongs to, and nowhere else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::{Body, body, whole, writing};
use super::{Stage, case, rma, token};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::{pdf, today};
use crate::support::service::Request;
use crate::support::snapshot::places;
use crate::support::world::World;

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
