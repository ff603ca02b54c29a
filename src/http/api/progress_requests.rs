//! Faster RMA progress: a customer asks customer care (CASE-5).

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::progress_requests::{Wish, ask};
use crate::db::tasks::{About, Task};
use crate::domain::ids::RmaNumber;
use crate::http::auth::Known;
use crate::http::extract::{Posted, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::Problem;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "about": "shipment_update", "text": "where is the replacement?" }))]
pub(super) struct ProgressRequest {
    /// shipment_update or creation_status
    #[schema(value_type = String)]
    about: About,
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// A request and, where it was given, the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProgressRequestView {
    id: i64,
    #[schema(example = "R0021056835")]
    rma_number: Option<String>,
    #[schema(example = "shipment_update")]
    about: Option<String>,
    text: String,
    asked_by: String,
    asked_at: DateTime<Utc>,
    /// Customer care's; it goes to the case's contact by mail as well
    answer: Option<String>,
    answered_by: Option<String>,
    answered_at: Option<DateTime<Utc>>,
}

impl From<Task> for ProgressRequestView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            rma_number: task.rma_number,
            about: task.about.map(|about| about.to_string()),
            text: task.reason,
            asked_by: task.asked_by,
            asked_at: task.asked_at,
            answer: task.answer,
            answered_by: task.settled_by,
            answered_at: task.settled_at,
        }
    }
}

/// Ask for faster progress of an RMA
///
/// For an update on the shipment, or on why the RMA is not confirmed yet. Customer care answers; until
/// then no other request is taken on the RMA. The case shows request and answer.
#[utoipa::path(
    tag = "rmas",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = ProgressRequest,
    responses((status = 201, description = "On customer care's list", body = ProgressRequestView), Problems)
)]
#[post("/api/v1/rmas/{number}/progress-requests")]
pub(super) async fn ask_for_progress(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<ProgressRequest>,
) -> Result<HttpResponse, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let ProgressRequest { about, text } = posted.body;
    let wish = Wish { about, text };
    once(&house, caller, posted.once, move |_, connection, caller, now| {
        let task = ask(connection, number, &wish, caller, now)?;
        json(201, Vec::new(), &ProgressRequestView::from(task))
    })
    .await
}
