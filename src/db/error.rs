//! What can go wrong with the database, told apart by what the caller can do about it.

use std::str::FromStr;

use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};

use super::url::UrlError;

/// Which kind of constraint refused a row. Names of constraints are not relied on: SQLite gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    Unique,
    ForeignKey,
    Check,
    NotNull,
}

/// A failure of the database. Never a way to say "there is no such row": absence is an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("the database {database} cannot be reached: {detail}")]
    Unavailable { database: String, detail: String },
    #[error("no connection to the database {database} was free within {seconds} s: {detail}")]
    PoolTimeout { database: String, seconds: u64, detail: String },
    #[error("the database is busy with another write ({operation}: {detail}); try again")]
    Busy { operation: &'static str, detail: String },
    #[error(
        "the database has no room left ({operation}: {detail}); nothing of this write was kept: free some space and try again"
    )]
    Full { operation: &'static str, detail: String },
    #[error(
        "the database {database} was written by a newer Homeward (it holds the schema version {versions}, \
         this program knows up to {known}); use that version of the program or a copy made before"
    )]
    Newer { database: String, versions: String, known: String },
    #[error("the database {database} is not empty (it holds {found}); name an empty one")]
    Occupied { database: String, found: String },
    #[error("the schema of {database} could not be brought up to date: {detail}")]
    Migration { database: String, detail: String },
    #[error("{operation}: refused by a {kind:?} constraint of the database: {detail}")]
    Constraint { kind: ConstraintKind, operation: &'static str, detail: String },
    #[error("the write was not kept, nor were those it shared a commit with: {detail}; try again")]
    NotKept { detail: String },
    #[error("{operation}: a row that has to be there is missing")]
    Missing { operation: &'static str },
    #[error("{operation}: the database is damaged or holds what no version wrote: {detail}")]
    Corrupt { operation: &'static str, detail: String },
    #[error("{operation}: the database failed: {source}")]
    Other {
        operation: &'static str,
        #[source]
        source: DieselError,
    },
}

impl DbError {
    /// Whether the same write may go through when simply tried again: a lock not had in time, a
    /// serialization failure or a deadlock.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    /// The same failure, for each of those whose writes it undid.
    pub(super) fn for_others(&self) -> Self {
        match self {
            Self::Busy { operation, detail } => Self::Busy { operation, detail: detail.clone() },
            Self::Full { operation, detail } => Self::Full { operation, detail: detail.clone() },
            Self::Corrupt { operation, detail } => {
                Self::Corrupt { operation, detail: detail.clone() }
            }
            other => Self::NotKept { detail: other.to_string() },
        }
    }

    /// Whether a unique constraint refused the row.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Constraint { kind: ConstraintKind::Unique, .. })
    }

    /// The failure of `operation`, told apart.
    pub(super) fn of(operation: &'static str, error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        let (kind, detail) = match error {
            DieselError::NotFound => return Self::Missing { operation },
            DieselError::DatabaseError(kind, ref info) => (kind, info.message().to_owned()),
            DieselError::RollbackErrorOnCommit { commit_error, .. } => {
                return Self::of(operation, *commit_error);
            }
            source => return Self::Other { operation, source },
        };
        let constraint = |kind| Self::Constraint { kind, operation, detail: detail.clone() };
        match kind {
            Kind::UniqueViolation | Kind::ExclusionViolation => constraint(ConstraintKind::Unique),
            Kind::ForeignKeyViolation | Kind::RestrictViolation => {
                constraint(ConstraintKind::ForeignKey)
            }
            Kind::CheckViolation => constraint(ConstraintKind::Check),
            Kind::NotNullViolation => constraint(ConstraintKind::NotNull),
            Kind::SerializationFailure => Self::Busy { operation, detail },
            Kind::ClosedConnection => {
                Self::Unavailable { database: "connection".to_owned(), detail }
            }
            _ => Self::by_message(operation, detail, error),
        }
    }

    /// The drivers pass on no code for these, so their messages have to tell (SQLite's are fixed;
    /// PostgreSQL's are those of `lc_messages` C or English).
    fn by_message(operation: &'static str, detail: String, source: DieselError) -> Self {
        const BUSY: &[&str] = &[
            "database is locked",
            "database table is locked",
            "database schema is locked",
            "deadlock detected",
            "due to lock timeout",
        ];
        const FULL: &[&str] = &["database or disk is full", "No space left on device"];
        const CORRUPT: &[&str] = &["disk image is malformed", "file is not a database"];
        let says = |known: &[&str]| known.iter().any(|k| detail.contains(k));
        if says(BUSY) {
            Self::Busy { operation, detail }
        } else if says(FULL) {
            Self::Full { operation, detail }
        } else if says(CORRUPT) {
            Self::Corrupt { operation, detail }
        } else {
            Self::Other { operation, source }
        }
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        Self::of("a query", error)
    }
}

/// Names what was being done, so that a failure's message says it.
pub trait During<T> {
    fn during(self, operation: &'static str) -> Result<T, DbError>;
}

impl<T> During<T> for QueryResult<T> {
    fn during(self, operation: &'static str) -> Result<T, DbError> {
        self.map_err(|error| DbError::of(operation, error))
    }
}

/// Reads a stored text into the type it was written from; what cannot be read was not written by
/// Homeward.
pub fn stored<T>(what: &'static str, text: &str) -> Result<T, DbError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error: T::Err| DbError::Corrupt { operation: what, detail: error.to_string() })
}
