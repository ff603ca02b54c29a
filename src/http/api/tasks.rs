//! What waits for a person: the list, and settling one.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::register::{cut, from};
use super::rmas::is_open;
use crate::app::tasks;
use crate::db::tasks::{Task, Which};
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Posted, Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::Problem;

/// Which tasks.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskQuery {
    /// engineer or customer_care
    #[param(example = "engineer")]
    queue: Option<String>,
    /// Open (they wait) or Closed (they are settled); both if left out
    #[param(example = "Open")]
    status: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// `next` of the page before
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

/// A task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskView {
    id: i64,
    #[schema(example = "engineer")]
    queue: String,
    #[schema(example = "2026-1116-000001")]
    case_number: String,
    account: String,
    manufacturer: String,
    /// Of the unit the case is on
    serial_number: String,
    #[schema(example = "R0021056835")]
    rma_number: Option<String>,
    /// The interview it came from
    interview: Option<i64>,
    /// Of a request for faster progress: shipment_update or creation_status
    #[schema(example = "shipment_update")]
    about: Option<String>,
    reason: String,
    asked_by: String,
    asked_at: DateTime<Utc>,
    settled_by: Option<String>,
    settled_at: Option<DateTime<Utc>>,
    /// What was done about it
    answer: Option<String>,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            queue: task.queue.to_string(),
            case_number: task.case_number,
            account: task.account,
            manufacturer: task.manufacturer,
            serial_number: task.serial_number,
            rma_number: task.rma_number,
            interview: task.interview,
            about: task.about.map(|about| about.to_string()),
            reason: task.reason,
            asked_by: task.asked_by,
            asked_at: task.asked_at,
            settled_by: task.settled_by,
            settled_at: task.settled_at,
            answer: task.answer,
        }
    }
}

/// A page of tasks, in the order they came in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskPage {
    items: Vec<TaskView>,
    /// The cursor of the page after this one
    next: Option<String>,
}

/// List tasks
#[utoipa::path(
    tag = "tasks",
    params(TaskQuery),
    responses((status = 200, description = "A page", body = TaskPage), Problems)
)]
#[get("/api/v1/tasks")]
pub(super) async fn list_tasks(
    house: web::Data<House>,
    Query(query): Query<TaskQuery>,
) -> Result<web::Json<TaskPage>, Problem> {
    let print = cursor::print(&("tasks", &query));
    let (after, limit) = from(&print, query.limit, query.cursor.as_deref())?;
    let which = Which {
        id: None,
        case: None,
        queue: value("queue", query.queue.as_deref())?,
        is_open: is_open(query.status.as_deref())?,
        after,
        limit: i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1,
    };
    let mut found = house.read(move |_, connection| tasks::list(connection, &which)).await?;
    let next = cut(&mut found, limit, &print, |task| task.id);
    Ok(web::Json(TaskPage { items: found.into_iter().map(Into::into).collect(), next }))
}

/// What was done about a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "called the customer: the cable was loose" }))]
pub(super) struct SettleTask {
    #[schema(min_length = 1, max_length = 2000)]
    answer: String,
}

/// Settle a task
///
/// Once, by the role it waits for. The answer to a request for faster progress goes to the customer.
#[utoipa::path(
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task", example = 12),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = SettleTask,
    responses((status = 200, description = "Settled", body = TaskView), Problems)
)]
#[post("/api/v1/tasks/{id}/settle")]
pub(super) async fn settle_task(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<SettleTask>,
) -> Result<HttpResponse, Problem> {
    let id: i64 = part("id", &path)?;
    let answer = posted.body.answer;
    once(&house, caller, posted.once, move |_, connection, caller, now| {
        let task = tasks::settle(connection, caller, id, &answer, now)?;
        json(200, Vec::new(), &TaskView::from(task))
    })
    .await
}
