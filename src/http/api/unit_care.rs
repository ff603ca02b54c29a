//! Customer care for units: changes of owner, grey-market marks, reinstatement.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::register::UnitView;
use super::rmas::source;
use crate::app::Caller;
use crate::app::unit_care::{self, CareLine, Wanted};
use crate::app::visible;
use crate::domain::ids::{Manufacturer, SerialNumber};
use crate::http::auth::Known;
use crate::http::extract::{Once, Posted, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::Problem;

/// Something customer care did with a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CareView {
    /// transferred, grey_market or reinstated
    #[schema(example = "transferred")]
    kind: String,
    recorded_at: DateTime<Utc>,
    #[schema(example = "customer_care:cora@vendor.example")]
    /// None, as the source, the reason and the owner, where it is of a former owner's time and staff's to see
    actor: Option<String>,
    source: Option<String>,
    reason: Option<String>,
    /// The owner before, where it changed
    account_was: Option<String>,
    account: Option<String>,
    /// The site's code before
    site_was: Option<String>,
    site: Option<String>,
}

impl From<CareLine> for CareView {
    fn from(line: CareLine) -> Self {
        Self {
            kind: line.kind,
            recorded_at: line.recorded_at,
            actor: line.actor,
            source: line.source,
            reason: line.reason,
            account_was: line.account_was,
            account: line.account,
            site_was: line.site_was,
            site: line.site,
        }
    }
}

/// Who gets the unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "account": "Northwind", "site": "NW-1", "reason": "sold; deed of 2026-11-16"
}))]
pub(super) struct TransferRequest {
    /// The new owner's name
    #[schema(max_length = 200)]
    account: String,
    /// The code of the site of the new owner's where it stands
    #[schema(max_length = 120)]
    site: String,
    /// What it rests on
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// Where it is known from; `api` if left out
    source: Option<String>,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "bought from a broker; no sale on record" }))]
pub(super) struct CareRequest {
    /// What it rests on
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// Where it is known from; `api` if left out
    source: Option<String>,
}

async fn care(
    house: &House,
    caller: Caller,
    path: (String, String),
    (wanted, reason, given): (Wanted, String, Option<String>),
    key: Once,
) -> Result<HttpResponse, Problem> {
    let manufacturer: Manufacturer = part("manufacturer", &path.0)?;
    let serial: SerialNumber = part("serial_number", &path.1)?;
    let source = source(given)?;
    once(house, caller, key, move |app, connection, caller, now| {
        let unit = (&manufacturer, &serial);
        let stamp = unit_care::stamp(&caller.actor, &source, now);
        unit_care::care(app, connection, unit, (&wanted, &reason), &stamp)?;
        let view = visible::unit(app, connection, &caller.scope, unit, now)?;
        json(200, Vec::new(), &UnitView::from(view))
    })
    .await
}

/// Give a unit to another owner
///
/// Its warranty goes with it; the former owner's contracts cover it no longer. Refused while an RMA is
/// open on it.
#[utoipa::path(
    tag = "register",
    params(
        ("manufacturer" = String, Path, description = "The manufacturer", example = "ACME"),
        ("serial_number" = String, Path, description = "The serial number", example = "SN001"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = TransferRequest,
    responses((status = 200, description = "The unit as it is since", body = UnitView), Problems)
)]
#[post("/api/v1/units/{manufacturer}/{serial_number}/transfer")]
pub(super) async fn transfer_unit(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<TransferRequest>,
) -> Result<HttpResponse, Problem> {
    let TransferRequest { account, site, reason, source } = posted.body;
    let wanted = Wanted::Transfer { account, site };
    care(&house, caller, path.into_inner(), (wanted, reason, source), posted.once).await
}

/// Mark a unit as of the grey market
///
/// It is entitled to nothing until it is reinstated.
#[utoipa::path(
    tag = "register",
    params(
        ("manufacturer" = String, Path, description = "The manufacturer", example = "ACME"),
        ("serial_number" = String, Path, description = "The serial number", example = "SN001"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = CareRequest,
    responses((status = 200, description = "The unit as it is since", body = UnitView), Problems)
)]
#[post("/api/v1/units/{manufacturer}/{serial_number}/grey-market")]
pub(super) async fn mark_unit(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<CareRequest>,
) -> Result<HttpResponse, Problem> {
    let CareRequest { reason, source } = posted.body;
    let what = (Wanted::MarkGreyMarket, reason, source);
    care(&house, caller, path.into_inner(), what, posted.once).await
}

/// Reinstate a unit that is marked as of the grey market
#[utoipa::path(
    tag = "register",
    params(
        ("manufacturer" = String, Path, description = "The manufacturer", example = "ACME"),
        ("serial_number" = String, Path, description = "The serial number", example = "SN001"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = CareRequest,
    responses((status = 200, description = "The unit as it is since", body = UnitView), Problems)
)]
#[post("/api/v1/units/{manufacturer}/{serial_number}/reinstatement")]
pub(super) async fn reinstate_unit(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<CareRequest>,
) -> Result<HttpResponse, Problem> {
    let CareRequest { reason, source } = posted.body;
    let what = (Wanted::Reinstate, reason, source);
    care(&house, caller, path.into_inner(), what, posted.once).await
}
