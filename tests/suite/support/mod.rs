//! What the tests stand on.

pub mod bring_in;
pub mod command;
pub mod databases;
pub mod files;
pub mod older_backup;
pub mod outside;
pub mod postgres;
pub mod record;
pub mod recount;
pub mod service;
pub mod smtp;
pub mod snapshot;
pub mod world;

/// Says aloud that a test, or its part, was not run, and how to have it run; with
/// `HOMEWARD_REQUIRE_ALL=1` that is a failure.
pub fn skipped(what: &str, how: &str) {
    let require = std::env::var("HOMEWARD_REQUIRE_ALL").is_ok_and(|v| v == "1");
    assert!(!require, "{what} was not run and HOMEWARD_REQUIRE_ALL=1: {how}");
    step_aside(what, how);
}

/// Says the same aloud of what nobody can be asked to have.
pub fn step_aside(what: &str, how: &str) {
    // Straight to stderr: the harness would keep a printed line of a passing test to itself.
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {how}");
}
