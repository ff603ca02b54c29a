//! Why a date is what it is: the pure questions, and every date of an RMA or a unit.

use super::unit_care::CareView;
use actix_web::{get, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppError;
use crate::app::explain::{self, Cells, Desk, Kind, RmaDates, UnitDates, Wanted, ask};
use crate::domain::explain::Explanation;
use crate::domain::ids::{RmaNumber, SerialNumber};
use crate::http::auth::Known;
use crate::http::extract::{Query, part, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::Problem;

/// A date or a verdict with everything it was read from; what a subject does not have is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationView {
    #[schema(example = "return_window")]
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-12-01")]
    due_on: Option<NaiveDate>,
    /// An instant, where hours are promised instead of days
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    /// Such as none, approval or entitled, where a question has no date for an answer
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    /// The service level by its standard name, however it was asked for (AMB-22)
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "next_day_delivery")]
    service_level: Option<String>,
    /// First day of a warranty's term
    #[serde(skip_serializing_if = "Option::is_none")]
    start_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_covered_on: Option<NaiveDate>,
    /// The start may still move earlier (AMB-2)
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covered: Option<bool>,
    /// Whether a promise was kept, once what was promised has happened (AMB-13)
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
    /// Days on which a reminder goes out
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remind_on: Vec<NaiveDate>,
    /// The rulebook's id
    #[schema(example = "RET-1")]
    rule: String,
    /// What was counted from
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "delivered")]
    anchor: Option<String>,
    /// Day 0 of the count, a local date
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "US")]
    calendar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "America/New_York")]
    zone: Option<String>,
    /// The version of the policy, or of the warranty's terms
    #[schema(example = "2026.1")]
    programme: String,
    /// Make-up working days are announced to this day only, and the answer lies past it
    #[serde(skip_serializing_if = "Option::is_none")]
    make_up_days_known_to: Option<NaiveDate>,
    /// One sentence
    because: String,
}

impl From<Explanation> for ExplanationView {
    fn from(answer: Explanation) -> Self {
        Self {
            what: answer.what.to_string(),
            due_on: answer.due_on,
            due_at: answer.due_at,
            verdict: answer.verdict,
            service_level: answer.service_level.map(|level| level.to_string()),
            start_on: answer.start_on,
            last_covered_on: answer.last_covered_on,
            provisional: answer.provisional,
            covered: answer.covered,
            met: answer.met,
            remind_on: answer.remind_on,
            rule: answer.rule,
            anchor: answer.anchor.map(str::to_owned),
            anchor_on: answer.anchor_on,
            calendar: answer.calendar.map(String::from),
            zone: answer.zone.map(String::from),
            programme: answer.programme,
            make_up_days_known_to: answer.make_up_days_known_to,
            because: answer.because,
        }
    }
}

/// Answers a pure question; the database is asked for a policy that does not come with the program.
async fn answer(
    house: &House,
    kind: Kind,
    options: [Option<String>; 7],
) -> Result<web::Json<ExplanationView>, Problem> {
    let answer = house
        .read(move |app, connection| {
            let desk = Desk::of(app, connection)?;
            let cells: Cells<'_> =
                std::array::from_fn(|at| options[at].as_deref().unwrap_or_default());
            Ok(ask(&desk, kind, cells)?)
        })
        .await?;
    Ok(web::Json(answer.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnWindowQuery {
    /// advance_replacement (unless said) or return_to_factory
    kind: Option<String>,
    /// issued, shipped or delivered; the programme's own anchor unless said
    #[param(example = "delivered")]
    anchor: Option<String>,
    /// When that was, with its offset
    #[param(example = "2026-11-16T09:30:00-05:00")]
    at: Option<String>,
    /// The ship-to site's calendar
    #[param(example = "US")]
    calendar: Option<String>,
    /// The ship-to site's time zone
    #[param(example = "America/New_York")]
    zone: Option<String>,
    /// The version of the policy; the one that comes with the program unless said
    programme: Option<String>,
}

/// Until when a defective unit is owed back
///
/// RET-1, AMB-1.
#[utoipa::path(
    tag = "explain",
    params(ReturnWindowQuery),
    responses((status = 200, description = "The date and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/return-window")]
pub(super) async fn explain_return_window(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<ReturnWindowQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let ReturnWindowQuery { kind, anchor, at, calendar, zone, programme } = query;
    answer(&house, Kind::ReturnWindow, [kind, anchor, at, calendar, zone, programme, None]).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WarrantyQuery {
    /// The day the unit left the factory
    #[param(example = "2026-03-15")]
    shipped: Option<String>,
    /// The day a distributor sold it on
    resold: Option<String>,
    /// true where it was sold through a distributor
    distributor: Option<String>,
    /// The day of the failure
    on: Option<String>,
}

/// From when to when a unit is under warranty
///
/// WAR-1 to WAR-4; registration activates the term and changes no date.
#[utoipa::path(
    tag = "explain",
    params(WarrantyQuery),
    responses((status = 200, description = "The term and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/warranty")]
pub(super) async fn explain_warranty(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<WarrantyQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let WarrantyQuery { shipped, resold, distributor, on } = query;
    answer(&house, Kind::Warranty, [shipped, resold, distributor, on, None, None, None]).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplacementQuery {
    /// core, core_plus, next_day_delivery, next_day_ship, next_day_onsite, same_day, same_day_2_hour,
    /// same_day_onsite, or another name the programme has for one of them
    #[param(example = "next_day_delivery")]
    level: Option<String>,
    /// When the replacement was approved, with its offset
    #[param(example = "2026-12-24T14:59:00-05:00")]
    approved_at: Option<String>,
    /// The depot's calendar
    #[param(example = "US")]
    calendar: Option<String>,
    /// The depot's time zone
    #[param(example = "America/Kentucky/Louisville")]
    zone: Option<String>,
    /// The depot's latest local time that still counts as that day; 15:00 unless said
    cut_off: Option<String>,
    /// The ship-to site's calendar, where it is not the depot's
    site_calendar: Option<String>,
    /// The version of the policy; the one that comes with the program unless said
    programme: Option<String>,
}

/// When a promised replacement is due
///
/// SVC-1 to SVC-8, AMB-6, AMB-22.
#[utoipa::path(
    tag = "explain",
    params(ReplacementQuery),
    responses((status = 200, description = "The date or instant and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/replacement")]
pub(super) async fn explain_replacement(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<ReplacementQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let ReplacementQuery { level, approved_at, calendar, zone, cut_off, site_calendar, programme } =
        query;
    let options = [level, approved_at, calendar, zone, cut_off, site_calendar, programme];
    answer(&house, Kind::Replacement, options).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RepairQuery {
    /// The day the unit was received, local date of the repair centre
    #[param(example = "2026-11-30")]
    received: Option<String>,
    /// The repair centre's calendar
    #[param(example = "MX")]
    calendar: Option<String>,
}

/// When a repaired unit is due to leave the bench
///
/// WAR-5.
#[utoipa::path(
    tag = "explain",
    params(RepairQuery),
    responses((status = 200, description = "The date and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/repair")]
pub(super) async fn explain_repair(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<RepairQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let RepairQuery { received, calendar } = query;
    answer(&house, Kind::Repair, [received, calendar, None, None, None, None, None]).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AnalysisQuery {
    /// ra (repair analysis) or fa (failure analysis)
    #[param(example = "ra")]
    kind: Option<String>,
    /// The day of receipt at the repair centre
    #[param(example = "2026-12-10")]
    received: Option<String>,
    /// The day customer and engineer agreed on the failure analysis; counted from receipt unless said
    agreed: Option<String>,
}

/// When a repair analysis, or a failure analysis' interim report, is due
///
/// ANA-6, ANA-7, AMB-16.
#[utoipa::path(
    tag = "explain",
    params(AnalysisQuery),
    responses((status = 200, description = "The date and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/analysis")]
pub(super) async fn explain_analysis(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<AnalysisQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let AnalysisQuery { kind, received, agreed } = query;
    answer(&house, Kind::Analysis, [kind, received, agreed, None, None, None, None]).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RaEligibilityQuery {
    /// The product's first revenue shipment
    #[param(example = "2021-11-20")]
    frs: Option<String>,
    /// The day the analysis is asked for
    #[param(example = "2026-11-20")]
    requested: Option<String>,
    /// The product's end of life
    eol: Option<String>,
    /// The product's end of service
    eos: Option<String>,
}

/// Whether a repair analysis is to be had
///
/// ANA-2 to ANA-4, AMB-17: no_approval, approval or refused.
#[utoipa::path(
    tag = "explain",
    params(RaEligibilityQuery),
    responses((status = 200, description = "The verdict and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/ra-eligibility")]
pub(super) async fn explain_ra_eligibility(
    house: web::Data<House>,
    _: Known,
    Query(query): Query<RaEligibilityQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let RaEligibilityQuery { frs, requested, eol, eos } = query;
    answer(&house, Kind::RaEligibility, [frs, requested, eol, eos, None, None, None]).await
}

/// A unit that is absent, or foreign, is not found.
fn found<T>(answer: Result<T, AppError>) -> Result<Option<T>, AppError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(AppError::NoSuch { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EntitlementQuery {
    /// The unit's serial number
    #[param(example = "SN001")]
    serial: Option<String>,
    /// Needed where several manufacturers have the serial
    manufacturer: Option<String>,
    /// The day of the failure; today at the unit's site unless said
    on: Option<String>,
}

/// What a unit of the register is entitled to
///
/// ENT-3, AMB-25.
#[utoipa::path(
    tag = "explain",
    params(EntitlementQuery),
    responses((status = 200, description = "The verdict and its reason", body = ExplanationView), Problems)
)]
#[get("/api/v1/explain/entitlement")]
pub(super) async fn explain_entitlement(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<EntitlementQuery>,
) -> Result<web::Json<ExplanationView>, Problem> {
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let (serial, manufacturer, on) =
        (text(&query.serial), text(&query.manufacturer), text(&query.on));
    let wanted =
        Wanted::read([&serial, &manufacturer, &on, "", "", "", ""]).map_err(AppError::from)?;
    let now = house.clock.now();
    let answer = house
        .read(move |app, connection| {
            found(explain::entitlement(app, connection, &caller.scope, &wanted, now))
        })
        .await?;
    answer.map(|answer| web::Json(answer.into())).ok_or_else(Problem::not_found)
}

/// Every date of an RMA.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RmaDatesView {
    #[schema(example = "R0021056835")]
    number: String,
    dates: Vec<ExplanationView>,
}

impl From<RmaDates> for RmaDatesView {
    fn from(found: RmaDates) -> Self {
        Self {
            number: found.number,
            dates: found.dates.into_iter().map(ExplanationView::from).collect(),
        }
    }
}

/// Every date of an RMA, from its events and the terms kept at issue
#[utoipa::path(
    tag = "explain",
    params(("number" = String, Path, description = "R and 8 to 10 digits, or the bare number", example = "R0021056835")),
    responses((status = 200, description = "The dates, each with its reason", body = RmaDatesView), Problems)
)]
#[get("/api/v1/explain/rma/{number}")]
pub(super) async fn explain_rma(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<RmaDatesView>, Problem> {
    let number: RmaNumber = part("number", &path)?;
    let found = house
        .read(move |app, connection| explain::rma(app, connection, &caller.scope, number))
        .await?;
    Ok(web::Json(found.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitQuery {
    /// Needed where several manufacturers have the serial
    manufacturer: Option<String>,
    /// The day of the failure; today at the unit's site unless said
    on: Option<String>,
}

/// Every date of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitDatesView {
    #[schema(example = "ACME")]
    manufacturer: String,
    serial_number: String,
    part_number: String,
    dates: Vec<ExplanationView>,
    /// Its changes of owner, grey-market marks and reinstatements, the oldest first
    history: Vec<CareView>,
}

impl From<UnitDates> for UnitDatesView {
    fn from(found: UnitDates) -> Self {
        Self {
            manufacturer: found.manufacturer,
            serial_number: found.serial_number,
            part_number: found.part_number,
            dates: found.dates.into_iter().map(ExplanationView::from).collect(),
            history: found.history.into_iter().map(CareView::from).collect(),
        }
    }
}

/// Every date of a unit: its warranty, what it is entitled to, its product's repair analysis
#[utoipa::path(
    tag = "explain",
    params(("serial" = String, Path, description = "The serial number", example = "SN001"), UnitQuery),
    responses((status = 200, description = "The dates, each with its reason", body = UnitDatesView), Problems)
)]
#[get("/api/v1/explain/unit/{serial}")]
pub(super) async fn explain_unit(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
    Query(query): Query<UnitQuery>,
) -> Result<web::Json<UnitDatesView>, Problem> {
    let serial_number: SerialNumber = part("serial", &path)?;
    let manufacturer = value("manufacturer", query.manufacturer.as_deref())?;
    let on = value("on", query.on.as_deref())?;
    let wanted = Wanted { serial_number, manufacturer, on };
    let now = house.clock.now();
    let answer = house
        .read(move |app, connection| {
            found(explain::unit(app, connection, &caller.scope, &wanted, now))
        })
        .await?;
    answer.map(|answer| web::Json(answer.into())).ok_or_else(Problem::not_found)
}
