//! The suite: one binary, one file a room or resource.

mod calendar;
mod db;
mod documents;
mod import;
mod register;
mod rooms;
mod support;
mod zone;
