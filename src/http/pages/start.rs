//! The first page: the form to sign in with, or what is open.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;
use serde::Deserialize;

use super::form::query;
use super::frame::{Frame, Here, render, zone_label};
use super::gate::Visitor;
use super::list::{CASE_COLUMNS, CaseLine, CaseTable, RMA_COLUMNS, RmaLine, RmaTable, plain};
use super::sign_in::{SignInPage, own_path, with_cookie};
use crate::app::Capability;
use crate::http::api::{cases, rmas};
use crate::http::house::House;
use crate::http::problem::Problem;

/// Rows of each table.
const FEW: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StartQuery {
    next: String,
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    frame: Frame,
    zone: String,
    rma_table: RmaTable,
    case_table: CaseTable,
    has_more_rmas: bool,
    has_more_cases: bool,
}

#[get("/")]
pub async fn start(
    house: web::Data<House>,
    visitor: Option<Visitor>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let StartQuery { next } = query(&request)?;
    match visitor {
        Some(visitor) => open_work(&house, &visitor).await,
        None => {
            let is_over = house.cookie.secret(request.headers()).is_some();
            let page = SignInPage::fresh(own_path(&next).to_owned(), is_over);
            let mut response = render(StatusCode::OK, &page)?;
            if is_over {
                with_cookie(&mut response, house.cookie.unset())?;
            }
            Ok(response)
        }
    }
}

/// What is open, of what the visitor sees: RMAs by the day they are due back, cases by their last change.
async fn open_work(house: &House, visitor: &Visitor) -> Result<HttpResponse, Problem> {
    let (zone, caller) = (visitor.signed.zone, &visitor.signed.caller);
    let (status, limit) = (Some("Open".to_owned()), Some(FEW));
    let (mut open_rmas, mut open_cases) = (Vec::new(), Vec::new());
    let (mut has_more_rmas, mut has_more_cases) = (false, false);
    if caller.may(Capability::SeeRmas) {
        let sort = Some("due_on".to_owned());
        let asked = rmas::RmaQuery { status: status.clone(), limit, sort, ..Default::default() };
        let page = rmas::find(house, caller.clone(), asked).await?;
        (has_more_rmas, open_rmas) = (page.next.is_some(), page.items);
    }
    if caller.may(Capability::SeeCases) {
        let asked = cases::CaseQuery { status, limit, ..Default::default() };
        let page = cases::find(house, caller.clone(), asked).await?;
        (has_more_cases, open_cases) = (page.next.is_some(), page.items);
    }
    let shown = StartPage {
        frame: Frame::of(Some(visitor), Here::Start, "Start"),
        zone: zone_label(zone),
        rma_table: RmaTable {
            caption: "Open RMAs, the first due back first".to_owned(),
            columns: plain(RMA_COLUMNS),
            rows: open_rmas.into_iter().map(|item| RmaLine::of(item, zone)).collect(),
        },
        case_table: CaseTable {
            caption: "Open cases, the last changed first".to_owned(),
            columns: plain(CASE_COLUMNS),
            rows: open_cases.into_iter().map(|item| CaseLine::of(item, zone)).collect(),
        },
        has_more_rmas,
        has_more_cases,
    };
    render(StatusCode::OK, &shown)
}
