//! The calendars every use case asks: those that come with the program, and those imported.

use crate::db::calendars::imported_calendars;
use crate::db::{AnyConnection, DbError};
use crate::domain::calendar::Calendars;

/// The calendars that come with the program and those that were imported, which go before them.
pub fn calendars(connection: &mut AnyConnection) -> Result<Calendars, DbError> {
    let mut all = Calendars::builtin();
    for definition in imported_calendars(connection)? {
        all.add(definition);
    }
    Ok(all)
}
