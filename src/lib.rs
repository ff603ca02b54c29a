//! Homeward: RMA logistics and warranty tracking.

pub mod documents;
pub mod domain;
