//! Opening a case (CASE-1, CASE-3).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::form::{Form, FormState};
use super::frame::{Frame, Here, render};
use super::gate::{Visitor, see};
use crate::app::cases::OpenCase;
use crate::app::{AppError, visible};
use crate::db::scope::Scope;
use crate::domain::ids::SerialNumber;
use crate::domain::intake::CaseKind;
use crate::http::api::cases::{subject, way};
use crate::http::extract::value;
use crate::http::house::House;
use crate::http::posting::{Undone, post_form};
use crate::http::problem::Problem;

/// What is typed, kept as it is until it is taken.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct CaseFields {
    serial_number: String,
    ssrn: String,
    manufacturer: String,
    priority: String,
    summary: String,
    customer_reference: String,
    contact_name: String,
    contact_email: String,
    kind: String,
    channel: String,
    override_reason: String,
}

/// The fields beside which a reason can stand.
const FIELDS: &[&str] = &[
    "serial_number",
    "ssrn",
    "manufacturer",
    "priority",
    "summary",
    "customer_reference",
    "contact_name",
    "contact_email",
    "kind",
    "channel",
    "override_reason",
];

#[derive(Template)]
#[template(path = "new_case.html")]
struct NewCasePage {
    frame: Frame,
    form: FormState,
    fields: CaseFields,
    /// Staff takes calls, and may let a case in against a rule.
    is_staff: bool,
}

fn show(
    visitor: &Visitor,
    (form, fields): (FormState, CaseFields),
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(Some(visitor), Here::Cases, "Open a case");
    let is_staff = visitor.signed.caller.scope == Scope::All;
    render(status, &NewCasePage { frame, form, fields, is_staff })
}

#[get("/cases/new")]
pub async fn new_case(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let is_staff = visitor.signed.caller.scope == Scope::All;
    let own = visitor.signed.user.email.clone();
    let fields = CaseFields {
        priority: "3".to_owned(),
        contact_email: if is_staff { String::new() } else { own },
        ..CaseFields::default()
    };
    show(&visitor, (FormState::fresh(&visitor), fields), StatusCode::OK)
}

/// A text without blanks around it; none where nothing is left.
pub fn filled(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// A field that has to be filled in.
pub fn needed(field: &'static str, text: &str) -> Result<String, Problem> {
    let missing =
        || Problem::field(crate::http::problem::Code::Invalid, field, "this is needed; fill it in");
    filled(text).map(str::to_owned).ok_or_else(missing)
}

/// A serial nobody knows is said beside the serial.
pub fn beside_the_serial(error: AppError) -> Undone {
    match error {
        AppError::NoSuch { what: "unit with serial", name } => {
            let reason = format!("there is no unit {name} among those you see; check the number");
            AppError::Invalid { field: "serial_number", reason }.into()
        }
        other => other.into(),
    }
}

impl CaseFields {
    /// What it asks for; every field that cannot be taken is named.
    fn case(&self) -> Result<OpenCase, Problem> {
        let serial = value("serial_number", filled(&self.serial_number));
        let ssrn = value("ssrn", filled(&self.ssrn));
        let subject: Result<(SerialNumber, bool), Problem> = match (serial, ssrn) {
            (Ok(serial), Ok(ssrn)) => {
                let is_ssrn = ssrn.is_some();
                match (&serial, &ssrn) {
                    (None, None) => Err(needed("serial_number", "").err())
                        .map_err(|missing| missing.unwrap_or_else(Problem::not_found)),
                    _ => subject(serial, ssrn).map(|number| (number, is_ssrn)),
                }
            }
            (Err(problem), _) | (_, Err(problem)) => Err(problem),
        };
        let manufacturer = value("manufacturer", filled(&self.manufacturer));
        let priority =
            needed("priority", &self.priority).and_then(|text| value("priority", Some(&text)));
        let summary = needed("summary", &self.summary);
        let contact_name = needed("contact_name", &self.contact_name);
        let contact_email = needed("contact_email", &self.contact_email);
        let kind = value::<CaseKind>("kind", filled(&self.kind));
        let channel = value("channel", filled(&self.channel));
        let mut wrong = Vec::new();
        let mut keep = |problem: Option<&Problem>| {
            wrong.extend(problem.into_iter().flat_map(|problem| problem.errors.clone()));
        };
        keep(subject.as_ref().err());
        keep(manufacturer.as_ref().err());
        keep(priority.as_ref().err());
        keep(summary.as_ref().err());
        keep(contact_name.as_ref().err());
        keep(contact_email.as_ref().err());
        keep(kind.as_ref().err());
        keep(channel.as_ref().err());
        let all = |mut problem: Problem| {
            problem.errors = wrong.clone();
            problem
        };
        let (serial_number, is_ssrn) = subject.map_err(all)?;
        Ok(OpenCase {
            serial_number,
            is_ssrn,
            manufacturer: manufacturer.map_err(all)?,
            priority: priority.map_err(all)?.unwrap_or(0),
            summary: summary.map_err(all)?,
            customer_reference: filled(&self.customer_reference).map(str::to_owned),
            contact_name: contact_name.map_err(all)?,
            contact_email: contact_email.map_err(all)?,
            kind: kind.map_err(all)?.unwrap_or(if is_ssrn {
                CaseKind::Technical
            } else {
                CaseKind::Rma
            }),
            way: way(channel.map_err(all)?, filled(&self.override_reason).map(str::to_owned)),
        })
    }
}

#[post("/cases")]
pub async fn open_case(
    house: web::Data<House>,
    form: Form<CaseFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, once } = form;
    let done = match fields.case() {
        Ok(case) => {
            let work = move |app: &_, connection: &mut _, caller: &_, now| {
                let opened = visible::open_case(app, connection, &case, caller, now);
                Ok(format!("/cases/{}", opened.map_err(beside_the_serial)?))
            };
            post_form(&house, visitor.caller(), once, work).await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(path) => Ok(see(&path)),
        Err(problem) => {
            let (form, status) = FormState::refused(&visitor, key, problem, FIELDS)?;
            show(&visitor, (form, fields), status)
        }
    }
}
