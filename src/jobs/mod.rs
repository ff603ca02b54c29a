//! What runs by itself. A worker leases a row, commits, acts, and marks the row under the lease's
//! fencing token: no transaction is open while it works, and of many instances one acts.
//!
//! - `table` lists the schedules; `reckon` finds the slots that have come, the missed ones included;
//!   `run` runs them, each once; `work` is what they do, `files` what becomes of report files;
//! - [`outbox`] sends messages;
//! - `worker` ticks: [`start`] gives a [`Handle`], whose `drain` comes to rest; [`stand_by`] gives one that
//!   only runs what it is handed.

mod files;
pub mod outbox;
mod reckon;
mod report_mail;
mod run;
mod stop;
mod table;
mod work;
mod worker;

pub use outbox::{Mailer, OutboxReport};
pub use reckon::add_due;
pub use run::Jobs;
pub use stop::Stop;
pub use table::{Schedule, Work, table};
pub use worker::{Handle, stand_by, start};
