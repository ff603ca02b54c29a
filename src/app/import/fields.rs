//! One row's values, taken by column and judged one by one, so that every bad value is named.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveTime};
use csv::StringRecord;
use email_address::{EmailAddress, Options};

use super::columns::Column;
use super::problems::{Problem, Problems};
use crate::domain::ids::checked;

/// The values of one row. A taker returns `None` when it refused the value.
pub(super) struct Fields<'a> {
    pub line: u64,
    columns: &'static [Column],
    places: &'a [Option<usize>],
    record: &'a StringRecord,
    problems: &'a mut Problems,
    refused: bool,
}

impl<'a> Fields<'a> {
    pub fn new(
        line: u64,
        columns: &'static [Column],
        places: &'a [Option<usize>],
        record: &'a StringRecord,
        problems: &'a mut Problems,
    ) -> Self {
        Self { line, columns, places, record, problems, refused: false }
    }

    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// Refuses the row for this column's value.
    pub fn refuse(&mut self, column: impl Into<usize>, reason: impl Display) {
        self.refused = true;
        let column = self.columns.get(column.into()).map(|c| c.name);
        self.problems.add(Problem { line: self.line, column, reason: reason.to_string() });
    }

    /// Whether the file has this column.
    pub fn has(&self, column: impl Into<usize>) -> bool {
        self.places.get(column.into()).copied().flatten().is_some()
    }

    /// The value as it stands; empty where the file has no such column.
    pub fn raw(&self, column: impl Into<usize>) -> &'a str {
        let place = self.places.get(column.into()).copied().flatten();
        place.and_then(|p| self.record.get(p)).unwrap_or_default()
    }

    /// A value that `read` understands.
    pub fn read<T, E: Display>(
        &mut self,
        column: impl Into<usize> + Copy,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        read(self.raw(column)).map_err(|error| self.refuse(column, error)).ok()
    }

    /// A value that `read` understands, unless it is empty.
    pub fn optional<T, E: Display>(
        &mut self,
        column: impl Into<usize> + Copy,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if self.raw(column).is_empty() {
            return Some(None);
        }
        self.read(column, read).map(Some)
    }

    /// A value of a type that reads itself.
    pub fn parsed<T>(&mut self, column: impl Into<usize> + Copy) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.read(column, T::from_str)
    }

    /// One line of at most 200 characters, without blanks at its ends.
    pub fn line_of_text(&mut self, column: impl Into<usize> + Copy) -> Option<&'a str> {
        self.read(column, one_line)
    }
}

/// One line of at most 200 characters, without blanks at its ends.
pub(super) fn one_line(value: &str) -> Result<&str, String> {
    match checked("the value", value, 200) {
        Ok(()) => Ok(value),
        Err(error) => Err(error.to_string()),
    }
}

/// A date, written `YYYY-MM-DD`.
pub(in crate::app) fn date(value: &str) -> Result<NaiveDate, String> {
    let bytes = value.as_bytes();
    let digit = |at: usize| bytes[at].is_ascii_digit();
    let shaped = bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit);
    let shown = || value.chars().take(40).collect::<String>();
    if !shaped {
        return Err(format!("{:?} is not a date; write it as YYYY-MM-DD", shown()));
    }
    // Only digits stand there, four, two and two of them.
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'))
    };
    let year = i32::try_from(number(0..4)).unwrap_or_default();
    let date = NaiveDate::from_ymd_opt(year, number(5..7), number(8..10))
        .ok_or_else(|| format!("{} is not a day of the calendar", shown()))?;
    if !(1900..2200).contains(&date.year()) {
        return Err(format!("{date} is not between 1900-01-01 and 2199-12-31"));
    }
    Ok(date)
}

/// A time of day, `15:00`.
pub(in crate::app) fn time_of_day(value: &str) -> Result<NaiveTime, String> {
    let read = NaiveTime::parse_from_str(value, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(value, "%H:%M:%S"));
    read.map_err(|_| {
        let shown: String = value.chars().take(40).collect();
        format!("{shown:?} is not a time of day; write it as 15:00")
    })
}

/// An e-mail address whose domain has a top level, so that mail can be sent to it.
pub(super) fn email(value: &str) -> Result<&str, String> {
    one_line(value)?;
    let options = Options::default().with_required_tld().without_display_text();
    match EmailAddress::parse_with_options(value, options) {
        Ok(_) => Ok(value),
        Err(error) => {
            let shown: String = value.chars().take(80).collect();
            Err(format!("{shown:?} is not an e-mail address ({error})"))
        }
    }
}

/// Several lines of text, separated by `|` or line breaks; each without blanks at its ends.
pub(super) fn lines(value: &str, most: usize) -> Result<String, String> {
    let lines: Vec<&str> =
        value.split(['|', '\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err("the value is empty".to_owned());
    }
    if lines.len() > most {
        return Err(format!("{} lines are given; at most {most} are stored", lines.len()));
    }
    for line in &lines {
        one_line(line)?;
    }
    Ok(lines.join("\n"))
}

/// The parts of a list separated by `;`, without blanks around them; empty for an empty text.
pub(super) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(';').map(str::trim).filter(|part| !part.is_empty())
}
