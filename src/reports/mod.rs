//! Reports: a definition in TOML names a dataset and its columns; rows stream from the database into
//! CSV. One file a dataset.

mod csv;
mod definition;
mod library;
pub mod non_returns;
pub mod open_rmas;
pub mod product_life;

pub use csv::{CsvOut, CsvSummary};
pub use definition::{
    CatchUp, Columns, Dataset, DefinitionError, Filter, Recipient, ReportDefinition,
};
pub use library::{Library, TAKEN, check, shipped};
