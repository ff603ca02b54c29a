//! Rows for reports, streamed one by one: on the inner connections, whose loading does not gather
//! a whole result first.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{owed_positions, rmas};
use super::times::to_naive;
use crate::reports::non_returns::Row;

type Tuple = (
    (String, String, String, String, String, String, String, String, String),
    (Option<NaiveDate>, Option<NaiveDate>, String, NaiveDate, String, String, String),
    (Option<i64>, Option<String>, i64, i32, NaiveDateTime, i64),
);

fn row(tuple: Tuple) -> Row {
    let (
        (rma_number, status, account, bill_to, site, country, case_number, serial, part),
        (issued_on, delivered_on, anchor, due_on, rule, calendar, exposure),
        (list_price_minor, currency, charged_minor, reminders_sent, last_event_at, site_id),
    ) = tuple;
    Row {
        rma_number,
        status,
        account,
        bill_to,
        site,
        country,
        case_number,
        serial_number: serial,
        part_number: part,
        issued_on,
        delivered_on,
        anchor,
        due_on,
        rule,
        calendar,
        exposure,
        list_price_minor,
        currency,
        charged_minor,
        reminders_sent,
        last_event_at,
        site_id,
    }
}

/// Which past the rows are read from.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// Everything recorded until now: only what is owed today is looked at.
    Now,
    /// What was recorded before an instant that has passed.
    Before(DateTime<Utc>),
}

/// Calls `each` for every unit owed on a window that ended before `as_of`, in the order of the RMAs.
pub fn non_returns<E: From<DbError>>(
    connection: &mut AnyConnection,
    as_of: NaiveDate,
    known: Known,
    mut each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let operation = "reading the non-return report";
    macro_rules! stream {
        ($connection:expr, $mode:ty, $which:expr) => {{
            let query = owed_positions::table
                .inner_join(rmas::table)
                .filter(owed_positions::due_on.lt(as_of))
                .filter($which)
                .order(owed_positions::rma_id)
                .select((
                    (
                        rmas::number,
                        owed_positions::status,
                        rmas::account,
                        rmas::bill_to,
                        rmas::site,
                        rmas::country,
                        rmas::case_number,
                        rmas::serial_number,
                        rmas::part_number,
                    ),
                    (
                        owed_positions::issued_on,
                        owed_positions::delivered_on,
                        owed_positions::anchor,
                        owed_positions::due_on,
                        owed_positions::rule,
                        owed_positions::calendar,
                        owed_positions::exposure,
                    ),
                    (
                        rmas::list_price_minor,
                        rmas::currency,
                        owed_positions::charged_minor,
                        owed_positions::reminders_sent,
                        owed_positions::last_event_at,
                        rmas::site_id,
                    ),
                ));
            let rows = query.load_iter::<Tuple, $mode>($connection).during(operation)?;
            for tuple in rows {
                each(row(tuple.during(operation)?))?;
            }
        }};
    }
    let now = owed_positions::recorded_to.is_null();
    match (connection, known) {
        (AnyConnection::Sqlite(c), Known::Now) => stream!(c, DefaultLoadingMode, now),
        (AnyConnection::Postgres(c), Known::Now) => stream!(c, PgRowByRowLoadingMode, now),
        (connection, Known::Before(end)) => {
            let end = to_naive(end);
            let then = owed_positions::recorded_from
                .lt(end)
                .and(now.or(owed_positions::recorded_to.ge(end)));
            match connection {
                AnyConnection::Sqlite(c) => {
                    stream!(c, DefaultLoadingMode, then.assume_not_null());
                }
                AnyConnection::Postgres(c) => {
                    stream!(c, PgRowByRowLoadingMode, then.assume_not_null());
                }
            }
        }
    }
    Ok(())
}
