//! The rulebook's stories (Part 4), told through the use cases on both databases.

mod advance;
mod analysis;
mod claims;
mod concurrency;
mod dead_on_arrival;
mod dock;
mod entitlement;
mod factory;
mod holds;
mod late_proof;
mod money;
mod owners;
mod refusals;
mod return_sites;
mod substitutes;
mod transfer;
