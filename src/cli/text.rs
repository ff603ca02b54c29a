//! Lines of an answer, and values as lists and looks print them.

use std::fmt::Arguments;
use std::io::{self, Write};

use chrono::{DateTime, Utc};

/// Says a line. Whoever has read enough (`| head`) ends the reading, not the command: what it did is done, and
/// its exit code tells of that. Where the answer cannot be written for another reason, the command ends.
pub(super) fn line(said: Arguments<'_>) {
    match writeln!(io::stdout().lock(), "{said}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: {}", super::CliError::Output(error));
            std::process::exit(1);
        }
        _ => {}
    }
}

/// An instant in a list, in one word: `2026-11-16T15:00:00Z`.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An instant in a history that people read: `2026-11-16 15:00:00Z`.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The same to the minute.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%MZ").to_string()
}

/// A value, or a dash where there is none.
pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
