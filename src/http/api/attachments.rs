//! Files kept with an RMA or a case (T13, AMB-14, AMB-26, SYS-13).

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::attached_file::answer;
use super::binary::Binary;
use crate::app::attachments::{By, NewFile, Thing, attach, list, withdraw};
use crate::app::{AppError, Caller};
use crate::db::attachments::{Attachment, On};
use crate::domain::attachment::{AttachmentKind, FileName, FileRef};
use crate::domain::ids::{AttachmentId, CaseNumber, RmaNumber};
use crate::http::auth::Known;
use crate::http::extract::{Posted, PostedFile, Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::{Code, Problem};

/// What a file is called and for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachmentQuery {
    /// delivery_proof, dock_photo, carrier_label or other
    #[param(example = "delivery_proof")]
    kind: String,
    /// Its name alone, without a path: at most 120 characters, none of them invisible
    #[param(example = "proof.pdf")]
    name: String,
}

/// Who took a file back, when and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithdrawalView {
    #[schema(example = "logistics:lou")]
    by: String,
    at: DateTime<Utc>,
    reason: String,
}

/// A kept file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttachmentView {
    id: i64,
    /// delivery_proof, dock_photo, carrier_label or other
    #[schema(example = "delivery_proof")]
    kind: String,
    /// As it was given
    #[schema(example = "proof.pdf")]
    name: String,
    /// As its bytes are: application/pdf, image/jpeg or image/png
    #[schema(example = "application/pdf")]
    media_type: String,
    /// Bytes
    size: u64,
    /// Of the bytes, in hex; the ETag of the file
    sha256: String,
    #[schema(example = "customer:ann@northwind.example")]
    given_by: String,
    given_at: DateTime<Utc>,
    /// The box it shows, where it hangs on one
    #[serde(rename = "box")]
    on_box: Option<i64>,
    /// Where the file is; none once it is withdrawn
    #[schema(example = "/api/v1/rmas/R0021056835/attachments/7")]
    file: Option<String>,
    withdrawn: Option<WithdrawalView>,
}

impl AttachmentView {
    pub(super) fn of(attachment: Attachment, thing: Thing) -> Self {
        let file = format!("{}/{}", home(thing), attachment.id.0);
        Self {
            id: attachment.id.0,
            kind: attachment.kind.to_string(),
            name: attachment.name,
            media_type: attachment.media_type.to_string(),
            size: attachment.size,
            sha256: attachment.sha256,
            given_by: attachment.actor,
            given_at: attachment.recorded_at,
            on_box: match attachment.on {
                On::Box(id) => Some(id.0),
                On::Rma(_) | On::Case(_) => None,
            },
            file: attachment.withdrawn.is_none().then_some(file),
            withdrawn: attachment.withdrawn.map(|withdrawn| WithdrawalView {
                by: withdrawn.by,
                at: withdrawn.at,
                reason: withdrawn.because,
            }),
        }
    }
}

/// Where the files of a thing are.
pub(super) fn home(thing: Thing) -> String {
    match thing {
        Thing::Rma(number) => format!("/api/v1/rmas/{number}/attachments"),
        Thing::Case(number) => format!("/api/v1/cases/{number}/attachments"),
        Thing::Box(id) => format!("/api/v1/dock/arrivals/{}/attachments", id.0),
    }
}

/// A file that an RMA's history names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileView {
    attachment: i64,
    /// Of its bytes, in hex
    sha256: String,
    #[schema(example = "/api/v1/rmas/R0021056835/attachments/7")]
    file: String,
}

impl FileView {
    pub(super) fn of(file: &FileRef, number: RmaNumber) -> Self {
        Self {
            attachment: file.id.0,
            sha256: file.sha256.clone(),
            file: format!("{}/{}", home(Thing::Rma(number)), file.id.0),
        }
    }
}

/// The files of one thing, the first first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttachmentList {
    attachments: Vec<AttachmentView>,
}

/// Why a file is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "it shows another customer's address" }))]
pub(super) struct WithdrawalBody {
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// The files of a thing.
pub(super) async fn listed(
    house: &House,
    caller: Caller,
    thing: Thing,
) -> Result<web::Json<AttachmentList>, Problem> {
    let files = house.read(move |_, connection| list(connection, thing, &caller.scope)).await?;
    let attachments = files.into_iter().map(|file| AttachmentView::of(file, thing)).collect();
    Ok(web::Json(AttachmentList { attachments }))
}

/// Keeps the body of a POST with a thing. It is looked at before the write begins.
pub(super) async fn kept(
    house: &House,
    caller: Caller,
    thing: Thing,
    query: AttachmentQuery,
    posted: PostedFile,
) -> Result<HttpResponse, Problem> {
    // A parameter that is required is there.
    let kind = value::<AttachmentKind>("kind", Some(&query.kind))?;
    let name = value::<FileName>("name", Some(&query.name))?;
    let (Some(kind), Some(name)) = (kind, name) else { return Err(Problem::new(Code::Invalid)) };
    if !kind.permits(caller.actor.role) {
        let detail = format!("the role {} may not give a {kind}", caller.actor.role);
        return Err(Problem {
            rule: Some(kind.rule()),
            ..Problem::detailed(Code::Forbidden, detail)
        });
    }
    let PostedFile { bytes, said, once: key } = posted;
    let file = house
        .block(move |_| {
            NewFile::read(kind, name, bytes.into(), said.as_deref()).map_err(AppError::from)
        })
        .await?;
    once(house, caller, key, move |app, connection, caller, now| {
        let by = By { actor: &caller.actor, scope: &caller.scope, source: "api" };
        let (attachment, is_new) = attach(app, connection, thing, &file, by, now)?;
        let location = format!("{}/{}", home(thing), attachment.id.0);
        let headers = vec![("location".to_owned(), location)];
        let status = if is_new { 201 } else { 200 };
        json(status, headers, &AttachmentView::of(attachment, thing))
    })
    .await
}

/// Takes a file of a thing back.
pub(super) async fn taken_back(
    house: &House,
    caller: Caller,
    (thing, id): (Thing, AttachmentId),
    posted: Posted<WithdrawalBody>,
) -> Result<HttpResponse, Problem> {
    let reason = posted.body.reason;
    once(house, caller, posted.once, move |app, connection, caller, now| {
        let by = By { actor: &caller.actor, scope: &caller.scope, source: "api" };
        let attachment = withdraw(app, connection, (thing, id), &reason, by, now)?;
        json(200, Vec::new(), &AttachmentView::of(attachment, thing))
    })
    .await
}

/// The number of a file in a path.
pub(super) fn numbered(text: &str) -> Result<AttachmentId, Problem> {
    part("id", text).map(AttachmentId)
}

/// List the files of an RMA
///
/// With the photos of the boxes that were judged to be its; withdrawn ones say so.
#[utoipa::path(
    tag = "attachments",
    params(("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835")),
    responses((status = 200, description = "The files", body = AttachmentList), Problems)
)]
#[get("/api/v1/rmas/{number}/attachments")]
pub(super) async fn rma_attachments(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<AttachmentList>, Problem> {
    listed(&house, caller, Thing::Rma(part::<RmaNumber>("number", &path)?)).await
}

/// Keep a file with an RMA
///
/// A proof of delivery (T13) is named by the claim afterwards; a carrier's label (AMB-26) is enclosed at
/// once, where we pay the way back. The same bytes of the same kind again are the same attachment.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        AttachmentQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body(
        content = inline(Binary), content_type = "application/octet-stream",
        description = "The file itself, at most 10 MiB of PDF, JPEG or PNG, a carrier_label 5 MiB. It may be sent as its own type as well; \
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
#[post("/api/v1/rmas/{number}/attachments")]
pub(super) async fn attach_to_rma(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<AttachmentQuery>,
    posted: PostedFile,
) -> Result<HttpResponse, Problem> {
    kept(&house, caller, Thing::Rma(part::<RmaNumber>("number", &path)?), query, posted).await
}

/// Fetch a file of an RMA
///
/// To be saved, not shown: as an attachment. 410 where it was withdrawn, with who, when and why.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
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
#[get("/api/v1/rmas/{number}/attachments/{id}")]
pub(super) async fn rma_attachment(
    house: web::Data<House>,
    Known(caller): Known,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Rma(part::<RmaNumber>("number", &path.0)?);
    answer(&house, &request, caller, thing, numbered(&path.1)?).await
}

/// Withdraw a file of an RMA
///
/// A wrong one: its bytes go, its hash stays, with who withdrew it, when and why.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835"),
        ("id" = i64, Path, description = "The attachment", example = 7),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = WithdrawalBody,
    responses((status = 200, description = "Withdrawn", body = AttachmentView), Problems)
)]
#[post("/api/v1/rmas/{number}/attachments/{id}/withdrawal")]
pub(super) async fn withdraw_from_rma(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<WithdrawalBody>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Rma(part::<RmaNumber>("number", &path.0)?);
    taken_back(&house, caller, (thing, numbered(&path.1)?), posted).await
}

/// List the files of a case
///
/// Withdrawn ones say so.
#[utoipa::path(
    tag = "attachments",
    params(("number" = String, Path, description = "YYYY-MMDD-NNNNNN, or its 14 digits", example = "2026-1116-000001")),
    responses((status = 200, description = "The files", body = AttachmentList), Problems)
)]
#[get("/api/v1/cases/{number}/attachments")]
pub(super) async fn case_attachments(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<AttachmentList>, Problem> {
    listed(&house, caller, Thing::Case(part::<CaseNumber>("number", &path)?)).await
}

/// Keep a file with a case
///
/// Of the kind `other`. The same bytes again are the same attachment.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN, or its 14 digits", example = "2026-1116-000001"),
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
#[post("/api/v1/cases/{number}/attachments")]
pub(super) async fn attach_to_case(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<AttachmentQuery>,
    posted: PostedFile,
) -> Result<HttpResponse, Problem> {
    kept(&house, caller, Thing::Case(part::<CaseNumber>("number", &path)?), query, posted).await
}

/// Fetch a file of a case
///
/// To be saved, not shown: as an attachment. 410 where it was withdrawn, with who, when and why.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN, or its 14 digits", example = "2026-1116-000001"),
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
#[get("/api/v1/cases/{number}/attachments/{id}")]
pub(super) async fn case_attachment(
    house: web::Data<House>,
    Known(caller): Known,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Case(part::<CaseNumber>("number", &path.0)?);
    answer(&house, &request, caller, thing, numbered(&path.1)?).await
}

/// Withdraw a file of a case
///
/// A wrong one: its bytes go, its hash stays, with who withdrew it, when and why.
#[utoipa::path(
    tag = "attachments",
    params(
        ("number" = String, Path, description = "YYYY-MMDD-NNNNNN, or its 14 digits", example = "2026-1116-000001"),
        ("id" = i64, Path, description = "The attachment", example = 7),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body = WithdrawalBody,
    responses((status = 200, description = "Withdrawn", body = AttachmentView), Problems)
)]
#[post("/api/v1/cases/{number}/attachments/{id}/withdrawal")]
pub(super) async fn withdraw_from_case(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
    posted: Posted<WithdrawalBody>,
) -> Result<HttpResponse, Problem> {
    let thing = Thing::Case(part::<CaseNumber>("number", &path.0)?);
    taken_back(&house, caller, (thing, numbered(&path.1)?), posted).await
}
