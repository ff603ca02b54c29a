//! What a caller from outside may see and reach: every use case of the API begins here. What is foreign
//! is answered with the words for what is absent.

use chrono::{DateTime, Utc};

use super::caller::Caller;
use super::cases::{self, OpenCase};
use super::context::App;
use super::error::AppError;
use super::rmas::{self, Outcome, RequestRma};
use super::unit_care::{self, CareLine};
use crate::db::AnyConnection;
use crate::db::facts::{self, Account, Unit};
use crate::db::placements;
use crate::db::scope::{Scope, sees_case, sees_rma};
use crate::db::unit_history::{self, UnitHistoryRow};
use crate::domain::entitlement::ContractCover;
use crate::domain::ids::{CaseNumber, Manufacturer, OrganizationId, RmaNumber, SerialNumber};
use crate::domain::programme::Programme;
use crate::domain::warranty::Warranty;

/// Refuses an RMA that is absent or foreign.
pub fn rma(
    connection: &mut AnyConnection,
    scope: &Scope,
    number: RmaNumber,
) -> Result<(), AppError> {
    if sees_rma(connection, scope, number)? { Ok(()) } else { Err(AppError::NoSuchRma(number)) }
}

/// Refuses a case that is absent or foreign.
pub fn case(
    connection: &mut AnyConnection,
    scope: &Scope,
    number: CaseNumber,
) -> Result<(), AppError> {
    if sees_case(connection, scope, number)? { Ok(()) } else { Err(AppError::NoSuchCase(number)) }
}

/// The one unit of the caller's that a serial means. Foreign units neither appear nor make a serial
/// ambiguous.
pub(super) fn own_unit(
    connection: &mut AnyConnection,
    scope: &Scope,
    serial: &SerialNumber,
    manufacturer: Option<&Manufacturer>,
) -> Result<Unit, AppError> {
    let mut found = facts::units_of_serial(connection, serial)?;
    found.retain(|unit| sees_unit(scope, unit));
    found.retain(|unit| manufacturer.is_none_or(|wanted| unit.manufacturer == *wanted));
    if found.len() > 1 {
        let reason = format!("several manufacturers have a serial {serial}; name one");
        return Err(AppError::Invalid { field: "manufacturer", reason });
    }
    let absent = || AppError::NoSuch { what: "unit with serial", name: serial.to_string() };
    found.pop().ok_or_else(absent)
}

fn sees_unit(scope: &Scope, unit: &Unit) -> bool {
    match unit.organization_id {
        Some(account) => scope.knows_account(account),
        None => *scope == Scope::All,
    }
}

/// Opens a case on a unit of the caller's.
pub fn open_case(
    app: &App,
    connection: &mut AnyConnection,
    case: &OpenCase,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<CaseNumber, AppError> {
    let manufacturer = case.manufacturer.as_ref();
    let unit = own_unit(connection, &caller.scope, &case.serial_number, manufacturer)?;
    let case = OpenCase { manufacturer: Some(unit.manufacturer), ..case.clone() };
    cases::open(app, connection, &case, &caller.actor, now)
}

/// Requests an RMA on a case of the caller's.
pub fn request_rma(
    app: &App,
    connection: &mut AnyConnection,
    wanted: &RequestRma,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    case(connection, &caller.scope, wanted.case_number)?;
    let manufacturer = wanted.manufacturer.as_ref();
    let unit = own_unit(connection, &caller.scope, &wanted.serial_number, manufacturer)?;
    let wanted = RequestRma { manufacturer: Some(unit.manufacturer), ..wanted.clone() };
    rmas::request_rma(app, connection, &wanted, &caller.actor, now)
}

/// An account of the caller's; none where it is absent or foreign.
pub fn account(
    connection: &mut AnyConnection,
    scope: &Scope,
    id: OrganizationId,
) -> Result<Option<Account>, AppError> {
    if !scope.knows_account(id) {
        return Ok(None);
    }
    Ok(facts::account(connection, id)?)
}

/// A unit with everything its entitlement is read from.
#[derive(Debug, Clone)]
pub struct UnitView {
    pub unit: Unit,
    pub account: Option<String>,
    pub site_code: String,
    pub site: String,
    /// The warranty as computed today; none where its dates contradict each other.
    pub warranty: Result<Warranty, String>,
    /// Every contract that ever covered it, but for a former owner's that the caller does not know.
    pub contracts: Vec<ContractCover>,
    pub verdict: Option<crate::domain::entitlement::Verdict>,
    /// The day the verdict is for: today, at the unit's site.
    pub on: chrono::NaiveDate,
    pub programme: String,
    /// The chassis it stands in now, by its serial (ID-5).
    pub chassis: Option<String>,
    /// The modules that stand in it now.
    pub modules: Vec<String>,
    /// What was learned of its sale since it was first imported, the oldest first.
    pub history: Vec<UnitHistoryRow>,
    /// Its changes of owner, grey-market marks and reinstatements, the oldest first.
    pub care: Vec<CareLine>,
}

/// A unit of the register and what it is entitled to today (ENT-1).
pub fn unit(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    (manufacturer, serial): (&Manufacturer, &SerialNumber),
    now: DateTime<Utc>,
) -> Result<UnitView, AppError> {
    let absent = || AppError::NoSuch { what: "unit with serial", name: serial.to_string() };
    let unit = facts::unit(connection, manufacturer, serial)?.ok_or_else(absent)?;
    if !sees_unit(scope, &unit) {
        return Err(absent());
    }
    let site = facts::site(connection, unit.site_id)?
        .ok_or_else(|| AppError::NoSuch { what: "site", name: serial.to_string() })?;
    let on = app.place(&site)?.zone.local_date(now);
    let account = match unit.organization_id {
        Some(id) => facts::account(connection, id)?.map(|account| account.name),
        None => None,
    };
    let programme: std::sync::Arc<Programme> = app.programme_on(connection, manufacturer, on)?;
    let history = unit_history::of_unit(connection, unit.id)?;
    let (chassis, modules) = placements::neighbours(connection, unit.id)?;
    let knows = |holder| scope.knows_account(holder);
    let covers = unit_care::covers_of(connection, unit.id, knows)?;
    let warranty = Warranty::of(&unit.sale, &programme).map_err(|error| error.to_string());
    let verdict = covers.verdict(&unit, (on, &programme)).ok();
    let care = unit_care::told(connection, scope, unit.id)?;
    Ok(UnitView {
        account,
        site_code: site.code,
        site: site.name,
        warranty,
        contracts: covers.contracts,
        verdict,
        on,
        programme: programme.version.clone(),
        chassis,
        modules,
        history,
        care,
        unit,
    })
}
