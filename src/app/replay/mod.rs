//! A real history on fast-forward: an installed base and its failures, taken through the whole life of
//! an RMA under a virtual clock, day by day, every step through the same use cases as everything else.
//!
//! The same seed, mix and input give the same history, event for event, on either database.

mod cast;
mod command;
mod counts;
pub(in crate::app) mod dice;
pub(in crate::app) mod import;
mod input;
mod mix;
mod perform;
mod plan;
mod run;
mod script;
mod stock;
mod world;

use chrono::{DateTime, Utc};

use super::AppError;
use super::import::{ImportError, Subject};
use super::reports::ReportError;
use crate::db::DbError;
use crate::domain::ids::RmaNumber;

pub use counts::Counts;
pub use input::{Failure, Input, InputError, InputUnit};
pub use mix::{DEFAULT_MIX, Mix, MixError};
pub use run::{Reports, run};

/// Why a replay did not come to its end. What was done until then is in the database.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(
        "the database {database} is in use already ({found}); a replay needs one of its own: name \
         another with --database-url, such as sqlite://replay.db"
    )]
    Occupied { database: String, found: String },
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Mix(#[from] MixError),
    #[error("a file to import cannot be written: {0}")]
    Scratch(#[source] std::io::Error),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("a carrier's slip cannot be written: {0}")]
    Slip(#[from] lopdf::Error),
    #[error("the {subject} made for the replay were not taken ({rows} rows): {first}")]
    World { subject: Subject, rows: u64, first: String },
    /// A step that the replay took for possible was refused.
    #[error("{who}: {act} at {at} failed: {source}")]
    Step {
        who: String,
        act: String,
        at: DateTime<Utc>,
        #[source]
        source: Box<AppError>,
    },
    #[error("the clock could not bring {count} RMAs forward at {at}; the log says which and why")]
    Clock { count: u64, at: DateTime<Utc> },
    #[error("{0} is not among the RMAs of the replay")]
    Stranger(RmaNumber),
    #[error("the report as of {as_of}: {source}")]
    Report {
        as_of: chrono::NaiveDate,
        #[source]
        source: Box<ReportError>,
    },
    #[error("{path}: {source}")]
    ReportFile {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "the tables disagree with what was done:\n{}", .0.join("\n")
    )]
    Disagree(Vec<String>),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<DbError> for ReplayError {
    fn from(error: DbError) -> Self {
        Self::App(error.into())
    }
}
