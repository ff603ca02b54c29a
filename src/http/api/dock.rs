//! The dock: a box and its verdict.

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::instants::Instant;
use super::rmas::source;
use crate::app::dock::{self, Arrival};
use crate::domain::ids::{SerialNumber, checked};
use crate::domain::rma::tracks::ReplacementCondition;
use crate::http::auth::Known;
use crate::http::extract::Posted;
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::{Code, Problem};

/// A box as the dock enters it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site": "CM-MX", "marked": "R0021056835", "serial_number": "SN001", "box": "1Z999",
    "occurred_at": "2026-11-20T11:00:00-06:00"
}))]
pub(super) struct BoxArrival {
    /// The dock's site code
    site: String,
    /// What the outside is marked with, as read
    marked: Option<String>,
    /// The serial on the unit inside; left out where none can be read
    #[schema(value_type = Option<String>)]
    serial_number: Option<SerialNumber>,
    /// The box's own number: an SSCC, or the carrier's
    #[serde(rename = "box")]
    box_id: Option<String>,
    /// unopened or defective, should a replacement have come back; defective if left out
    #[schema(value_type = Option<String>)]
    condition: Option<ReplacementCondition>,
    /// When it happened, with its offset
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Instant,
    /// Where it is known from; `api` if left out
    source: Option<String>,
}

/// What to do with the box (AMB-14).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    #[schema(example = "receive")]
    verdict: String,
    /// The RMA it belongs to
    rma: Option<String>,
    reason: String,
    /// The box on record: photos are added to it
    #[serde(rename = "box")]
    #[schema(example = 12)]
    on_record: i64,
}

fn one_line(name: &'static str, text: Option<&str>) -> Result<(), Problem> {
    let Some(text) = text else { return Ok(()) };
    checked(name, text, 120).map_err(|error| Problem::field(Code::Invalid, name, error.to_string()))
}

/// Judge a box at a dock
#[utoipa::path(
    tag = "dock",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")),
    request_body = BoxArrival,
    responses((status = 200, description = "The verdict, on record and carried out", body = Verdict), Problems)
)]
#[post("/api/v1/dock/arrivals")]
pub(super) async fn judge_box(
    house: web::Data<House>,
    Known(caller): Known,
    posted: Posted<BoxArrival>,
) -> Result<HttpResponse, Problem> {
    let body = posted.body;
    one_line("site", Some(&body.site))?;
    one_line("marked", body.marked.as_deref())?;
    one_line("box", body.box_id.as_deref())?;
    let arrival = Arrival {
        site: body.site,
        marked: body.marked,
        serial_number: body.serial_number,
        box_id: body.box_id,
        condition: body.condition.unwrap_or(ReplacementCondition::Defective),
        occurred_at: body.occurred_at.0,
        source: source(body.source)?,
    };
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        let judged = dock::arrive(app, connection, &arrival, &caller.actor, now)?;
        let judgement = judged.judgement;
        let verdict = Verdict {
            verdict: judgement.verdict.to_string(),
            rma: judgement.rma.map(|number| number.to_string()),
            reason: judgement.reason,
            on_record: judged.box_id.0,
        };
        json(200, Vec::new(), &verdict)
    })
    .await
}
