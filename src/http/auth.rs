//! Who calls: the bearer token, the capability the route asks for, and the share of the minute. Whoever
//! comes by a session instead is let in by the pages.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use governor::clock::{Clock as _, DefaultClock};
use sha2::{Digest, Sha256};

use super::extract::accepts;
use super::house::{House, Secret};
use super::pages;
use super::peers::Judged;
use super::problem::{Code, Problem};
use super::routes::{Access, Door, route};
use crate::app::{AppError, Caller, tokens};
use crate::db::scope::Scope;
use crate::db::{AnyConnection, Stamp};

/// Where the API begins. What stands outside is for whoever runs the service, and for reading.
const API: &str = "/api/v1/";

/// The pattern of the route a request was matched with.
pub struct Matched(pub String);

/// How much of the minute is left.
pub(super) struct Share {
    limit: u32,
    remaining: u32,
    reset: u64,
}

/// Lets a request to a route of the table pass if its token may; everything else goes on to be told
/// that there is no such route. What comes without a token that is known takes of its address' share.
pub async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(house) = request.app_data::<web::Data<House>>().cloned() else {
        return Ok(answer(request, &Problem::new(Code::Internal), None));
    };
    // Told once: the patterns are gone through for it.
    let pattern = request.match_pattern();
    let row = pattern.as_deref().and_then(|p| route(request.method().as_str(), p).copied());
    if let Some(pattern) = pattern {
        request.extensions_mut().insert(Matched(pattern));
    }
    if let Some(row) = row.filter(|row| row.door == Door::Session) {
        return pages::guard(&house, &row, request, next).await;
    }
    let secret = secret(&request);
    let mut share = None;
    // As it is routed by: a path may be written in more than one way and lead to the same resource.
    let is_api = row.is_some() || request.match_info().as_str().starts_with(API);
    let known = secret.as_ref().is_some_and(|secret| house.peers.was_valid(&secret.hash));
    if is_api && !known {
        let (left, problem) = reckon(house.peers.a_minute, house.peers.take(&request));
        if let Some(problem) = problem {
            return Ok(answer(request, &problem, Some(&left)));
        }
        share = Some(left);
    }
    if let Some(row) = row
        && let Err(problem) = accepts(request.request(), row.produces)
    {
        return Ok(answer(request, &problem, share.as_ref()));
    }
    let Some(access) = row.map(|row| row.access).filter(|access| *access != Access::Public) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let (caller, stamp) = match identify(&house, secret).await {
        Ok(identified) => identified,
        Err(problem) => return Ok(answer(request, &problem, share.as_ref())),
    };
    let (share, problem) = reckon(house.a_minute, house.limiter.check_key(&caller.principal));
    if let Some(problem) = problem {
        return Ok(answer(request, &problem, Some(&share)));
    }
    if !access.is_open_to(&caller) {
        return Ok(answer(request, &Problem::new(Code::Forbidden), Some(&share)));
    }
    request.extensions_mut().insert(Known(caller));
    request.extensions_mut().insert(At(stamp));
    let mut response = next.call(request).await?.map_into_boxed_body();
    tell(&mut response, &share);
    Ok(response)
}

fn answer(
    request: ServiceRequest,
    problem: &Problem,
    share: Option<&Share>,
) -> ServiceResponse<BoxBody> {
    let mut response = request.into_response(problem.error_response());
    if let Some(share) = share {
        tell(&mut response, share);
    }
    response
}

fn tell(response: &mut ServiceResponse<BoxBody>, share: &Share) {
    let told = [
        ("ratelimit-limit", u64::from(share.limit)),
        ("ratelimit-remaining", u64::from(share.remaining)),
        ("ratelimit-reset", share.reset),
    ];
    for (name, value) in told {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// A token's secret, and its SHA-256.
struct Shown {
    secret: String,
    hash: Secret,
}

/// The secret of the header `Authorization: Bearer`.
fn secret(request: &ServiceRequest) -> Option<Shown> {
    let text = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = text.split_once(' ')?;
    let secret = scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())?;
    Some(Shown { secret: secret.to_owned(), hash: Sha256::digest(secret).into() })
}

/// About what a remembered caller takes, but for the accounts it sees.
const CALLER_BYTES: usize = 512;

/// Who calls, and the state of the database that says so.
async fn identify(house: &House, shown: Option<Shown>) -> Result<(Caller, Option<Stamp>), Problem> {
    let unknown = || Problem::new(Code::Unauthenticated);
    let Shown { secret, hash } = shown.ok_or_else(unknown)?;
    let known = |stamp: &Stamp| house.callers.get(stamp, &hash).map(Some);
    let read = move |house: &House, connection: &mut AnyConnection| {
        let found = tokens::authenticate(connection, &secret)?;
        house.peers.remember(hash, found.is_some());
        Ok(found)
    };
    let (found, stamp) = house.recall(known, read).await?;
    let found = found.ok_or_else(unknown)?;
    let (today, token) = (house.clock.now().date_naive(), found.token);
    if found.last_used_on != Some(today) {
        house
            .block(move |house| {
                tokens::used_on(&house.app, token, today);
                Ok::<_, AppError>(())
            })
            .await?;
    } else if let Some(stamp) = &stamp {
        let accounts = match &found.caller.scope {
            Scope::Accounts(accounts) => size_of_val(accounts.as_slice()),
            Scope::All | Scope::Opener { .. } => 0,
        };
        house.callers.keep(stamp.clone(), hash, found.clone(), CALLER_BYTES + accounts);
    }
    Ok((found.caller, stamp))
}

/// What is left of a share of `limit` a minute, and the problem where nothing is.
pub(super) fn reckon(limit: NonZeroU32, judged: Judged) -> (Share, Option<Problem>) {
    let limit = limit.get();
    let refill = |used: u32| u64::from(used) * 60 / u64::from(limit).max(1) + 1;
    match judged {
        Ok(state) => {
            let remaining = state.remaining_burst_capacity();
            (Share { limit, remaining, reset: refill(limit - remaining.min(limit)) }, None)
        }
        Err(wait) => {
            let wait = wait.wait_time_from(DefaultClock::default().now());
            let seconds = wait.saturating_add(Duration::from_millis(999)).as_secs().max(1);
            let problem = Problem { retry_after: Some(seconds), ..Problem::new(Code::TooMany) };
            (Share { limit, remaining: 0, reset: seconds }, Some(problem))
        }
    }
}

/// The caller, as a handler takes it.
#[derive(Clone)]
pub struct Known(pub Caller);

/// The state of the database in which the caller was known.
#[derive(Clone)]
pub struct At(pub Option<Stamp>);

impl FromRequest for Known {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        std::future::ready(known.ok_or_else(|| Problem::new(Code::Unauthenticated)))
    }
}

impl FromRequest for At {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let at = request.extensions().get::<Self>().cloned();
        std::future::ready(Ok(at.unwrap_or(Self(None))))
    }
}
