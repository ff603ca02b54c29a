//! One's own account: the zone of times (AMB-18), the password, the sessions.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;
use serde::Deserialize;

use super::form::{Form, FormState, NoFields, query};
use super::frame::{Frame, Here, render, zone_label};
use super::gate::{Visitor, see};
use super::sign_in::with_cookie;
use super::words;
use crate::app::users;
use crate::domain::zone::Zone;
use crate::http::extract::value;
use crate::http::house::House;
use crate::http::problem::{Code, Problem};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    email: String,
    role: String,
    account: Option<String>,
    zone: &'static str,
    zone_label: String,
    zones: Vec<&'static str>,
    shortest: usize,
    done: &'static str,
    zone_form: FormState,
    password_form: FormState,
}

impl AccountPage {
    fn is_chosen(&self, zone: &str) -> bool {
        self.zone == zone
    }
}

fn page(visitor: &Visitor) -> AccountPage {
    let signed = &visitor.signed;
    AccountPage {
        frame: Frame::of(Some(visitor), Here::Account, "Your account"),
        email: signed.user.email.clone(),
        role: words::spaced(signed.user.role.as_str()),
        account: signed.user.account.clone(),
        zone: signed.zone.name(),
        zone_label: zone_label(signed.zone),
        zones: Zone::names(),
        shortest: users::SHORTEST,
        done: "",
        zone_form: FormState::fresh(visitor),
        password_form: FormState::fresh(visitor),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AccountQuery {
    done: String,
}

#[get("/account")]
pub async fn show_account(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let AccountQuery { done } = query(&request)?;
    let done = match done.as_str() {
        "zone" => "Times are shown in the zone you chose.",
        "password" => "Your password is changed. Every other session of yours has ended.",
        _ => "",
    };
    render(StatusCode::OK, &AccountPage { done, ..page(&visitor) })
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ZoneFields {
    zone: String,
}

#[post("/account/zone")]
pub async fn set_zone(
    house: web::Data<House>,
    form: Form<ZoneFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, .. } = form;
    let zone = match value::<Zone>("zone", Some(fields.zone.trim())) {
        Ok(zone) => zone.unwrap_or(Zone::UTC),
        Err(problem) => {
            let (zone_form, status) = FormState::refused(&visitor, key, problem, &["zone"])?;
            return render(status, &AccountPage { zone_form, ..page(&visitor) });
        }
    };
    let user = visitor.signed.user.id;
    house.block(move |house| users::set_zone(&house.app, user, zone)).await?;
    Ok(see("/account?done=zone"))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PasswordFields {
    /// For programs that keep passwords: whose it is.
    username: String,
    current: String,
    new: String,
    again: String,
}

#[post("/account/password")]
pub async fn change_password(
    house: web::Data<House>,
    request: HttpRequest,
    form: Form<PasswordFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, .. } = form;
    match change(&house, &request, &visitor, fields).await {
        Ok(secret) => {
            let mut response = see("/account?done=password");
            with_cookie(&mut response, house.cookie.set(secret))?;
            Ok(response)
        }
        Err(problem) => {
            let known = &["current", "new", "again"];
            let (password_form, status) = FormState::refused(&visitor, key, problem, known)?;
            render(status, &AccountPage { password_form, ..page(&visitor) })
        }
    }
}

/// The secret of the session that goes on.
async fn change(
    house: &House,
    request: &HttpRequest,
    visitor: &Visitor,
    fields: PasswordFields,
) -> Result<String, Problem> {
    if fields.new != fields.again {
        let reason = "this is not the same as above; type the new password twice";
        return Err(Problem::field(Code::Invalid, "again", reason));
    }
    let user = visitor.signed.user.clone();
    let turn = house.sign_ins.turn(house.peers.address(request), &user.email).await?;
    let now = house.clock.now();
    let changed = house
        .block(move |house| {
            let passwords = (fields.current.as_str(), fields.new.as_str());
            users::change_password(&house.app, &user, passwords, now)
        })
        .await;
    if changed.is_ok() {
        turn.succeeded();
    }
    changed
}

#[post("/account/sign-out-everywhere")]
pub async fn sign_out_everywhere(
    house: web::Data<House>,
    form: Form<NoFields>,
) -> Result<HttpResponse, Problem> {
    let user = form.visitor.signed.user.id;
    house.block(move |house| users::sign_out_everywhere(&house.app, user)).await?;
    let mut response = see("/");
    with_cookie(&mut response, house.cookie.unset())?;
    Ok(response)
}
