//! One RMA is one unit: its tracks, commands and events, the decision and the fold.

pub mod actor;
mod clock;
pub mod command;
mod decide;
pub mod event;
mod fold;
pub mod hash;
pub mod next_task;
pub mod promises;
pub mod refusal;
pub mod state;
pub mod tracks;
pub mod visit;

pub use actor::{Actor, Role};
pub use command::{Command, Order, Request};
pub use decide::{Decision, Facts, IssueFacts, StockUnit, decide, request};
pub use event::{Event, Recorded, Stamp};
pub use fold::{FoldError, fold};
pub use next_task::LogisticsTask;
pub use refusal::Refusal;
pub use state::Rma;
