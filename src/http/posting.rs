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
    let body = of_answer(serde_json::to_string(body))?;
    Ok(Answer { status, headers, body })
}

/// Does what a form was read to want, once for its key, and gives its answer: where to look next.
pub async fn post_form<T: Send + Sync + 'static>(
    house: &House,
    caller: Caller,
    once: Once,
    wanted: Result<T, Problem>,
    work: impl Fn(&App, &mut AnyConnection, &T, &Caller, DateTime<Utc>) -> Result<String, Undone>
    + Send
    + Sync
    + 'static,
) -> Result<String, Problem> {
    let wanted = wanted?;
    let go = move |app: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        let body = work(app, connection, &wanted, caller, now)?;
        Ok((Answer { status: 303, headers: Vec::new(), body }, ()))
    };
    let done = house.block(move |house| write(house, &caller, &once, go, house.clock.now()));
    Ok(done.await?.0.body)
}

/// Does the work of a POST once for its key. A refusal is not kept: what was refused may be tried again
/// under the same key.
pub async fn post(
    house: &House,
    caller: Caller,
    once: Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<Answer, Undone>
    + Send
    + Sync
    + 'static,
) -> Result<HttpResponse, Problem> {
    let alone = move |app: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        work(app, connection, caller, now).map(|answer| (answer, ()))
    };
    post_then(house, caller, once, alone, |_, ()| ()).await
}

/// The same, and when the write is kept, what follows from it; an answer that is given again has no
/// more consequences.
pub async fn post_then<T: Send + 'static>(
    house: &House,
    caller: Caller,
    once: Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<(Answer, T), Undone>
    + Send
    + Sync
    + 'static,
    then: impl FnOnce(&House, T) + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let done = house
        .block(move |house| {
            let (answer, left) = write(house, &caller, &once, work, house.clock.now())?;
            let replayed = left.is_none();
            if let Some(left) = left {
                then(house, left);
            }
            Ok::<_, Undone>((answer, replayed))
        })
        .await?;
    Ok(respond(done))
}

/// The same as [`post`], with what can be seen once the write is done said beside its answer: no other write
/// waits for it, and it is not kept. What cannot be seen is left out, for the work itself is done.
pub async fn post_seeing(
    house: &House,
    caller: Caller,
    once: Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<Answer, Undone>
    + Send
    + Sync
    + 'static,
    see: impl Fn(&App, &mut AnyConnection, &mut Said, DateTime<Utc>) -> Result<(), AppError>
    + Send
    + Sync
    + 'static,
) -> Result<HttpResponse, Problem> {
    let alone = move |app: &App, connection: &mut AnyConnection, caller: &Caller, now| {
        work(app, connection, caller, now).map(|answer| (answer, ()))
    };
    let done = house
        .block(move |house| {
            let now = house.clock.now();
            let (mut answer, left) = write(house, &caller, &once, alone, now)?;
            let seen = house.app.db.read(|connection| {
                let mut said: Said = of_answer(serde_json::from_str(&answer.body))?;
                see(&house.app, connection, &mut said, now)?;
                of_answer(serde_json::to_string(&said))
            });
            match seen {
                Ok(body) => answer.body = body,
                Err(error) => {
                    tracing::warn!(%error, "an answer is given without what goes with it")
                }
            }
            Ok::<_, Undone>((answer, left.is_none()))
        })
        .await?;
    Ok(respond(done))
}

/// The fields of an answer.
pub type Said = serde_json::Map<String, serde_json::Value>;

fn of_answer<T>(result: serde_json::Result<T>) -> Result<T, AppError> {
    result.map_err(|error| {
        let detail = error.to_string();
        AppError::Db(DbError::Corrupt { operation: "writing an answer", detail })
    })
}

/// The write of a POST, once for its key: its answer, and what the work left where it was done just now.
fn write<T: Send>(
    house: &House,
    caller: &Caller,
    once: &Once,
    work: impl Fn(&App, &mut AnyConnection, &Caller, DateTime<Utc>) -> Result<(Answer, T), Undone>
    + Sync,
    now: DateTime<Utc>,
) -> Result<(Answer, Option<T>), Undone> {
    let principal = caller.principal.to_string();
    let attempt = || {
        house.app.db.write(|connection| {
            let Once(Some(key)) = once else {
                let (answer, left) = work(&house.app, connection, caller, now)?;
                return Ok((answer, Some(left)));
            };
            match claim(connection, &principal, &key.name, &key.fingerprint, now)? {
                Claim::Replay(answer) => return Ok((answer, None)),
                Claim::Other => return Err(AppError::KeyReused.into()),
                Claim::New => {}
            }
            let (answer, left) = work(&house.app, connection, caller, now)?;
            keep(connection, &principal, &key.name, &answer)?;
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
    last
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
