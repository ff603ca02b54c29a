//! Files kept with an RMA, a case or a box at the dock: what each is for, on what it may be kept, who may
//! give it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{AttachmentId, IdError, checked};
use super::rma::Role;
use crate::words;

words! {
    /// What a file is for.
    AttachmentKind("kind of attachment") {
        /// T13: that a unit was delivered to us.
        DeliveryProof = "delivery_proof",
        /// AMB-14: a box that was refused, quarantined or held the wrong thing.
        DockPhoto = "dock_photo",
        /// AMB-26: the carrier's own label for the way back, which we pay.
        CarrierLabel = "carrier_label",
        /// SYS-13.
        Other = "other",
    }
}

words! {
    /// What a file is kept with.
    Kept("thing that files are kept with") {
        Rma = "RMA",
        Case = "case",
        /// As judged at a dock.
        Box = "box",
    }
}

impl AttachmentKind {
    /// The rule that asks for it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::DeliveryProof => "T13",
            Self::DockPhoto => "AMB-14",
            Self::CarrierLabel => "AMB-26",
            Self::Other => "SYS-13",
        }
    }

    /// Whether files of this kind are kept with such a thing.
    pub fn belongs_to(self, kept: Kept) -> bool {
        match kept {
            Kept::Rma => true,
            Kept::Case => self == Self::Other,
            Kept::Box => matches!(self, Self::DockPhoto | Self::Other),
        }
    }

    /// The most bytes of one, where that is less than is kept of any file (`media::FILE_LIMIT`): a label rides on
    /// notices, and many mail servers take no message of more than 10 MB, a third of which is coding.
    pub fn limit(self) -> Option<usize> {
        (self == Self::CarrierLabel).then_some(5 << 20)
    }

    /// Who may give one. An administrator may give any.
    pub fn permits(self, role: Role) -> bool {
        use Role::*;
        let roles: &[Role] = match self {
            Self::DeliveryProof => {
                &[Customer, AccountAdmin, Partner, CustomerCare, Logistics, LogisticsLead]
            }
            Self::DockPhoto => &[Dock, Inspector, Logistics, LogisticsLead],
            Self::CarrierLabel => &[Depot, Logistics, LogisticsLead],
            Self::Other => return !matches!(role, Clock | Questionnaire | Carrier),
        };
        roles.contains(&role) || role == Administrator
    }
}

/// A file as events name it: its number, and the hash by which it is known for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    pub id: AttachmentId,
    /// Of the bytes, in 64 hexadecimal digits.
    pub sha256: String,
}

/// The name a file came with: one line without a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

/// What is wrong with a file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error(transparent)]
    Text(#[from] IdError),
    #[error("the file's name {0:?} holds a path; give the name alone")]
    Path(String),
    #[error("the file's name {value:?} holds the invisible character U+{code:04X}")]
    Invisible { value: String, code: u32 },
}

/// The longest name, in characters.
const NAME_LIMIT: usize = 120;

impl FileName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that turn the direction of text round, join or break it without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

impl FromStr for FileName {
    type Err = NameError;

    fn from_str(value: &str) -> Result<Self, NameError> {
        checked("the file's name", value, NAME_LIMIT)?;
        if value.contains(['/', '\\']) || value.starts_with('.') {
            return Err(NameError::Path(value.to_owned()));
        }
        if let Some(c) = value.chars().find(|c| is_invisible(*c)) {
            return Err(NameError::Invisible { value: value.to_owned(), code: u32::from(c) });
        }
        Ok(Self(value.to_owned()))
    }
}
impl TryFrom<String> for FileName {
    type Error = NameError;
    fn try_from(value: String) -> Result<Self, NameError> {
        value.parse()
    }
}
impl From<FileName> for String {
    fn from(value: FileName) -> String {
        value.0
    }
}
impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
