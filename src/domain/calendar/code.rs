//! The code that names a calendar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CalendarError;

/// Names a calendar: an ISO 3166-1 country (`US`), an ISO 3166-2 region (`US-KY`), or an operator's own (`ACME-LAX`).
///
/// 1 to 20 characters, each an upper-case ASCII letter, a digit or `-`; every other text is refused, also on
/// deserialising.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, PartialOrd, Ord)]
#[serde(try_from = "String", into = "String")]
pub struct CalendarCode(String);

impl CalendarCode {
    /// The longest code, in characters.
    pub const MAX_LEN: usize = 20;

    /// Reads a code.
    ///
    /// # Errors
    /// [`CalendarError::InvalidCode`] for an empty or overlong text and for any character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > Self::MAX_LEN || !text.bytes().all(allowed) {
            // Escaped and cut: the text may be hostile and is shown to people.
            let shown: String = text.chars().take(2 * Self::MAX_LEN).collect();
            return Err(CalendarError::InvalidCode { text: shown });
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CalendarCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for CalendarCode {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for CalendarCode {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CalendarCode> for String {
    fn from(code: CalendarCode) -> Self {
        code.0
    }
}

impl AsRef<str> for CalendarCode {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
