//! RMAs: listing, requesting, looking at one.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::way;
use super::etag::is_had;
use super::instants::{Day, Instant};
use super::shown::{Reader, Shown};
use super::views::{Events, ExpectationView, OutcomeView, RmaView, status};
use crate::app::expect::expect;
use crate::app::rmas::RequestRma;
use crate::app::{App, AppError, Caller, look, visible};
use crate::db::lists::{self, Ask, Page, RmaFilter, RmaItem, RmaSort};
use crate::db::{AnyConnection, Stamp};
use crate::domain::ids::{CaseNumber, Manufacturer, RmaNumber, SerialNumber};
use crate::domain::intake::Channel;
use crate::http::auth::{At, Known};
use crate::http::cursor;
use crate::http::extract::{Posted, Query, part, value};
use crate::http::house::{House, Look};
use crate::http::openapi::Problems;
use crate::http::posting::{Said, json, post_seeing};
use crate::http::problem::{Code, Problem};

/// Which RMAs, in which order.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RmaQuery {
    /// A case number (dashed or 14 digits, with or without #), RMA number, serial number or the
    /// customer's own number
    pub q: Option<String>,
    /// RMA number
    pub number: Option<String>,
    /// Open or Closed
    #[param(example = "Open")]
    pub status: Option<String>,
    pub account: Option<String>,
    pub case_number: Option<String>,
    pub serial_number: Option<String>,
    pub part_number: Option<String>,
    /// Created at or after this instant
    pub created_from: Option<String>,
    /// Created before this instant
    pub created_before: Option<String>,
    /// Due on or after this day
    pub due_from: Option<String>,
    /// Due on or before this day
    pub due_to: Option<String>,
    pub stage: Option<String>,
    /// number, status, account, case_number, serial_number, part_number, created_at, due_on or stage; a
    /// minus before it turns the order round
    #[param(example = "-created_at")]
    pub sort: Option<String>,
    /// The zone to show times in, such as America/Los_Angeles; UTC if left out
    #[serde(skip_serializing)]
    pub zone: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    #[serde(skip_serializing)]
    pub limit: Option<usize>,
    /// `next` or `previous` of another page of the same list
    #[serde(skip_serializing)]
    pub cursor: Option<String>,
}

/// A row of the list (TRK-4, AMB-18). Instants are in the zone of the page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RmaRow {
    #[schema(example = "R0021056835")]
    number: String,
    #[schema(example = "Open")]
    status: String,
    account: String,
    case_number: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    site: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Shown,
    #[schema(value_type = String, format = DateTime)]
    modified_at: Shown,
    due_on: Option<NaiveDate>,
    #[schema(example = "awaiting")]
    stage: String,
    version: i64,
}

impl RmaRow {
    pub(super) fn of(item: RmaItem, reader: Reader) -> Self {
        Self {
            created_at: reader.show(item.created_at()),
            modified_at: reader.show(item.modified_at()),
            number: item.number,
            status: status(item.is_open).to_owned(),
            account: item.account,
            case_number: item.case_number,
            manufacturer: item.manufacturer,
            serial_number: item.serial_number,
            part_number: item.part_number,
            site: item.site,
            due_on: item.due_on,
            stage: item.stage,
            version: item.version,
        }
    }
}

/// A page of RMAs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RmaPage {
    items: Vec<RmaRow>,
    /// The zone the times are shown in
    #[schema(example = "UTC")]
    zone: String,
    /// The cursor of the page after this one
    next: Option<String>,
    /// The cursor of the page before this one
    previous: Option<String>,
}

/// A page of a list with the cursors of the pages after and before it.
pub(in crate::http) struct PageOf<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
    pub previous: Option<String>,
}

impl<T> PageOf<T> {
    pub fn of(page: Page<T>, print: &str) -> Self {
        Self {
            next: page.next.map(|seek| cursor::write(print, false, seek)),
            previous: page.previous.map(|seek| cursor::write(print, true, seek)),
            items: page.items,
        }
    }
}

/// Open or Closed, as a filter.
pub(super) fn is_open(status: Option<&str>) -> Result<Option<bool>, Problem> {
    match status {
        None => Ok(None),
        Some(word) if word.eq_ignore_ascii_case("open") => Ok(Some(true)),
        Some(word) if word.eq_ignore_ascii_case("closed") => Ok(Some(false)),
        Some(_) => Err(Problem::field(Code::Invalid, "status", "Open or Closed is asked for")),
    }
}

/// A page's place from the parameters: the sort, its direction, the cursor.
pub(super) fn ask<S: std::str::FromStr<Err: std::fmt::Display>>(
    print: &str,
    (sort, limit, at): (&str, Option<usize>, Option<&str>),
) -> Result<Ask<S>, Problem> {
    let (word, descending) = match sort.strip_prefix('-') {
        Some(word) => (word, true),
        None => (sort, false),
    };
    let sort = value("sort", Some(word))?;
    let (seek, backwards) = match at {
        None => (None, false),
        Some(text) => {
            let (seek, back) = cursor::read(print, text)?;
            (Some(seek), back)
        }
    };
    let bad = || Problem::field(Code::Invalid, "sort", "name a column");
    let sort = sort.ok_or_else(bad)?;
    Ok(Ask { sort, descending, backwards, seek, limit: cursor::limit(limit)? })
}

impl RmaQuery {
    fn filter(&self) -> Result<RmaFilter, Problem> {
        let number: Option<RmaNumber> = value("number", self.number.as_deref())?;
        let case: Option<CaseNumber> = value("case_number", self.case_number.as_deref())?;
        let instant = |name, text: &Option<String>| {
            value::<Instant>(name, text.as_deref()).map(|at| at.map(|at| at.0))
        };
        let day = |name, text: &Option<String>| {
            value::<Day>(name, text.as_deref()).map(|day| day.map(|day| day.0))
        };
        Ok(RmaFilter {
            found: None,
            number_value: number.map(|n| i64::try_from(n.value()).unwrap_or(i64::MAX)),
            is_open: is_open(self.status.as_deref())?,
            account: self.account.clone(),
            case_number: case.map(|number| number.to_string()),
            serial_number: self.serial_number.clone(),
            part_number: self.part_number.clone(),
            created_from: instant("created_from", &self.created_from)?,
            created_before: instant("created_before", &self.created_before)?,
            due_from: day("due_from", &self.due_from)?,
            due_to: day("due_to", &self.due_to)?,
            stage: self.stage.clone(),
        })
    }
}

/// List RMAs
#[utoipa::path(
    tag = "rmas",
    params(RmaQuery),
    responses((status = 200, description = "A page", body = RmaPage), Problems)
)]
#[get("/api/v1/rmas")]
pub(super) async fn list_rmas(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<RmaQuery>,
) -> Result<web::Json<RmaPage>, Problem> {
    let reader = Reader::of(query.zone.as_deref())?;
    let page = find(&house, caller, query).await?;
    Ok(web::Json(RmaPage {
        zone: reader.label(),
        next: page.next,
        previous: page.previous,
        items: page.items.into_iter().map(|item| RmaRow::of(item, reader)).collect(),
    }))
}

/// A page of the RMAs a caller sees, with the cursors around it.
pub(in crate::http) async fn find(
    house: &House,
    caller: Caller,
    query: RmaQuery,
) -> Result<PageOf<RmaItem>, Problem> {
    let mut filter = query.filter()?;
    let print = cursor::print(&("rmas", &query));
    let sort = query.sort.as_deref().unwrap_or("-created_at");
    let ask: Ask<RmaSort> = ask(&print, (sort, query.limit, query.cursor.as_deref()))?;
    let page = house
        .block(move |house| {
            house.app.db.read(|connection| {
                if let Some(text) = &query.q {
                    filter.found = Some(lists::search(connection, text)?);
                }
                lists::rmas(connection, &caller.scope, &filter, &ask)
            })
        })
        .await?;
    Ok(PageOf::of(page, &print))
}

/// What requests an RMA (T1).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "case_number": "2026-1116-000001", "serial_number": "SN001",
    "symptom": "no power", "occurred_at": "2026-11-16T09:30:00-05:00"
}))]
pub(super) struct RmaRequest {
    #[schema(value_type = String)]
    case_number: CaseNumber,
    #[schema(value_type = String, max_length = 64)]
    serial_number: SerialNumber,
    /// Needed where two manufacturers share the serial
    #[schema(value_type = Option<String>)]
    manufacturer: Option<Manufacturer>,
    symptom: String,
    /// online, or telephone (for units under contract); online if left out
    #[schema(value_type = Option<String>)]
    channel: Option<Channel>,
    /// An agent's reason to let it in without a contract; kept with the case
    #[schema(max_length = 500)]
    override_reason: Option<String>,
    /// When it happened, with its offset
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Instant,
    /// Where it is known from; `api` if left out
    source: Option<String>,
}

/// A source's text, checked.
pub(super) fn source(given: Option<String>) -> Result<String, Problem> {
    let text = given.unwrap_or_else(|| "api".to_owned());
    crate::domain::ids::checked("the source", &text, 120)
        .map_err(|error| Problem::field(Code::Invalid, "source", error.to_string()))?;
    Ok(text)
}

/// Request an RMA on a case
#[utoipa::path(
    tag = "rmas",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")),
    request_body = RmaRequest,
    responses(
        (status = 201, description = "Requested; the number is no authority to ship before issue", body = OutcomeView,
            headers(("ETag" = String, description = "The version"), ("Location" = String, description = "The RMA"))),
        Problems
    )
)]
#[post("/api/v1/rmas")]
pub(super) async fn request_rma(
    house: web::Data<House>,
    Known(caller): Known,
    posted: Posted<RmaRequest>,
) -> Result<HttpResponse, Problem> {
    let body = posted.body;
    let wanted = RequestRma {
        case_number: body.case_number,
        serial_number: body.serial_number,
        manufacturer: body.manufacturer,
        symptom: body.symptom,
        way: way(body.channel, body.override_reason),
        occurred_at: body.occurred_at.0,
        source: source(body.source)?,
    };
    let work = move |app: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        let outcome = visible::request_rma(app, connection, &wanted, caller, now)?;
        let location = format!("/api/v1/rmas/{}", outcome.rma.number);
        let mut headers = version(outcome.rma.version);
        headers.push(("location".to_owned(), location));
        json(201, headers, &OutcomeView::of(&outcome))
    };
    post_seeing(&house, caller, posted.once, work, see_expectation).await
}

/// AMB-11: advice, as things stand.
fn see_expectation(
    app: &App,
    connection: &mut AnyConnection,
    said: &mut Said,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let number: RmaNumber = said.get("number").and_then(|n| n.as_str()).unwrap_or("").parse()?;
    let expected = ExpectationView::from(expect(app, connection, number, now)?);
    said.insert("expect".to_owned(), serde_json::json!(expected));
    Ok(())
}

/// The ETag of a version.
pub(super) fn version(version: i64) -> Vec<(String, String)> {
    vec![("etag".to_owned(), format!("\"{version}\""))]
}

/// Look at an RMA
#[utoipa::path(
    tag = "rmas",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        ("If-None-Match" = Option<String>, Header, description = "An ETag that is had already")
    ),
    responses(
        (status = 200, description = "The RMA", body = RmaView, headers(("ETag" = String, description = "The version"))),
        (status = 304, description = "It is still at the version of If-None-Match"),
        Problems
    )
)]
#[get("/api/v1/rmas/{number}")]
pub(super) async fn show_rma(
    house: web::Data<House>,
    Known(caller): Known,
    At(stamp): At,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let look = look_at(&house, caller, stamp, number).await?;
    let etag = format!("\"{}\"", look.version);
    let known = is_had(&request, &etag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, etag));
    if known {
        return Ok(response.finish());
    }
    Ok(response.content_type(header::ContentType::json()).body(look.body))
}

/// Room for what most RMAs are told in.
const BODY_BYTES: usize = 8 << 10;
/// What else a remembered answer takes, beside its body.
const LOOK_BYTES: usize = 192;

/// An RMA as its caller sees it; customers look at the same one again and again.
async fn look_at(
    house: &House,
    caller: Caller,
    stamp: Option<Stamp>,
    number: RmaNumber,
) -> Result<Look, Problem> {
    let key = (caller.principal, number);
    if let Some(stamp) = &stamp
        && let Some(look) = house.looks.get(stamp, &key)
    {
        return Ok(look);
    }
    let (rma, because) = house
        .glance(move |house, connection| look::seen(&house.app, connection, &caller.scope, number))
        .await?;
    let version = rma.version;
    let mut body = Vec::with_capacity(BODY_BYTES);
    serde_json::to_writer(&mut body, &RmaView::of(&rma, because))
        .map_err(|error| Problem::failed(&error))?;
    body.shrink_to_fit();
    let look = Look { version, body: body.into() };
    if let Some(stamp) = stamp {
        house.looks.keep(stamp, key, look.clone(), look.body.len() + LOOK_BYTES);
    }
    Ok(look)
}

/// The history of an RMA
#[utoipa::path(
    tag = "rmas",
    params(("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835")),
    responses((status = 200, description = "Its events", body = Events), Problems)
)]
#[get("/api/v1/rmas/{number}/events")]
pub(super) async fn rma_events(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<Events>, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let view = house
        .read(move |app, connection| {
            visible::rma(connection, &caller.scope, number)?;
            look::rma_on(app, connection, number)
        })
        .await?;
    Ok(web::Json(Events { events: view.history.into_iter().map(Into::into).collect() }))
}
