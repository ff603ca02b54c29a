//! Who may see a page: the session of the cookie, where a form was sent from, the capability of the route.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use super::fault;
use crate::app::users::{self, SignedIn};
use crate::app::{AppError, Caller};
use crate::http::auth::reckon;
use crate::http::house::House;
use crate::http::problem::{Code, Problem};
use crate::http::routes::{Access, Route};

/// What a page may load and send: from and to ourselves alone, and nothing inline.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Somebody signed in, as a handler of a page takes it.
#[derive(Clone)]
pub struct Visitor {
    pub signed: Arc<SignedIn>,
    /// What every form of this session has to carry.
    pub csrf: String,
}

impl Visitor {
    pub fn caller(&self) -> Caller {
        self.signed.caller.clone()
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        std::future::ready(found.ok_or_else(|| Problem::new(Code::Unauthenticated)))
    }
}

/// Lets a request to a page pass if its session may, and shows every problem as a page.
pub async fn guard<B: MessageBody + 'static>(
    house: &web::Data<House>,
    row: &Route,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let secret = house.cookie.secret(request.headers());
    let visitor = match look(house, secret).await {
        Ok(visitor) => visitor,
        Err(problem) => return Ok(answer(request, fault::page(&problem, None))),
    };
    if let Err(problem) = may(house, row, &request, visitor.as_ref()) {
        let response = match problem.code {
            Code::Unauthenticated => to_sign_in(&request),
            _ => fault::page(&problem, visitor.as_ref()),
        };
        return Ok(answer(request, response));
    }
    if let Some(visitor) = &visitor {
        request.extensions_mut().insert(visitor.clone());
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let problem = response.response().error().and_then(|e| e.as_error::<Problem>()).cloned();
    if let Some(problem) = problem {
        let page = fault::page(&problem, visitor.as_ref());
        response = response.into_response(page);
    }
    protect(&mut response);
    Ok(response)
}

fn answer(request: ServiceRequest, response: HttpResponse) -> ServiceResponse<BoxBody> {
    let mut response = request.into_response(response);
    protect(&mut response);
    response
}

fn protect(response: &mut ServiceResponse<BoxBody>) {
    // `Origin` comes as `null` from pages that give no referrer at all.
    let fixed = [
        ("content-security-policy", POLICY),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        let name = HeaderName::from_static(name);
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
}

/// Whoever the cookie's secret belongs to.
async fn look(house: &House, secret: Option<String>) -> Result<Option<Visitor>, Problem> {
    let Some(secret) = secret else { return Ok(None) };
    let csrf = csrf(&secret);
    let now = house.clock.now();
    let signed =
        house.glance(move |_, connection| users::signed_in(connection, &secret, now)).await?;
    let Some(signed) = signed else { return Ok(None) };
    if signed.is_to_be_noted {
        let session = signed.session;
        house
            .block(move |house| {
                users::note_use(&house.app, session, now);
                Ok::<_, AppError>(())
            })
            .await?;
    }
    Ok(Some(Visitor { signed: Arc::new(signed), csrf }))
}

/// Follows from the session's secret, which it does not tell.
fn csrf(secret: &str) -> String {
    let digest = Sha256::new().chain_update("csrf:").chain_update(secret).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn may(
    house: &House,
    row: &Route,
    request: &ServiceRequest,
    visitor: Option<&Visitor>,
) -> Result<(), Problem> {
    if request.method() == Method::POST && !is_from_here(house, request) {
        let detail = "a form is taken only from a page of this service";
        return Err(Problem::detailed(Code::Forbidden, detail));
    }
    let left = match visitor {
        Some(visitor) => {
            let judged = house.limiter.check_key(&visitor.signed.caller.principal);
            reckon(house.a_minute, judged)
        }
        None if row.access == Access::Public => return Ok(()),
        None => reckon(house.peers.a_minute, house.peers.take(request)),
    };
    if let (_, Some(problem)) = left {
        return Err(problem);
    }
    match visitor {
        None => Err(Problem::new(Code::Unauthenticated)),
        Some(visitor) if !row.access.is_open_to(&visitor.signed.caller) => {
            Err(Problem::new(Code::Forbidden))
        }
        Some(_) => Ok(()),
    }
}

/// Whether a browser says that a form was sent from one of our own pages. One that says nothing of it is none
/// that people use, and not believed.
fn is_from_here(house: &House, request: &ServiceRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text("origin") else { return false };
    match &house.public_url {
        Some(url) => origin == url.origin(),
        None => {
            let host = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
            host.is_some() && host == text("host")
        }
    }
}

/// To the form to sign in with, and from there to where one wanted to go.
fn to_sign_in(request: &ServiceRequest) -> HttpResponse {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let to = match *request.method() == Method::GET && wanted != "/" {
        true => {
            let next = form_urlencoded::byte_serialize(wanted.as_bytes()).collect::<String>();
            format!("/?next={next}")
        }
        false => "/".to_owned(),
    };
    see(&to)
}

/// Sends a browser on to another page of ours.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER).insert_header((header::LOCATION, path)).finish()
}
