//! What goes onto a label or a sheet of instructions. Every text is taken as untrusted.

use chrono::{DateTime, NaiveDate, Utc};

/// A postal address in the order its country writes it. Lines are kept as given, never reformatted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostalAddress {
    /// The company or person; never empty.
    pub name: String,
    /// Street, district, town with postal code…, in order. Empty lines are left out.
    pub lines: Vec<String>,
    /// The country's name as it shall be printed.
    pub country: String,
    /// ISO 3166-1 alpha-2. Chooses the regional form of Chinese characters (`JP`, `KR`, `CN`, `TW`,
    /// `HK`…); any other code, or an empty one, leaves the choice to the text itself.
    pub country_code: String,
}

/// The data of one RMA return label (RMA-9, RMA-10, RMA-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelData {
    /// For instance `R0021056835`: printed large and as Code 128, so printable ASCII alone.
    pub rma_number: String,
    /// Where the unit must go: the contract manufacturer's site for this part (RMA-11).
    pub return_address: PostalAddress,
    /// The customer's site, which the unit leaves.
    pub sender: PostalAddress,
    /// The page that shows this RMA's state; printed as a QR code.
    pub status_link: String,
    pub case_number: String,
    pub part_number: String,
    pub serial_number: String,
    /// Last day of the return window at the return site (RET-1); left out where none runs.
    pub due_on: Option<NaiveDate>,
    /// The contact at the return address, printed as "Attn:".
    pub attention: Option<String>,
    /// When the document was made; goes into its metadata and is all that dates it, so that the
    /// same data give the same bytes.
    pub created_at: DateTime<Utc>,
}

/// Which of the two ways home this RMA takes (RMA-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnMode {
    /// The replacement goes out first; the defective unit is owed back.
    AdvanceReplacement,
    /// The unit goes to the factory first and is repaired or replaced there.
    ReturnToFactory,
}

/// The unit sent in place of the defective one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub part_number: String,
    pub serial_number: String,
}

/// The non-return notice (RET-1, RET-2, NTF-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonReturn {
    /// The due date; none before the replacement is delivered (AMB-1).
    pub due_on: Option<NaiveDate>,
    /// The sentence that explains the due date, as everywhere else in the system.
    pub due_sentence: String,
    /// Length of the window in business days.
    pub business_days: u32,
    /// The full list price, formatted with its currency.
    pub list_price: String,
}

/// The data of the return instructions (RMA-5, RMA-7, RCV-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionsData {
    pub label: LabelData,
    pub mode: ReturnMode,
    pub replacement: Option<Replacement>,
    /// None where nothing is owed: then the sheet carries no notice.
    pub non_return: Option<NonReturn>,
    /// Who pays the carriage to us, in a sentence (WAR-6, AMB-26); none where the terms do not say.
    pub carriage: Option<String>,
    /// What belongs into the box, an item each.
    pub what_to_send: Vec<String>,
    /// Whom to ask, for instance a telephone number and an e-mail address.
    pub contact: String,
}

/// The paper of the return instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 210 x 297 mm.
    A4,
    /// 8.5 x 11 in.
    Letter,
}
