//! Homeward: RMA logistics and warranty tracking.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod documents;
pub mod domain;
pub mod reports;
