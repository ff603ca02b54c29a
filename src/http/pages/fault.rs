//! A problem as a page: what happened in plain words, and what to do next.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::form::sentence;
use super::frame::{Frame, Here, render};
use super::gate::{POLICY, Visitor, see};
use crate::http::middleware::request_id;
use crate::http::problem::{Code, Problem};
use crate::http::routes::route;

#[derive(Template)]
#[template(path = "fault.html")]
struct Fault {
    frame: Frame,
    status: u16,
    headline: &'static str,
    detail: Option<String>,
    next: &'static str,
    /// The rulebook's rule that forbids it.
    rule: Option<&'static str>,
    /// To be named to whoever runs the service; of failures alone.
    request_id: Option<String>,
}

/// The problem as a page. What it keeps for the log has been logged when it was first answered with.
pub fn page(problem: &Problem, visitor: Option<&Visitor>) -> HttpResponse {
    let (headline, next) = plain(problem.code);
    let status = problem.code.status();
    let fault = Fault {
        frame: Frame::of(visitor, Here::Elsewhere, headline),
        status,
        headline,
        detail: problem.detail.as_deref().filter(|_| status < 500).map(sentence),
        next,
        rule: problem.rule,
        request_id: (status >= 500).then(request_id),
    };
    let code = problem.status_code();
    let mut response = match render(code, &fault) {
        Ok(response) => response,
        Err(error) => return error.error_response(),
    };
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    }
    response
}

/// What a kind of problem is called, and the next step.
fn plain(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Malformed | Code::Invalid | Code::BadRows | Code::UnsupportedMediaType => {
            ("This cannot be understood", "Go back, change what is named above, and try again.")
        }
        Code::BadCursor => {
            ("This page of the list is no more", "Begin the list again from its first page.")
        }
        Code::Unauthenticated => ("You are not signed in", "Sign in, then try again."),
        Code::Forbidden => (
            "You may not do this",
            "If you think you should, ask whoever gave you your access to change it.",
        ),
        Code::NotFound | Code::Gone => (
            "There is nothing here",
            "Check the number, or search for it: you see what belongs to your account alone.",
        ),
        Code::MethodNotAllowed | Code::NotAcceptable => (
            "This page does not work like that",
            "Go back to the start and take the way from there.",
        ),
        Code::Refused => {
            ("A rule forbids this", "Nothing was changed. Go back to see where it stands.")
        }
        Code::Stale | Code::JudgedOnNothing => {
            ("It has moved on meanwhile", "Look at it again, then decide.")
        }
        Code::KeyReused => {
            ("This form was sent before", "Open the page again to see what became of it.")
        }
        Code::TooLarge | Code::HeadersTooLarge => {
            ("This is too large", "Go back, send less, and try again.")
        }
        Code::TooMany => ("Too many requests", "Wait a minute, then try again."),
        Code::Busy => ("The service is busy", "Nothing was changed. Try again in a moment."),
        Code::Internal => (
            "The service failed",
            "Nothing was changed. Try again; if it stays so, name the number below to whoever runs it.",
        ),
    }
}

/// Whether whoever asks for a path that is none is a browser.
pub fn wants_a_page(request: &HttpRequest) -> bool {
    let accepts = |headers: &HeaderMap| {
        let given = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        given.is_some_and(|given| given.contains("text/html"))
    };
    !request.path().starts_with("/api/") && accepts(request.headers())
}

/// For a path that is none. Where forms are sent to there is nothing to look at: whoever comes back to such an
/// address is sent on to the page that it belongs to.
pub fn no_such_page(request: &HttpRequest) -> HttpResponse {
    let pattern = request.match_pattern().unwrap_or_default();
    if request.method() == Method::GET && route("POST", &pattern).is_some() {
        let parent = request.path().rsplit_once('/').map_or("", |(parent, _)| parent);
        return see(if parent.is_empty() { "/" } else { parent });
    }
    let mut response = page(&Problem::not_found(), None);
    let policy = header::HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
