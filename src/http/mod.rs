//! HTTP: the only room that knows actix. `api` holds the DTOs and thin handlers, one file a resource;
//! the rest is what every request passes through.
//!
//! A request walks: `middleware` (request id, log, measurements) -> `head` -> `auth` (token, capability of the
//! route's row in `routes`, rate) -> a handler, whose blocking work runs with its own connection in a
//! thread made for it -> a view, or a problem of the one table in `problem`.

mod api;
mod auth;
mod cursor;
mod extract;
mod head;
mod house;
mod memory;
mod metrics;
mod middleware;
mod openapi;
mod ops;
mod peers;
mod posting;
mod problem;
mod routes;
mod serve;
mod shapes;
mod stamps;
mod watch;

pub use house::{Given, House};
pub use openapi::document;
pub use peers::Peers;
pub use problem::{Code, ProblemBody};
pub use routes::{Access, ROUTES, Route};
pub use serve::{ServeError, ServeOptions, serve};
pub use watch::Watch;
