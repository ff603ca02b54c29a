//! Programmes: a manufacturer's policy in numbers, added version by version.

use chrono::NaiveDate;

use super::context::App;
use super::error::AppError;
use crate::db::facts::{
    add_programme, all_programmes, programme_on, programme_version, programmes_of,
};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::Manufacturer;
use crate::domain::programme::{Programme, serving};

/// Every version for a manufacturer, its own first, each from the day it serves new RMAs.
pub fn list(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
) -> Result<Vec<(NaiveDate, Programme)>, AppError> {
    Ok(programmes_of(connection, manufacturer)?)
}

/// The programme that serves a manufacturer on `day`: its own newest by then, else that of '*', else the
/// rulebook's defaults.
pub fn on(
    connection: &mut AnyConnection,
    manufacturer: &Manufacturer,
    day: NaiveDate,
) -> Result<Programme, DbError> {
    Ok(programme_on(connection, manufacturer, day)?.unwrap_or_default())
}

/// Every version there is, held so that many days and manufacturers can be asked for.
#[derive(Debug)]
pub(super) struct Versions {
    known: Vec<(String, NaiveDate, Programme)>,
    default: Programme,
}

impl Versions {
    pub fn load(connection: &mut AnyConnection) -> Result<Self, DbError> {
        Ok(Self { known: all_programmes(connection)?, default: Programme::default() })
    }

    /// As [`on`]; `*` for no manufacturer in particular.
    pub fn on(&self, manufacturer: &str, day: NaiveDate) -> &Programme {
        serving(&self.known, manufacturer, day).unwrap_or(&self.default)
    }
}

/// Adds a version for a manufacturer, or for every other one ('*'). RMAs issued before keep theirs.
pub fn add(
    app: &App,
    manufacturer: &Manufacturer,
    effective_on: NaiveDate,
    programme: &Programme,
) -> Result<(), AppError> {
    programme
        .check()
        .map_err(|error| AppError::Invalid { field: "programme", reason: error.to_string() })?;
    app.db.write(|connection| {
        // A version names one set of numbers for good, whoever's it is: RMAs refer to it.
        let taken = programme.version == Programme::default().version
            || programme_version(connection, manufacturer, &programme.version)?.is_some();
        if taken {
            let reason = format!(
                "version {} is there already; what was issued under it must not change: name another",
                programme.version
            );
            return Err(AppError::Invalid { field: "programme", reason });
        }
        Ok(add_programme(connection, manufacturer.as_str(), effective_on, programme)?)
    })
}
