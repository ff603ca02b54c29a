//! The versions of questionnaires, added to and never changed.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::questionnaires;
use crate::domain::ids::Family;
use crate::domain::questionnaire::Questionnaire;

/// A family's versions with the day each serves from, the newest first.
pub fn versions(
    connection: &mut AnyConnection,
    family: &Family,
) -> Result<Vec<(NaiveDate, Questionnaire)>, DbError> {
    let rows: Vec<(NaiveDate, String)> = questionnaires::table
        .filter(questionnaires::family.eq(family.as_str()))
        .order((questionnaires::effective_on.desc(), questionnaires::id.desc()))
        .select((questionnaires::effective_on, questionnaires::document))
        .load(connection)
        .during("loading questionnaires")?;
    let read = |(effective_on, document): (NaiveDate, String)| Ok((effective_on, read(&document)?));
    rows.into_iter().map(read).collect()
}

/// The version that serves a family on `day`: its newest by then.
pub fn on(
    connection: &mut AnyConnection,
    family: &Family,
    day: NaiveDate,
) -> Result<Option<Questionnaire>, DbError> {
    let document: Option<String> = questionnaires::table
        .filter(questionnaires::family.eq(family.as_str()))
        .filter(questionnaires::effective_on.le(day))
        .order((questionnaires::effective_on.desc(), questionnaires::id.desc()))
        .select(questionnaires::document)
        .first(connection)
        .optional()
        .during("loading a questionnaire")?;
    document.as_deref().map(read).transpose()
}

/// A family's version of that name.
pub fn version(
    connection: &mut AnyConnection,
    family: &Family,
    version: &str,
) -> Result<Option<Questionnaire>, DbError> {
    let document: Option<String> = questionnaires::table
        .filter(questionnaires::family.eq(family.as_str()))
        .filter(questionnaires::version.eq(version))
        .select(questionnaires::document)
        .first(connection)
        .optional()
        .during("loading a questionnaire")?;
    document.as_deref().map(read).transpose()
}

fn read(document: &str) -> Result<Questionnaire, DbError> {
    serde_json::from_str(document).map_err(|error| DbError::Corrupt {
        operation: "reading a questionnaire",
        detail: error.to_string(),
    })
}

/// The families that have versions here, in the order of their names.
pub fn families(connection: &mut AnyConnection) -> Result<Vec<String>, DbError> {
    questionnaires::table
        .select(questionnaires::family)
        .distinct()
        .order(questionnaires::family)
        .load(connection)
        .during("listing the families of questionnaires")
}

/// Adds a version.
///
/// # Errors
/// A unique violation where the family has a version of that name.
pub fn add(
    connection: &mut AnyConnection,
    effective_on: NaiveDate,
    document: &Questionnaire,
) -> Result<(), DbError> {
    let text = serde_json::to_string(document).map_err(|error| DbError::Corrupt {
        operation: "writing a questionnaire",
        detail: error.to_string(),
    })?;
    diesel::insert_into(questionnaires::table)
        .values((
            questionnaires::family.eq(document.family.as_str()),
            questionnaires::version.eq(&document.version),
            questionnaires::effective_on.eq(effective_on),
            questionnaires::document.eq(text),
        ))
        .execute(connection)
        .map(drop)
        .during("storing a questionnaire")
}
