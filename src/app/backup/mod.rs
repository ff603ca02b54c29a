//! Backup and restore: every row of one unchanging state in one file, which either kind of database takes.
//!
//! The file is gzip over lines of JSON: what it is (schema version, instant, where from), then each table
//! with its columns and a line a row, then the counts and a SHA-256 over every line before. A house that
//! was restored is held until it is released: the house it was taken from may still be at work. Nobody is signed
//! in to it.

mod format;
pub mod hold;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::App;
use super::import::Progress;
use crate::db::copy::{self, Column, Kind, TABLES};
use crate::db::house::{self, HouseState};
use crate::db::sessions;
use crate::db::{AnyConnection, DatabaseUrl, DbError};

pub use format::{Header, Summary};
use format::{Piece, Reader, Writer};

/// Rows stored at once.
const PAGE: usize = 500;

/// Bytes of text in the rows stored at once, unless one row has more.
const PAGE_BYTES: usize = 4 << 20;

/// Why there is no backup, or nothing restored from it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("it is not a backup of Homeward's")]
    NotABackup,
    #[error("it is damaged: {0}; take another copy of it, or another backup")]
    Damaged(String),
    #[error("its form {0} is newer than this program knows; use the program that wrote it")]
    NewerForm(u32),
    #[error("it cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Db(#[from] DbError),
}

fn damaged<T>(reason: impl Into<String>) -> Result<T, BackupError> {
    Err(BackupError::Damaged(reason.into()))
}

/// Writes the whole house as it stands in this moment; others go on writing meanwhile.
pub fn write(
    app: &App,
    out: impl Write,
    now: DateTime<Utc>,
    progress: &mut dyn Progress,
) -> Result<Summary, BackupError> {
    app.db.read(|connection| {
        let schema = copy::schema_version(connection)?.unwrap_or_default();
        let header = Header::new(schema, now, app.db.backend());
        let mut writer = Writer::begin(out, header)?;
        progress.begin("tables", TABLES.len() as u64);
        for (at, table) in TABLES.into_iter().enumerate() {
            let columns = copy::columns(connection, table)?;
            writer.table(table, &columns)?;
            copy::rows(connection, table, &columns, |line| writer.row(line))?;
            progress.reach(at as u64 + 1);
        }
        progress.end();
        writer.end()
    })
}

/// Reads a whole backup and compares it with what it says of itself.
pub fn check(path: &Path) -> Result<Summary, BackupError> {
    let mut reader = Reader::begin(File::open(path)?)?;
    while reader.next()?.is_some() {}
    reader.summary()
}

/// Restores a backup into an empty database, where the house is held. The whole file is checked first;
/// whatever happens meanwhile, the database holds all of it or nothing.
pub fn restore(
    path: &Path,
    url: &DatabaseUrl,
    now: DateTime<Utc>,
    progress: &mut dyn Progress,
) -> Result<Summary, BackupError> {
    let expected = check(path)?;
    let rows: u64 = expected.tables.values().sum();
    let load = |connection: &mut AnyConnection| {
        let mut reader = Reader::begin(File::open(path)?)?;
        progress.begin("rows", rows);
        let mut loader = Loader::default();
        while let Some(piece) = reader.next()? {
            loader.take(connection, piece)?;
            progress.reach(loader.stored);
        }
        loader.store(connection)?;
        progress.end();
        let summary = reader.summary()?;
        if summary != expected {
            return damaged("it changed while it was read");
        }
        compare(connection, &summary.tables)?;
        Ok(summary)
    };
    let made = expected.header.made_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let why = format!("restored from the backup of {made}");
    let hold = |connection: &mut AnyConnection| {
        // Whoever signed out since the backup is not signed in by it.
        sessions::end_all(connection)?;
        Ok(house::set(connection, HouseState::Held, &why, now)?)
    };
    copy::into_empty(url, &expected.header.schema, load, hold)
}

/// What is stored is what was counted.
fn compare(
    connection: &mut AnyConnection,
    expected: &BTreeMap<String, u64>,
) -> Result<(), BackupError> {
    for (table, count) in expected {
        let stored = copy::count(connection, table)?;
        if stored != *count {
            return damaged(format!("{count} rows of {table} were read and {stored} stored"));
        }
    }
    Ok(())
}

/// Stores rows a page at a time.
#[derive(Default)]
struct Loader {
    table: String,
    columns: Vec<Column>,
    instants: Vec<usize>,
    page: Vec<Vec<Value>>,
    /// Bytes of text on the page.
    weight: usize,
    stored: u64,
}

impl Loader {
    fn take(&mut self, connection: &mut AnyConnection, piece: Piece) -> Result<(), BackupError> {
        match piece {
            Piece::Table { table, columns } => {
                self.store(connection)?;
                fits(connection, &table, &columns)?;
                let of =
                    |(at, column): (usize, &Column)| (column.kind == Kind::Timestamp).then_some(at);
                self.instants = columns.iter().enumerate().filter_map(of).collect();
                (self.table, self.columns) = (table, columns);
            }
            Piece::Row(mut row) => {
                for at in &self.instants {
                    if let Some(Value::String(text)) = row.get_mut(*at) {
                        match copy::instant(text) {
                            Some(instant) => *text = instant,
                            None => return damaged(format!("{text:?} is no instant")),
                        }
                    }
                }
                let texts = row.iter().filter_map(Value::as_str);
                self.weight += texts.map(str::len).sum::<usize>();
                self.page.push(row);
                if self.page.len() == PAGE || self.weight > PAGE_BYTES {
                    self.store(connection)?;
                }
            }
        }
        Ok(())
    }

    fn store(&mut self, connection: &mut AnyConnection) -> Result<(), BackupError> {
        if !self.page.is_empty() {
            copy::insert(connection, &self.table, &self.columns, &self.page)?;
            self.stored += self.page.len() as u64;
            self.page.clear();
            self.weight = 0;
        }
        Ok(())
    }
}

/// The table is one of ours and has these columns, in whatever order.
fn fits(
    connection: &mut AnyConnection,
    table: &str,
    columns: &[Column],
) -> Result<(), BackupError> {
    if !TABLES.contains(&table) {
        return damaged(format!("there is no table {table:?}"));
    }
    let sorted = |columns: &[Column]| {
        let mut all: Vec<(String, Kind)> =
            columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
        all.sort();
        all
    };
    if sorted(&copy::columns(connection, table)?) != sorted(columns) {
        return damaged(format!("table {table} has other columns in this schema version"));
    }
    Ok(())
}
