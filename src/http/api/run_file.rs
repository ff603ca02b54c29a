//! The file of a run, streamed from where it was written and checked against its SHA-256 on the way.

use std::fs::File;
use std::io::Read;

use actix_web::body::BodySize;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::etag::is_had;
use super::reports::{Body, PIECE};
use crate::db::lists::ReportRun;
use crate::domain::hex::hex;
use crate::http::house::House;
use crate::http::problem::{Code, Problem};

/// The answer with a run's file; a run without one has nothing here.
pub(super) async fn answer(
    house: &House,
    request: &HttpRequest,
    run: ReportRun,
) -> Result<HttpResponse, Problem> {
    if let Some(at) = run.file_removed_at() {
        let detail = format!(
            "the file was removed on {}, as files of runs are kept for a time (reports.keep_days); \
             start a new run of the same day to have it again",
            at.date_naive()
        );
        return Err(Problem::detailed(Code::Gone, detail));
    }
    let (Some(path), Some(sha256), Some(as_of)) = (run.file, run.sha256, run.as_of) else {
        return Err(Problem::not_found());
    };
    let tag = format!("\"{sha256}\"");
    if is_had(request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let opened = house.block(move |_| open(&path)).await?;
    let (file, size) = opened;
    let (out, pieces) = mpsc::channel(4);
    // Not waited for: the answer goes out while it reads.
    drop(actix_web::rt::task::spawn_blocking(move || send(file, &sha256, run.id, &out)));
    let name = format!("attachment; filename=\"{}-{as_of}.csv\"", run.report);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::ETAG, tag))
        .body(Body { pieces, size: BodySize::Sized(size) }))
}

fn open(path: &str) -> Result<(File, u64), Problem> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    opened.map(|(size, file)| (file, size)).map_err(|error| {
        tracing::warn!(path, %error, "a run's file cannot be read");
        let detail = "the file was moved or removed, or is on another machine's disk; \
                      start a new run of the same day to have it again";
        Problem::detailed(Code::Gone, detail)
    })
}

/// Hands the file over piece by piece. The last piece waits until the whole is known to be what was
/// written: a file that was changed breaks off rather than pass for the report.
fn send(
    mut file: File,
    sha256: &str,
    run: i64,
    out: &mpsc::Sender<Result<web::Bytes, std::io::Error>>,
) {
    let (mut digest, mut held) = (Sha256::new(), web::Bytes::new());
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let read = file.by_ref().take(limit).read_to_end(&mut piece);
        let ended = match read {
            Ok(count) => count == 0,
            Err(error) => {
                drop(out.blocking_send(Err(error)));
                return;
            }
        };
        if ended {
            break;
        }
        digest.update(&piece);
        let before = std::mem::replace(&mut held, piece.into());
        // A failure to hand over means that the client has gone.
        if !before.is_empty() && out.blocking_send(Ok(before)).is_err() {
            return;
        }
    }
    let found = hex(&digest.finalize());
    let last = if found == sha256 {
        Ok(held)
    } else {
        tracing::error!(run, found, "a run's file is not what was written");
        Err(std::io::Error::other("the file is not what was written"))
    };
    drop(out.blocking_send(last));
}
