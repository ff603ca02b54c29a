//! Homeward: RMA logistics and warranty tracking.
//!
//! The rooms, and the one direction between them:
//!
//! ```text
//! main -> cli, http, jobs -> app -> db -> domain
//! app, documents, mail, reports -> domain    (app hands them rows and takes bytes)
//! ```
//!
//! - [`domain`] is pure: the rulebook's rules as functions of values. `rma::decide` turns an RMA, an
//!   order and facts into events or a refusal; `rma::fold` turns events back into the RMA.
//! - [`app`] holds the use cases. Each loads its facts, lets the domain decide, and stores state,
//!   events, ledger, messages and register moves in one write.
//! - [`db`] is the only room that knows diesel. SQLite and PostgreSQL answer alike.
//! - [`documents`] turns plain values into PDF, [`reports`] turns rows into CSV.
//! - [`http`] is the only room that knows actix: the JSON API, its OpenAPI document, the server.
//! - [`mail`] puts notices into words and takes them out of the house.
//! - [`jobs`] is what runs by itself: the outbox and the schedules.
//! - [`cli`] is one file a command; [`config`] is read once at the start; [`clock`] alone asks the time.
//!
//! Nothing points back; a test keeps it so.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod documents;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod reports;

/// Reading and writing a row is a hundred small pieces of memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
