//! Why a use case did not happen. Transport-free: pages, API and CLI each say it in their own way.

use crate::db::DbError;
use crate::domain::calendar::CalendarError;
use crate::domain::ids::{CaseNumber, IdError, RmaNumber};
use crate::domain::media::BadFile;
use crate::domain::rma::Refusal;
use crate::domain::warranty::WarrantyError;

/// A use case's failure. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule forbids it.
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("there is no RMA {0}")]
    NoSuchRma(RmaNumber),
    #[error("there is no case {0}")]
    NoSuchCase(CaseNumber),
    #[error("there is no run {0} of a report")]
    NoSuchRun(i64),
    #[error(
        "run {run} cannot be tried again: its slot is {state}; start a new run to have the report again"
    )]
    NotFailed { run: i64, state: String },
    /// The resource that was asked for is absent, or foreign.
    #[error("there is no {what} {name}")]
    NotThere { what: &'static str, name: String },
    #[error("there is no {what} {name:?}")]
    NoSuch { what: &'static str, name: String },
    /// A judgement was made on a version that has been overtaken.
    #[error(
        "{number} has moved on to version {current} since version {judged}; look again, then decide"
    )]
    Stale { number: RmaNumber, judged: i64, current: i64 },
    /// Another write came between reading and storing, several times over.
    #[error("{0} is being changed by others at this moment; try again")]
    Contended(RmaNumber),
    /// As many files as the setting allows.
    #[error("{thing} has {limit} files already; as many as `attachments.each` allows")]
    NoRoom { thing: String, limit: u32 },
    /// A file that was taken back.
    #[error("attachment {id} was withdrawn by {by} on {on}: {because}")]
    Withdrawn { id: i64, by: String, on: chrono::NaiveDate, because: String },
    /// Bytes that are not kept.
    #[error(transparent)]
    BadFile(#[from] BadFile),
    /// The house was restored and not released yet.
    #[error(
        "the house is held ({0}): nothing is sent and nothing charged until `homeward release`"
    )]
    Held(String),
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: String },
    #[error("this Idempotency-Key was used for another request; take a new key for a new request")]
    KeyReused,
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    #[error(transparent)]
    Warranty(#[from] WarrantyError),
}

impl AppError {
    /// The same attempt may succeed when made again at once.
    pub fn may_retry(&self) -> bool {
        match self {
            Self::Db(error) => error.is_busy(),
            Self::Contended(_) => true,
            _ => false,
        }
    }
}
