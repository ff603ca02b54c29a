<<<<<<< HEAD
//! The suite: one binary, one file a room or resource.

mod calendar;
mod db;
mod documents;
mod import;
mod register;
mod rooms;
mod support;
mod zone;
=======
//! The suite: one binary, one module a subject.

mod rules;
mod tracks;
mod world;
>>>>>>> prop
