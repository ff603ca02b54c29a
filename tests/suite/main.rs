//! The suite: one binary, one file a room or resource.

mod calendar;
mod db;
mod documents;
mod rooms;
mod stories;
mod support;
mod zone;
