//! Where the two databases are spoken to differently.

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::counters;

/// The next number of the series `name`, from 1. Gapless: a write that fails gives its number back,
/// and another that wants one waits until this write ends.
pub fn next_counter(connection: &mut AnyConnection, name: &str) -> Result<i64, DbError> {
    next_counter_block(connection, name, 1)
}

/// Takes `count` successive numbers of the series `name` at once and gives the first of them.
pub fn next_counter_block(
    connection: &mut AnyConnection,
    name: &str,
    count: u32,
) -> Result<i64, DbError> {
    let count = i64::from(count.max(1));
    // On the inner connections: the enum of both knows no `on_conflict`.
    macro_rules! take {
        ($connection:expr) => {
            diesel::insert_into(counters::table)
                .values((counters::name.eq(name), counters::value.eq(count)))
                .on_conflict(counters::name)
                .do_update()
                .set(counters::value.eq(counters::value + count))
                .returning(counters::value)
                .get_result::<i64>($connection)
        };
    }
    let last = match connection {
        AnyConnection::Sqlite(c) => take!(c),
        AnyConnection::Postgres(c) => take!(c),
    };
    Ok(last.during("taking the next number of a series")? - count + 1)
}
