//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use askama::Template;
use serde::Deserialize;

use super::form::{Form, NoFields, OpenForm};
use super::frame::{Frame, Here, render};
use super::gate::{Visitor, see};
use crate::app::users;
use crate::http::house::House;
use crate::http::problem::{Code, Problem};

/// The form to sign in with.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub frame: Frame,
    pub email: String,
    /// Where to go then.
    pub next: String,
    pub wrong: Option<String>,
    /// A session was there and is over.
    pub is_over: bool,
}

impl SignInPage {
    pub fn fresh(next: String, is_over: bool) -> Self {
        let frame = Frame::of(None, Here::Elsewhere, "Sign in");
        Self { frame, email: String::new(), next, wrong: None, is_over }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignInForm {
    email: String,
    password: String,
    next: String,
}

/// A path of our own, or the start.
pub fn own_path(wanted: &str) -> &str {
    let is_path = wanted.starts_with('/') && !wanted.starts_with("//");
    let is_plain = wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain { wanted } else { "/" }
}

#[post("/sign-in")]
pub async fn sign_in(
    house: web::Data<House>,
    request: HttpRequest,
    visitor: Option<Visitor>,
    OpenForm(form): OpenForm<SignInForm>,
) -> Result<HttpResponse, Problem> {
    let next = own_path(&form.next).to_owned();
    let again = |wrong: &str, email: String, status: StatusCode| {
        let wrong = Some(wrong.to_owned());
        let page = SignInPage { email, wrong, ..SignInPage::fresh(next.clone(), false) };
        render(status, &page)
    };
    let turn = match house.sign_ins.turn(house.peers.address(&request), &form.email).await {
        Ok(turn) => turn,
        Err(problem) if problem.code == Code::TooMany => {
            let said = "These were too many tries. Wait a while, then try again.";
            let mut response = again(said, form.email, StatusCode::TOO_MANY_REQUESTS)?;
            let seconds = problem.retry_after.unwrap_or(60);
            response.headers_mut().insert(
                actix_web::http::header::RETRY_AFTER,
                actix_web::http::header::HeaderValue::from(seconds),
            );
            return Ok(response);
        }
        Err(problem) => return Err(problem),
    };
    let now = house.clock.now();
    let SignInForm { email, password, .. } = form;
    let (secret, email) = house
        .block(move |house| {
            let secret = users::sign_in(&house.app, &email, &password, now)?;
            if let (Some(visitor), Some(_)) = (visitor, &secret) {
                users::sign_out(&house.app, visitor.signed.session)?;
            }
            Ok::<_, crate::app::AppError>((secret, email))
        })
        .await?;
    if secret.is_some() {
        turn.succeeded();
    }
    drop(turn);
    let Some(secret) = secret else {
        let said =
            "E-mail address or password is wrong. Try again, or ask whoever gave you your access.";
        return again(said, email, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let mut response = see(&next);
    with_cookie(&mut response, house.cookie.set(secret))?;
    Ok(response)
}

/// Adds a cookie to an answer.
pub fn with_cookie(
    response: &mut HttpResponse,
    cookie: actix_web::cookie::Cookie<'static>,
) -> Result<(), Problem> {
    response.add_cookie(&cookie).map_err(|error| Problem::failed(&error))
}

#[post("/sign-out")]
pub async fn sign_out(
    house: web::Data<House>,
    form: Form<NoFields>,
) -> Result<HttpResponse, Problem> {
    let session = form.visitor.signed.session;
    house.block(move |house| users::sign_out(&house.app, session)).await?;
    let mut response = see("/");
    with_cookie(&mut response, house.cookie.unset())?;
    Ok(response)
}
