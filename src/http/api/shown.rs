//! Instants in the zone a reader chose (AMB-18); UTC where none is chosen.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::zone::Zone;
use crate::http::extract::value;
use crate::http::problem::Problem;

/// The zone that a request's `zone` names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader(Zone);

/// An instant as RFC 3339, with the offset of the reader's zone on that day.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Shown(String);

impl Reader {
    pub fn of(zone: Option<&str>) -> Result<Self, Problem> {
        Ok(Self(value("zone", zone)?.unwrap_or(Zone::UTC)))
    }

    /// The zone's name, to be said beside the times.
    pub fn label(self) -> String {
        self.0.name().to_owned()
    }

    pub fn show(self, at: DateTime<Utc>) -> Shown {
        let format = SecondsFormat::AutoSi;
        Shown(match self.0 {
            Zone::UTC => at.to_rfc3339_opts(format, true),
            zone => at.with_timezone(&zone.tz()).to_rfc3339_opts(format, false),
        })
    }
}
