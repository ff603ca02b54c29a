//! A command that is not carried out: which rule forbids it, why, and what to do instead.

use serde::Serialize;

/// A refusal. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{reason} ({rule})")]
pub struct Refusal {
    /// The rulebook's rule, such as `T11` or `AMB-14`.
    pub rule: &'static str,
    pub reason: String,
}

impl Refusal {
    pub fn new(rule: &'static str, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into() }
    }
}
