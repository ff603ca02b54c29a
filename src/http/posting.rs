//! POST: the effect and its answer in one write, given again when the same request comes again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::extract::Once;
use super::house::House;
use super::problem::Problem;
use crate::app::{App, AppError, Caller};
use crate::db::idempotency::{Answer, Claim, claim, keep};
use crate::db::{AnyConnection, DbError};

/// Why a POST was not done: a use case's own reason, or one that only this room knows.
pub enum Undone {
    App(AppError),
    Problem(Box<Problem>),
}

impl From<AppError> for Undone {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::App(error.into())
    }
}

impl From<Problem> for Undone {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Undone> for Problem {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::App(error) => error.into(),
            Undone::Problem(problem) => *problem,
        }
    }
}

/// How often a write is tried whose timing alone was at fault.
const ATTEMPTS: usize = 5;

/// An answer of JSON.
pub fn json(
    status: u16,
    headers: Vec<(String, String)>,
    body: &impl Serialize,
) -> Result<Answer, Undone> {
    let body = serde_json::to_string(body).map_err(|error| {
        let detail = error.to_string();
        AppError::Db(DbError::Corrupt { operation: "writing an answer", detail })
    })?;
    Ok(Answer { status, headers, body })
}

/// Does the work of a POST once for its key. A refusal is not kept: what was refused may be tried again
/// under the same key.
pub async fn post(
    house: &House,
    caller: Caller,
    once: Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<Answer, Undone>
    + Send
    + 'static,
) -> Result<HttpResponse, Problem> {
    let alone = move |app: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        work(app, connection, caller, now).map(|answer| (answer, ()))
    };
    post_then(house, caller, once, alone, |_, ()| ()).await
}

/// The same, and when the write is kept, what follows from it; an answer that is given again has no
/// more consequences.
pub async fn post_then<T: 'static>(
    house: &House,
    caller: Caller,
    once: Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<(Answer, T), Undone>
    + Send
    + 'static,
    then: impl FnOnce(&House, T) + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let done = house
        .block(move |house| {
            let now = house.clock.now();
            let attempt = || {
                house.app.db.write(|connection| {
                    let Some(key) = &once.key else {
                        let (answer, left) = work(&house.app, connection, &caller, now)?;
                        return Ok((answer, Some(left)));
                    };
                    match claim(connection, caller.token, key, &once.fingerprint, now)? {
                        Claim::Replay(answer) => return Ok((answer, None)),
                        Claim::Other => return Err(AppError::KeyReused.into()),
                        Claim::New => {}
                    }
                    let (answer, left) = work(&house.app, connection, &caller, now)?;
                    keep(connection, caller.token, key, &answer)?;
                    Ok::<_, Undone>((answer, Some(left)))
                })
            };
            let mut last = attempt();
            for _ in 1..ATTEMPTS {
                match &last {
                    Err(Undone::App(error)) if error.may_retry() => last = attempt(),
                    _ => break,
                }
            }
            let (answer, left) = last?;
            let replayed = left.is_none();
            if let Some(left) = left {
                then(house, left);
            }
            Ok::<_, Undone>((answer, replayed))
        })
        .await?;
    Ok(respond(done))
}

fn respond((answer, replayed): (Answer, bool)) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    if replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    response.body(answer.body)
}
