//! The two files a replay starts from: an installed base, and the failures of some of its units.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};

use crate::domain::ids::{Manufacturer, PartNumber, SerialNumber};

/// The sample that comes with the program: invented units and failures.
const SAMPLE_UNITS: &str = include_str!("../../sample/installed_base.csv");
const SAMPLE_FAILURES: &str = include_str!("../../sample/failures.csv");

/// A unit of the installed base.
#[derive(Debug, Clone)]
pub struct InputUnit {
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub manufacturer: Manufacturer,
    /// Capacity in thousandths of a terabyte.
    pub size_gb: u32,
    /// Taken for the factory ship date.
    pub in_service_on: NaiveDate,
}

/// A failure: its unit's place in the installed base, and its local date at the unit's site.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    pub unit: usize,
    pub on: NaiveDate,
}

/// Both files, checked against each other; failures in the order of their days.
#[derive(Debug, Clone)]
pub struct Input {
    pub units: Vec<InputUnit>,
    pub failures: Vec<Failure>,
}

/// What is wrong with a file, and on which line.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
    #[error("{file}:{line}: {reason}")]
    Line { file: String, line: u64, reason: String },
}

impl Input {
    /// Reads `serial_number,part_number,manufacturer,size_tb,in_service_on` and
    /// `serial_number,failed_on`, each with its header.
    ///
    /// # Errors
    /// The first line that cannot be used: a column missing, a value that is none, a serial twice, a
    /// failure of an unknown unit, a second failure of the same unit, one before the unit existed.
    pub fn read(units: &Path, failures: &Path) -> Result<Self, InputError> {
        let open = |path: &Path| {
            std::fs::File::open(path).map_err(|error| InputError::File {
                file: path.display().to_string(),
                reason: error.to_string(),
            })
        };
        let names = (units.display().to_string(), failures.display().to_string());
        Self::from_readers((&names.0, open(units)?), (&names.1, open(failures)?))
    }

    /// The sample that comes with the program.
    pub fn sample() -> Result<Self, InputError> {
        Self::from_readers(
            ("the sample's installed_base.csv", SAMPLE_UNITS.as_bytes()),
            ("the sample's failures.csv", SAMPLE_FAILURES.as_bytes()),
        )
    }

    fn from_readers<A: Read, B: Read>(
        (units_name, units): (&str, A),
        (failures_name, failures): (&str, B),
    ) -> Result<Self, InputError> {
        let mut base = Base::default();
        let columns = ["serial_number", "part_number", "manufacturer", "size_tb", "in_service_on"];
        each(units_name, units, &columns, |line, row| base.take(line, row))?;
        let mut found = Vec::new();
        let mut failed: HashMap<usize, u64> = HashMap::new();
        each(failures_name, failures, &["serial_number", "failed_on"], |line, row| {
            let failure = base.failure(row)?;
            if let Some(earlier) = failed.insert(failure.unit, line) {
                return Err(format!("{} failed on line {earlier} already", row[0]));
            }
            found.push(failure);
            Ok(())
        })?;
        if found.is_empty() {
            let file = failures_name.to_owned();
            return Err(InputError::File { file, reason: "there are no failures".to_owned() });
        }
        found.sort_by_key(|failure| failure.on);
        Ok(Self { units: base.units, failures: found })
    }

    /// The first and the last day anything is known about.
    pub fn span(&self) -> (NaiveDate, NaiveDate) {
        let days = || {
            let units = self.units.iter().map(|unit| unit.in_service_on);
            units.chain(self.failures.iter().map(|failure| failure.on))
        };
        (days().min().unwrap_or_default(), days().max().unwrap_or_default())
    }
}

/// The installed base while it is read.
#[derive(Default)]
struct Base {
    units: Vec<InputUnit>,
    by_serial: HashMap<String, Vec<(usize, u64)>>,
}

impl Base {
    fn take(&mut self, line: u64, row: &[&str]) -> Result<(), String> {
        let unit = InputUnit {
            serial_number: row[0].parse().map_err(text)?,
            part_number: row[1].parse().map_err(text)?,
            manufacturer: row[2].parse().map_err(text)?,
            size_gb: gigabytes(row[3])?,
            in_service_on: day(row[4])?,
        };
        let known = self.by_serial.entry(row[0].to_owned()).or_default();
        let same = |(at, _): &&(usize, u64)| self.units[*at].manufacturer == unit.manufacturer;
        if let Some((_, earlier)) = known.iter().find(same) {
            return Err(format!("{} of {} is on line {earlier} already", row[0], row[2]));
        }
        known.push((self.units.len(), line));
        self.units.push(unit);
        Ok(())
    }

    fn failure(&self, row: &[&str]) -> Result<Failure, String> {
        let unit = match self.by_serial.get(row[0]).map(Vec::as_slice) {
            Some([(unit, _)]) => *unit,
            Some(_) => return Err(format!("several manufacturers have a serial {:?}", row[0])),
            None => return Err(format!("the installed base has no serial {:?}", row[0])),
        };
        let on = day(row[1])?;
        let since = self.units[unit].in_service_on;
        if on < since {
            return Err(format!("{} failed on {on}, but is in service since {since}", row[0]));
        }
        Ok(Failure { unit, on })
    }
}

/// Gives every row's values in the order of `columns`.
fn each<R: Read>(
    name: &str,
    reader: R,
    columns: &[&str],
    mut take: impl FnMut(u64, &[&str]) -> Result<(), String>,
) -> Result<(), InputError> {
    let of_file = |reason: String| InputError::File { file: name.to_owned(), reason };
    let mut reader = ReaderBuilder::new().from_reader(reader);
    let header = reader.headers().map_err(|error| of_file(error.to_string()))?.clone();
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let place = header.iter().position(|name| name.trim_start_matches('\u{feff}') == *column);
        let missing = || of_file(format!("the column `{column}` is missing"));
        places.push(place.ok_or_else(missing)?);
    }
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| of_file(error.to_string()))? {
        let line = record.position().map_or(0, csv::Position::line);
        let row: Vec<&str> =
            places.iter().map(|place| record.get(*place).unwrap_or_default()).collect();
        take(line, &row).map_err(|reason| InputError::Line {
            file: name.to_owned(),
            line,
            reason,
        })?;
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn day(value: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(value, "%Y-%m-%d")
        .map_err(|_| format!("{value:?} is not a date; write it as YYYY-MM-DD"))
}

/// A decimal number of terabytes with at most three places.
fn gigabytes(value: &str) -> Result<u32, String> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = (1..=6).contains(&whole.len()) && fraction.len() <= 3;
    if !(shaped && digits(whole) && digits(fraction)) {
        return Err(format!("{value:?} is not a capacity; write terabytes such as 4 or 1.5"));
    }
    format!("{whole}{fraction:0<3}").parse().map_err(text)
}
