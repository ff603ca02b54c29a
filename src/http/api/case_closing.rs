//! Closing a case with the customer's agreement (RMA-14).

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::instants::Instant;
use super::views::status;
use crate::app::case_closing::{Agreement, Closed, close};
use crate::db::case_closings::ClosingRow;
use crate::domain::ids::CaseNumber;
use crate::http::auth::Known;
use crate::http::extract::{Posted, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::Problem;

/// That the customer agrees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agreed_by": "Ann Example" }))]
pub(super) struct CloseRequest {
    /// Who of the customer's agreed; a customer who leaves it out agrees itself
    #[schema(max_length = 120)]
    agreed_by: Option<String>,
    /// When, with its offset; now if left out
    #[schema(value_type = Option<String>, format = DateTime)]
    agreed_at: Option<Instant>,
}

/// A case that was closed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseClosed {
    #[schema(example = "2026-1116-000001")]
    number: String,
    #[schema(example = "Closed")]
    status: String,
    agreed_by: String,
    agreed_at: DateTime<Utc>,
    #[schema(example = "customer_care:cora@vendor.example")]
    closed_by: String,
    closed_at: DateTime<Utc>,
    /// The engineers' tasks on it that were settled with it
    settled_tasks: Vec<i64>,
}

/// A closing of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClosingView {
    /// Who of the customer's agreed
    agreed_by: String,
    agreed_at: DateTime<Utc>,
    closed_by: String,
    closed_at: DateTime<Utc>,
    reopened_at: Option<DateTime<Utc>>,
    /// The RMA that opened again, and the case with it
    #[schema(example = "R0021056835")]
    reopened_by: Option<String>,
}

impl From<ClosingRow> for ClosingView {
    fn from(row: ClosingRow) -> Self {
        Self {
            agreed_by: row.agreed_by,
            agreed_at: row.agreed_at.and_utc(),
            closed_by: row.closed_by,
            closed_at: row.closed_at.and_utc(),
            reopened_at: row.reopened_at.map(|at| at.and_utc()),
            reopened_by: row.reopened_by,
        }
    }
}

/// Close a case
///
/// When the customer agrees that the problem is resolved, and no RMA on it is open. A closed case takes
/// no new RMA; one of its own that opens again opens it again. What waits on it for an engineer is settled.
#[utoipa::path(
    tag = "cases",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN or its 14 digits", example = "2026-1116-000001"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = CloseRequest,
    responses((status = 200, description = "Closed", body = CaseClosed), Problems)
)]
#[post("/api/v1/cases/{number}/close")]
pub(super) async fn close_case(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: Posted<CloseRequest>,
) -> Result<HttpResponse, Problem> {
    let number: CaseNumber = part("number", &path)?;
    let CloseRequest { agreed_by, agreed_at } = posted.body;
    let agreement = Agreement { by: agreed_by, at: agreed_at.map(|at| at.0) };
    once(&house, caller, posted.once, move |_, connection, caller, now| {
        let Closed { closing, settled_tasks } = close(connection, number, &agreement, caller, now)?;
        let closed = CaseClosed {
            number: number.to_string(),
            status: status(false).to_owned(),
            agreed_by: closing.agreed_by,
            agreed_at: closing.agreed_at,
            closed_by: closing.closed_by,
            closed_at: closing.closed_at,
            settled_tasks,
        };
        json(200, Vec::new(), &closed)
    })
    .await
}
