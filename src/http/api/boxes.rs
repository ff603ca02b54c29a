//! The boxes that docks have judged, and their photos (AMB-14): whoever asks for one is answered.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::attached_file::answer;
use super::attachments::{
    AttachmentList, AttachmentQuery, AttachmentView, WithdrawalBody, home, kept, listed, numbered,
    taken_back,
};
use super::binary::Binary;
use super::rmas::ask;
use crate::app::attachments::Thing;
use crate::db::DbError;
use crate::db::lists::{self, Ask, BoxFilter, BoxItem, BoxSort};
use crate::domain::ids::BoxId;
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Posted, PostedFile, Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::Problem;

/// Which boxes, in which order.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct BoxQuery {
    /// receive, receive_discrepant, replacement_back, quarantine, refuse, receive_at_centre or
    /// already_received
    #[param(example = "refuse")]
    verdict: Option<String>,
    /// The dock's site code
    site: Option<String>,
    /// What was read on it: the number outside, an RMA's in any spelling, the serial inside or the box's own number
    #[param(example = "1Z999")]
    q: Option<String>,
    /// recorded_at, or -recorded_at, which it is if left out
    #[param(example = "-recorded_at")]
    sort: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// `next` or `previous` of another page of the same list
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

/// A box as it was judged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BoxView {
    id: i64,
    /// The dock's site code
    #[schema(example = "CM-MX")]
    site: String,
    /// The box's own number: an SSCC, or the carrier's
    #[serde(rename = "box")]
    box_id: Option<String>,
    /// What the outside was marked with, as read
    marked: Option<String>,
    serial_number: Option<String>,
    #[schema(example = "refuse")]
    verdict: String,
    reason: String,
    /// The RMA it was judged to belong to
    rma: Option<String>,
    #[schema(example = "dock:dee")]
    judged_by: String,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    /// Where its photos are
    #[schema(example = "/api/v1/dock/arrivals/12/attachments")]
    attachments: String,
}

impl TryFrom<BoxItem> for BoxView {
    type Error = DbError;

    fn try_from(item: BoxItem) -> Result<Self, DbError> {
        Ok(Self {
            verdict: item.verdict()?.to_string(),
            occurred_at: item.occurred_at(),
            recorded_at: item.recorded_at(),
            attachments: home(Thing::Box(BoxId(item.id))),
            id: item.id,
            site: item.site,
            box_id: item.box_id,
            marked: item.marked,
            serial_number: item.serial_number,
            reason: item.reason,
            rma: item.rma,
            judged_by: item.actor,
        })
    }
}

/// A page of boxes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BoxPage {
    items: Vec<BoxView>,
    /// The cursor of the page after this one
    next: Option<String>,
    /// The cursor of the page before this one
    previous: Option<String>,
}

/// List the boxes that docks have judged
///
/// Refused ones as well: a sender who asks for one is answered by what was read on it.
#[utoipa::path(
    tag = "dock",
    params(BoxQuery),
    responses((status = 200, description = "A page", body = BoxPage), Problems)
)]
#[get("/api/v1/dock/arrivals")]
pub(super) async fn list_boxes(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<BoxQuery>,
) -> Result<web::Json<BoxPage>, Problem> {
    let print = cursor::print(&("boxes", &query));
    let sort = query.sort.as_deref().unwrap_or("-recorded_at");
    let ask: Ask<BoxSort> = ask(&print, (sort, query.limit, query.cursor.as_deref()))?;
    let verdict = value("verdict", query.verdict.as_deref())?;
    let filter = BoxFilter { verdict, site: query.site, read: query.q };
    let page = house
        .block(move |house| {
            house.app.db.read(|connection| lists::boxes(connection, &caller.scope, &filter, &ask))
        })
        .await?;
    let items: Result<_, DbError> = page.items.into_iter().map(BoxView::try_from).collect();
    Ok(web::Json(BoxPage {
        next: page.next.map(|seek| cursor::write(&print, false, seek)),
        previous: page.previous.map(|seek| cursor::write(&print, true, seek)),
        items: items?,
    }))
}

/// Look at a box
#[utoipa::path(
    tag = "dock",
    params(("box" = i64, Path, description = "The box, as its verdict names it", example = 12)),
    responses((status = 200, description = "The box", body = BoxView), Problems)
)]
#[get("/api/v1/dock/arrivals/{box}")]
pub(super) async fn show_box(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<BoxView>, Problem> {
    let id = BoxId(part("box", &path)?);
    let found =
        house.read(move |_, connection| Ok(lists::one_box(connection, &caller.scope, id)?)).await?;
    Ok(web::Json(found.ok_or_else(Problem::not_found)?.try_into()?))
}

/// List the files of a box
///
/// Withdrawn ones say so.
#[utoipa::path(
    tag = "dock",
    params(("box" = i64, Path, description = "The box, as its verdict names it", example = 12)),
    responses((status = 200, description = "The files", body = AttachmentList), Problems)
)]
#[get("/api/v1/dock/arrivals/{box}/attachments")]
pub(super) async fn box_attachments(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<AttachmentList>, Problem> {
    listed(&house, caller, Thing::Box(BoxId(part("box", &path)?))).await
}

/// Keep a file with a box
///
/// A `dock_photo`, or `other`. The customer of the RMA it was judged to be is shown it as well, unless the box
/// was marked with another number.
#[utoipa::path(
    tag = "dock",
    params(
        ("box" = i64, Path, description = "The box, as its verdict names it", example = 12),
        AttachmentQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body(
        content = inline(Binary), content_type = "application/octet-stream",
        description = "The file itself, at most 10 MiB of PDF, JPEG or PNG. It may be sent as its own type as well; \
            one that its bytes are not is refused"
    ),
    responses(
        (status = 201, description = "Kept", body = AttachmentView,
            headers(("Location" = String, description = "The file"))),
        (status = 200, description = "The same bytes were kept before, as this", body = AttachmentView,
            headers(("Location" = String, description = "The file"))),
        Problems
    )
)]
#[post("/api/v1/dock/arrivals/{box}/attachments")]
pub(super) async fn attach_to_box(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<AttachmentQuery>,
    posted: PostedFile,
) -> Result<HttpResponse, Problem> {
    kept(&house, caller, Thing::Box(BoxId(part("box", &path)?)), query, posted).await
}

/// Fetch a file of a box
///
/// To be saved, not shown: as an attachment. 410 where it was withdrawn, with who, when and why.
#[utoipa::path(
    tag = "dock",
    params(
        ("box" = i64, Path, description = "The box, as its verdict names it", example = 12),
        ("id" = i64, Path, description = "The attachment", example = 7),
        ("If-None-Match" = Option<String>, Header, description = "An ETag that is had already")
    ),
    responses(
        (status = 200, description = "The file",
            content((inline(Binary) = "application/pdf"), (inline(Binary) = "image/jpeg"), (inline(Binary) = "image/png")),
            headers(("ETag" = String, description = "SHA-256 of the file, in quotes"),
                    ("Content-Disposition" = String, description = "Its name"))),
        (status = 304, description = "It is the one that is had already"),
        Problems
    )
)]
#[get("/api/v1/dock/arrivals/{box}/attachments/{id}")]
pub(super) async fn box_attachment(
    house: web::Data<House>,
    Known(caller): Known,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Box(BoxId(part("box", &path.0)?));
    answer(&house, &request, caller, thing, numbered(&path.1)?).await
}

/// Withdraw a file of a box
///
/// A wrong one: its bytes go, its hash stays, with who withdrew it, when and why.
#[utoipa::path(
    tag = "dock",
    params(
        ("box" = i64, Path, description = "The box, as its verdict names it", example = 12),
        ("id" = i64, Path, description = "The attachment", example = 7),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = WithdrawalBody,
    responses((status = 200, description = "Withdrawn", body = AttachmentView), Problems)
)]
#[post("/api/v1/dock/arrivals/{box}/attachments/{id}/withdrawal")]
pub(super) async fn withdraw_from_box(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<WithdrawalBody>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Box(BoxId(part("box", &path.0)?));
    taken_back(&house, caller, (thing, numbered(&path.1)?), posted).await
}
