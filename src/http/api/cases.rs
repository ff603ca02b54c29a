//! Support cases: listing, opening, looking at one.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::case_closing::ClosingView;
use super::instants::Instant;
use super::progress_requests::ProgressRequestView;
use super::rmas::{PageOf, RmaRow, ask, is_open};
use super::shown::{Reader, Shown};
use super::views::status;
use crate::app::cases::OpenCase;
use crate::app::visible;
use crate::app::{AppError, Caller};
use crate::db::case_closings::{self, ClosingRow};
use crate::db::case_overrides::{self, OverrideRow};
use crate::db::lists::{
    self, Ask, CaseFilter, CaseItem, CaseSort, ListError, RmaFilter, RmaItem, RmaSort,
};
use crate::db::tasks::{self, Task};
use crate::domain::ids::{CaseNumber, Manufacturer, SerialNumber, Ssrn};
use crate::domain::intake::{CaseKind, Channel, Way};
use crate::domain::site::UnitStatus;
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Posted, Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::{Code, Problem};

/// Which cases, in which order.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CaseQuery {
    /// A case number (dashed or 14 digits, with or without #), RMA number, serial number, SSRN or the
    /// customer's own number
    pub q: Option<String>,
    pub number: Option<String>,
    /// Open or Closed
    #[param(example = "Open")]
    pub status: Option<String>,
    pub account: Option<String>,
    /// The site's name
    pub site: Option<String>,
    pub site_code: Option<String>,
    pub contact: Option<String>,
    /// Last modified at or after this instant
    pub modified_from: Option<String>,
    /// Last modified before this instant
    pub modified_before: Option<String>,
    /// The part number of the unit the case is on
    pub platform: Option<String>,
    /// 1 to 4
    pub priority: Option<i16>,
    /// number, status, site, site_code, contact, modified_at, platform or priority; a minus before it
    /// turns the order round
    #[param(example = "-modified_at")]
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

/// A row of the list (TRK-3). Instants are in the zone of the page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseRow {
    #[schema(example = "2026-1116-000001")]
    number: String,
    #[schema(example = "Open")]
    status: String,
    account: String,
    site: String,
    site_code: String,
    contact: String,
    contact_email: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Shown,
    #[schema(value_type = String, format = DateTime)]
    modified_at: Shown,
    platform: String,
    /// Of software its SSRN
    serial_number: String,
    /// Where the case is on software
    ssrn: Option<String>,
    /// As set when the case was opened
    priority: i16,
    summary: String,
    customer_reference: Option<String>,
    /// technical or rma
    #[schema(example = "rma")]
    kind: String,
    /// online or telephone
    #[schema(example = "online")]
    channel: String,
}

impl CaseRow {
    pub(super) fn of(item: CaseItem, reader: Reader) -> Self {
        Self {
            opened_at: reader.show(item.opened_at()),
            modified_at: reader.show(item.modified_at()),
            number: item.number,
            status: status(item.closed_at.is_none()).to_owned(),
            account: item.account,
            site: item.site,
            site_code: item.site_code,
            contact: item.contact,
            contact_email: item.contact_email,
            platform: item.platform,
            ssrn: (item.unit_status == UnitStatus::Software.as_str())
                .then(|| item.serial_number.clone()),
            serial_number: item.serial_number,
            priority: item.priority,
            summary: item.summary,
            customer_reference: item.customer_reference,
            kind: item.kind,
            channel: item.channel,
        }
    }
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CasePage {
    items: Vec<CaseRow>,
    /// The zone the times are shown in
    #[schema(example = "UTC")]
    zone: String,
    /// The cursor of the page after this one
    next: Option<String>,
    /// The cursor of the page before this one
    previous: Option<String>,
}

impl CaseQuery {
    fn filter(&self) -> Result<CaseFilter, Problem> {
        let number: Option<CaseNumber> = value("number", self.number.as_deref())?;
        let instant = |name, text: &Option<String>| {
            value::<Instant>(name, text.as_deref()).map(|at| at.map(|at| at.0))
        };
        Ok(CaseFilter {
            found: None,
            number: number.map(|number| number.to_string()),
            is_open: is_open(self.status.as_deref())?,
            account: self.account.clone(),
            site: self.site.clone(),
            site_code: self.site_code.clone(),
            contact: self.contact.clone(),
            modified_from: instant("modified_from", &self.modified_from)?,
            modified_before: instant("modified_before", &self.modified_before)?,
            platform: self.platform.clone(),
            priority: self.priority,
        })
    }
}

/// List cases
#[utoipa::path(
    tag = "cases",
    params(CaseQuery),
    responses((status = 200, description = "A page", body = CasePage), Problems)
)]
#[get("/api/v1/cases")]
pub(super) async fn list_cases(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<CaseQuery>,
) -> Result<web::Json<CasePage>, Problem> {
    let reader = Reader::of(query.zone.as_deref())?;
    let page = find(&house, caller, query).await?;
    Ok(web::Json(CasePage {
        zone: reader.label(),
        next: page.next,
        previous: page.previous,
        items: page.items.into_iter().map(|item| CaseRow::of(item, reader)).collect(),
    }))
}

/// A page of the cases a caller sees, with the cursors around it.
pub(in crate::http) async fn find(
    house: &House,
    caller: Caller,
    query: CaseQuery,
) -> Result<PageOf<CaseItem>, Problem> {
    let mut filter = query.filter()?;
    let print = cursor::print(&("cases", &query));
    let sort = query.sort.as_deref().unwrap_or("-modified_at");
    let ask: Ask<CaseSort> = ask(&print, (sort, query.limit, query.cursor.as_deref()))?;
    let page = house
        .block(move |house| {
            house.app.db.read(|connection| {
                if let Some(text) = &query.q {
                    let found = lists::search(connection, text)?;
                    filter.found = Some(found.with_cases_of_rmas(connection)?);
                }
                lists::cases(connection, &caller.scope, &filter, &ask)
            })
        })
        .await?;
    Ok(PageOf::of(page, &print))
}

/// What opens a case (CASE-1).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "serial_number": "SN001", "priority": 3, "summary": "no power after the upgrade",
    "contact_name": "Ann Example", "contact_email": "ann@customer.example"
}))]
pub(super) struct CaseRequest {
    /// Of the unit; an ssrn in its place
    #[schema(value_type = Option<String>, max_length = 64)]
    serial_number: Option<SerialNumber>,
    /// The software support reference number of software, in place of a serial number
    #[schema(value_type = Option<String>, min_length = 6, max_length = 32)]
    ssrn: Option<Ssrn>,
    /// Needed where two manufacturers share the serial
    #[schema(value_type = Option<String>)]
    manufacturer: Option<Manufacturer>,
    /// 1 (network down) to 4
    #[schema(minimum = 1, maximum = 4)]
    priority: i16,
    #[schema(max_length = 2000)]
    summary: String,
    /// The customer's own number for it
    customer_reference: Option<String>,
    contact_name: String,
    contact_email: String,
    /// technical (for what is under contract) or rma; if left out rma for a unit, technical for software
    #[schema(value_type = Option<String>)]
    kind: Option<CaseKind>,
    /// online, or telephone (for units under contract); online if left out
    #[schema(value_type = Option<String>)]
    channel: Option<Channel>,
    /// An agent's reason to let it in without a contract; kept with the case
    #[schema(max_length = 500)]
    override_reason: Option<String>,
}

/// The case that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseOpened {
    #[schema(example = "2026-1116-000001")]
    number: String,
    /// The fourteen digits to type on a telephone, without the closing #
    #[schema(example = "20261116000001")]
    digits: String,
}

/// Open a case on a unit or on software
#[utoipa::path(
    tag = "cases",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")),
    request_body = CaseRequest,
    responses(
        (status = 201, description = "Opened", body = CaseOpened, headers(("Location" = String, description = "The case"))),
        Problems
    )
)]
#[post("/api/v1/cases")]
pub(super) async fn open_case(
    house: web::Data<House>,
    Known(caller): Known,
    posted: Posted<CaseRequest>,
) -> Result<HttpResponse, Problem> {
    let body = posted.body;
    let is_ssrn = body.ssrn.is_some();
    let case = OpenCase {
        serial_number: subject(body.serial_number, body.ssrn)?,
        is_ssrn,
        manufacturer: body.manufacturer,
        priority: body.priority,
        summary: body.summary,
        customer_reference: body.customer_reference,
        contact_name: body.contact_name,
        contact_email: body.contact_email,
        kind: body.kind.unwrap_or(if is_ssrn { CaseKind::Technical } else { CaseKind::Rma }),
        way: way(body.channel, body.override_reason),
    };
    once(&house, caller, posted.once, move |app, connection, caller, now| {
        let number = visible::open_case(app, connection, &case, caller, now)?;
        let headers = vec![("location".to_owned(), format!("/api/v1/cases/{number}"))];
        let opened = CaseOpened { number: number.to_string(), digits: number.digits() };
        json(201, headers, &opened)
    })
    .await
}

/// What a case is on: a unit or software, one of them (ID-5).
pub(in crate::http) fn subject(
    serial: Option<SerialNumber>,
    ssrn: Option<Ssrn>,
) -> Result<SerialNumber, Problem> {
    match (serial, ssrn) {
        (Some(serial), None) => Ok(serial),
        (None, Some(ssrn)) => Ok(ssrn.into()),
        (None, None) => {
            let reason = "missing field `serial_number`, or `ssrn` in its place";
            Err(Problem::field(Code::Invalid, "serial_number", reason))
        }
        (Some(_), Some(_)) => {
            let reason = "a case is on a unit or on software: leave one of the two out";
            Err(Problem::field(Code::Invalid, "ssrn", reason))
        }
    }
}

/// How something came in.
pub(in crate::http) fn way(channel: Option<Channel>, override_reason: Option<String>) -> Way {
    // Which partner it is, the caller's token says.
    Way { channel: channel.unwrap_or(Channel::Online), override_reason, partner: None }
}

/// A rule that an agent set aside.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideView {
    #[schema(example = "AMB-9")]
    rule: String,
    reason: String,
    #[schema(example = "engineer:eva@vendor.example")]
    actor: String,
    recorded_at: chrono::DateTime<chrono::Utc>,
    /// The RMA it was for; none where it was the case itself
    rma_number: Option<String>,
}

impl From<OverrideRow> for OverrideView {
    fn from(row: OverrideRow) -> Self {
        Self {
            rule: row.rule,
            reason: row.reason,
            actor: row.actor,
            recorded_at: row.recorded_at.and_utc(),
            rma_number: row.rma_number,
        }
    }
}

/// A case with its RMAs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseView {
    #[serde(flatten)]
    case: CaseRow,
    rmas: Vec<RmaRow>,
    /// Where an agent let it, or an RMA on it, in against a rule
    overrides: Vec<OverrideView>,
    /// Each time it was closed, the oldest first
    closings: Vec<ClosingView>,
    /// What customers asked of its RMAs' progress, and the answers, the oldest first
    progress_requests: Vec<ProgressRequestView>,
}

/// Look at a case
#[utoipa::path(
    tag = "cases",
    params(("number" = String, Path, description = "YYYY-MMDD-NNNNNN or its 14 digits", example = "2026-1116-000001")),
    responses((status = 200, description = "The case and its RMAs", body = CaseView), Problems)
)]
#[get("/api/v1/cases/{number}")]
pub(super) async fn show_case(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<CaseView>, Problem> {
    let found = look(&house, caller, part("number", &path)?).await?;
    let reader = Reader::of(None)?;
    Ok(web::Json(CaseView {
        case: CaseRow::of(found.case, reader),
        rmas: found.rmas.into_iter().map(|rma| RmaRow::of(rma, reader)).collect(),
        overrides: found.overrides.into_iter().map(Into::into).collect(),
        closings: found.closings.into_iter().map(Into::into).collect(),
        progress_requests: found.asked.into_iter().map(Into::into).collect(),
    }))
}

/// A case and what hangs on it.
pub(in crate::http) struct CaseFound {
    pub case: CaseItem,
    pub rmas: Vec<RmaItem>,
    pub overrides: Vec<OverrideRow>,
    pub closings: Vec<ClosingRow>,
    pub asked: Vec<Task>,
}

/// A case of the caller's.
pub(in crate::http) async fn look(
    house: &House,
    caller: Caller,
    number: CaseNumber,
) -> Result<CaseFound, Problem> {
    let found = house
        .block(move |house| {
            house.app.db.read(|connection| {
                let text = Some(number.to_string());
                let filter = CaseFilter { number: text.clone(), ..CaseFilter::default() };
                let one = Ask::first(CaseSort::Number, 1);
                let cases = lists::cases(connection, &caller.scope, &filter, &one)?;
                // Of a case that is foreign nothing else is read.
                let Some(case) = cases.items.into_iter().next() else { return Ok(None) };
                let filter = RmaFilter { case_number: text, ..RmaFilter::default() };
                let order = Ask::first(RmaSort::Number, cursor::MOST);
                let rmas = lists::rmas(connection, &caller.scope, &filter, &order)?.items;
                let overrides = case_overrides::of_case(connection, number)?;
                let closings = case_closings::of_case(connection, number)?;
                let asked = tasks::of_customers(connection, number)?;
                Ok::<_, ListError>(Some(CaseFound { case, rmas, overrides, closings, asked }))
            })
        })
        .await?;
    found.ok_or_else(|| AppError::NoSuchCase(number).into())
}
