//! Automated RMAs: a family's questionnaire, answered for a unit on a case.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::register::{cut, from};
use crate::app::interviews::{self, Seen};
use crate::db::interviews::Interview;
use crate::domain::ids::{CaseNumber, Manufacturer, SerialNumber};
use crate::domain::questionnaire::{Given, Question, Verdict};
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Posted, Query, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::Problem;

/// The unit the questions are about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "serial_number": "SN001" }))]
pub(super) struct InterviewRequest {
    #[schema(value_type = String, max_length = 64)]
    serial_number: SerialNumber,
    /// Needed where two manufacturers share the serial
    #[schema(value_type = Option<String>)]
    manufacturer: Option<Manufacturer>,
}

/// Answers to the questions that follow those answered before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "version": "builtin-1",
    "answers": [{ "question": "part", "answer": "whole" }, { "question": "power", "answer": "no" }]
}))]
pub(super) struct AnswersRequest {
    /// The questionnaire's version, as the interview names it
    #[schema(max_length = 40)]
    version: String,
    #[schema(value_type = Vec<AnswerView>, min_items = 1, max_items = 200)]
    answers: Vec<Given>,
}

/// An answer to a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerView {
    /// The question's id
    #[schema(example = "power")]
    question: String,
    /// One of a choice's words, `yes` or `no`, or a whole number in digits
    #[schema(example = "no")]
    answer: String,
}

/// A choice's answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoiceView {
    #[schema(example = "whole")]
    answer: String,
    text: String,
}

/// The question that waits for its answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuestionView {
    #[schema(example = "power")]
    id: String,
    text: String,
    /// choice, yes_no or number
    #[schema(example = "yes_no")]
    kind: String,
    /// The answers of a choice
    choices: Vec<ChoiceView>,
    /// The smallest number that is taken
    least: Option<i64>,
    /// The largest number that is taken
    most: Option<i64>,
}

impl From<Question> for QuestionView {
    fn from(question: Question) -> Self {
        let (id, text) = (question.id().to_owned(), question.text().to_owned());
        let (kind, choices, bounds) = match question {
            Question::Choice { choices, .. } => ("choice", choices, None),
            Question::YesNo { .. } => ("yes_no", Vec::new(), None),
            Question::Number { least, most, .. } => ("number", Vec::new(), Some((least, most))),
        };
        let choice = |choice: crate::domain::questionnaire::Choice| ChoiceView {
            answer: choice.answer,
            text: choice.text,
        };
        Self {
            id,
            text,
            kind: kind.to_owned(),
            choices: choices.into_iter().map(choice).collect(),
            least: bounds.map(|(least, _)| least),
            most: bounds.map(|(_, most)| most),
        }
    }
}

/// Where the answers led.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerdictView {
    /// rma, remedy or engineer
    #[schema(example = "rma")]
    kind: String,
    /// The verdict's id in the questionnaire
    #[schema(example = "dead")]
    id: String,
    /// What the RMA was created with
    diagnosis: Option<String>,
    /// What to do instead of an RMA
    steps: Vec<String>,
    /// Why an engineer has to look
    reason: Option<String>,
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        let (kind, id, diagnosis, steps, reason) = match verdict {
            Verdict::Rma { id, diagnosis } => ("rma", id, Some(diagnosis), Vec::new(), None),
            Verdict::Remedy { id, steps } => ("remedy", id, None, steps, None),
            Verdict::Engineer { id, reason } => ("engineer", id, None, Vec::new(), Some(reason)),
        };
        Self { kind: kind.to_owned(), id, diagnosis, steps, reason }
    }
}

/// A questionnaire being answered, or answered, with its verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InterviewView {
    id: i64,
    #[schema(example = "2026-1116-000001")]
    case_number: String,
    manufacturer: String,
    serial_number: String,
    /// The family of the unit's product; none where it has none
    #[schema(example = "switch")]
    family: Option<String>,
    /// The questionnaire's version, which stays the interview's; none where the family has no questionnaire
    #[schema(example = "builtin-1")]
    version: Option<String>,
    /// asking, rma, remedy, engineer, or abandoned (another was begun)
    #[schema(example = "asking")]
    state: String,
    answers: Vec<AnswerView>,
    /// The question that waits; none once it has ended
    question: Option<QuestionView>,
    verdict: Option<VerdictView>,
    #[schema(example = "R0021056835")]
    rma_number: Option<String>,
    started_by: String,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<Seen> for InterviewView {
    fn from(Seen { interview, asks }: Seen) -> Self {
        Self { question: asks.map(Into::into), ..interview.into() }
    }
}

impl From<Interview> for InterviewView {
    fn from(interview: Interview) -> Self {
        let answer = |given: Given| AnswerView { question: given.question, answer: given.answer };
        Self {
            id: interview.id,
            case_number: interview.case_number.to_string(),
            manufacturer: interview.manufacturer.to_string(),
            serial_number: interview.serial_number.to_string(),
            family: interview.family.map(String::from),
            version: interview.version,
            state: interview.state.to_string(),
            answers: interview.answers.into_iter().map(answer).collect(),
            question: None,
            verdict: interview.verdict.map(Into::into),
            rma_number: interview.rma.map(|number| number.to_string()),
            started_by: interview.started_by,
            started_at: interview.started_at,
            ended_at: interview.ended_at,
        }
    }
}

/// A page of a case's interviews, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InterviewPage {
    /// Without the questions that wait: look at one for its question
    items: Vec<InterviewView>,
    /// The cursor of the page after this one
    next: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct InterviewQuery {
    /// Rows a page, 1 to 500; 50 if left out
    limit: Option<usize>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// List the interviews of a case
#[utoipa::path(
    tag = "interviews",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN or its 14 digits", example = "2026-1116-000001"),
        InterviewQuery
    ),
    responses((status = 200, description = "A page", body = InterviewPage), Problems)
)]
#[get("/api/v1/cases/{number}/interviews")]
pub(super) async fn list_interviews(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<InterviewQuery>,
) -> Result<web::Json<InterviewPage>, Problem> {
    let number: CaseNumber = part("number", &path)?;
    let print = cursor::print(&("interviews", number));
    let (after, limit) = from(&print, query.limit, query.cursor.as_deref())?;
    let rows = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let mut found = house
        .read(move |_, connection| interviews::of_case(connection, &caller, number, (after, rows)))
        .await?;
    let next = cut(&mut found, limit, &print, |interview| interview.id);
    Ok(web::Json(InterviewPage { items: found.into_iter().map(Into::into).collect(), next }))
}

/// Begin the questionnaire of a unit's family on a case
///
/// The answers lead to an RMA, to a remedy, or to an engineer. Where the family has no questionnaire the
/// case goes to the engineers at once.
#[utoipa::path(
    tag = "interviews",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN or its 14 digits", example = "2026-1116-000001"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = InterviewRequest,
    responses(
        (status = 201, description = "Begun", body = InterviewView, headers(("Location" = String, description = "The interview"))),
        Problems
    )
)]
#[post("/api/v1/cases/{number}/interviews")]
pub(super) async fn begin_interview(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<InterviewRequest>,
) -> Result<HttpResponse, Problem> {
    let number: CaseNumber = part("number", &path)?;
    let InterviewRequest { serial_number, manufacturer } = posted.body;
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        let unit = (&serial_number, manufacturer.as_ref());
        let seen = interviews::begin(app, connection, number, unit, caller, now)?;
        let location = format!("/api/v1/interviews/{}", seen.interview.id);
        json(201, vec![("location".to_owned(), location)], &InterviewView::from(seen))
    })
    .await
}

/// Look at an interview and the question it asks
#[utoipa::path(
    tag = "interviews",
    params(("id" = i64, Path, description = "The interview", example = 12)),
    responses((status = 200, description = "The interview", body = InterviewView), Problems)
)]
#[get("/api/v1/interviews/{id}")]
pub(super) async fn show_interview(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<InterviewView>, Problem> {
    let id: i64 = part("id", &path)?;
    let seen = house.read(move |_, connection| interviews::show(connection, &caller, id)).await?;
    Ok(web::Json(seen.into()))
}

/// Answer the questions of an interview
///
/// One answer or several, each to the question that follows the one before. The verdict is carried out
/// in the same write: an RMA is requested and created, or the case goes to the engineers.
#[utoipa::path(
    tag = "interviews",
    params(
        ("id" = i64, Path, description = "The interview", example = 12),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = AnswersRequest,
    responses(
        (status = 200, description = "The next question, or the verdict", body = InterviewView),
        Problems
    )
)]
#[post("/api/v1/interviews/{id}/answers")]
pub(super) async fn answer_interview(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<AnswersRequest>,
) -> Result<HttpResponse, Problem> {
    let id: i64 = part("id", &path)?;
    let AnswersRequest { version, answers } = posted.body;
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        let given = (version.as_str(), answers.as_slice());
        let seen = interviews::answer(app, connection, id, given, caller, now)?;
        json(200, Vec::new(), &InterviewView::from(seen))
    })
    .await
}
