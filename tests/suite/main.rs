//! The suite: one binary, one file a room or resource.

mod backup;
mod calendar;
mod commands;
mod db;
mod demo;
mod documents;
mod door;
mod http;
mod import;
mod jobs;
mod mail;
mod outbox;
mod register;
mod replay;
mod rooms;
mod rules;
mod rules_dock;
mod rules_moves;
mod settings;
mod states;
mod stories;
mod support;
mod tracks;
mod world;
mod zone;
