//! The only room that knows diesel: connections, transactions, the schema, one file a table family.
//!
//! Everything that changes data goes through [`Database::write`] (or [`write_on`] on a connection
//! already held), everything that must see one state through [`Database::read`].

pub mod attachments;
pub mod audit;
pub mod calendars;
pub mod case_closings;
pub mod case_overrides;
pub mod cases;
mod connection;
pub mod contracts;
pub mod copy;
pub mod counts;
pub mod dialect;
mod error;
pub mod facts;
pub mod gauges;
pub mod history;
pub mod house;
pub mod idempotency;
pub mod installed;
pub mod interviews;
mod kept;
pub mod lists;
mod migrate;
pub mod moves;
pub mod open_rmas;
pub mod organizations;
pub mod outbox;
pub mod placements;
mod pool;
pub mod positions;
pub mod products;
pub mod progress;
pub mod questionnaires;
pub mod register;
pub mod reports;
pub mod rmas;
pub mod schema;
pub mod scope;
pub mod sessions;
mod shared_commit;
pub mod sites;
pub mod slots;
mod stamp;
pub mod states;
mod straight;
pub mod tasks;
pub mod times;
pub mod tokens;
pub mod unit_care;
pub mod unit_history;
pub mod units;
mod url;
pub mod users;
mod wal_index;
mod write;
mod write_queue;

pub use connection::AnyConnection;
pub use error::{ConstraintKind, DbError, During, stored};
pub use migrate::{Direction, migrate_all};
pub use pool::{Database, PoolOptions, SchemaState};
pub use stamp::Stamp;
pub use url::{Backend, DatabaseUrl, UrlError};
pub use write::{read_on, write_on};
