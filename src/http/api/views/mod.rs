//! What an RMA looks like from outside.

mod analysis;
mod outcome;
mod promises;
mod rma;
mod terms;
mod transport;

pub use outcome::{Events, ExpectationView, OutcomeView};
pub use rma::{RmaView, status};
