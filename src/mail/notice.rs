//! Everything a message about an RMA may speak of.

use chrono::NaiveDate;
use serde_json::Value;

use super::clean::one_line;
use crate::domain::carriage::Carriage;
use crate::domain::notice::NoticeKind;
use crate::domain::rma::tracks::Mode;
use crate::domain::zone::Zone;

/// When the unit is owed back, and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Local date at the return site.
    pub on: NaiveDate,
    /// The sentence shown everywhere else.
    pub because: String,
}

/// A message about an RMA: the RMA as it stands, and what its event said (`said`, as stored with it).
#[derive(Debug, Clone)]
pub struct Notice {
    pub kind: NoticeKind,
    pub rma_number: String,
    pub case_number: String,
    pub part_number: String,
    pub serial_number: String,
    pub contact_name: String,
    /// The customer's site by its name.
    pub site: String,
    /// In which instants are shown.
    pub zone: Zone,
    pub mode: Option<Mode>,
    /// The unit is still to be sent to us.
    pub asked_back: bool,
    /// Where to.
    pub return_site: Option<String>,
    pub due: Option<Due>,
    /// The rule of the window before there is a date: "Ten business days are given for the return."
    pub window_to_come: Option<String>,
    /// The list price kept at issue, with its currency.
    pub list_price: Option<String>,
    /// Who pays carriage, as kept at issue (WAR-6, AMB-26).
    pub carriage: Option<Carriage>,
    /// Label and instructions go with this message.
    pub papers_attached: bool,
    /// The carrier's prepaid label is there (AMB-26): in the box, or sent before if not with this message.
    pub label_there: bool,
    /// It goes with this message.
    pub label_attached: bool,
    /// A reminder or a charge no longer stands: the unit came, was paid for or forgiven since.
    pub still_owed: bool,
    pub status_link: String,
    pub survey_link: Option<String>,
    pub said: Value,
}

impl Notice {
    /// A text the event said, as one line; empty where it said none.
    pub(super) fn text(&self, key: &str) -> String {
        self.said.get(key).and_then(Value::as_str).map(one_line).unwrap_or_default()
    }

    pub(super) fn date(&self, key: &str) -> Option<NaiveDate> {
        self.said.get(key)?.as_str()?.parse().ok()
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.said.get(key)?.as_i64()
    }

    pub(super) fn yes(&self, key: &str) -> bool {
        self.said.get(key).and_then(Value::as_bool).unwrap_or(false)
    }
}
