//! What the database is to whoever opens it: a demonstration, or restored and held.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::house_state;
use super::times::to_naive;
use crate::words;

words! {
    /// A state of the whole house; absent is the ordinary one.
    HouseState("state of the house") {
        /// Restored from a backup: nothing is sent and nothing charged until it is released.
        Held = "held",
        /// Made by `homeward demo`.
        Demo = "demo",
    }
}

/// The state's note, where the house is in it.
pub fn get(connection: &mut AnyConnection, state: HouseState) -> Result<Option<String>, DbError> {
    house_state::table
        .find(state.as_str())
        .select(house_state::value)
        .first(connection)
        .optional()
        .during("reading the state of the house")
}

/// Puts the house into a state, or changes the state's note.
pub fn set(
    connection: &mut AnyConnection,
    state: HouseState,
    value: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    unset(connection, state)?;
    diesel::insert_into(house_state::table)
        .values((
            house_state::name.eq(state.as_str()),
            house_state::value.eq(value),
            house_state::changed_at.eq(to_naive(now)),
        ))
        .execute(connection)
        .map(drop)
        .during("noting the state of the house")
}

/// Ends a state; `false` where the house was not in it.
pub fn unset(connection: &mut AnyConnection, state: HouseState) -> Result<bool, DbError> {
    diesel::delete(house_state::table.find(state.as_str()))
        .execute(connection)
        .map(|rows| rows > 0)
        .during("ending a state of the house")
}
