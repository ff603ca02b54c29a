//! Questionnaires (SYS-5): a family's versions, added one by one beside those that come with the program.

use chrono::NaiveDate;

use super::context::App;
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::questionnaires as rows;
use crate::domain::ids::Family;
use crate::domain::questionnaire::{Questionnaire, builtin, builtin_families};

/// Every family that has a questionnaire, in the order of their names.
pub fn families(connection: &mut AnyConnection) -> Result<Vec<String>, AppError> {
    let mut names = rows::families(connection)?;
    names.extend(builtin_families().into_iter().map(ToString::to_string));
    names.sort();
    names.dedup();
    Ok(names)
}

/// Every version of a family, the newest first, each with the day it serves from: none for those that
/// come with the program, which serve where no other does.
pub fn versions(
    connection: &mut AnyConnection,
    family: &Family,
) -> Result<Vec<(Option<NaiveDate>, Questionnaire)>, AppError> {
    let own = rows::versions(connection, family)?;
    let own = own.into_iter().map(|(effective_on, document)| (Some(effective_on), document));
    Ok(own.chain(builtin(family).map(|document| (None, document.clone()))).collect())
}

/// The version that serves a family on `day`.
pub fn on(
    connection: &mut AnyConnection,
    family: &Family,
    day: NaiveDate,
) -> Result<Option<Questionnaire>, AppError> {
    let own = rows::on(connection, family, day)?;
    Ok(own.or_else(|| builtin(family).next().cloned()))
}

/// The version of that name.
pub(super) fn version(
    connection: &mut AnyConnection,
    family: &Family,
    version: &str,
) -> Result<Option<Questionnaire>, AppError> {
    let own = rows::version(connection, family, version)?;
    let named = || builtin(family).find(|document| document.version == version).cloned();
    Ok(own.or_else(named))
}

/// Adds a version that serves from `effective_on`. Interviews begun before keep theirs.
///
/// # Errors
/// `Invalid` with every fault of the document, or where its version is there already.
pub fn add(app: &App, effective_on: NaiveDate, document: &Questionnaire) -> Result<(), AppError> {
    let invalid = |reason: String| AppError::Invalid { field: "questionnaire", reason };
    document.check().map_err(|faults| invalid(faults.to_string()))?;
    app.db.write(|connection| {
        if version(connection, &document.family, &document.version)?.is_some() {
            let reason = format!(
                "{} has a version {} already; answers refer to it: name another",
                document.family, document.version
            );
            return Err(invalid(reason));
        }
        Ok(rows::add(connection, effective_on, document)?)
    })
}
