//! Search (TRK-2): what a number or word typed by a person leads to. Each kind is looked up by its own
//! index; the list then shows what the caller may see of it.

use diesel::prelude::*;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During};
use crate::db::schema::{cases, rmas, units};
use crate::domain::ids::{CaseNumber, RmaNumber};
use crate::domain::site::UnitStatus;

/// Rows of one kind a search follows at the most.
const MOST: i64 = 1_000;

/// The rows a search led to, before anybody's scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub rmas: Vec<i64>,
    pub cases: Vec<i64>,
}

/// Looks for `text` as a case number (dashed or 14 digits, with or without `#`), an RMA number in any of
/// its forms, a serial number (of the defective unit or the replacement), the SSRN of a case's software (ID-5)
/// and the customer's own number.
pub fn search(connection: &mut AnyConnection, text: &str) -> Result<Found, DbError> {
    const OPERATION: &str = "searching";
    let text = text.trim();
    let mut found = Found::default();
    if let Ok(number) = text.parse::<RmaNumber>() {
        let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
        let query = rmas::table.filter(rmas::number_value.eq(value)).select(rmas::id);
        found.rmas.extend(query.load::<i64>(connection).during(OPERATION)?);
    }
    let query = rmas::table.filter(rmas::serial_number.eq(text)).select(rmas::id).limit(MOST);
    found.rmas.extend(query.load::<i64>(connection).during(OPERATION)?);
    let query = rmas::table.filter(rmas::replacement_serial.eq(text)).select(rmas::id).limit(MOST);
    found.rmas.extend(query.load::<i64>(connection).during(OPERATION)?);
    if let Ok(number) = text.parse::<CaseNumber>() {
        let query = cases::table.filter(cases::number.eq(number.to_string())).select(cases::id);
        found.cases.extend(query.load::<i64>(connection).during(OPERATION)?);
    }
    let query =
        cases::table.filter(cases::customer_reference.eq(text)).select(cases::id).limit(MOST);
    found.cases.extend(query.load::<i64>(connection).during(OPERATION)?);
    let software = units::table
        .filter(units::serial_number.eq(text))
        .filter(units::status.eq(UnitStatus::Software.as_str()))
        .select(units::id);
    let software: Vec<i64> = software.load(connection).during(OPERATION)?;
    if !software.is_empty() {
        let on = cases::table.filter(cases::unit_id.eq_any(software));
        let query = on.select(cases::id).limit(MOST);
        found.cases.extend(query.load::<i64>(connection).during(OPERATION)?);
    }
    Ok(found)
}

/// The cases of RMAs, so that a search for cases finds by an RMA's numbers too.
impl Found {
    pub fn with_cases_of_rmas(mut self, connection: &mut AnyConnection) -> Result<Self, DbError> {
        let query = rmas::table.filter(rmas::id.eq_any(self.rmas.clone())).select(rmas::case_id);
        self.cases.extend(query.load::<i64>(connection).during("searching")?);
        Ok(self)
    }
}
