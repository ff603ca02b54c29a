//! Who does what at the invented vendor: people by role and region, each known by an e-mail address.

use crate::domain::ids::IdError;
use crate::domain::rma::{Actor, Role};

/// Role, region ('*' is everywhere), address. Whoever issues never decides about the money (T11).
pub(super) const PEOPLE: &[(Role, &str, &str)] = &[
    (Role::Administrator, "*", "ada.lindgren@quillmark.example"),
    (Role::Engineer, "americas", "marta.olofsson@quillmark.example"),
    (Role::Engineer, "emea", "kwame.mensah@quillmark.example"),
    (Role::Engineer, "apac", "tuan.dang@quillmark.example"),
    (Role::Logistics, "americas", "luz.herrera@quillmark.example"),
    (Role::Logistics, "emea", "nikos.dimitriou@quillmark.example"),
    (Role::Logistics, "apac", "yating.lin@quillmark.example"),
    (Role::LogisticsLead, "*", "ines.carvalho@quillmark.example"),
    (Role::Depot, "americas", "depot.louisville@quillmark.example"),
    (Role::Depot, "emea", "depot.venlo@quillmark.example"),
    (Role::Depot, "apac", "depot.singapore@quillmark.example"),
    (Role::Finance, "americas", "grace.okafor@quillmark.example"),
    (Role::Finance, "emea", "irina.sokolova@quillmark.example"),
    (Role::Finance, "apac", "aoi.tanaka@quillmark.example"),
    (Role::Dock, "*", "dock@sierraclara.example"),
    (Role::Inspector, "*", "inspection@sierraclara.example"),
    (Role::Repair, "*", "bench@sierraclara.example"),
    (Role::Carrier, "*", "events@parcel-express.example"),
];

/// Whoever has a role in a region; `contact` is the customer's.
pub(super) fn actor(role: Role, region: &str, contact: &str) -> Result<Actor, IdError> {
    let of = |(as_, where_, _): &&(Role, &str, &str)| {
        *as_ == role && (*where_ == region || *where_ == "*")
    };
    let name = match role {
        Role::Customer => contact,
        _ => PEOPLE.iter().find(of).map_or(role.as_str(), |(.., address)| *address),
    };
    Actor::new(role, name)
}

/// How we come to know of what somebody does.
pub(super) fn source(role: Role) -> &'static str {
    match role {
        Role::Customer => "portal",
        Role::Carrier => "carrier",
        Role::Dock | Role::Inspector => "dock scanner",
        _ => "console",
    }
}
