//! The suite: one binary, one module a subject.

mod rules;
mod tracks;
mod world;
