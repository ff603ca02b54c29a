//! What is around every page: its title, the way to the others, who is signed in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::assets;
use super::gate::Visitor;
use super::words;
use crate::app::Capability;
use crate::domain::zone::Zone;
use crate::http::problem::Problem;

/// Which part of the portal a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    Start,
    Cases,
    Rmas,
    Account,
    Elsewhere,
}

pub struct Frame {
    pub title: String,
    pub here: Here,
    pub person: Option<Person>,
    /// What was searched for.
    pub query: String,
    pub version: &'static str,
}

/// Who is signed in.
pub struct Person {
    pub email: String,
    pub role: String,
    pub csrf: String,
    pub sees_cases: bool,
    pub sees_rmas: bool,
    pub opens_cases: bool,
}

impl Frame {
    pub fn of(visitor: Option<&Visitor>, here: Here, title: impl Into<String>) -> Self {
        let person = visitor.map(|visitor| Person {
            email: visitor.signed.user.email.clone(),
            role: words::spaced(visitor.signed.user.role.as_str()),
            csrf: visitor.csrf.clone(),
            sees_cases: visitor.signed.caller.may(Capability::SeeCases),
            sees_rmas: visitor.signed.caller.may(Capability::SeeRmas),
            opens_cases: visitor.signed.caller.may(Capability::OpenCases),
        });
        Self { title: title.into(), here, person, query: String::new(), version: assets::version() }
    }

    /// Whether links to cases lead anywhere.
    pub fn sees_cases(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.sees_cases)
    }

    /// For `aria-current` of a link.
    pub fn is(&self, here: &str) -> bool {
        match here {
            "start" => self.here == Here::Start,
            "cases" => self.here == Here::Cases,
            "rmas" => self.here == Here::Rmas,
            _ => self.here == Here::Account,
        }
    }
}

/// What a zone is called beside times.
pub fn zone_label(zone: Zone) -> String {
    zone.name().replace('_', " ")
}

/// A page as an answer.
pub fn render(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let body = page.render().map_err(|error| Problem::failed(&error))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(body))
}
