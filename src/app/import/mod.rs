//! Bringing a register in from CSV files: the whole file is read and checked first, every bad row is
//! named, and what is good is stored in one write.
//!
//! A file imported again changes what it says differently and nothing else.

mod blocks;
mod calendars;
mod chassis;
mod columns;
mod contracts;
mod facts;
mod fields;
mod former;
mod organizations;
mod owners;
mod problems;
mod products;
mod redating;
mod sites;
mod software;
mod source;
mod units;
mod watch;

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};

pub use calendars::RowKind;
pub use columns::Column;
pub(super) use fields::{date, time_of_day};
pub use problems::{Problem, Problems, SHOWN};
pub(super) use source::{Row, Source, describe, wrong_width};

use self::fields::Fields;
use crate::db::{AnyConnection, Database, DbError};
use crate::domain::rma::{Actor, Stamp};
use crate::words;

words! {
    /// What a file holds.
    Subject("subject of an import") {
        Organizations = "organizations",
        Products = "products",
        Sites = "sites",
        Calendars = "calendars",
        Contracts = "contracts",
        Units = "units",
    }
}

/// Hears how far an import has come.
pub trait Progress {
    /// A part of the work begins, `total` steps long (bytes of the file, or rows; 0 if unknown).
    fn begin(&mut self, what: &'static str, total: u64);
    /// So many of the steps are done.
    fn reach(&mut self, done: u64);
    /// The part is done.
    fn end(&mut self);
}

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Rows of the file.
    pub rows: u64,
    pub counts: Counts,
    /// The rows left out, where that was asked for.
    pub problems: Problems,
}

/// How many records were touched, and how. Several rows can make one record (calendars, contracts).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Units that have moved on since they were imported (promised, sent as a replacement, replaced,
    /// or to have another owner while an RMA is open on them) and were therefore left as they are; counted as unchanged as well.
    pub moved_on: u64,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
    #[error("{file}:1: {}", problems.join("; "))]
    Columns { file: String, problems: Vec<String> },
    /// Bad rows; nothing was stored.
    #[error("{refused} of {rows} rows are bad; nothing was stored. Correct them, or leave them out with --skip-bad",
        refused = problems.rows())]
    Rows { rows: u64, problems: Problems },
    #[error(transparent)]
    Database(#[from] DbError),
}

/// One kind of file: its columns, what it checks, what it stores.
trait Importer: Sized {
    /// Loads the facts that rows are checked against. `today` is the day of the import, in UTC.
    fn load(connection: &mut AnyConnection, today: NaiveDate) -> Result<Self, ImportError>;
    /// Takes a row, or refuses it.
    fn row(&mut self, fields: &mut Fields<'_>);
    /// Judges what only all rows together, or more of the database, can tell.
    fn judge(
        &mut self,
        _connection: &mut AnyConnection,
        _problems: &mut Problems,
    ) -> Result<(), DbError> {
        Ok(())
    }
    /// Stores the rows taken.
    fn store(
        &self,
        connection: &mut AnyConnection,
        stamp: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError>;
}

/// Who brings a file in, and when.
#[derive(Debug, Clone)]
pub struct By {
    pub actor: Actor,
    pub at: DateTime<Utc>,
}

impl By {
    /// What is kept with whatever the file changes; of its path the name alone.
    fn stamp(&self, source: &Source) -> Stamp {
        let name = Path::new(source.name()).file_name().unwrap_or_default();
        Stamp {
            occurred_at: self.at,
            recorded_at: self.at,
            actor: self.actor.clone(),
            source: name.to_string_lossy().into_owned(),
        }
    }
}

/// A file that was found to be a CSV file with the right columns.
pub struct Import {
    subject: Subject,
    source: Source,
}

impl Import {
    /// Opens the file and understands its first line; the database is not needed for that.
    ///
    /// # Errors
    /// `File` for a file that cannot be read, is empty or is not text in UTF-8; `Columns` for unknown,
    /// missing or doubled columns.
    pub fn open(subject: Subject, path: &Path) -> Result<Self, ImportError> {
        Ok(Self { subject, source: Source::open(path, columns_of(subject))? })
    }

    /// As [`open`](Self::open), for bytes that came another way; `name` stands for the file's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn of_bytes(subject: Subject, name: &str, bytes: Vec<u8>) -> Result<Self, ImportError> {
        // A length in memory fits 64 bits.
        let size = bytes.len() as u64;
        let bytes = Box::new(std::io::Cursor::new(bytes));
        Ok(Self { subject, source: Source::of(name.to_owned(), bytes, size, columns_of(subject))? })
    }

    /// As [`run`](Self::run), inside a write that is open, whose end decides whether anything is kept.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_within(
        self,
        connection: &mut AnyConnection,
        skip_bad: bool,
        by: &By,
        progress: &mut dyn Progress,
    ) -> Result<Summary, ImportError> {
        type Run<'a> = (Source, &'a mut AnyConnection, bool, &'a By, &'a mut dyn Progress);
        fn of<I: Importer>(
            (source, connection, skip_bad, by, progress): Run<'_>,
        ) -> Result<Summary, ImportError> {
            let stamp = by.stamp(&source);
            let mut importer = I::load(connection, by.at.date_naive())?;
            let mut problems = Problems::new(source.name().to_owned());
            let rows = source.each(&mut problems, progress, |fields| importer.row(fields))?;
            importer.judge(connection, &mut problems)?;
            if !problems.is_empty() && !skip_bad {
                return Err(ImportError::Rows { rows, problems });
            }
            Ok(Summary { rows, counts: importer.store(connection, &stamp, progress)?, problems })
        }
        let run: Run<'_> = (self.source, connection, skip_bad, by, progress);
        match self.subject {
            Subject::Organizations => of::<organizations::Organizations>(run),
            Subject::Products => of::<products::Products>(run),
            Subject::Sites => of::<sites::Sites>(run),
            Subject::Calendars => of::<calendars::CalendarFile>(run),
            Subject::Contracts => of::<contracts::Contracts>(run),
            Subject::Units => of::<units::Units>(run),
        }
    }

    /// Checks every row and then stores all, or, with `skip_bad`, the good ones.
    ///
    /// # Errors
    /// `Rows` with every bad row, `Database`; nothing was stored then.
    pub fn run(
        self,
        database: &Database,
        skip_bad: bool,
        by: &By,
        progress: &mut dyn Progress,
    ) -> Result<Summary, ImportError> {
        match self.subject {
            Subject::Organizations => {
                run::<organizations::Organizations>(self.source, database, skip_bad, by, progress)
            }
            Subject::Products => {
                run::<products::Products>(self.source, database, skip_bad, by, progress)
            }
            Subject::Sites => run::<sites::Sites>(self.source, database, skip_bad, by, progress),
            Subject::Calendars => {
                run::<calendars::CalendarFile>(self.source, database, skip_bad, by, progress)
            }
            Subject::Contracts => {
                run::<contracts::Contracts>(self.source, database, skip_bad, by, progress)
            }
            Subject::Units => run::<units::Units>(self.source, database, skip_bad, by, progress),
        }
    }
}

fn run<I: Importer>(
    source: Source,
    database: &Database,
    skip_bad: bool,
    by: &By,
    progress: &mut dyn Progress,
) -> Result<Summary, ImportError> {
    let stamp = by.stamp(&source);
    let mut importer = database.read(|c| I::load(c, by.at.date_naive()))?;
    let mut problems = Problems::new(source.name().to_owned());
    let rows = source.each(&mut problems, progress, |fields| importer.row(fields))?;
    database.read(|c| importer.judge(c, &mut problems))?;
    if !problems.is_empty() && !skip_bad {
        return Err(ImportError::Rows { rows, problems });
    }
    let counts = database.write_alone(|c| importer.store(c, &stamp, progress))?;
    Ok(Summary { rows, counts, problems })
}

fn columns_of(subject: Subject) -> &'static [columns::Column] {
    match subject {
        Subject::Organizations => organizations::Col::ALL,
        Subject::Products => products::Col::ALL,
        Subject::Sites => sites::Col::ALL,
        Subject::Calendars => calendars::Col::ALL,
        Subject::Contracts => contracts::Col::ALL,
        Subject::Units => units::Col::ALL,
    }
}

/// The columns of a subject's file, for a help text.
pub fn help(subject: Subject) -> String {
    columns::help(columns_of(subject))
}
