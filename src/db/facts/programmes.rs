//! The versions of manufacturers' policies.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During};
use crate::db::schema::programmes;
use crate::domain::ids::Manufacturer;
use crate::domain::programme::{Programme, serving};

/// Every programme of a manufacturer and of '*', the manufacturer's own first, the newest first.
pub fn programmes_of(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
) -> Result<Vec<(NaiveDate, Programme)>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order((programmes::effective_on.desc(), programmes::id.desc()))
        .load(connection)
        .during("loading programmes")?;
    let (own, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(m, ..)| m != "*");
    let read = |(_, effective_on, text): (String, NaiveDate, String)| {
        Ok((effective_on, read_programme(&text)?))
    };
    own.into_iter().chain(others).map(read).collect()
}

/// The programme that serves a manufacturer on `day`, by [`serving`]; none where none is stored.
pub fn programme_on(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    day: NaiveDate,
) -> Result<Option<Programme>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading programmes")?;
    serving(&rows, manufacturer.as_str(), day).map(|text| read_programme(text)).transpose()
}

/// A manufacturer's programme of that version, else that of '*'.
pub fn programme_version(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    version: &str,
) -> Result<Option<Programme>, DbError> {
    let rows: Vec<(String, String)> = programmes::table
        .filter(programmes::manufacturer.eq_any([manufacturer.as_str(), "*"]))
        .filter(programmes::version.eq(version))
        .select((programmes::manufacturer, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading a programme")?;
    let own = rows.iter().find(|(whose, _)| whose != "*").or(rows.first());
    own.map(|(_, text)| read_programme(text)).transpose()
}

fn read_programme(text: &str) -> Result<Programme, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Corrupt {
        operation: "reading a programme",
        detail: error.to_string(),
    })
}

/// Every version there is, with its manufacturer ('*' for every other one) and its first day, in the order
/// in which they were added.
pub fn all_programmes(
    connection: &mut AnyConnection,
) -> Result<Vec<(String, NaiveDate, Programme)>, DbError> {
    let rows: Vec<(String, NaiveDate, String)> = programmes::table
        .select((programmes::manufacturer, programmes::effective_on, programmes::document))
        .order(programmes::id)
        .load(connection)
        .during("loading programmes")?;
    let read = |(manufacturer, effective_on, text): (String, NaiveDate, String)| {
        Ok((manufacturer, effective_on, read_programme(&text)?))
    };
    rows.into_iter().map(read).collect()
}

/// Adds a version of a manufacturer's programme. A version once stored is never changed.
pub fn add_programme(
    connection: &mut AnyConnection,
    manufacturer: &str,
    effective_on: NaiveDate,
    programme: &Programme,
) -> Result<(), DbError> {
    let document = serde_json::to_string(programme).map_err(|error| DbError::Corrupt {
        operation: "writing a programme",
        detail: error.to_string(),
    })?;
    diesel::insert_into(programmes::table)
        .values((
            programmes::manufacturer.eq(manufacturer),
            programmes::version.eq(&programme.version),
            programmes::effective_on.eq(effective_on),
            programmes::document.eq(document),
        ))
        .execute(connection)
        .during("storing a programme")
        .map(|_| ())
}
