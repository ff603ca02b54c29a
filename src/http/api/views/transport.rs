//! The units on their way: the replacement, the defective one, its claim and its label.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::rma::Rma;
use crate::domain::rma::state::Transfer;
use crate::http::api::attachments::FileView;

/// The unit that goes out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplacementView {
    pub serial_number: String,
    pub part_number: String,
    pub substitute: bool,
    pub shipped_at: Option<DateTime<Utc>>,
    pub delivered_on: Option<NaiveDate>,
    /// The delivery is an estimate: no proof has come.
    pub estimated: bool,
}

/// The way of a received unit from the dock that took it in to the repair centre (RCV-3).
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferView {
    /// The dock's site code.
    #[schema(example = "DEP-US")]
    pub dock: String,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub forwarded_at: Option<DateTime<Utc>>,
    /// Local date at the dock.
    pub forwarded_on: Option<NaiveDate>,
    /// Local date at the repair centre, which the analyses count from.
    pub arrived_on: Option<NaiveDate>,
}

impl From<&Transfer> for TransferView {
    fn from(transfer: &Transfer) -> Self {
        let sent = transfer.forwarded.as_ref();
        Self {
            dock: transfer.dock.code.clone(),
            carrier: sent.map(|sent| sent.carrier.clone()),
            tracking_number: sent.and_then(|sent| sent.tracking_number.clone()),
            forwarded_at: sent.map(|sent| sent.at),
            forwarded_on: sent.map(|sent| sent.on),
            arrived_on: transfer.arrived_on,
        }
    }
}

/// A claim that the unit was delivered to us (T13).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// By the proof, local date at the return site.
    pub delivered_on: NaiveDate,
    pub decide_by: NaiveDate,
    /// The files of the proof; none in claims of older programs.
    pub proofs: Vec<FileView>,
}

impl ClaimView {
    pub(super) fn of(rma: &Rma) -> Option<Self> {
        let claim = rma.claim.as_ref()?;
        Some(Self {
            delivered_on: claim.delivered_on,
            decide_by: claim.decide_by,
            proofs: claim.proofs.iter().map(|file| FileView::of(file, rma.number)).collect(),
        })
    }
}

/// The carrier's prepaid label of a return that we pay (AMB-26).
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelView {
    /// there or missing.
    #[schema(example = "there")]
    pub state: String,
    pub label: Option<FileView>,
}

impl LabelView {
    pub(super) fn of(rma: &Rma) -> Option<Self> {
        let state = if rma.label_is_there()? { "there" } else { "missing" };
        let label = rma.return_label.as_ref().map(|file| FileView::of(file, rma.number));
        Some(Self { state: state.to_owned(), label })
    }
}
