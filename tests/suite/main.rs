//! The suite: one binary, one module a subject.

mod commands;
mod rules;
mod rules_dock;
mod rules_moves;
mod states;
mod tracks;
mod world;
