//! Homeward: RMA logistics and warranty tracking.

pub mod db;
pub mod documents;
pub mod domain;
