//! Runs of reports: which there were, their files, starting one, trying one again.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::instants::Day;
use super::rmas::ask;
use super::run_file::answer;
use crate::app::report_runs::{self, Asked};
use crate::app::{App, Caller};
use crate::db::lists::{self, Ask, ReportRun, RunFilter, RunSort};
use crate::db::slots::{Lease, RunOutcome};
use crate::db::{AnyConnection, DbError};
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Posted, PostedNothing, Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{Undone, json, post_then};
use crate::http::problem::{Code, Problem};
use crate::reports::{DefinitionError, Library};

/// Which runs, in which order.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportRunQuery {
    /// The report's name
    #[param(example = "non-returns")]
    report: Option<String>,
    /// running, done, failed or lost (its instance is gone)
    #[param(example = "failed")]
    outcome: Option<String>,
    /// started_at, as_of or report; a minus before it turns the order round; -started_at if left out
    #[param(example = "-as_of")]
    sort: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// `next` or `previous` of another page of the same list
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

/// A run of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportRunView {
    id: i64,
    #[schema(example = "non-returns")]
    report: String,
    /// The day it tells of, as it was known at its end in the report's zone
    as_of: Option<NaiveDate>,
    /// running, done, failed or lost
    #[schema(example = "done")]
    outcome: String,
    /// When it was due, or asked for
    due_at: DateTime<Utc>,
    /// Who asked for it; none: it came by its schedule
    #[schema(example = "finance:fay")]
    asked_by: Option<String>,
    /// The instance that ran it
    instance: String,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// Milliseconds
    duration_ms: Option<i64>,
    rows: Option<i64>,
    /// Where its file is
    #[schema(example = "/api/v1/report-runs/12/file.csv")]
    file: Option<String>,
    /// When its file was removed, as files are kept for a time; the run stays
    file_removed_at: Option<DateTime<Utc>>,
    /// SHA-256 of the file, in hex
    sha256: Option<String>,
    /// What went wrong
    error: Option<String>,
    /// When it is tried again by itself
    next_attempt_at: Option<DateTime<Utc>>,
}

impl TryFrom<ReportRun> for ReportRunView {
    type Error = DbError;

    fn try_from(run: ReportRun) -> Result<Self, DbError> {
        let outcome = run.outcome()?;
        // The slot may have come further by another run.
        let waits = outcome == RunOutcome::Failed;
        let file = run.file.as_ref().filter(|_| run.file_removed_at().is_none());
        Ok(Self {
            id: run.id,
            as_of: run.as_of,
            outcome: outcome.to_string(),
            due_at: run.slot(),
            started_at: run.started_at(),
            ended_at: run.ended_at(),
            next_attempt_at: run.next_at().filter(|_| waits),
            duration_ms: run.duration_ms,
            rows: run.rows,
            file_removed_at: run.file_removed_at(),
            file: file.map(|_| format!("/api/v1/report-runs/{}/file.csv", run.id)),
            report: run.report,
            asked_by: run.asked_by,
            instance: run.instance,
            sha256: run.sha256,
            error: run.error,
        })
    }
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportRunPage {
    items: Vec<ReportRunView>,
    /// The cursor of the page after this one
    next: Option<String>,
    /// The cursor of the page before this one
    previous: Option<String>,
}

/// List runs of reports
///
/// Those of the reports the token may see.
#[utoipa::path(
    tag = "reports",
    params(ReportRunQuery),
    responses((status = 200, description = "A page", body = ReportRunPage), Problems)
)]
#[get("/api/v1/report-runs")]
pub(super) async fn list_runs(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<ReportRunQuery>,
) -> Result<web::Json<ReportRunPage>, Problem> {
    let print = cursor::print(&query);
    let sort = query.sort.as_deref().unwrap_or("-started_at");
    let ask: Ask<RunSort> = ask(&print, (sort, query.limit, query.cursor.as_deref()))?;
    let filter = RunFilter {
        outcome: value("outcome", query.outcome.as_deref())?,
        report: query.report,
        among: report_runs::visible(&caller, &house.library),
    };
    let page = house
        .block(move |house| house.app.db.read(|connection| lists::runs(connection, &filter, &ask)))
        .await?;
    let items: Result<_, DbError> = page.items.into_iter().map(ReportRunView::try_from).collect();
    Ok(web::Json(ReportRunPage {
        next: page.next.map(|seek| cursor::write(&print, false, seek)),
        previous: page.previous.map(|seek| cursor::write(&print, true, seek)),
        items: items?,
    }))
}

/// Look at a run
#[utoipa::path(
    tag = "reports",
    params(("id" = i64, Path, description = "The run", example = 12)),
    responses((status = 200, description = "The run", body = ReportRunView), Problems)
)]
#[get("/api/v1/report-runs/{id}")]
pub(super) async fn show_run(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<ReportRunView>, Problem> {
    Ok(web::Json(seen(&house, caller, &path).await?.try_into()?))
}

async fn seen(house: &House, caller: Caller, id: &str) -> Result<ReportRun, Problem> {
    let id: i64 = part("id", id)?;
    house
        .block(move |house| {
            let library = &house.library;
            house.app.db.read(|connection| report_runs::show(connection, &caller, library, id))
        })
        .await
}

/// Fetch a run's file
///
/// The CSV as it was written, streamed; its ETag is its SHA-256. 410 where the file is not where it was
/// written any more.
#[utoipa::path(
    tag = "reports",
    params(
        ("id" = i64, Path, description = "The run", example = 12),
        ("If-None-Match" = Option<String>, Header, description = "An ETag that is had already")
    ),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/csv",
            headers(("ETag" = String, description = "SHA-256 of the file, in quotes"),
                    ("Content-Disposition" = String, description = "Its name"))),
        (status = 304, description = "It is the one that is had already"),
        Problems
    )
)]
#[get("/api/v1/report-runs/{id}/file.csv")]
pub(super) async fn run_file(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let run = seen(&house, caller, &path).await?;
    answer(&house, &request, run).await
}

/// A run to be started.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "report": "non-returns", "as_of": "2026-11-30" }))]
pub(super) struct StartRun {
    /// The report's name
    #[schema(max_length = 60)]
    report: String,
    /// The day, in the report's zone; the last one that has ended, if left out
    #[schema(value_type = Option<NaiveDate>)]
    as_of: Option<Day>,
}

/// Start a run now
///
/// It runs on when the answer is given: look at the run until it is done or failed. Its recipients are
/// sent the file as after a run by schedule.
#[utoipa::path(
    tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")),
    request_body = StartRun,
    responses(
        (status = 202, description = "Begun", body = ReportRunView, headers(("Location" = String, description = "The run"))),
        Problems
    )
)]
#[post("/api/v1/report-runs")]
pub(super) async fn start_run(
    house: web::Data<House>,
    Known(caller): Known,
    posted: Posted<StartRun>,
) -> Result<HttpResponse, Problem> {
    let report = house.library.get(&posted.body.report).map_err(|error: DefinitionError| {
        Problem::field(Code::Invalid, "report", error.to_string())
    })?;
    if !report_runs::may(&caller, report) {
        return Err(Problem::new(Code::Forbidden));
    }
    let by = caller.actor.to_string();
    let asked = Asked { report: posted.body.report, as_of: posted.body.as_of.map(|day| day.0), by };
    let work =
        move |(library, instance): (&Library, &str),
              connection: &mut AnyConnection,
              _: &Caller,
              now| { Ok(report_runs::start(connection, library, &asked, now, instance)?) };
    begin(&house, caller, posted.once, work).await
}

/// Try a failed run again
///
/// Its slot runs again, of the same day, as a new run.
#[utoipa::path(
    tag = "reports",
    params(
        ("id" = i64, Path, description = "The run that failed", example = 12),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    responses(
        (status = 202, description = "Begun", body = ReportRunView, headers(("Location" = String, description = "The new run"))),
        Problems
    )
)]
#[post("/api/v1/report-runs/{id}/retry")]
pub(super) async fn retry_run(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    posted: PostedNothing,
) -> Result<HttpResponse, Problem> {
    let id: i64 = part("id", &path)?;
    let work = move |(library, instance): (&Library, &str),
                     connection: &mut AnyConnection,
                     caller: &Caller,
                     now| {
        let run = report_runs::show(connection, caller, library, id)?;
        Ok(report_runs::retry(connection, library, &run, now, instance)?)
    };
    begin(&house, caller, posted.0, work).await
}

/// Leases a run in the write that keeps the answer, and hands it over when both are kept.
async fn begin(
    house: &House,
    caller: Caller,
    once: crate::http::extract::Once,
    work: impl Fn((&Library, &str), &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<Lease, Undone>
    + Send
    + Sync
    + 'static,
) -> Result<HttpResponse, Problem> {
    if !house.hands.are_free() {
        return Err(Problem::busy(&"the service ends; another instance runs it"));
    }
    let (library, instance) = (house.library.clone(), house.instance.clone());
    let leased = move |_: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        let lease = work((&library, &instance), connection, caller, now)?;
        let run = lists::run(connection, lease.run_id)?;
        let run = run.ok_or(DbError::Missing { operation: "looking for the run just begun" })?;
        let headers = vec![("location".to_owned(), format!("/api/v1/report-runs/{}", run.id))];
        Ok((json(202, headers, &ReportRunView::try_from(run)?)?, lease))
    };
    post_then(house, caller, once, leased, |house, lease| house.hands.take(lease)).await
}
