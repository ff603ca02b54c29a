//! One field for every number (TRK-2): cases and RMAs by their own numbers, serials and the customer's.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;
use serde::Deserialize;

use super::form::query;
use super::frame::{Frame, Here, render, zone_label};
use super::gate::Visitor;
use super::list::{
    CASE_COLUMNS, CaseLine, CaseTable, RMA_COLUMNS, ROWS, RmaLine, RmaTable, link, plain,
};
use crate::app::Capability;
use crate::http::api::{cases, rmas};
use crate::http::house::House;
use crate::http::problem::Problem;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SearchQuery {
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    zone: String,
    rma_table: RmaTable,
    case_table: CaseTable,
    /// To the whole lists, where there are more.
    more_rmas: Option<String>,
    more_cases: Option<String>,
}

#[get("/search")]
pub async fn search(
    house: web::Data<House>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let SearchQuery { q } = query(&request)?;
    let (mut found_rmas, mut found_cases) = (Vec::new(), Vec::new());
    let (mut more_rmas, mut more_cases) = (None, None);
    if !q.is_empty() {
        let (text, limit) = (Some(q.clone()), Some(ROWS));
        let asked = rmas::RmaQuery { q: text.clone(), limit, ..rmas::RmaQuery::default() };
        let page = rmas::find(&house, visitor.caller(), asked).await?;
        more_rmas = page.next.map(|_| link("/rmas", "", &[("q", &q)]));
        found_rmas = page.items;
        if visitor.signed.caller.may(Capability::SeeCases) {
            let asked = cases::CaseQuery { q: text, limit, ..cases::CaseQuery::default() };
            let page = cases::find(&house, visitor.caller(), asked).await?;
            more_cases = page.next.map(|_| link("/cases", "", &[("q", &q)]));
            found_cases = page.items;
        }
    }
    let zone = visitor.signed.zone;
    let frame = Frame::of(Some(&visitor), Here::Elsewhere, "Search");
    let shown = SearchPage {
        frame: Frame { query: q, ..frame },
        zone: zone_label(zone),
        rma_table: RmaTable {
            caption: "RMAs found".to_owned(),
            columns: plain(RMA_COLUMNS),
            rows: found_rmas.into_iter().map(|item| RmaLine::of(item, zone)).collect(),
        },
        case_table: CaseTable {
            caption: "Cases found".to_owned(),
            columns: plain(CASE_COLUMNS),
            rows: found_cases.into_iter().map(|item| CaseLine::of(item, zone)).collect(),
        },
        more_rmas,
        more_cases,
    };
    render(StatusCode::OK, &shown)
}
