//! Opening a case (CASE-1, CASE-3).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::form::{Form, FormState, Reading, filled, needed, needed_value};
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
    /// What the case is on, and whether that is software by its SSRN (ID-5).
    fn subject(&self) -> Result<(SerialNumber, bool), Problem> {
        let serial = value("serial_number", filled(&self.serial_number))?;
        let ssrn = value("ssrn", filled(&self.ssrn))?;
        let is_ssrn = ssrn.is_some();
        if serial.is_none() && !is_ssrn {
            needed("serial_number", "")?;
        }
        Ok((subject(serial, ssrn)?, is_ssrn))
    }

    /// What it asks for; every field that cannot be taken is named.
    fn case(&self) -> Result<OpenCase, Problem> {
        let mut reading = Reading::default();
        let subject = reading.take(self.subject());
        let manufacturer = reading.take(value("manufacturer", filled(&self.manufacturer)));
        let priority = reading.take(needed_value("priority", &self.priority));
        let summary = reading.take(needed("summary", &self.summary));
        let name = reading.take(needed("contact_name", &self.contact_name));
        let email = reading.take(needed("contact_email", &self.contact_email));
        let kind = reading.take(value::<CaseKind>("kind", filled(&self.kind)));
        let channel = reading.take(value("channel", filled(&self.channel)));
        let (
            Some((serial_number, is_ssrn)),
            Some(manufacturer),
            Some(priority),
            Some(summary),
            Some(contact_name),
            Some(contact_email),
            Some(kind),
            Some(channel),
        ) = (subject, manufacturer, priority, summary, name, email, kind, channel)
        else {
            return Err(reading.problem());
        };
        let usual = if is_ssrn { CaseKind::Technical } else { CaseKind::Rma };
        Ok(OpenCase {
            serial_number,
            is_ssrn,
            manufacturer,
            priority,
            summary,
            customer_reference: filled(&self.customer_reference).map(str::to_owned),
            contact_name,
            contact_email,
            kind: kind.unwrap_or(usual),
            way: way(channel, filled(&self.override_reason).map(str::to_owned)),
        })
    }
}

#[post("/cases")]
pub async fn open_case(
    house: web::Data<House>,
    form: Form<CaseFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, once } = form;
    let case = fields.case();
    let done =
        post_form(&house, visitor.caller(), once, case, |app, connection, case, who, now| {
            let opened = visible::open_case(app, connection, case, who, now);
            Ok(format!("/cases/{}", opened.map_err(beside_the_serial)?))
        });
    match done.await {
        Ok(path) => Ok(see(&path)),
        Err(problem) => {
            let (form, status) = FormState::refused(&visitor, key, problem, FIELDS)?;
            show(&visitor, (form, fields), status)
        }
    }
}
