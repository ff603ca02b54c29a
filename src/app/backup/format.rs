//! The form of a backup's file.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use chrono::{DateTime, SubsecRound, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BackupError, damaged};
use crate::db::Backend;
use crate::db::copy::Column;
use crate::domain::hex::hex;

/// This form.
const FORM: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub homeward_backup: u32,
    /// The schema's version.
    pub schema: String,
    pub made_at: DateTime<Utc>,
    /// The kind of database it was taken from; it goes into either.
    pub from: String,
    pub program: String,
}

impl Header {
    pub fn new(schema: String, now: DateTime<Utc>, from: Backend) -> Self {
        Self {
            homeward_backup: FORM,
            schema,
            made_at: now.trunc_subsecs(0),
            from: match from {
                Backend::Sqlite => "sqlite",
                Backend::Postgres => "postgres",
            }
            .to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub header: Header,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
    /// Over every line but the last.
    pub sha256: String,
}

/// A line that begins a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableLine {
    table: String,
    columns: Vec<Column>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    rows: BTreeMap<String, u64>,
    sha256: String,
}

pub(super) struct Writer<W: Write> {
    out: GzEncoder<BufWriter<W>>,
    digest: Sha256,
    header: Header,
    tables: BTreeMap<String, u64>,
    table: String,
}

impl<W: Write> Writer<W> {
    pub fn begin(out: W, header: Header) -> Result<Self, BackupError> {
        let out = GzEncoder::new(BufWriter::with_capacity(1 << 16, out), Compression::fast());
        let first = json(&header)?;
        let (digest, tables, table) = (Sha256::new(), BTreeMap::new(), String::new());
        let mut writer = Self { out, digest, header, tables, table };
        writer.line(&first)?;
        Ok(writer)
    }

    fn line(&mut self, line: &str) -> Result<(), BackupError> {
        for bytes in [line.as_bytes(), b"\n"] {
            self.digest.update(bytes);
            self.out.write_all(bytes)?;
        }
        Ok(())
    }

    pub fn table(&mut self, table: &str, columns: &[Column]) -> Result<(), BackupError> {
        self.table = table.to_owned();
        self.tables.insert(self.table.clone(), 0);
        let line = json(&TableLine { table: table.to_owned(), columns: columns.to_vec() })?;
        self.line(&line)
    }

    /// A row of the table begun last.
    pub fn row(&mut self, line: &str) -> Result<(), BackupError> {
        *self.tables.entry(self.table.clone()).or_default() += 1;
        self.line(line)
    }

    pub fn end(mut self) -> Result<Summary, BackupError> {
        let sha256 = hex(&self.digest.clone().finalize());
        let line = json(&EndLine { rows: self.tables.clone(), sha256: sha256.clone() })?;
        self.line(&line)?;
        self.out.finish()?.flush()?;
        Ok(Summary { header: self.header, tables: self.tables, sha256 })
    }
}

fn json(value: &impl Serialize) -> Result<String, BackupError> {
    serde_json::to_string(value).map_err(|error| BackupError::Io(error.into()))
}

/// A piece of a backup.
pub(super) enum Piece {
    Table { table: String, columns: Vec<Column> },
    Row(Vec<Value>),
}

pub(super) struct Reader<R: Read> {
    input: BufReader<GzDecoder<BufReader<R>>>,
    digest: Sha256,
    header: Header,
    tables: BTreeMap<String, u64>,
    table: Option<(String, usize)>,
    end: Option<EndLine>,
}

impl<R: Read> Reader<R> {
    pub fn begin(input: R) -> Result<Self, BackupError> {
        let mut input = BufReader::new(GzDecoder::new(BufReader::with_capacity(1 << 16, input)));
        let mut first = Vec::new();
        // What is not gzip fails here, and so does what is cut off before its first line ends.
        let read = input.by_ref().take(4_096).read_until(b'\n', &mut first);
        let header: Option<Header> = read.ok().and_then(|_| serde_json::from_slice(&first).ok());
        let Some(header) = header else { return Err(BackupError::NotABackup) };
        if header.homeward_backup > FORM {
            return Err(BackupError::NewerForm(header.homeward_backup));
        }
        let mut digest = Sha256::new();
        digest.update(&first);
        Ok(Self { input, digest, header, tables: BTreeMap::new(), table: None, end: None })
    }

    /// The next piece; none once the end was read.
    pub fn next(&mut self) -> Result<Option<Piece>, BackupError> {
        let mut line = Vec::new();
        if let Err(error) = self.input.read_until(b'\n', &mut line) {
            return damaged(error.to_string());
        }
        if line.is_empty() {
            return match self.end {
                Some(_) => Ok(None),
                None => damaged("it ends too early"),
            };
        }
        if self.end.is_some() {
            return damaged("something follows its end");
        }
        let piece =
            if line.starts_with(b"[") { self.row(&line)? } else { self.begin_or_end(&line)? };
        if self.end.is_some() {
            // The end of the compressed stream is read too: it has a sum of its own.
            return self.next();
        }
        self.digest.update(&line);
        Ok(piece)
    }

    fn row(&mut self, line: &[u8]) -> Result<Option<Piece>, BackupError> {
        let Some((table, columns)) = &self.table else { return damaged("a row before any table") };
        let row: Vec<Value> = match serde_json::from_slice(line) {
            Ok(row) => row,
            Err(error) => return damaged(format!("a row of {table}: {error}")),
        };
        if row.len() != *columns {
            return damaged(format!("a row of {table} has {} values of {columns}", row.len()));
        }
        *self.tables.entry(table.clone()).or_default() += 1;
        Ok(Some(Piece::Row(row)))
    }

    fn begin_or_end(&mut self, line: &[u8]) -> Result<Option<Piece>, BackupError> {
        if let Ok(TableLine { table, columns }) = serde_json::from_slice(line) {
            self.tables.insert(table.clone(), 0);
            self.table = Some((table.clone(), columns.len()));
            return Ok(Some(Piece::Table { table, columns }));
        }
        match serde_json::from_slice(line) {
            Ok(end) => self.end = Some(end),
            Err(error) => return damaged(format!("a line that is none of its own: {error}")),
        }
        Ok(None)
    }

    /// What was read, once it is the same as what the end says.
    pub fn summary(self) -> Result<Summary, BackupError> {
        let Some(end) = self.end else { return damaged("it ends too early") };
        let sha256 = hex(&self.digest.finalize());
        if end.sha256 != sha256 {
            return damaged(format!("its SHA-256 is {sha256}, not {}", end.sha256));
        }
        if end.rows != self.tables {
            return damaged("its rows are not as many as it says");
        }
        Ok(Summary { header: self.header, tables: self.tables, sha256 })
    }
}
