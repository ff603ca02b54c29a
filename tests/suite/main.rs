//! The suite: one binary, one file a room or resource.

mod db;
mod rooms;
mod support;
