//! The calendars the program carries, as CSV files, each parsed when it is first asked for.
//!
//! `holidays.csv` is close to a megabyte. One pass over its line starts finds where each calendar's rows begin and end
//! (they stand together); the rows themselves are parsed calendar by calendar.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use chrono::{NaiveDate, WeekdaySet};
use csv::{ReaderBuilder, StringRecord};

use super::{Calendar, CalendarCode, CalendarDefinition, CalendarError};

static HOLIDAYS: &str = include_str!("holidays.csv");
static WEEKENDS: &str = include_str!("weekends.csv");
static WORKING_DAYS: &str = include_str!("working_days.csv");
static RANGES: &str = include_str!("ranges.csv");

/// One calendar's place in the files.
struct Section {
    range: StringRecord,
    /// Its rows of `holidays.csv`.
    holidays: &'static str,
    calendar: OnceLock<Result<Arc<Calendar>, CalendarError>>,
}

/// The builtin calendar of this code, `None` if there is none.
pub(super) fn get(code: &CalendarCode) -> Option<Result<Arc<Calendar>, CalendarError>> {
    let section = sections().get(code)?;
    let make = || {
        let malformed = |problem| CalendarError::Malformed { code: code.clone(), problem };
        let definition = read(code, section).map_err(malformed)?;
        Calendar::try_from(&definition).map(Arc::new)
    };
    Some(section.calendar.get_or_init(make).clone())
}

/// The codes of the builtin calendars.
pub(super) fn codes() -> impl Iterator<Item = CalendarCode> {
    sections().keys().cloned()
}

fn sections() -> &'static BTreeMap<CalendarCode, Section> {
    static SECTIONS: OnceLock<BTreeMap<CalendarCode, Section>> = OnceLock::new();
    SECTIONS.get_or_init(|| {
        let holidays = holiday_sections();
        let section = |range: StringRecord| {
            let code = CalendarCode::parse(range.get(0)?).ok()?;
            let holidays = holidays.get(code.as_str()).copied().unwrap_or_default();
            Some((code, Section { range, holidays, calendar: OnceLock::new() }))
        };
        rows(RANGES, true).filter_map(Result::ok).filter_map(section).collect()
    })
}

/// The text of each calendar's rows in `holidays.csv`.
fn holiday_sections() -> BTreeMap<&'static str, &'static str> {
    let mut found = BTreeMap::new();
    let (mut start, mut at, mut current) = (0, 0, "");
    for line in HOLIDAYS.split_inclusive('\n') {
        let starts_other = !(line.starts_with(current) && line[current.len()..].starts_with(','));
        if starts_other {
            found.insert(current, &HOLIDAYS[start..at]);
            start = at;
            current = line.split(',').next().unwrap_or_default();
        }
        at += line.len();
    }
    found.insert(current, &HOLIDAYS[start..]);
    found
}

fn read(code: &CalendarCode, section: &Section) -> Result<CalendarDefinition, String> {
    let range = |column| section.range.get(column).unwrap_or_default();
    let mut def = CalendarDefinition {
        code: code.clone(),
        weekend: WeekdaySet::EMPTY,
        from: date("ranges.csv", range(1))?,
        to: date("ranges.csv", range(2))?,
        make_up_days_known_to: match range(3) {
            "" => None,
            text => Some(date("ranges.csv", text)?),
        },
        holidays: Vec::new(),
        working_days: Vec::new(),
    };
    for row in rows(section.holidays, false) {
        let row = row?;
        let name = row.get(2).unwrap_or_default().to_owned();
        def.holidays.push((date("holidays.csv", &row[1])?, name));
    }
    for row in own_rows(WORKING_DAYS, code) {
        let worked = date("working_days.csv", &row?[1])?;
        // The file reaches back to 1996 for some; without the holidays of those years these days say nothing.
        if (def.from..=def.to).contains(&worked) {
            def.working_days.push(worked);
        }
    }
    let row = own_rows(WEEKENDS, code).next().ok_or("weekends.csv has no row for it")??;
    for day in row[1].split(' ') {
        let bad = |_| format!("weekends.csv: {day:?} is no weekday");
        def.weekend.insert(day.parse().map_err(bad)?);
    }
    Ok(def)
}

/// The rows of a small file that belong to one calendar.
fn own_rows(
    file: &'static str,
    code: &CalendarCode,
) -> impl Iterator<Item = Result<StringRecord, String>> {
    rows(file, true)
        .filter(|row| row.as_ref().map_or(true, |row| row.get(0) == Some(code.as_str())))
}

/// The rows of a file with at least two columns; the columns after them are read with `get`.
fn rows(text: &'static str, headed: bool) -> impl Iterator<Item = Result<StringRecord, String>> {
    let reader = ReaderBuilder::new().has_headers(headed).from_reader(text.as_bytes());
    reader.into_records().map(|row| match row {
        Ok(row) if row.len() >= 2 => Ok(row),
        Ok(row) => Err(format!("the row {row:?} has too few columns")),
        Err(error) => Err(error.to_string()),
    })
}

fn date(file: &str, text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|error| format!("{file}: {text:?} is no date: {error}"))
}
