//! The use cases: load facts, let the domain decide, store state, events and outbox in one write.
//! Pages, API, CLI, importers and the clock all come through here.

pub mod attachments;
pub mod backup;
mod caller;
pub mod case_closing;
pub mod cases;
pub mod clock_job;
mod context;
pub mod demo;
pub mod dock;
mod error;
pub mod expect;
pub mod explain;
mod facts;
pub mod import;
mod intake;
pub mod interviews;
pub mod look;
pub mod notices;
pub mod papers;
mod partners;
mod passwords;
pub mod programmes;
pub mod progress_requests;
pub mod questionnaires;
pub mod register;
mod register_moves;
pub mod replay;
pub mod report_runs;
pub mod reports;
pub mod rmas;
pub mod schedules;
mod slip;
pub mod tasks;
pub mod tokens;
pub mod unit_care;
pub mod users;
pub mod verify;
pub mod visible;

pub use caller::{Caller, Capability, Principal};
pub use context::{App, FILES_EACH};
pub use error::AppError;
