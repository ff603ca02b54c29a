//! What the rulebook says. Pure: no database, no HTTP, no I/O, and time only as an argument.

pub mod calendar;
pub mod zone;
