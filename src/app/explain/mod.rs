//! Why a date is what it is: questions asked in words, one at a time or a file of them, and every date
//! of an RMA or a unit.

pub mod batch;
mod desk;
mod given;
mod memory;
mod questions;
mod reading;
mod register;
mod window;

pub use desk::Desk;
pub use questions::{Cells, Kind, Unanswered, ask};
pub use register::{RmaDates, UnitDates, Wanted, entitlement, entitlements, rma, unit};
