//! Places and units, as the rules see them.

use crate::words;

words! {
    /// What a site is for.
    SiteKind("kind of site") {
        /// Where installed units stand and replacements are sent.
        Customer = "customer",
        /// Where replacements are sent from.
        Depot = "depot",
        /// A contract manufacturer's dock and bench: where defective units come home to (RMA-11).
        RepairCentre = "repair_centre",
    }
}

words! {
    /// Where a unit of the register is in its life.
    UnitStatus("status of a unit") {
        /// With a customer, at its site.
        Installed = "installed",
        /// On a depot's shelf, free to be sent as a replacement.
        Stock = "stock",
        /// Promised to an RMA, or under way for it.
        Allocated = "allocated",
        /// Replaced: no longer entitled, owed back or come back.
        Retired = "retired",
        /// Software at a customer's site, known by its SSRN: nothing of it is sent or returned (ID-5).
        Software = "software",
    }
}

words! {
    /// What an organization is to the operator.
    OrganizationKind("kind of organization") {
        Customer = "customer",
        Partner = "partner",
        Distributor = "distributor",
    }
}
