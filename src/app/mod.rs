//! Use cases: load the facts, let the domain decide, store everything in one write.

pub mod import;
pub mod register;
