//! What the rulebook says. Pure: no database, no HTTP, no I/O, and time only as an argument.

pub mod analysis;
pub mod attachment;
pub mod calendar;
pub mod carriage;
pub mod catalogue;
pub mod dock;
pub mod entitlement;
pub mod explain;
pub mod ids;
pub mod intake;
pub mod media;
pub mod money;
pub mod notice;
pub mod partner;
pub mod product_life;
pub mod programme;
pub mod questionnaire;
pub mod recurrence;
pub mod replacement_due;
pub mod return_window;
pub mod rma;
pub mod service_level;
pub mod site;
pub mod warranty;
pub mod words;
pub mod zone;
