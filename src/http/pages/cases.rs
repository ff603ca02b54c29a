//! The list of cases (TRK-1, TRK-3, TRK-5).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::form::query;
use super::frame::{Frame, Here, render, zone_label};
use super::gate::Visitor;
use super::list::{Around, CASE_COLUMNS, CaseLine, CaseTable, ROWS, around, columns, parameters};
use crate::http::api::cases::{CaseQuery, find};
use crate::http::house::House;
use crate::http::problem::Problem;

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    zone: String,
    asked: CaseQuery,
    is_narrowed: bool,
    case_table: CaseTable,
    around: Around,
}

impl CasesPage {
    fn is(&self, field: &Option<String>, value: &str) -> bool {
        field.as_deref().is_some_and(|given| given.eq_ignore_ascii_case(value))
    }
}

#[get("/cases")]
pub async fn list_cases(
    house: web::Data<House>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut asked: CaseQuery = query(&request)?;
    asked.limit = asked.limit.or(Some(ROWS));
    let page = find(&house, visitor.caller(), asked.clone()).await?;
    let rest = parameters(&asked);
    let unsorted = parameters(&CaseQuery { sort: None, ..asked.clone() });
    let sort = asked.sort.as_deref().unwrap_or("-modified_at");
    let around = around("/cases", &rest, &page);
    let zone = visitor.signed.zone;
    let shown = CasesPage {
        frame: Frame::of(Some(&visitor), Here::Cases, "Cases"),
        zone: zone_label(zone),
        is_narrowed: !unsorted.is_empty(),
        case_table: CaseTable {
            caption: "Cases".to_owned(),
            columns: columns(("/cases", &unsorted), sort, CASE_COLUMNS),
            rows: page.items.into_iter().map(|item| CaseLine::of(item, zone)).collect(),
        },
        around,
        asked,
    };
    render(StatusCode::OK, &shown)
}
