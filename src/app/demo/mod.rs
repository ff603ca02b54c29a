//! A living demonstration: a small invented vendor that has lived through the three months before now.
//!
//! - `story` is the language, [`stories`](self) of the tour and everyday `routine` are told in it, in
//!   business days before today;
//! - `world` is the register, `cast` the people, `life` lives it through;
//! - `visitors` are the tokens to look at it with.

mod cast;
mod life;
mod routine;
mod stories;
mod story;
mod visitors;
mod world;

use chrono::{DateTime, Datelike, Utc};

use super::import::Progress;
use super::replay::ReplayError;
use super::{App, AppError};
use crate::db::house::{self, HouseState};
use crate::db::{AnyConnection, DbError, cases, counts};
use crate::domain::ids::RmaNumber;

pub use life::Evening;
pub use visitors::{Visitor, welcome};

/// Why there is no demonstration. What was made until then is in the database.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(
        "the database {database} is in use ({found}) and is no demonstration; name another with \
         --database-url, such as sqlite://data/demo.db"
    )]
    Occupied { database: String, found: String },
    #[error(
        "an earlier demonstration in {database} did not come to its end; remove that database, or name \
         another with --database-url"
    )]
    Unfinished { database: String },
    #[error("story {story}, {act} at {at}: {source}")]
    Step {
        story: String,
        act: String,
        at: DateTime<Utc>,
        #[source]
        source: Box<AppError>,
    },
    #[error("story {0}: a step the rules forbid was not refused")]
    NotRefused(String),
    #[error("the clock could not bring {count} RMAs forward at {at}; the log says which and why")]
    Clock { count: u64, at: DateTime<Utc> },
    #[error(transparent)]
    World(#[from] ReplayError),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<DbError> for DemoError {
    fn from(error: DbError) -> Self {
        Self::App(error.into())
    }
}

const MAKING: &str = "making";

/// What there is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet.
    Empty,
    /// A demonstration, with the instant it was made at.
    Demo(String),
}

/// Looks what the database holds.
///
/// # Errors
/// `Occupied` where it is somebody's, `Unfinished` where an earlier demonstration was broken off.
pub fn look(app: &App) -> Result<Found, DemoError> {
    app.db.read(|connection| {
        let database = || app.db.url().to_string();
        match house::get(connection, HouseState::Demo)? {
            Some(state) if state == MAKING => Err(DemoError::Unfinished { database: database() }),
            Some(made) => Ok(Found::Demo(made)),
            None => match occupied(connection)? {
                Some(found) => Err(DemoError::Occupied { database: database(), found }),
                None => Ok(Found::Empty),
            },
        }
    })
}

/// What is in a database that somebody works with.
fn occupied(connection: &mut AnyConnection) -> Result<Option<String>, DbError> {
    let found = counts::occupants(connection)?.into_iter().filter(|(_, count)| *count > 0);
    let found: Vec<String> = found.map(|(what, count)| format!("{count} {what}")).collect();
    Ok((!found.is_empty()).then(|| found.join(", ")))
}

/// Makes the vendor and lives its last three months, up to `now`. `evening` is called at the end of each
/// day with that instant, for what leaves the house by then.
///
/// # Errors
/// `Step` and `Clock` where a story and the rules disagree.
pub fn make(
    app: &App,
    now: DateTime<Utc>,
    evening: Evening<'_>,
    progress: &mut dyn Progress,
) -> Result<(), DemoError> {
    app.db.write(|c| house::set(c, HouseState::Demo, MAKING, now))?;
    let seed = u64::try_from(app.operator_zone.local_date(now).num_days_from_ce()).unwrap_or(0);
    let mut stories = stories::tour();
    stories.extend(routine::lives(seed));
    let mut world = world::World::build(app, &stories, now, seed, progress)?;
    life::Life::new(app, &mut world, &stories, now).live(evening, progress)?;
    let made = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    Ok(app.db.write(|c| house::set(c, HouseState::Demo, &made, now))?)
}

/// A stop of the tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub key: String,
    pub title: &'static str,
    /// The story's RMA, then that on its dead replacement if there is one.
    pub rmas: Vec<RmaNumber>,
}

/// What the customer calls a story's case by.
fn reference(key: &str) -> String {
    format!("TOUR-{key}")
}

/// The stories, with where each stands to be looked at.
pub fn tour(app: &App) -> Result<Vec<Stop>, AppError> {
    app.db.read(|connection| {
        let mut stops = Vec::new();
        for story in stories::tour() {
            let rmas = cases::rmas_of_reference(connection, &reference(&story.key))?;
            stops.push(Stop { key: story.key, title: story.title, rmas });
        }
        Ok(stops)
    })
}
