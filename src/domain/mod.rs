//! What the rulebook says. Pure: no database, no HTTP, no I/O, and time only as an argument.

pub mod calendar;
pub mod ids;
pub mod money;
pub mod service_level;
pub mod site;
pub mod words;
pub mod zone;
