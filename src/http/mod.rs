//! HTTP: the only room that knows actix. `api` holds the DTOs and thin handlers, one file a resource, `pages`
//! what people see in a browser; the rest is what every request passes through.
//!
//! A request walks: `middleware` (request id, log, measurements) -> `head` -> `auth` (token, or for pages
//! the session; capability of the route's row in `routes`, rate) -> a handler, whose blocking work runs with its own connection in a
//! thread made for it -> a view, or a problem of the one table in `problem`, which `pages`
//! shows as a page.

mod api;
mod auth;
mod cookie;
mod cursor;
mod extract;
mod head;
mod house;
mod in_words;
mod memory;
mod metrics;
mod middleware;
mod openapi;
mod ops;
mod pages;
mod peers;
mod posting;
mod problem;
mod public_url;
mod routes;
mod serve;
mod shapes;
mod stamps;
mod watch;

pub use house::{Given, House};
pub use openapi::document;
pub use peers::Peers;
pub use problem::{Code, ProblemBody};
pub use public_url::PublicUrl;
pub use routes::{Access, Door, ROUTES, Route};
pub use serve::{ServeError, ServeOptions, serve};
pub use watch::Watch;
