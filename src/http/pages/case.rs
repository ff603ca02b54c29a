//! One case: its RMAs, what was asked of them, and the form that requests another (T1).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::form::{Form, FormState, Reading, filled, needed, needed_value};
use super::frame::{Frame, Here, render, zone_label};
use super::gate::{Visitor, see};
use super::list::{RMA_COLUMNS, RmaLine, RmaTable, plain};
use super::new_case::beside_the_serial;
use super::progress::Asked;
use super::times::When;
use super::words;
use crate::app::rmas::RequestRma;
use crate::app::{Capability, visible};
use crate::db::scope::Scope;
use crate::domain::ids::{CaseNumber, SerialNumber};
use crate::domain::site::UnitStatus;
use crate::http::api::cases::{CaseFound, look, way};
use crate::http::extract::{part, value};
use crate::http::house::House;
use crate::http::posting::post_form;
use crate::http::problem::Problem;

/// What is typed to request an RMA.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RmaFields {
    serial_number: String,
    manufacturer: String,
    symptom: String,
    channel: String,
    override_reason: String,
}

const FIELDS: &[&str] = &["serial_number", "manufacturer", "symptom", "channel", "override_reason"];

/// A closing of the case.
struct Closing {
    agreed_by: String,
    at: When,
    reopened: Option<(When, String)>,
}

/// A rule that an agent set aside.
struct SetAside {
    rule: String,
    reason: String,
    by: String,
    at: When,
    rma: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    zone: String,
    number: String,
    digits: String,
    is_open: bool,
    summary: String,
    account: String,
    site: String,
    site_code: String,
    contact: String,
    contact_email: String,
    platform: String,
    serial_number: String,
    is_software: bool,
    priority: i16,
    kind: String,
    channel: String,
    reference: Option<String>,
    opened: When,
    modified: When,
    rma_table: RmaTable,
    asked: Vec<Asked>,
    closings: Vec<Closing>,
    overrides: Vec<SetAside>,
    may_request: bool,
    is_staff: bool,
    form: FormState,
    fields: RmaFields,
}

fn page(
    number: CaseNumber,
    found: CaseFound,
    visitor: &Visitor,
    (form, fields): (FormState, RmaFields),
) -> CasePage {
    let zone = visitor.signed.zone;
    let at = |instant: NaiveDateTime| When::of(instant.and_utc(), zone);
    let case = found.case;
    let is_software = case.unit_status == UnitStatus::Software.as_str();
    CasePage {
        frame: Frame::of(Some(visitor), Here::Cases, format!("Case {number}")),
        zone: zone_label(zone),
        number: number.to_string(),
        digits: number.digits(),
        is_open: case.closed_at.is_none(),
        opened: When::of(case.opened_at(), zone),
        modified: When::of(case.modified_at(), zone),
        may_request: visitor.signed.caller.may(Capability::RequestRmas) && !is_software,
        is_staff: visitor.signed.caller.scope == Scope::All,
        summary: case.summary,
        account: case.account,
        site: case.site,
        site_code: case.site_code,
        contact: case.contact,
        contact_email: case.contact_email,
        platform: case.platform,
        serial_number: case.serial_number,
        is_software,
        priority: case.priority,
        kind: words::case_kind(&case.kind),
        channel: words::spaced(&case.channel),
        reference: case.customer_reference,
        rma_table: RmaTable {
            caption: "RMAs of this case".to_owned(),
            columns: plain(RMA_COLUMNS),
            rows: found.rmas.into_iter().map(|item| RmaLine::of(item, zone)).collect(),
        },
        asked: found.asked.into_iter().map(|task| Asked::of(task, zone)).collect(),
        closings: found
            .closings
            .into_iter()
            .map(|row| Closing {
                agreed_by: row.agreed_by,
                at: at(row.closed_at),
                reopened: row
                    .reopened_at
                    .map(|then| (at(then), row.reopened_by.unwrap_or_default())),
            })
            .collect(),
        overrides: found
            .overrides
            .into_iter()
            .map(|row| SetAside {
                rule: row.rule,
                reason: row.reason,
                by: words::actor(&row.actor),
                at: at(row.recorded_at),
                rma: row.rma_number,
            })
            .collect(),
        form,
        fields,
    }
}

#[get("/cases/{number}")]
pub async fn show_case(
    house: web::Data<House>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let number: CaseNumber = part("number", &path).map_err(|_| Problem::not_found())?;
    let found = look(&house, visitor.caller(), number).await?;
    let fields =
        RmaFields { serial_number: found.case.serial_number.clone(), ..RmaFields::default() };
    let form = FormState::fresh(&visitor);
    render(StatusCode::OK, &page(number, found, &visitor, (form, fields)))
}

impl RmaFields {
    fn wanted(
        &self,
        case_number: CaseNumber,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<RequestRma, Problem> {
        let mut reading = Reading::default();
        let serial: Option<SerialNumber> =
            reading.take(needed_value("serial_number", &self.serial_number));
        let manufacturer = reading.take(value("manufacturer", filled(&self.manufacturer)));
        let symptom = reading.take(needed("symptom", &self.symptom));
        let channel = reading.take(value("channel", filled(&self.channel)));
        let (Some(serial_number), Some(manufacturer), Some(symptom), Some(channel)) =
            (serial, manufacturer, symptom, channel)
        else {
            return Err(reading.problem());
        };
        Ok(RequestRma {
            case_number,
            serial_number,
            manufacturer,
            symptom,
            way: way(channel, filled(&self.override_reason).map(str::to_owned)),
            occurred_at: now,
            source: "portal".to_owned(),
        })
    }
}

#[post("/cases/{number}/rmas")]
pub async fn request_rma(
    house: web::Data<House>,
    path: web::Path<String>,
    form: Form<RmaFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, once } = form;
    let number: CaseNumber = part("number", &path).map_err(|_| Problem::not_found())?;
    let now = house.clock.now();
    let wanted = fields.wanted(number, now);
    let done =
        post_form(&house, visitor.caller(), once, wanted, |app, connection, wanted, who, now| {
            let done = visible::request_rma(app, connection, wanted, who, now);
            Ok(format!("/rmas/{}", done.map_err(beside_the_serial)?.rma.number))
        });
    match done.await {
        Ok(path) => Ok(see(&path)),
        Err(problem) => {
            let (form, status) = FormState::refused(&visitor, key, problem, FIELDS)?;
            let found = look(&house, visitor.caller(), number).await?;
            render(status, &page(number, found, &visitor, (form, fields)))
        }
    }
}
