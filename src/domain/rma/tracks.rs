//! The six tracks of an RMA and the words they are written as.

use crate::words;

words! {
    /// How the returned unit is handled (RMA-8).
    Mode("mode of an RMA") {
        AdvanceReplacement = "advance_replacement",
        ReturnToFactory = "return_to_factory",
    }
}
words! {
    Authorisation("state of the authorisation track") {
        Requested = "requested",
        Created = "created",
        OnHold = "on_hold",
        Issued = "issued",
        Denied = "denied",
        Cancelled = "cancelled",
    }
}
words! {
    HoldReason("reason of a hold") {
        Entitlement = "entitlement",
        Registration = "registration",
        Export = "export",
        Information = "information",
        Price = "price",
    }
}
words! {
    /// The replacement, or the repaired unit going back.
    Outbound("state of the outbound track") {
        None = "none",
        Backordered = "backordered",
        Allocated = "allocated",
        Shipped = "shipped",
        Failed = "failed",
        Delivered = "delivered",
        Returned = "returned",
    }
}
words! {
    /// The defective unit on its way home.
    Inbound("state of the inbound track") {
        NotExpected = "not_expected",
        Awaiting = "awaiting",
        InTransit = "in_transit",
        Received = "received",
        Accepted = "accepted",
        Discrepant = "discrepant",
        Refused = "refused",
        DeliveryClaimed = "delivery_claimed",
        NotRequiredDestroyed = "not_required_destroyed",
        NotRequiredCountry = "not_required_country",
        NotRequiredMediaRetained = "not_required_media_retained",
        LostByUs = "lost_by_us",
    }
}
words! {
    Repair("state of the repair track") {
        None = "none",
        Queued = "queued",
        InRepair = "in_repair",
        AwaitingQuote = "awaiting_quote",
        Repaired = "repaired",
        NoFaultFound = "no_fault_found",
        Replaced = "replaced",
        Scrapped = "scrapped",
        ReturnedUnrepaired = "returned_unrepaired",
    }
}
words! {
    Analysis("state of the analysis track") {
        None = "none",
        Requested = "requested",
        InRepairAnalysis = "in_repair_analysis",
        InFailureAnalysis = "in_failure_analysis",
        Reported = "reported",
        Void = "void",
        Declined = "declined",
    }
}
words! {
    /// What the customer may come to owe for the unit.
    Exposure("state of the exposure track") {
        None = "none",
        Exposed = "exposed",
        InReview = "in_review",
        Charged = "charged",
        CreditReview = "credit_review",
        Credited = "credited",
        Waived = "waived",
        Purchased = "purchased",
        Cleared = "cleared",
    }
}
words! {
    /// Why a warranty or contract does not cover a fault (WAR-9).
    Exclusion("exclusion") {
        ThirdPartyOptics = "third_party_optics",
        CustomerDamage = "customer_damage",
        MissingComponents = "missing_components",
    }
}
words! {
    /// What becomes of a wrong unit on the quarantine shelf.
    WrongUnit("end of a discrepancy") {
        ReturnedToSender = "returned_to_sender",
        KeptForOwner = "kept_for_owner",
        Scrapped = "scrapped",
        /// It is the right one after all: a label misread.
        RightUnit = "right_unit",
    }
}
words! {
    /// The state a replacement comes back in (T9b).
    ReplacementCondition("condition of a replacement") {
        Unopened = "unopened",
        Defective = "defective",
    }
}

words! {
    /// Whose consent a failure analysis needs (ANA-8).
    Party("party to a failure analysis") {
        Customer = "customer",
        Engineer = "engineer",
    }
}
words! {
    /// Why an analysis came to nothing.
    VoidCause("cause of a void analysis") {
        /// A component was removed (ANA-5).
        ComponentsMissing = "components_missing",
        /// There is no unit to analyse, and none is to come.
        NoUnit = "no_unit",
    }
}

impl Analysis {
    /// A report is still to come, or an approval.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Requested | Self::InRepairAnalysis | Self::InFailureAnalysis)
    }
}

impl Inbound {
    /// The defective unit is still to come: not here, not claimed, not forgiven.
    pub fn is_owed(self) -> bool {
        matches!(self, Self::Awaiting | Self::InTransit | Self::Refused | Self::Discrepant)
    }
}

impl Repair {
    /// The bench is done, and a unit goes back to the customer for it.
    pub fn owes_a_unit(self) -> bool {
        matches!(
            self,
            Self::Repaired | Self::NoFaultFound | Self::Replaced | Self::ReturnedUnrepaired
        )
    }

    /// Outcomes a finished repair can have.
    pub fn is_outcome(self) -> bool {
        self.owes_a_unit() || self == Self::Scrapped
    }
}

impl Exposure {
    /// Nothing is left to decide about the money.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Exposed | Self::InReview | Self::CreditReview)
    }
}
