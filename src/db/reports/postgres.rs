//! The rows from PostgreSQL, by `COPY (…) TO STDOUT (FORMAT binary)`: server and program work at the
//! same time, and neither writes nor reads a number as text. Row by row loading costs libpq a result
//! for each row, and a whole result does not fit.

use std::io::BufRead;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::pg::{CopyFormat, CopyTarget, Pg};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::Text;

use super::packed::{Packed, TEXTS, damaged};
use super::query::owed;
use super::{Hand, Known, OPERATION};
use crate::db::error::{DbError, During};
use crate::db::schema::rmas;
use crate::db::times::to_naive;

/// COPY takes no parameters, and diesel's COPY none either: they travel as settings of the session, each read
/// by a query of its own, once. In the condition itself it would be read anew for every row.
const AS_OF: &str = "homeward.as_of";
const KNOWN_BEFORE: &str = "homeward.known_before";

macro_rules! rows {
    ($name:ident, $doc:literal, $query:expr) => {
        #[doc = $doc]
        struct $name;

        impl CopyTarget for $name {
            type Table = rmas::table;
            type SqlType = Text;

            fn walk_target(mut pass: AstPass<'_, '_, Pg>) -> QueryResult<()> {
                pass.push_sql(concat!("(", $query, ")"));
                Ok(())
            }
        }
    };
}

rows!(
    OwedNow,
    "Everything recorded until now.",
    owed!("(SELECT current_setting('homeward.as_of')::date)")
);
rows!(
    OwedThen,
    "What was recorded before an instant.",
    owed!(
        "(SELECT current_setting('homeward.as_of')::date)",
        "(SELECT current_setting('homeward.known_before')::timestamp)"
    )
);

/// For this transaction: the rows are read in their order by an index. PostgreSQL thinks it cheaper to put
/// them in order afterwards, since it knows neither the day nor that the RMAs lie on the disk in the order of
/// their keys; a million rows then go to the disk and back. To translate the query takes longer than it saves.
const IN_ORDER: &str = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

/// Hands the rows over, as [`super::non_returns`] says.
pub(super) fn non_returns(
    connection: &mut PgConnection,
    as_of: NaiveDate,
    known: Known,
    hand: &mut Hand,
) -> Result<(), DbError> {
    connection.batch_execute(IN_ORDER).during(OPERATION)?;
    set(connection, AS_OF, &as_of.to_string())?;
    match known {
        Known::Now => copy(connection, OwedNow, hand),
        Known::Before(end) => {
            set(connection, KNOWN_BEFORE, &to_naive(end).to_string())?;
            copy(connection, OwedThen, hand)
        }
    }
}

diesel::define_sql_function! {
    /// PostgreSQL's own: changes a setting, for the transaction alone if `local`.
    fn set_config(name: Text, value: Text, local: diesel::sql_types::Bool) -> Text;
}

fn set(connection: &mut PgConnection, name: &str, value: &str) -> Result<(), DbError> {
    diesel::select(set_config(name, value, true))
        .get_result::<String>(connection)
        .map(drop)
        .during(OPERATION)
}

fn copy<T: CopyTarget>(
    connection: &mut PgConnection,
    rows: T,
    hand: &mut Hand,
) -> Result<(), DbError> {
    let stream = diesel::copy_to(rows).with_format(CopyFormat::Binary).load_raw(connection);
    let mut stream = Stream { inner: stream.during(OPERATION)?, bytes: Vec::new() };
    let taken = stream.hand_over(hand);
    drop(stream);
    // libpq has not read the copy's end, and takes no prepared statement before it has; a plain one throws
    // away what is left.
    let ended = connection.batch_execute("SELECT 1").during(OPERATION);
    taken.and(ended)
}

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xFF\r\n\0";
const FIELDS: i16 = 23;
/// 2000-01-01, the first day of PostgreSQL's calendar, from 0001-01-01.
const FIRST_DAY: i32 = 730_120;

/// COPY's binary format, wherever libpq cuts it. A stream that ends before its trailer was cut off by
/// a failure of the server and is an error, never a shorter report.
struct Stream<R> {
    inner: R,
    bytes: Vec<u8>,
}

impl<R: BufRead> Stream<R> {
    /// All rows, until nobody wants more.
    fn hand_over(&mut self, hand: &mut Hand) -> Result<(), DbError> {
        self.header()?;
        while let Some(packed) = self.next()? {
            if hand.push(packed).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn header(&mut self) -> Result<(), DbError> {
        let mut head = [0; 19];
        self.fill(&mut head)?;
        let extension = i32::from_be_bytes([head[15], head[16], head[17], head[18]]);
        if head[..11] != *SIGNATURE || head[11..15] != [0; 4] {
            return Err(damaged("the copy's header"));
        }
        self.take(extension)
    }

    /// The next row; none at the trailer.
    fn next(&mut self) -> Result<Option<Packed>, DbError> {
        let mut fields = [0; 2];
        self.fill(&mut fields)?;
        match i16::from_be_bytes(fields) {
            -1 => return Ok(None),
            FIELDS => {}
            _ => return Err(damaged("a row of the copy")),
        }
        let mut packed = Packed::with_room();
        for _ in 0..TEXTS {
            let length = self.length()?.ok_or_else(|| damaged("a missing text"))?;
            self.take(length)?;
            packed.push(std::str::from_utf8(&self.bytes).map_err(|_| damaged("a text"))?);
        }
        let values = &mut packed.values;
        values.issued_on = self.date()?;
        values.delivered_on = self.date()?;
        values.due_on = self.date()?.ok_or_else(|| damaged("a due date"))?;
        values.list_price_minor = self.fixed()?.map(i64::from_be_bytes);
        values.charged_minor = self.number()?;
        let reminders = self.fixed()?.ok_or_else(|| damaged("a count"))?;
        values.reminders_sent = i32::from_be_bytes(reminders);
        values.last_event_at = instant(self.number()?).ok_or_else(|| damaged("an instant"))?;
        values.site_id = self.number()?;
        // The key, by which the rows are in order.
        self.number()?;
        Ok(Some(packed))
    }

    fn number(&mut self) -> Result<i64, DbError> {
        self.fixed()?.map(i64::from_be_bytes).ok_or_else(|| damaged("a number"))
    }

    fn date(&mut self) -> Result<Option<NaiveDate>, DbError> {
        let Some(days) = self.fixed()?.map(i32::from_be_bytes) else { return Ok(None) };
        let date = days.checked_add(FIRST_DAY).and_then(NaiveDate::from_num_days_from_ce_opt);
        date.map(Some).ok_or_else(|| damaged("a date"))
    }

    /// A value of a width that its type fixes.
    fn fixed<const N: usize>(&mut self) -> Result<Option<[u8; N]>, DbError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let mut value = [0; N];
        if usize::try_from(length) != Ok(N) {
            return Err(damaged("a value of the copy"));
        }
        self.fill(&mut value)?;
        Ok(Some(value))
    }

    /// The next value's length in bytes; none for NULL.
    fn length(&mut self) -> Result<Option<i32>, DbError> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        Ok(Some(i32::from_be_bytes(length)).filter(|length| *length >= 0))
    }

    fn take(&mut self, length: i32) -> Result<(), DbError> {
        let length = usize::try_from(length).map_err(|_| damaged("a length"))?;
        self.bytes.resize(length, 0);
        self.inner.read_exact(&mut self.bytes).map_err(cut_off)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), DbError> {
        self.inner.read_exact(bytes).map_err(cut_off)
    }
}

fn cut_off(error: std::io::Error) -> DbError {
    let detail = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            "the server ended it early; its log says why".to_owned()
        }
        _ => error.to_string(),
    };
    DbError::Unavailable { database: OPERATION.to_owned(), detail }
}

/// Microseconds since 2000-01-01.
fn instant(micros: i64) -> Option<NaiveDateTime> {
    let first = NaiveDate::from_num_days_from_ce_opt(FIRST_DAY)?.and_time(chrono::NaiveTime::MIN);
    first.checked_add_signed(TimeDelta::microseconds(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_count_from_the_year_2000() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        assert_eq!(NaiveDate::from_num_days_from_ce_opt(FIRST_DAY), day(2000, 1, 1));
        let expected = day(1999, 12, 31).and_then(|d| d.and_hms_micro_opt(23, 59, 59, 999_999));
        assert_eq!(instant(-1), expected);
        assert_eq!(instant(i64::MAX), None);
    }

    #[test]
    fn a_stream_cut_off_is_an_error() {
        let mut whole = SIGNATURE.to_vec();
        whole.extend([0; 8]);
        let header = whole.len();
        whole.extend(FIELDS.to_be_bytes());
        let read = |bytes: &[u8]| {
            let mut stream = Stream { inner: bytes, bytes: Vec::new() };
            stream.header()?;
            stream.next()
        };
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{end}");
        }
        whole.truncate(header);
        whole.extend((-1_i16).to_be_bytes());
        assert!(matches!(read(&whole), Ok(None)));
    }
}
