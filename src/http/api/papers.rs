//! An RMA's papers as PDF.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::binary::Binary;
use crate::app::{Caller, papers, visible};
use crate::documents::Paper;
use crate::domain::ids::RmaNumber;
use crate::http::auth::Known;
use crate::http::extract::{Query, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::Problem;

fn pdf(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", format!("inline; filename=\"{name}.pdf\"")))
        .body(bytes)
}

/// The return label
///
/// 4 x 6 in, with bar code and QR code (RMA-9 to RMA-11).
#[utoipa::path(
    tag = "papers",
    params(("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835")),
    responses((status = 200, description = "The label", body = inline(Binary), content_type = "application/pdf"), Problems)
)]
#[get("/api/v1/rmas/{number}/label.pdf")]
pub(super) async fn rma_label(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    label(&house, caller, part("number", &path)?).await
}

/// The label of an RMA of the caller's.
pub(in crate::http) async fn label(
    house: &House,
    caller: Caller,
    number: RmaNumber,
) -> Result<HttpResponse, Problem> {
    let bytes = house
        .block(move |house| {
            let data = house.app.db.read(|connection| {
                visible::rma(connection, &caller.scope, number)?;
                papers::label(connection, number, &house.status_url)
            })?;
            house.typesetter.label(&data).map_err(Problem::from)
        })
        .await?;
    Ok(pdf(&format!("{number}-label"), bytes))
}

/// A sheet's size.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Sheet {
    #[default]
    A4,
    Letter,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PaperQuery {
    /// a4 or letter; a4 if left out
    #[serde(default)]
    #[param(inline)]
    paper: Sheet,
}

/// The return instructions
///
/// With the non-return notice (RMA-5, RMA-7, RET-1).
#[utoipa::path(
    tag = "papers",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        PaperQuery
    ),
    responses((status = 200, description = "The instructions", body = inline(Binary), content_type = "application/pdf"), Problems)
)]
#[get("/api/v1/rmas/{number}/instructions.pdf")]
pub(super) async fn rma_instructions(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<PaperQuery>,
) -> Result<HttpResponse, Problem> {
    instructions(&house, caller, part("number", &path)?, &query).await
}

/// The instructions of an RMA of the caller's.
pub(in crate::http) async fn instructions(
    house: &House,
    caller: Caller,
    number: RmaNumber,
    query: &PaperQuery,
) -> Result<HttpResponse, Problem> {
    let paper = match query.paper {
        Sheet::A4 => Paper::A4,
        Sheet::Letter => Paper::Letter,
    };
    let bytes = house
        .block(move |house| {
            let data = house.app.db.read(|connection| {
                visible::rma(connection, &caller.scope, number)?;
                papers::instructions(&house.app, connection, number, &house.status_url)
            })?;
            house.typesetter.instructions(&data, paper).map_err(Problem::from)
        })
        .await?;
    Ok(pdf(&format!("{number}-instructions"), bytes))
}
