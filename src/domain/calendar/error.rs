//! What can go wrong with calendars.

use chrono::NaiveDate;
use thiserror::Error;

use super::CalendarCode;

/// Why a calendar could not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The text cannot be a calendar's code.
    #[error(
        "{text:?} is no calendar code: give 1 to 20 upper-case letters A-Z, digits or '-', such as US, DE-BY or ACME-LAX"
    )]
    InvalidCode {
        /// The text, cut to 40 characters.
        text: String,
    },
    /// No calendar has this code.
    #[error("there is no calendar {code}{}", near(hint))]
    Unknown {
        /// The code asked for.
        code: CalendarCode,
        /// Codes that exist and look like it, the nearest first.
        hint: Vec<CalendarCode>,
    },
    /// The question, or the count on the way to its answer, reaches a date the calendar knows nothing about.
    #[error(
        "calendar {code} is known from {from} to {to}; {date} lies outside, so business days cannot be counted there: \
         import a calendar {code} that covers it"
    )]
    OutOfRange {
        /// The calendar.
        code: CalendarCode,
        /// The date asked for, or the first date outside that the count would have needed.
        date: NaiveDate,
        /// First known date.
        from: NaiveDate,
        /// Last known date.
        to: NaiveDate,
    },
    /// A calendar's data contradict themselves or cannot be read.
    #[error("calendar {code} is malformed: {problem}")]
    Malformed {
        /// The calendar.
        code: CalendarCode,
        /// What is wrong and where.
        problem: String,
    },
}

fn near(hint: &[CalendarCode]) -> String {
    match hint {
        [] => "; import it, or choose one that is listed".to_owned(),
        [one] => format!("; did you mean {one}?"),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(CalendarCode::as_str).collect();
            format!("; did you mean {} or {last}?", first.join(", "))
        }
    }
}
