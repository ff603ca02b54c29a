//! The milestones of an account's installed units.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::instants::Day;
use super::reports::stream;
use crate::app::reports::Asked;
use crate::app::visible;
use crate::domain::ids::OrganizationId;
use crate::http::auth::Known;
use crate::http::extract::{Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::Problem;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AsOf {
    /// The day, in the report's zone; today, if left out
    as_of: Option<String>,
}

/// Report on an account's installed units and their products' milestones
///
/// First revenue ship, end of life, of engineering and of support, with the part that replaces it; what
/// comes within the programme's days of notice is flagged as approaching.
#[utoipa::path(
    tag = "register",
    params(("id" = i64, Path, description = "The account's id", example = 1), AsOf),
    responses((status = 200, description = "The rows, streamed", body = String, content_type = "text/csv"), Problems)
)]
#[get("/api/v1/accounts/{id}/product-life.csv")]
pub(super) async fn product_life(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<AsOf>,
) -> Result<HttpResponse, Problem> {
    let id: i64 = part("id", &path)?;
    let as_of: Option<Day> = value("as_of", query.as_of.as_deref())?;
    let report = house.library.product_life()?;
    let as_of = as_of.map(|day| day.0).unwrap_or_else(|| report.zone.local_date(house.clock.now()));
    let account = house
        .read(move |_, connection| visible::account(connection, &caller.scope, OrganizationId(id)))
        .await?
        .ok_or_else(Problem::not_found)?;
    stream(&house, "product-life", report, Asked { as_of, account: Some(account), zone: None })
        .await
}
