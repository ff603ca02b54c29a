//! An RMA as the fold of its events.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::event::{Cause, DockTerms, Terms};
use super::tracks::{
    Analysis, Authorisation, Exclusion, Exposure, Inbound, Mode, Outbound, Party, Repair, VoidCause,
};
use super::visit::Visit;
use crate::domain::analysis::{AnalysisDue, Report};
use crate::domain::attachment::FileRef;
use crate::domain::ids::{CaseNumber, Manufacturer, PartNumber, RmaNumber, SerialNumber};
use crate::domain::return_window::DueDate;

/// The unit that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub substitute: bool,
    /// It came back to a dock defective (T9b).
    pub back: bool,
}

/// A replacement lost on its way before another was sent (T6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    pub serial_number: SerialNumber,
    /// Local date at the ship-to site.
    pub shipped_on: Option<NaiveDate>,
    /// It turned up at a dock.
    pub back: bool,
}

/// The replacement's journey.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    pub shipped_at: Option<DateTime<Utc>>,
    /// Local date at the ship-to site.
    pub shipped_on: Option<NaiveDate>,
    pub estimate_after: Option<NaiveDate>,
    /// Local date at the ship-to site.
    pub delivered_on: Option<NaiveDate>,
    /// When it was delivered, once that is proved.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The delivery is the clock's estimate; no proof has come (T6a).
    #[serde(default, skip_serializing_if = "is_default")]
    pub estimated: bool,
}

/// When a box came in: the instant, the local date where it came, and its way on from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub at: DateTime<Utc>,
    pub on: NaiveDate,
    pub transfer: Option<Transfer>,
}

/// The way of a received unit from the dock that took it in to the repair centre (RCV-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub dock: DockTerms,
    /// The last time it was sent on.
    pub forwarded: Option<Forwarding>,
    /// Local date at the repair centre.
    pub arrived_on: Option<NaiveDate>,
}

/// A unit sent on from a dock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarding {
    pub carrier: String,
    pub tracking_number: Option<String>,
    pub at: DateTime<Utc>,
    /// Local date at the dock it left.
    pub on: NaiveDate,
}

/// What finance has to look at, or has charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// The window ended with the unit still owed.
    Overdue,
    /// The fault is not covered (T9a).
    Excluded(Exclusion),
}

/// Time that stands still, and since when (local date at the ship-to site).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub since: NaiveDate,
    pub causes: BTreeSet<Cause>,
}

/// A claim that the unit was delivered to us (T13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub delivered_on: NaiveDate,
    pub decide_by: NaiveDate,
    /// Where the unit was before the claim.
    pub from: Inbound,
    /// The files of the proof.
    pub proofs: Vec<FileRef>,
}

/// A report of an analysis, kept on the RMA (SYS-6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedReport {
    pub report: Report,
    pub text: String,
    pub posted_at: DateTime<Utc>,
}

/// What an analysis has come to, beside the word of its track.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisFile {
    /// Asked for later than it is to be had without one (ANA-3).
    #[serde(default, skip_serializing_if = "is_default")]
    pub awaits_approval: bool,
    pub void_cause: Option<VoidCause>,
    /// Who wants a failure analysis (ANA-8).
    #[serde(default, skip_serializing_if = "is_default")]
    pub agreed: BTreeSet<Party>,
    /// The report that is to come next.
    pub due: Option<AnalysisDue>,
    /// The first first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reports: Vec<PostedReport>,
}

/// What is left out of a kept state: of most RMAs, most of what there can be is not there.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One RMA: one unit, six tracks, the engineer's visit, and what its commands need to know of its past.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rma {
    pub number: RmaNumber,
    pub case_number: CaseNumber,
    pub manufacturer: Manufacturer,
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    pub account: String,
    pub parent: Option<RmaNumber>,
    /// The last event's sequence.
    pub version: i64,
    pub is_open: bool,
    pub authorisation: Authorisation,
    /// Of a hold, denial or cancelling.
    pub reason: Option<String>,
    /// What a release goes back to.
    pub held_from: Option<Authorisation>,
    /// The hold is a person's, and ends by a release alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub held_by_hand: bool,
    /// Holds that were released by a person's decision and do not come back by themselves.
    #[serde(default, skip_serializing_if = "is_default")]
    pub passed_export: bool,
    pub diagnosed: bool,
    /// Not kept with the state: they stand in the event of issue, and that alone.
    #[serde(skip)]
    pub terms: Option<Box<Terms>>,
    pub issued_by: Option<String>,
    pub issued_at: Option<DateTime<Utc>>,
    pub outbound: Outbound,
    pub replacement: Option<Replacement>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub shipment: Shipment,
    /// The first time anything left us: a promise to ship is answered by it, whatever came after (AMB-13).
    pub first_shipped_at: Option<DateTime<Utc>>,
    /// Sent before the replacement that counts; the first first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lost: Vec<Lost>,
    pub inbound: Inbound,
    pub received_at: Option<DateTime<Utc>>,
    /// Local date where it was received.
    pub received_on: Option<NaiveDate>,
    /// None where it was received at its return site, or is not here.
    pub transfer: Option<Transfer>,
    /// The receipt of a box found discrepant: it counts after all if its unit proves the right one.
    pub shelved: Option<Receipt>,
    /// Wrong units on the shelf of which nobody has said yet what becomes of them (T9).
    #[serde(default, skip_serializing_if = "is_default")]
    pub wrong_units: u32,
    /// What the unit was when it came though it was not owed: lost by us, not required, not expected.
    pub forgiven: Option<Inbound>,
    pub claim: Option<Claim>,
    /// The carrier's label for the way back that we pay (AMB-26).
    pub return_label: Option<FileRef>,
    pub repair: Repair,
    pub repair_due_on: Option<NaiveDate>,
    pub cover_through_on: Option<NaiveDate>,
    pub analysis: Analysis,
    #[serde(default, skip_serializing_if = "is_default")]
    pub analysis_file: AnalysisFile,
    #[serde(default, skip_serializing_if = "is_default")]
    pub visit: Visit,
    pub exposure: Exposure,
    pub review: Option<Review>,
    pub due: Option<DueDate>,
    pub pause: Option<Pause>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub reminders_sent: i32,
    /// Reminders up to this day are done.
    pub reminded_through: Option<NaiveDate>,
    pub charged_minor: i64,
    pub credited_minor: i64,
    pub dead_on_arrival: Option<RmaNumber>,
    pub requested_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub last_event_at: DateTime<Utc>,
}

impl Rma {
    /// How the return is handled; known from issue on.
    pub fn mode(&self) -> Option<Mode> {
        self.terms.as_ref().map(|terms| terms.mode)
    }

    /// An advance replacement: its defective unit is owed, and money hangs on it.
    pub fn is_advance(&self) -> bool {
        self.mode() == Some(Mode::AdvanceReplacement)
    }

    /// Issued, also while a later hold keeps the replacement back: the customer was told to send the
    /// unit, and what comes is treated accordingly.
    pub fn is_authorised(&self) -> bool {
        self.authorisation == Authorisation::Issued
            || (self.authorisation == Authorisation::OnHold
                && self.held_from == Some(Authorisation::Issued))
    }

    /// Whether the defective unit is asked for: a box that came for one that was forgiven (RMA-12, T13)
    /// makes nobody owe it again, whatever was in it.
    pub fn is_asked_back(&self) -> bool {
        self.forgiven.is_none()
    }

    /// Whether the customer is to send the defective unit, as things stand: it is owed under an RMA that
    /// holds, and was neither bought (T12) nor waived.
    pub fn is_to_be_sent(&self) -> bool {
        self.is_authorised()
            && self.inbound.is_owed()
            && !matches!(self.exposure, Exposure::Purchased | Exposure::Waived)
    }

    /// Whether the prepaid label of the return is there; none where we do not pay the way back, or before
    /// that is known (AMB-26).
    pub fn label_is_there(&self) -> Option<bool> {
        let carriage = self.terms.as_ref()?.carriage.as_ref()?;
        carriage.prepaid_label.then_some(self.return_label.is_some())
    }

    /// The day the unit came to the repair centre, which the analyses count from (RCV-3, ANA-6, ANA-7).
    pub fn at_centre_on(&self) -> Option<NaiveDate> {
        match &self.transfer {
            Some(transfer) => transfer.arrived_on,
            None => self.received_on,
        }
    }

    /// The dock that took the unit in, while the unit is still to come to the repair centre.
    pub fn awaited_from(&self) -> Option<&DockTerms> {
        let here = matches!(self.inbound, Inbound::Received | Inbound::Accepted);
        let transfer = self.transfer.as_ref().filter(|_| here)?;
        transfer.arrived_on.is_none().then_some(&transfer.dock)
    }

    /// The replacement of this serial was lost on its way, and is not back.
    pub fn has_lost(&self, serial: &SerialNumber) -> bool {
        let counts = self.replacement.as_ref().is_some_and(|unit| unit.serial_number == *serial);
        !counts && self.lost.iter().any(|lost| lost.serial_number == *serial && !lost.back)
    }

    /// A replacement or the repaired unit has left us.
    pub fn has_shipped(&self) -> bool {
        matches!(
            self.outbound,
            Outbound::Shipped | Outbound::Failed | Outbound::Delivered | Outbound::Returned
        )
    }

    /// What is charged and not credited, in minor units of the currency kept at issue.
    pub fn balance_minor(&self) -> i64 {
        self.charged_minor - self.credited_minor
    }

    /// Every track is at its end (AMB-28), and no engineer is to come. A unit that was charged, waived or bought
    /// may still be on its way.
    pub fn is_settled(&self) -> bool {
        self.authorisation_settled()
            && self.outbound_settled()
            && self.inbound_settled()
            && self.repair_settled()
            && self.analysis_settled()
            && !self.visit.is_live()
            && self.exposure.is_settled()
    }

    fn authorisation_settled(&self) -> bool {
        matches!(
            self.authorisation,
            Authorisation::Issued | Authorisation::Denied | Authorisation::Cancelled
        )
    }

    fn outbound_settled(&self) -> bool {
        match self.outbound {
            Outbound::Delivered | Outbound::Returned => true,
            Outbound::None => !self.owes_a_unit(),
            _ => false,
        }
    }

    /// We owe the customer a unit that has not left yet. Buying the defective one (T12) ends the RMA,
    /// but not the promise of a replacement: one that was lost on its way is sent again.
    pub fn owes_a_unit(&self) -> bool {
        (self.authorisation == Authorisation::Issued || self.exposure == Exposure::Purchased)
            && match self.mode() {
                Some(Mode::AdvanceReplacement) => true,
                Some(Mode::ReturnToFactory) => self.repair.owes_a_unit(),
                None => false,
            }
    }

    /// A return to factory sends the unit itself back, unless the repair put another in its place.
    pub fn sends_itself_back(&self) -> bool {
        self.mode() == Some(Mode::ReturnToFactory) && self.repair != Repair::Replaced
    }

    /// T16: what is analysed, or may be on an answer still out, does not leave.
    pub fn is_kept_for_analysis(&self) -> bool {
        self.analysis.is_live() || self.awaits_second_consent()
    }

    fn inbound_settled(&self) -> bool {
        match self.inbound {
            Inbound::NotExpected
            | Inbound::Accepted
            | Inbound::NotRequiredDestroyed
            | Inbound::NotRequiredCountry
            | Inbound::NotRequiredMediaRetained
            | Inbound::LostByUs => true,
            Inbound::Received | Inbound::DeliveryClaimed => false,
            Inbound::Awaiting | Inbound::InTransit | Inbound::Refused | Inbound::Discrepant => {
                matches!(self.exposure, Exposure::Charged | Exposure::Waived | Exposure::Purchased)
                    || matches!(
                        self.authorisation,
                        Authorisation::Cancelled | Authorisation::Denied
                    )
            }
        }
    }

    fn repair_settled(&self) -> bool {
        self.mode() != Some(Mode::ReturnToFactory)
            || self.repair == Repair::None
            || self.repair.is_outcome()
    }

    /// A request whose unit never came ends with the unit's debt, and goes on if the unit comes late.
    fn analysis_settled(&self) -> bool {
        match self.analysis {
            Analysis::None | Analysis::Void | Analysis::Declined => true,
            Analysis::Reported => !self.awaits_second_consent(),
            Analysis::Requested => self.inbound.is_owed() && self.inbound_settled(),
            Analysis::InRepairAnalysis | Analysis::InFailureAnalysis => false,
        }
    }

    /// ANA-8: one of the two wants a failure analysis, and the other has not answered.
    pub fn awaits_second_consent(&self) -> bool {
        self.analysis == Analysis::Reported && self.analysis_file.agreed.len() == 1
    }

    /// The unit is owed and counts as such in the non-return report: still to come, not claimed,
    /// and its money open or charged.
    pub fn is_owed(&self) -> bool {
        self.inbound.is_owed()
            && self.due.is_some()
            && matches!(
                self.exposure,
                Exposure::Exposed | Exposure::InReview | Exposure::Charged | Exposure::CreditReview
            )
    }

    /// The return window runs: the next reminder and the due day are live.
    pub fn window_runs(&self) -> bool {
        self.exposure == Exposure::Exposed && self.inbound.is_owed() && self.pause.is_none()
    }
}
