//! Commands on an RMA.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::instants::{Day, Instant};
use super::rmas::{source, version};
use super::views::OutcomeView;
use crate::app::{Caller, rmas, visible};
use crate::domain::ids::RmaNumber;
use crate::domain::rma::tracks::{Exclusion, HoldReason, Repair, ReplacementCondition, WrongUnit};
use crate::domain::rma::visit::VisitOutcome;
use crate::domain::rma::{Command, Order};
use crate::http::auth::Known;
use crate::http::extract::{Posted, if_match, of_json, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::{Code, Problem};

/// A command with when it happened and where it is known from: the command's own fields beside
/// `command`, `occurred_at` and `source`.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct CommandBody(Map<String, Value>);

impl CommandBody {
    fn order(mut self, caller: &Caller) -> Result<Order, Problem> {
        let missing =
            |field: &str| Problem::field(Code::Invalid, field, format!("missing field `{field}`"));
        let occurred_at = match self.0.remove("occurred_at") {
            Some(value) => serde_json::from_value::<Instant>(value)
                .map_err(|error| Problem::field(Code::Invalid, "occurred_at", error.to_string()))?,
            None => return Err(missing("occurred_at")),
        };
        let source = match self.0.remove("source") {
            None | Some(Value::Null) => source(None)?,
            Some(Value::String(text)) => source(Some(text))?,
            Some(_) => return Err(Problem::field(Code::Invalid, "source", "a text is needed")),
        };
        if !self.0.contains_key("command") {
            return Err(missing("command"));
        }
        if self.0.get("command").and_then(Value::as_str) == Some("report_dead_on_arrival") {
            let reason = "it has a resource of its own: /api/v1/rmas/{number}/dead-on-arrival";
            return Err(Problem::field(Code::Invalid, "command", reason));
        }
        // Given by keeping a file, or by withdrawing it: so that the two never differ.
        let by_file = ["enclose_label", "withdraw_label"];
        if self.0.get("command").and_then(Value::as_str).is_some_and(|name| by_file.contains(&name))
        {
            let reason = "it is given by its file: /api/v1/rmas/{number}/attachments";
            return Err(Problem::field(Code::Invalid, "command", reason));
        }
        if let Some((name, reason)) = misfit(&self.0) {
            return Err(Problem::field(Code::Invalid, name, reason));
        }
        let command: Command = serde_path_to_error::deserialize(Value::Object(self.0))
            .map_err(|error| of_json(&error.path().to_string(), error.inner()))?;
        Ok(Order { command, actor: caller.actor.clone(), occurred_at: occurred_at.0, source })
    }
}

/// What a field of a command is.
enum Field {
    Text,
    Day,
    Instant,
    Count,
    Truth,
    /// Numbers of attachments.
    Files,
    Words(Vec<&'static str>),
}

/// A command's name, and its fields: name, kind, whether it is required.
type Listed = (&'static str, Vec<(&'static str, Field, bool)>);

/// Every command that can be given from outside, with its fields and whether each is required.
fn commands() -> Vec<Listed> {
    use Field::{Count, Day, Files, Instant as At, Text, Truth, Words};
    macro_rules! words {
        ($kind:ty) => {
            Words(<$kind>::ALL.iter().map(|word| word.as_str()).collect())
        };
    }
    let outcomes = Repair::ALL.iter().filter(|outcome| outcome.is_outcome());
    let outcomes = Words(outcomes.map(|outcome| outcome.as_str()).collect());
    let reason = |name| (name, vec![("reason", Text, true)]);
    vec![
        ("create", vec![("diagnosis", Text, false)]),
        ("issue", vec![]),
        ("hold", vec![("reason", words!(HoldReason), true), ("note", Text, true)]),
        ("release", vec![("note", Text, true)]),
        reason("deny"),
        reason("cancel"),
        ("backorder", vec![("expected_on", Day, false)]),
        ("allocate", vec![("serial_number", Text, true)]),
        ("ship", vec![("carrier", Text, true), ("tracking_number", Text, false)]),
        ("deliver", vec![("signed_by", Text, false)]),
        reason("fail_delivery"),
        ("hand_over", vec![("carrier", Text, false), ("tracking_number", Text, false)]),
        ("receive", vec![("serial_number", Text, false), ("site", Text, false)]),
        ("forward", vec![("carrier", Text, true), ("tracking_number", Text, false)]),
        ("receive_at_centre", vec![]),
        reason("lose_in_transfer"),
        reason("refuse"),
        ("accept", vec![]),
        reason("mark_discrepant"),
        ("resolve_discrepancy", vec![("outcome", words!(WrongUnit), true)]),
        ("find_exclusion", vec![("exclusion", words!(Exclusion), true), ("evidence", Text, true)]),
        (
            "receive_replacement",
            vec![("serial_number", Text, true), ("condition", words!(ReplacementCondition), true)],
        ),
        ("charge", vec![("amount_minor", Count, true), ("reason", Text, true)]),
        ("extend", vec![("business_days", Count, true), ("reason", Text, true)]),
        reason("waive"),
        ("purchase", vec![("purchase_order", Text, true)]),
        (
            "claim_delivery",
            vec![("proof", Text, true), ("delivered_on", Day, true), ("attachments", Files, true)],
        ),
        ("uphold_claim", vec![("found", Truth, true)]),
        reason("reject_claim"),
        ("credit", vec![("amount_minor", Count, true), ("reason", Text, true)]),
        reason("keep_charge"),
        ("start_repair", vec![]),
        ("quote", vec![("amount_minor", Count, true)]),
        ("finish_repair", vec![("outcome", outcomes, true)]),
        ("request_analysis", vec![]),
        reason("approve_analysis"),
        reason("decline_analysis"),
        ("agree_failure_analysis", vec![("accept_destruction", Truth, true)]),
        ("post_interim_report", vec![("report", Text, true), ("final_due_on", Day, true)]),
        ("post_final_report", vec![("report", Text, true), ("unit_destroyed", Truth, true)]),
        ("void_analysis", vec![("missing", Text, true)]),
        ("plan_visit", vec![("engineer", Text, true), ("at", At, true)]),
        ("move_visit", vec![("engineer", Text, false), ("at", At, true), ("reason", Text, true)]),
        (
            "record_visit",
            vec![
                ("arrived_at", At, true),
                ("outcome", words!(VisitOutcome), true),
                ("engineer", Text, false),
                ("reason", Text, false),
            ],
        ),
        reason("withdraw_visit"),
        ("certify_destruction", vec![("certificate", Text, true)]),
        reason("reopen"),
        ("close", vec![]),
        ("quarantine", vec![("serial_number", Text, false), ("reason", Text, true)]),
    ]
}

/// The first field whose value is of another kind than its command's, and why. The reader of the whole
/// command could not name it: it learns the command's name first and reads the fields from a heap.
fn misfit(given: &Map<String, Value>) -> Option<(&'static str, String)> {
    let command = given.get("command")?.as_str()?;
    let (_, fields) = commands().into_iter().find(|(name, _)| *name == command)?;
    fields.into_iter().find_map(|(name, kind, required)| match given.get(name) {
        None => None,
        Some(Value::Null) if !required => None,
        Some(value) => kind.refuses(value).map(|reason| (name, reason)),
    })
}

impl Field {
    /// Why a value is none of this kind; a text's content is the rules' to judge.
    fn refuses(&self, value: &Value) -> Option<String> {
        let needed = |what: &str| Some(format!("{what} is needed"));
        match self {
            Self::Text if !value.is_string() => needed("a text"),
            Self::Count if !value.is_i64() => needed("a whole number"),
            Self::Truth if !value.is_boolean() => needed("true or false"),
            Self::Files => {
                let numbers = |all: &Vec<Value>| all.iter().all(Value::is_i64);
                let is_list = value.as_array().is_some_and(numbers);
                if is_list { None } else { needed("a list of attachments' numbers, such as [7],") }
            }
            Self::Day => match value.as_str().map(str::parse::<Day>) {
                None => needed("a day, such as 2026-11-16,"),
                Some(day) => day.err(),
            },
            Self::Instant => match value.as_str().map(str::parse::<Instant>) {
                None => needed("an instant, such as 2026-11-16T09:30:00-05:00,"),
                Some(at) => at.err(),
            },
            Self::Words(words) if !words.iter().any(|word| value == word) => {
                needed(&format!("one of {}", words.join(", ")))
            }
            _ => None,
        }
    }

    fn schema(&self, required: bool) -> Schema {
        if let Self::Files = self {
            let number = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
            return ArrayBuilder::new().items(number).min_items(Some(1)).build().into();
        }
        let of = |kind: Type| {
            let kinds = if required { vec![kind] } else { vec![kind, Type::Null] };
            ObjectBuilder::new().schema_type(SchemaType::from_iter(kinds))
        };
        let object = match self {
            Self::Text => of(Type::String),
            Self::Day => {
                of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            }
            Self::Instant => {
                of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            }
            Self::Count => {
                of(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            }
            Self::Truth | Self::Files => of(Type::Boolean),
            Self::Words(words) => of(Type::String).enum_values(Some(words.clone())),
        };
        object.into()
    }
}

impl PartialSchema for CommandBody {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let one = |(name, fields): Listed| {
            let at = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
            let mut object = ObjectBuilder::new()
                .title(Some(name))
                .property("command", text().enum_values(Some([name])))
                .required("command")
                .property("occurred_at", at)
                .required("occurred_at")
                .property("source", text());
            for (field, kind, required) in fields {
                object = object.property(field, kind.schema(required));
                if required {
                    object = object.required(field);
                }
            }
            object.additional_properties(Some(AdditionalProperties::FreeForm(false))).build()
        };
        let all = commands().into_iter().map(one);
        let schema = all.fold(OneOfBuilder::new(), |schema, one| schema.item(one));
        let example = serde_json::json!({
            "command": "deliver", "signed_by": "Ann",
            "occurred_at": "2026-11-16T09:30:00-05:00", "source": "carrier"
        });
        schema.examples([example]).into()
    }
}

impl ToSchema for CommandBody {}

/// Carry out a command on an RMA
///
/// A judgement (create, issue, hold, release, deny, cancel, charge, extend, waive, purchase,
/// lose_in_transfer, uphold_claim, reject_claim, credit, keep_charge, quote, approve_analysis,
/// decline_analysis, agree_failure_analysis, plan_visit, move_visit, withdraw_visit, reopen, close) needs
/// If-Match with the version it was made on. A physical fact needs none: it happened.
#[utoipa::path(
    tag = "rmas",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect"),
        ("If-Match" = Option<String>, Header, description = "The version a judgement was made on", example = "\"7\"")
    ),
    request_body = CommandBody,
    responses(
        (status = 200, description = "Done", body = OutcomeView, headers(("ETag" = String, description = "The version"))),
        Problems
    )
)]
#[post("/api/v1/rmas/{number}/commands")]
pub(super) async fn command_rma(
    house: web::Data<House>,
    Known(caller): Known,
    request: HttpRequest,
    path: web::Path<String>,
    posted: Posted<CommandBody>,
) -> Result<HttpResponse, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let order = posted.body.order(&caller)?;
    if !order.command.permits(caller.actor.role) {
        let detail = format!("the role {} may not give this command", caller.actor.role);
        let rule = Some(order.command.rule());
        return Err(Problem { rule, ..Problem::detailed(Code::Forbidden, detail) });
    }
    let judged_on = if_match(&request)?;
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        visible::rma(connection, &caller.scope, number)?;
        if judged_on.is_none() && order.command.is_judgement() {
            return Err(Problem::new(Code::JudgedOnNothing).into());
        }
        let outcome = rmas::execute(app, connection, number, &order, judged_on, now)?;
        json(200, version(outcome.rma.version), &OutcomeView::of(&outcome))
    })
    .await
}

/// A replacement that was dead on arrival (T20).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "symptom": "no light", "occurred_at": "2026-11-18T10:00:00-06:00" }))]
pub(super) struct DeadOnArrival {
    symptom: String,
    /// When it happened, with its offset
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Instant,
    /// Where it is known from; `api` if left out
    source: Option<String>,
}

/// Report the replacement dead on arrival
///
/// Opens a child RMA on the replacement and stops the window of this one, in one write.
#[utoipa::path(
    tag = "rmas",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = DeadOnArrival,
    responses(
        (status = 201, description = "Reported; `child` is the new RMA", body = OutcomeView,
            headers(("ETag" = String, description = "The version"), ("Location" = String, description = "The child RMA"))),
        Problems
    )
)]
#[post("/api/v1/rmas/{number}/dead-on-arrival")]
pub(super) async fn report_dead_on_arrival(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<DeadOnArrival>,
) -> Result<HttpResponse, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let DeadOnArrival { symptom, occurred_at, source: given } = posted.body;
    let source = source(given)?;
    let sample = Command::ReportDeadOnArrival { symptom: symptom.clone(), child: number };
    if !sample.permits(caller.actor.role) {
        return Err(Problem { rule: Some("T20"), ..Problem::new(Code::Forbidden) });
    }
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        visible::rma(connection, &caller.scope, number)?;
        let who = (&caller.actor, source.as_str());
        let at = occurred_at.0;
        let (outcome, child) =
            rmas::report_dead_on_arrival(app, connection, number, &symptom, who, at, now)?;
        let mut headers = version(outcome.rma.version);
        headers.push(("location".to_owned(), format!("/api/v1/rmas/{child}")));
        let view = OutcomeView { child: Some(child.to_string()), ..OutcomeView::of(&outcome) };
        json(201, headers, &view)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_document_is_one_with_these_fields() {
        for (name, fields) in commands() {
            let mut object = Map::from_iter([("command".to_owned(), Value::from(name))]);
            for (field, kind, _) in &fields {
                let sample = match kind {
                    Field::Text => Value::from("text"),
                    Field::Day => Value::from("2026-11-16"),
                    Field::Instant => Value::from("2026-11-16T09:30:00-05:00"),
                    Field::Count => Value::from(1),
                    Field::Truth => Value::from(true),
                    Field::Files => Value::from(vec![7]),
                    Field::Words(words) => Value::from(words[0]),
                };
                object.insert((*field).to_owned(), sample);
            }
            let whole: Result<Command, _> = serde_json::from_value(Value::Object(object.clone()));
            assert!(whole.is_ok(), "{name}: {whole:?}");
            for (field, _, required) in &fields {
                let mut less = object.clone();
                less.remove(*field);
                let taken = serde_json::from_value::<Command>(Value::Object(less)).is_ok();
                assert_eq!(taken, !required, "{name} without {field}");
            }
        }
    }
}
