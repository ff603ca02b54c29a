//! What runs by itself. A worker leases a row, commits, acts, and marks the row under the lease's
//! fencing token: no transaction is open while it works, and of many instances one acts.

pub mod outbox;
mod stop;

pub use outbox::{Mailer, OutboxReport};
pub use stop::Stop;
