//! What a case is for and how a request comes in, and which of that a contract is needed for.

use super::ids::OrganizationId;
use super::rma::Refusal;
use crate::words;

words! {
    /// What a case is for.
    CaseKind("kind of case") {
        /// Help from engineers: for units under contract (AMB-10).
        Technical = "technical",
        /// An RMA, which warranty alone is enough for.
        Rma = "rma",
    }
}

words! {
    /// How a case or a request came in.
    Channel("channel") {
        Online = "online",
        /// For units under contract (AMB-9).
        Telephone = "telephone",
    }
}

/// How something came in, and why a rule was set aside for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub channel: Channel,
    /// An agent's reason to let it in against AMB-9 or AMB-10.
    pub override_reason: Option<String>,
    /// The partner that a caller from outside belongs to (ENT-1).
    pub partner: Option<OrganizationId>,
}

impl Default for Way {
    fn default() -> Self {
        Self { channel: Channel::Online, override_reason: None, partner: None }
    }
}

/// What keeps a case or request of a unit without a running contract out (WAR-7).
pub fn obstacle(kind: CaseKind, channel: Channel, under_contract: bool) -> Option<Refusal> {
    if under_contract {
        return None;
    }
    if kind == CaseKind::Technical {
        let reason =
            "a technical case needs a contract on the unit; without one, open a case of kind rma";
        return Some(Refusal::new("AMB-10", reason));
    }
    if channel == Channel::Telephone {
        let reason = "the telephone is for units under contract; without one, come online";
        return Some(Refusal::new("AMB-9", reason));
    }
    None
}
