//! Reports: which there are, and running one.

use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use utoipa::{IntoParams, ToSchema};

use super::instants::Day;
use crate::app::report_runs;
use crate::app::reports::{self, Asked};
use crate::http::auth::Known;
use crate::http::extract::{Query, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::{Code, Problem};
use crate::reports::ReportDefinition;

/// A report there is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportView {
    #[schema(example = "non-returns")]
    name: String,
    title: String,
    /// Where its days end
    #[schema(example = "America/Los_Angeles")]
    zone: String,
    /// When it runs, in that zone: minute, hour, day of month, month, day of week; both days have to fit
    #[schema(example = "0 6 * * *")]
    schedule: Option<String>,
    /// What becomes of runs that were missed: every or latest
    #[schema(example = "every")]
    catch_up: String,
    /// Whether it is for those alone who may see amounts
    tells_of_money: bool,
    columns: Vec<String>,
}

/// The reports there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportList {
    items: Vec<ReportView>,
}

/// List the reports
///
/// Those the token may run: what tells of money is for finance, the logistics lead and administrators.
#[utoipa::path(
    tag = "reports",
    responses((status = 200, description = "The reports", body = ReportList), Problems)
)]
#[get("/api/v1/reports")]
pub(super) async fn list_reports(
    house: web::Data<House>,
    Known(caller): Known,
) -> web::Json<ReportList> {
    let seen = house.library.iter().filter(|(_, report)| report_runs::may(&caller, report));
    let one = |(name, report): (&str, &ReportDefinition)| ReportView {
        name: name.to_owned(),
        title: report.title.clone(),
        zone: report.zone.to_string(),
        schedule: report.schedule.as_ref().map(ToString::to_string),
        catch_up: report.catch_up.to_string(),
        tells_of_money: report.dataset.tells_of_money(),
        columns: report.columns.headings().into_iter().map(|h| h.name.to_owned()).collect(),
    };
    web::Json(ReportList { items: seen.map(one).collect() })
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RunQuery {
    /// The day, in the report's zone; today, if left out
    as_of: Option<String>,
    /// The zone to show times in, such as America/Los_Angeles; UTC if left out
    zone: Option<String>,
}

/// Bytes a piece of a streamed report has.
pub(super) const PIECE: usize = 64 << 10;

/// Hands what is written to the answer, piece by piece. The first piece, or the failure that came
/// before it, decides the answer's status.
struct Pieces {
    gathered: Vec<u8>,
    first: Option<oneshot::Sender<Result<(), Problem>>>,
    out: mpsc::Sender<Result<web::Bytes, std::io::Error>>,
}

impl Pieces {
    fn hand_over(&mut self) -> std::io::Result<()> {
        if let Some(first) = self.first.take() {
            // Nobody waits any more where the client has gone.
            let _ = first.send(Ok(()));
        }
        let piece = web::Bytes::from(std::mem::take(&mut self.gathered));
        let gone = |_| std::io::Error::other("the client has gone");
        self.out.blocking_send(Ok(piece)).map_err(gone)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The answer's body: what arrives from the thread that reads the database.
pub(super) struct Body {
    pub pieces: mpsc::Receiver<Result<web::Bytes, std::io::Error>>,
    pub size: BodySize,
}

impl MessageBody for Body {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<web::Bytes, std::io::Error>>> {
        self.pieces.poll_recv(context)
    }
}

fn write(house: &House, report: &ReportDefinition, asked: &Asked, mut pieces: Pieces) {
    let now = house.clock.now();
    let done = house.app.db.read(|connection| {
        reports::run_for(&house.app, connection, report, asked, now, &mut pieces)
    });
    match done {
        // A failure here means that the client has gone.
        Ok(_) => drop(pieces.hand_over()),
        Err(error) => match pieces.first.take() {
            Some(first) => drop(first.send(Err(error.into()))),
            None => {
                tracing::error!(%error, "a report broke off");
                let broken = std::io::Error::other("the report broke off");
                drop(pieces.out.blocking_send(Err(broken)));
            }
        },
    }
}

/// Run a report
///
/// As it was known at the end of the day. It changes nothing, so an Idempotency-Key has no effect here.
#[utoipa::path(
    tag = "reports",
    params(("name" = String, Path, description = "The report's name", example = "non-returns"), RunQuery),
    responses((status = 200, description = "The rows, streamed", body = String, content_type = "text/csv"), Problems)
)]
#[post("/api/v1/reports/{name}/runs")]
pub(super) async fn run_report(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<RunQuery>,
) -> Result<HttpResponse, Problem> {
    let report = house.library.get(&path)?.clone();
    if !report_runs::may(&caller, &report) {
        return Err(Problem::new(Code::Forbidden));
    }
    let as_of: Option<Day> = value("as_of", query.as_of.as_deref())?;
    let zone = value("zone", query.zone.as_deref())?;
    let as_of = as_of.map(|day| day.0).unwrap_or_else(|| report.zone.local_date(house.clock.now()));
    stream(&house, &path, report, Asked { as_of, account: None, zone }).await
}

/// The answer with a report's rows, sent while they are read.
pub(super) async fn stream(
    house: &House,
    name: &str,
    report: ReportDefinition,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let (first, begun) = oneshot::channel();
    let (out, pieces) = mpsc::channel(4);
    let thread = house.clone();
    let name = format!("attachment; filename=\"{name}-{}.csv\"", asked.as_of);
    // Not waited for: the answer goes out while it runs.
    drop(actix_web::rt::task::spawn_blocking(move || {
        let pieces = Pieces { gathered: Vec::new(), first: Some(first), out };
        write(&thread, &report, &asked, pieces);
    }));
    begun.await.map_err(|_| Problem::new(Code::Internal))??;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", name))
        .body(Body { pieces, size: BodySize::Stream }))
}
