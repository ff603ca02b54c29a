//! Dates of what the register holds: of an RMA, of a unit, and what a unit is entitled to.

use std::io::{Read, Write};

use chrono::{DateTime, NaiveDate, Utc};

use super::batch::{self, Answers, BatchError, Summary};
use super::questions::{Cells, Kind, Unanswered};
use super::reading::{optional_date, word};
use crate::app::context::App;
use crate::app::error::AppError;
use crate::app::look::calendar_of;
use crate::app::unit_care::{self, CareLine, Covers};
use crate::app::visible;
use crate::db::AnyConnection;
use crate::db::facts::{self, Unit};
use crate::db::history::history;
use crate::db::rmas::load;
use crate::db::scope::Scope;
use crate::domain::explain::{
    Explanation, RmaWords, dates_of, entitlement as explain_entitlement, ra_eligibility, warranty,
};
use crate::domain::ids::{Manufacturer, RmaNumber, SerialNumber};
use crate::domain::rma::Recorded;
use crate::domain::site::UnitStatus;

/// An RMA's dates, each with its reason.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RmaDates {
    pub number: String,
    pub dates: Vec<Explanation>,
}

/// A unit's dates, each with its reason.
#[derive(Debug, Clone, serde::Serialize)]
pub struct UnitDates {
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub dates: Vec<Explanation>,
    /// Its changes of owner, grey-market marks and reinstatements (ENT-6, ENT-7), the oldest first.
    pub history: Vec<CareLine>,
}

/// Which unit, and the day it failed.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub serial_number: SerialNumber,
    /// Needed where several manufacturers have the serial.
    pub manufacturer: Option<Manufacturer>,
    /// Today at the unit's site, if left out.
    pub on: Option<NaiveDate>,
}

/// Every date of an RMA, from its events and the terms kept at issue; what is foreign is absent.
pub fn rma(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    number: RmaNumber,
) -> Result<RmaDates, AppError> {
    visible::rma(connection, scope, number)?;
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let rma = &loaded.rma;
    let number = rma.number.to_string();
    let Some(terms) = &rma.terms else { return Ok(RmaDates { number, dates: Vec::new() }) };
    let events: Vec<Recorded> = history(connection, loaded.keys.id)?
        .iter()
        .map(|row| row.recorded())
        .collect::<Result<_, _>>()?;
    let counted_on = rma.due.as_ref().map_or(&terms.ship_to.calendar, |due| &due.calendar);
    let ship_to = calendar_of(app, connection, terms.ship_to.id, counted_on)?;
    let return_site =
        calendar_of(app, connection, terms.return_site.id, &terms.return_site.calendar)?;
    let programme = app.programme_version(connection, &rma.manufacturer, &terms.programme)?;
    let words = RmaWords { ship_to: &ship_to, return_site: &return_site, programme: &programme };
    Ok(RmaDates { number, dates: dates_of(&events, rma, words) })
}

/// A unit with what its dates are read from.
struct Found {
    unit: Unit,
    on: NaiveDate,
    covers: Covers,
    programme: std::sync::Arc<crate::domain::programme::Programme>,
}

fn find(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Found, AppError> {
    let manufacturer = wanted.manufacturer.as_ref();
    let unit = visible::own_unit(connection, scope, &wanted.serial_number, manufacturer)?;
    if unit.status == UnitStatus::Software {
        let reason = format!(
            "{} is software by its SSRN: it has no warranty and no hardware option; look at the unit for \
             its contracts (ID-5)",
            unit.serial_number
        );
        return Err(AppError::Invalid { field: "serial", reason });
    }
    let on = match wanted.on {
        Some(on) => on,
        None => unit_care::local_date(app, connection, &unit, now)?,
    };
    let knows = |holder| scope.knows_account(holder);
    let covers = unit_care::covers_of(connection, unit.id, knows)?;
    let programme = app.programme_on(connection, &unit.manufacturer, on)?;
    Ok(Found { unit, on, covers, programme })
}

/// What a unit is entitled to on a day (ENT-3, AMB-25); what is foreign is absent.
pub fn entitlement(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Explanation, AppError> {
    let found = find(app, connection, scope, wanted, now)?;
    let by = (found.on, &*found.programme);
    let verdict = found.covers.verdict(&found.unit, by)?;
    Ok(explain_entitlement(&verdict, found.on, &found.programme.version))
}

/// Every date of a unit: its warranty, what it is entitled to, and whether its product can still have a
/// repair analysis; what is foreign is absent.
pub fn unit(
    app: &App,
    connection: &mut AnyConnection,
    scope: &Scope,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<UnitDates, AppError> {
    let Found { unit, on, covers, programme } = find(app, connection, scope, wanted, now)?;
    let verdict = covers.verdict(&unit, (on, &programme))?;
    let mut dates = vec![
        warranty(&unit.sale, Some(on), &programme)?,
        explain_entitlement(&verdict, on, &programme.version),
    ];
    let product = facts::milestones(connection, &unit.manufacturer, &unit.part_number)?;
    if let Some(product) = product {
        let answer = ra_eligibility(&product, on, &programme)
            .map_err(|error| AppError::Invalid { field: "product", reason: error.to_string() })?;
        dates.push(answer);
    }
    let history = unit_care::told(connection, scope, unit.id)?;
    Ok(UnitDates {
        manufacturer: unit.manufacturer.to_string(),
        serial_number: unit.serial_number.to_string(),
        part_number: unit.part_number.to_string(),
        dates,
        history,
    })
}

/// Answers of the register, for the whole house.
struct Register<'a> {
    app: &'a App,
    connection: &'a mut AnyConnection,
    now: DateTime<Utc>,
}

impl Wanted {
    /// The unit a question names.
    pub fn read([serial, manufacturer, on, ..]: Cells<'_>) -> Result<Self, Unanswered> {
        let manufacturer = match manufacturer {
            "" => None,
            text => Some(word("manufacturer", text, "")?),
        };
        Ok(Self {
            serial_number: word("serial", serial, "a serial number is needed")?,
            manufacturer,
            on: optional_date("on", on)?,
        })
    }
}

impl Answers for Register<'_> {
    fn answer(
        &mut self,
        cells: Cells<'_>,
        row: &mut Vec<u8>,
    ) -> Result<Result<(), Unanswered>, AppError> {
        let wanted = match Wanted::read(cells) {
            Ok(wanted) => wanted,
            Err(error) => return Ok(Err(error)),
        };
        match entitlement(self.app, self.connection, &Scope::All, &wanted, self.now) {
            Ok(answer) => {
                batch::push(Kind::Entitlement, &answer, row);
                Ok(Ok(()))
            }
            Err(AppError::Db(error)) => Err(AppError::Db(error)),
            Err(AppError::Invalid { field, reason }) => Ok(Err(Unanswered::new(field, reason))),
            Err(error) => Ok(Err(Unanswered::new("serial", error.to_string()))),
        }
    }
}

/// Answers a file of entitlement questions on one unchanging state of the database, for staff: every
/// unit is seen.
///
/// # Errors
/// As [`batch::run`], or the database fails.
pub fn entitlements(
    app: &App,
    connection: &mut AnyConnection,
    input: (&str, Box<dyn Read + Send>),
    output: &mut (dyn Write + Send),
    now: DateTime<Utc>,
) -> Result<Summary, BatchError> {
    let register = Register { app, connection, now };
    batch::answer_all(Kind::Entitlement, input, output, vec![register])
}
