//! The rows from SQLite. Dates are kept there as text in one form of ours; other forms that SQLite
//! allows are left to diesel, whose reading of a date costs more than the rest of its row.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::prelude::*;
use diesel::row::{Field, Row as RawRow};
use diesel::sql_query;
use diesel::sql_types::{Date, Timestamp, Untyped};
use diesel::sqlite::Sqlite;

use super::packed::{Packed, TEXTS};
use super::query::owed;
use super::{Hand, Known, OPERATION};
use crate::db::error::{DbError, During};
use crate::db::times::to_naive;

/// Hands the rows over, as [`super::non_returns`] says.
pub(super) fn non_returns(
    connection: &mut SqliteConnection,
    as_of: NaiveDate,
    known: Known,
    hand: &mut Hand,
) -> Result<(), DbError> {
    macro_rules! stream {
        ($query:expr) => {{
            let rows = $query.load_iter::<Packed, DefaultLoadingMode>(connection);
            for packed in rows.during(OPERATION)? {
                if hand.push(packed.during(OPERATION)?).is_break() {
                    return Ok(());
                }
            }
        }};
    }
    match known {
        Known::Now => stream!(sql_query(owed!("?1")).bind::<Date, _>(as_of)),
        Known::Before(end) => {
            let query = sql_query(owed!("?1", "?2")).bind::<Date, _>(as_of);
            stream!(query.bind::<Timestamp, _>(to_naive(end)));
        }
    }
    Ok(())
}

/// Where the first column after the texts stands.
const VALUES: usize = TEXTS;

/// By the order of the columns.
impl FromSqlRow<Untyped, Sqlite> for Packed {
    fn build_from_row<'a>(row: &impl RawRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut packed = Self::with_room();
        for at in 0..TEXTS {
            let field = row.get(at).ok_or("a column is missing")?;
            packed.push(field.value().ok_or("a text is missing")?.read_text());
        }
        let values = &mut packed.values;
        values.issued_on = date(row, VALUES)?;
        values.delivered_on = date(row, VALUES + 1)?;
        values.due_on = date(row, VALUES + 2)?.ok_or("a due date is missing")?;
        values.list_price_minor = number(row, VALUES + 3)?;
        values.charged_minor = number(row, VALUES + 4)?.ok_or("an amount is missing")?;
        let reminders = number(row, VALUES + 5)?.ok_or("a count is missing")?;
        values.reminders_sent = i32::try_from(reminders)?;
        values.last_event_at = instant(row, VALUES + 6)?;
        values.site_id = number(row, VALUES + 7)?.ok_or("a site is missing")?;
        Ok(packed)
    }
}

fn number<'a>(row: &impl RawRow<'a, Sqlite>, at: usize) -> deserialize::Result<Option<i64>> {
    let field = row.get(at).ok_or("a column is missing")?;
    Ok(field.value().map(|mut value| value.read_long()))
}

fn date<'a>(row: &impl RawRow<'a, Sqlite>, at: usize) -> deserialize::Result<Option<NaiveDate>> {
    let field = row.get(at).ok_or("a column is missing")?;
    let Some(mut value) = field.value() else { return Ok(None) };
    if let Some(date) = plain_date(value.read_text().as_bytes()) {
        return Ok(Some(date));
    }
    <NaiveDate as FromSql<Date, Sqlite>>::from_sql(value).map(Some)
}

fn instant<'a>(row: &impl RawRow<'a, Sqlite>, at: usize) -> deserialize::Result<NaiveDateTime> {
    let field = row.get(at).ok_or("a column is missing")?;
    let mut value = field.value().ok_or("an instant is missing")?;
    if let Some(instant) = plain_instant(value.read_text().as_bytes()) {
        return Ok(instant);
    }
    <NaiveDateTime as FromSql<Timestamp, Sqlite>>::from_sql(value)
}

/// `2026-11-16`.
fn plain_date(text: &[u8]) -> Option<NaiveDate> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = *text else { return None };
    let year = number_of(&[a, b, c, d])?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number_of(&[e, f])?, number_of(&[g, h])?)
}

/// `2026-11-16 09:30:00`, with up to nine digits of a fraction.
fn plain_instant(text: &[u8]) -> Option<NaiveDateTime> {
    let (day, time) = text.split_at_checked(10)?;
    let [b' ', a, b, b':', c, d, b':', e, f, fraction @ ..] = time else { return None };
    let nanos = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            let missing = u32::try_from(9 - digits.len()).ok()?;
            number_of(digits)? * 10_u32.pow(missing)
        }
        _ => return None,
    };
    let (hour, minute) = (number_of(&[*a, *b])?, number_of(&[*c, *d])?);
    let time = NaiveTime::from_hms_nano_opt(hour, minute, number_of(&[*e, *f])?, nanos)?;
    Some(plain_date(day)?.and_time(time))
}

/// At most nine digits.
fn number_of(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_form_is_read_and_no_other() {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29);
        assert_eq!(plain_date(b"2024-02-29"), day);
        for other in ["2023-02-29", "2024-2-29", "2024-02-2x", "+2024-02-29", "", "20240229"] {
            assert_eq!(plain_date(other.as_bytes()), None, "{other}");
        }
        for (text, micros) in [("", 0), (".5", 500_000), (".000001", 1), (".123456", 123_456)] {
            let read = plain_instant(format!("2024-02-29 23:59:58{text}").as_bytes());
            let expected = day.and_then(|d| d.and_hms_micro_opt(23, 59, 58, micros));
            assert_eq!(read, expected, "{text}");
        }
        for other in
            ["2024-02-29", "2024-02-29T10:00:00", "2024-02-29 10:00", "2024-02-29 10:00:00."]
        {
            assert_eq!(plain_instant(other.as_bytes()), None, "{other}");
        }
    }
}
