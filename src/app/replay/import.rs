//! Rows for the importers: what the replay brings into the register goes the way of every file.

use chrono::{DateTime, Utc};
use csv::StringRecord;

use super::ReplayError;
use crate::app::App;
use crate::app::import::{By, Import, ImportError, Progress, Subject};
use crate::domain::rma::{Actor, Role};

/// A CSV file in the making.
pub(in crate::app) struct Table {
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl Table {
    pub fn new(columns: &[&str]) -> Self {
        Self { header: StringRecord::from(columns), rows: Vec::new() }
    }

    /// An empty one with the columns of another.
    pub fn like(other: &Self) -> Self {
        Self { header: other.header.clone(), rows: Vec::new() }
    }

    /// An embedded file. What cannot be read of it is left out, and missed by the import.
    pub fn of(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        Self { header, rows: reader.into_records().filter_map(Result::ok).collect() }
    }

    pub fn row<T: AsRef<[u8]> + AsRef<str>>(&mut self, values: impl IntoIterator<Item = T>) {
        let mut record = StringRecord::new();
        for value in values {
            record.push_field(value.as_ref());
        }
        self.rows.push(record);
    }

    pub fn rows(&self) -> impl Iterator<Item = &StringRecord> {
        self.rows.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Writes the table to a file and imports that, as of `at`; every row has to be taken.
pub(in crate::app) fn import(
    app: &App,
    subject: Subject,
    table: &Table,
    at: DateTime<Utc>,
    progress: &mut dyn Progress,
) -> Result<(), ReplayError> {
    let actor = Actor { role: Role::Administrator, name: "replay".to_owned() };
    let by = By { actor, at };
    let folder = tempfile::tempdir().map_err(ReplayError::Scratch)?;
    let path = folder.path().join(format!("{subject}.csv"));
    let written = || -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_path(&path)?;
        writer.write_record(&table.header)?;
        for row in &table.rows {
            writer.write_record(row)?;
        }
        Ok(writer.flush()?)
    };
    written().map_err(|error| ReplayError::Scratch(error.into()))?;
    match Import::open(subject, &path)?.run(&app.db, false, &by, progress) {
        Ok(_) => Ok(()),
        Err(ImportError::Rows { rows, problems }) => {
            let listed = problems.to_string();
            let first = listed.lines().take(5).collect::<Vec<_>>().join("; ");
            Err(ReplayError::World { subject, rows, first })
        }
        Err(error) => Err(error.into()),
    }
}
