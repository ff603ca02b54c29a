//! The list of RMAs (TRK-1, TRK-4, TRK-5, AMB-18).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::form::query;
use super::frame::{Frame, Here, render, zone_label};
use super::gate::Visitor;
use super::list::{Around, RMA_COLUMNS, ROWS, RmaLine, RmaTable, around, columns, parameters};
use super::words;
use crate::http::api::rmas::{RmaQuery, find};
use crate::http::house::House;
use crate::http::problem::Problem;

#[derive(Template)]
#[template(path = "rmas.html")]
struct RmasPage {
    frame: Frame,
    zone: String,
    asked: RmaQuery,
    is_narrowed: bool,
    /// The words of stages and what they are called.
    stages: Vec<(&'static str, String)>,
    rma_table: RmaTable,
    around: Around,
}

impl RmasPage {
    fn is(&self, field: &Option<String>, value: &str) -> bool {
        field.as_deref().is_some_and(|given| given.eq_ignore_ascii_case(value))
    }
}

#[get("/rmas")]
pub async fn list_rmas(
    house: web::Data<House>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut asked: RmaQuery = query(&request)?;
    asked.limit = asked.limit.or(Some(ROWS));
    let page = find(&house, visitor.caller(), asked.clone()).await?;
    let rest = parameters(&asked);
    let unsorted = parameters(&RmaQuery { sort: None, ..asked.clone() });
    let sort = asked.sort.as_deref().unwrap_or("-created_at");
    let around = around("/rmas", &rest, &page);
    let zone = visitor.signed.zone;
    let shown = RmasPage {
        frame: Frame::of(Some(&visitor), Here::Rmas, "RMAs"),
        zone: zone_label(zone),
        is_narrowed: !unsorted.is_empty(),
        stages: words::STAGES.iter().map(|word| (*word, words::stage(word).0)).collect(),
        rma_table: RmaTable {
            caption: "RMAs".to_owned(),
            columns: columns(("/rmas", &unsorted), sort, RMA_COLUMNS),
            rows: page.items.into_iter().map(|item| RmaLine::of(item, zone)).collect(),
        },
        around,
        asked,
    };
    render(StatusCode::OK, &shown)
}
