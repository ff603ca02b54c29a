//! Identifiers people read and type. Each is parsed once, at the door, and is valid ever after.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What is wrong with a text that should have been an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("{what} is empty")]
    Empty { what: &'static str },
    #[error("{what} {value:?} begins or ends with a blank; remove it")]
    Blank { what: &'static str, value: String },
    #[error("{what} {value:?} is {length} characters long; at most {limit} are stored")]
    TooLong { what: &'static str, value: String, length: usize, limit: usize },
    #[error("{what} {value:?} holds the control character U+{code:04X}")]
    Control { what: &'static str, value: String, code: u32 },
    #[error("{value:?} is not an RMA number: R and 8 to 10 digits, or the bare number (ID-3)")]
    RmaNumber { value: String },
    #[error(
        "{value:?} is not a case number: YYYY-MMDD-NNNNNN with a real date, or its 14 digits (ID-1)"
    )]
    CaseNumber { value: String },
    #[error(
        "{value:?} is not an SSRN: 6 to 32 letters, digits and hyphens, a digit among them (ID-5)"
    )]
    Ssrn { value: String },
}

/// Checks a one-line text: not empty, no blanks at its ends, no control characters, not too long.
pub(crate) fn checked(what: &'static str, value: &str, limit: usize) -> Result<(), IdError> {
    let shown = || value.chars().take(80).collect::<String>();
    if value.is_empty() {
        return Err(IdError::Empty { what });
    }
    if value.trim() != value {
        return Err(IdError::Blank { what, value: shown() });
    }
    if let Some(c) = value.chars().find(|c| c.is_control()) {
        return Err(IdError::Control { what, value: shown(), code: u32::from(c) });
    }
    let length = value.chars().count();
    if length > limit {
        return Err(IdError::TooLong { what, value: shown(), length, limit });
    }
    Ok(())
}

/// What is wrong with a text that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("1 to {limit} characters are needed, and there is none")]
    Blank { limit: usize },
    #[error("1 to {limit} characters are needed, and there are more")]
    TooLong { limit: usize },
    #[error("it holds the control character U+{code:04X}")]
    Control { code: u32 },
}

/// Checks a text of several lines: not blank, not too long, no control characters but line breaks and tabs.
/// Gives it without the blanks around it.
pub(crate) fn checked_text(text: &str, limit: usize) -> Result<&str, TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Blank { limit });
    }
    if text.chars().count() > limit {
        return Err(TextError::TooLong { limit });
    }
    match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(c) => Err(TextError::Control { code: u32::from(c) }),
        None => Ok(text.trim()),
    }
}

/// A newtype over one checked line of text.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $limit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                checked($what, value, $limit)?;
                Ok(Self(value.to_owned()))
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                checked($what, &value, $limit)?;
                Ok(Self(value))
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A unit's serial number (ID-5), unique within its manufacturer, kept as it is written on the unit.
    SerialNumber, "the serial number", 64
}
text_id! {
    /// The manufacturer's part number (ID-6).
    PartNumber, "the part number", 64
}
text_id! {
    /// A manufacturer's name, which chooses the programme.
    Manufacturer, "the manufacturer", 64
}

text_id! {
    /// A family of products, which chooses the questionnaire (SYS-5).
    Family, "the family", 40
}

/// A software support reference number (ID-5), which stands for software as a serial number stands for a unit.
/// The sources name it and say nothing of its form. This reading takes what can be typed and read out: 6 to
/// 32 ASCII letters, digits and hyphens, a digit among them; it is kept as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ssrn(String);

impl Ssrn {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ssrn {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let shape = (6..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && !text.starts_with('-')
            && !text.ends_with('-');
        if shape {
            return Ok(Self(text.to_owned()));
        }
        Err(IdError::Ssrn { value: text.chars().take(40).collect() })
    }
}
impl TryFrom<String> for Ssrn {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}
impl From<Ssrn> for String {
    fn from(value: Ssrn) -> String {
        value.0
    }
}
impl From<Ssrn> for SerialNumber {
    /// The register holds both in one column.
    fn from(value: Ssrn) -> Self {
        Self(value.0)
    }
}
impl fmt::Display for Ssrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An RMA number: `R` and ten digits (ID-3). Eight digits and the bare integer are understood
/// and mean the same number (AMB-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RmaNumber(u64);

impl RmaNumber {
    /// The largest number ten digits can show.
    pub const MAX: u64 = 9_999_999_999;

    /// The number of this value, if ten digits can show it and it is not zero.
    pub fn new(value: u64) -> Option<Self> {
        (1..=Self::MAX).contains(&value).then_some(Self(value))
    }

    pub fn value(self) -> u64 {
        self.0
    }

    /// Every way to write it that is understood as it: digits with and without zeros in front, and from eight
    /// on with an `R` or `r`.
    pub fn spellings(self) -> Vec<String> {
        let bare = self.0.to_string().len();
        let digits = (bare..=10).map(|width| format!("{:0width$}", self.0));
        let marked = (bare.max(8)..=10)
            .flat_map(|width| ["R", "r"].map(|mark| format!("{mark}{:0width$}", self.0)));
        digits.chain(marked).collect()
    }
}

impl FromStr for RmaNumber {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError::RmaNumber { value: text.chars().take(40).collect() };
        let trimmed = text.trim();
        let (digits, marked) = match trimmed.strip_prefix(['R', 'r']) {
            Some(rest) => (rest, true),
            None => (trimmed, false),
        };
        let shape = !digits.is_empty()
            && digits.len() <= 10
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (!marked || digits.len() >= 8);
        if !shape {
            return Err(bad());
        }
        digits.parse().ok().and_then(Self::new).ok_or_else(bad)
    }
}
impl TryFrom<String> for RmaNumber {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}
impl From<RmaNumber> for String {
    fn from(value: RmaNumber) -> String {
        value.to_string()
    }
}
impl fmt::Display for RmaNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{:010}", self.0)
    }
}

/// A case number `YYYY-MMDD-NNNNNN` (ID-1): the date in the operator's zone and a serial unique
/// within it. Fourteen digits, and a trailing `#` as typed on a telephone (ID-2), mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNumber {
    day: NaiveDate,
    serial: u32,
}

impl CaseNumber {
    /// The `serial`th case of `day`; none past 999,999 a day, or for a year of other than four digits.
    pub fn new(day: NaiveDate, serial: u32) -> Option<Self> {
        use chrono::Datelike;
        ((1..=999_999).contains(&serial) && (1000..=9999).contains(&day.year()))
            .then_some(Self { day, serial })
    }

    pub fn day(self) -> NaiveDate {
        self.day
    }

    /// The fourteen digits for telephone entry (ID-2), without the closing `#`.
    pub fn digits(self) -> String {
        format!("{}{:06}", self.day.format("%Y%m%d"), self.serial)
    }
}

impl FromStr for CaseNumber {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError::CaseNumber { value: text.chars().take(40).collect() };
        let trimmed = text.trim();
        let trimmed = trimmed.strip_suffix('#').unwrap_or(trimmed);
        let bytes = trimmed.as_bytes();
        let digits: String = if bytes.len() == 16 && bytes[4] == b'-' && bytes[9] == b'-' {
            trimmed.chars().filter(|c| *c != '-').collect()
        } else {
            trimmed.to_owned()
        };
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let day = NaiveDate::parse_from_str(&digits[..8], "%Y%m%d").map_err(|_| bad())?;
        let serial = digits[8..].parse().map_err(|_| bad())?;
        Self::new(day, serial).ok_or_else(bad)
    }
}
impl TryFrom<String> for CaseNumber {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        value.parse()
    }
}
impl From<CaseNumber> for String {
    fn from(value: CaseNumber) -> String {
        value.to_string()
    }
}
impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", self.day.format("%Y-%m%d"), self.serial)
    }
}

/// A database row's key as a type of its own, so that one table's key is never taken for another's.
macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);
    )*};
}
row_id! {
    /// A row of `rmas`.
    RmaId,
    /// A row of `cases`.
    CaseId,
    /// A row of `organizations`.
    OrganizationId,
    /// A row of `sites`.
    SiteId,
    /// A row of `units`.
    UnitId,
    /// A row of `contracts`.
    ContractId,
    /// A row of `dock_receipts`: a box as it was judged.
    BoxId,
    /// A row of `attachments`.
    AttachmentId,
}
