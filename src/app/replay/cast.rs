//! Who does what in a replay: a few people a region, each in one role.

use crate::domain::ids::IdError;
use crate::domain::rma::{Actor, Role};

/// Region, role, name. Whoever issues never decides about the money (T11).
const PEOPLE: &[(&str, Role, &str)] = &[
    ("americas", Role::Engineer, "Marta Olofsson"),
    ("americas", Role::Logistics, "Luz Herrera"),
    ("americas", Role::Depot, "SDF shift A"),
    ("americas", Role::Finance, "Grace Okafor"),
    ("emea", Role::Engineer, "Kwame Mensah"),
    ("emea", Role::Logistics, "Νίκος Δημητρίου"),
    ("emea", Role::Depot, "AMS vroege dienst"),
    ("emea", Role::Finance, "Ирина Соколова"),
    ("apac", Role::Engineer, "Đặng Minh Tuấn"),
    ("apac", Role::Logistics, "林 雅婷"),
    ("apac", Role::Depot, "SIN day shift"),
    ("apac", Role::Finance, "田中 葵"),
];

/// The person of a role in a region; what has none there is done by the role itself.
pub(super) fn person(region: &str, role: Role) -> Result<Actor, IdError> {
    let found = PEOPLE.iter().find(|(r, as_, _)| *r == region && *as_ == role);
    Actor::new(role, found.map_or(role.as_str(), |(.., name)| *name))
}

/// Somebody at a repair centre: its dock, its inspector or its bench.
pub(super) fn at_dock(code: &str, role: Role) -> Result<Actor, IdError> {
    Actor::new(role, format!("{code} {role}"))
}
