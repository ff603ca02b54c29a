//! An RMA's papers, as the API gives them.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::form::query;
use super::gate::Visitor;
use crate::http::api::papers;
use crate::http::extract::part;
use crate::http::house::House;
use crate::http::problem::Problem;

#[get("/rmas/{number}/label.pdf")]
pub async fn label(
    house: web::Data<House>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let number = part("number", &path).map_err(|_| Problem::not_found())?;
    papers::label(&house, visitor.caller(), number).await
}

#[get("/rmas/{number}/instructions.pdf")]
pub async fn instructions(
    house: web::Data<House>,
    visitor: Visitor,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let number = part("number", &path).map_err(|_| Problem::not_found())?;
    papers::instructions(&house, visitor.caller(), number, &query(&request)?).await
}
