//! Imports: a CSV file as the body.

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::import::{By, Import, Progress, Subject, Summary};
use crate::http::auth::Known;
use crate::http::extract::{PostedCsv, Query, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::posting::{json, post as once};
use crate::http::problem::{FieldError, Problem};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportQuery {
    /// Store the good rows even if others are bad; otherwise it is all or nothing
    #[serde(default)]
    skip_bad: bool,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    rows: u64,
    refused: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    /// Units that have moved on since and were left as they are
    moved_on: u64,
    /// The first 200 problems of the rows left out
    problems: Vec<FieldError>,
}

impl From<Summary> for ImportView {
    fn from(summary: Summary) -> Self {
        let shown = summary.problems.shown();
        let problems = shown.iter().map(|problem| FieldError {
            field: match problem.column {
                Some(column) => format!("line {}, {column}", problem.line),
                None => format!("line {}", problem.line),
            },
            reason: problem.reason.clone(),
        });
        Self {
            rows: summary.rows,
            refused: summary.problems.rows(),
            added: summary.counts.added,
            changed: summary.counts.changed,
            unchanged: summary.counts.unchanged,
            moved_on: summary.counts.moved_on,
            problems: problems.collect(),
        }
    }
}

/// Nobody watches.
struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _: &'static str, _: u64) {}
    fn reach(&mut self, _: u64) {}
    fn end(&mut self) {}
}

/// Import a CSV file
///
/// In this order: organizations, products, calendars, sites, units, contracts; each names things of
/// those before it. A file imported again changes what it says differently and nothing else. Up to 64
/// MiB; the command line takes larger files.
#[utoipa::path(
    tag = "imports",
    params(
        ("subject" = String, Path, description = "organizations, products, calendars, sites, units or contracts", example = "units"),
        ImportQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request have one effect")
    ),
    request_body(content = String, content_type = "text/csv", description = "CSV in UTF-8, its first line the columns' names"),
    responses((status = 200, description = "What was done", body = ImportView), Problems)
)]
#[post("/api/v1/imports/{subject}")]
pub(super) async fn import_file(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<ImportQuery>,
    posted: PostedCsv,
) -> Result<HttpResponse, Problem> {
    let subject: Subject = part("subject", &path)?;
    let name = format!("{subject}.csv");
    let bytes = posted.bytes;
    once(&house, caller, posted.once, move |_, connection, caller, now| {
        let by = By { actor: caller.actor.clone(), at: now };
        let import = Import::of_bytes(subject, &name, bytes.to_vec()).map_err(Problem::from)?;
        let summary = import
            .run_within(connection, query.skip_bad, &by, &mut Silent)
            .map_err(Problem::from)?;
        json(200, Vec::new(), &ImportView::from(summary))
    })
    .await
}
