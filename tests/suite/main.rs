//! The suite: one binary, one file a room or resource.

mod calendar;
mod db;
mod documents;
mod import;
mod register;
mod rooms;
mod rules;
mod stories;
mod support;
mod tracks;
mod world;
mod zone;
