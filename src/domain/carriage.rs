//! Who pays carriage each way (WAR-6, AMB-26), decided once, at issue.

use serde::{Deserialize, Serialize};

use super::entitlement::Source;
use super::rma::tracks::Mode;
use crate::words;

words! {
    /// Who pays a way.
    Payer("payer of carriage") {
        Customer = "customer",
        Vendor = "vendor",
    }
}

/// Who pays which way, kept with the terms of an RMA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// Of the defective unit to us.
    pub inbound: Payer,
    /// Of the replacement, or of the repaired unit, to the customer.
    pub outbound: Payer,
    /// A prepaid return label lies in the box of the replacement.
    pub prepaid_label: bool,
    pub rule: String,
}

impl Carriage {
    /// Under warranty the customer pays all of it (WAR-6). A contract's advance replacement is paid by us
    /// both ways, the label of the return lying in the box where the unit is `asked_back`; of its return to
    /// factory each side pays what it sends (AMB-26).
    pub fn of(mode: Mode, source: &Source, asked_back: bool) -> Self {
        let (inbound, outbound, rule) = match (source, mode) {
            (Source::Warranty, _) => (Payer::Customer, Payer::Customer, "WAR-6"),
            (Source::Contract(_), Mode::AdvanceReplacement) => {
                (Payer::Vendor, Payer::Vendor, "AMB-26")
            }
            (Source::Contract(_), Mode::ReturnToFactory) => {
                (Payer::Customer, Payer::Vendor, "AMB-26")
            }
        };
        let prepaid_label =
            asked_back && mode == Mode::AdvanceReplacement && inbound == Payer::Vendor;
        Self { inbound, outbound, prepaid_label, rule: rule.to_owned() }
    }

    /// Both ways, in one sentence to the customer.
    pub fn sentence(&self) -> &'static str {
        match (self.inbound, self.outbound) {
            (Payer::Customer, Payer::Customer) => {
                "Under the warranty the carriage is yours to pay both ways: of the unit to us, and of \
                 what we send back."
            }
            (Payer::Customer, Payer::Vendor) => {
                "The carriage of the unit to us is yours to pay; we pay the way back."
            }
            (Payer::Vendor, Payer::Customer) => {
                "We pay the carriage of the unit to us; what we send is yours to pay."
            }
            (Payer::Vendor, Payer::Vendor) => "We pay the carriage both ways.",
        }
    }

    /// What is to be done for it by whoever sends the unit; who pays is said elsewhere.
    pub fn label_step(&self, is_there: bool) -> Option<&'static str> {
        self.prepaid_label.then_some(if is_there {
            "Use the enclosed prepaid label."
        } else {
            "The prepaid label is still to come."
        })
    }

    /// The way to us alone, to whoever sends the unit.
    ///
    /// It speaks of the prepaid label as enclosed only where it `is_there`.
    pub fn inbound_sentence(&self, is_there: bool) -> &'static str {
        match (self.inbound, self.prepaid_label) {
            (Payer::Customer, _) => "The carriage to us is yours to pay.",
            (Payer::Vendor, true) if is_there => {
                "We pay the carriage: use the enclosed prepaid label."
            }
            (Payer::Vendor, true) => {
                "We pay the carriage to us; the prepaid label is still to come."
            }
            (Payer::Vendor, false) => "We pay the carriage to us.",
        }
    }
}
