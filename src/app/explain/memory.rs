//! Calendars, zones and policies by the text they are asked by, each looked up once.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::desk::Desk;
use super::questions::Unanswered;
use crate::domain::calendar::{Calendar, CalendarCode};
use crate::domain::explain::place_of;
use crate::domain::programme::Programme;
use crate::domain::zone::Zone;

/// A calendar, and where its days are kept in words.
#[derive(Debug)]
pub(super) struct Known {
    pub calendar: Arc<Calendar>,
    pub place: String,
}

/// Values by their text. Only what exists is held, so a file of nonsense does not fill it.
#[derive(Debug)]
struct Texts<T> {
    values: Vec<T>,
    places: HashMap<Box<str>, usize, RandomState>,
}

impl<T> Default for Texts<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::default() }
    }
}

impl<T> Texts<T> {
    fn place(
        &mut self,
        text: &str,
        look_up: impl FnOnce() -> Result<T, String>,
    ) -> Result<usize, String> {
        if let Some(place) = self.places.get(text) {
            return Ok(*place);
        }
        self.values.push(look_up()?);
        let place = self.values.len() - 1;
        self.places.insert(text.into(), place);
        Ok(place)
    }
}

/// What one thread has looked up. A look-up gives a place, by which the value is borrowed: several are
/// borrowed at once, and no counter is shared between threads.
#[derive(Debug)]
pub(super) struct Memory<'d> {
    desk: &'d Desk,
    calendars: Texts<Known>,
    zones: Texts<Zone>,
    programmes: Texts<Arc<Programme>>,
}

impl<'d> Memory<'d> {
    pub fn new(desk: &'d Desk) -> Self {
        let mut programmes = Texts::default();
        programmes.values.push(Arc::clone(&desk.default));
        Self { desk, calendars: Texts::default(), zones: Texts::default(), programmes }
    }

    /// The place of the calendar of this code; `column` is the one it stands in.
    pub fn find_calendar(&mut self, column: &'static str, text: &str) -> Result<usize, Unanswered> {
        if text.is_empty() {
            let reason = "a calendar is needed, such as US, NL or US-KY";
            return Err(Unanswered::new(column, reason));
        }
        let calendars = &self.desk.calendars;
        let look_up = || {
            let found = CalendarCode::parse(text).and_then(|code| calendars.get(&code));
            let calendar = found.map_err(|error| error.to_string())?;
            let place = place_of(calendar.code());
            Ok(Known { calendar, place })
        };
        self.calendars.place(text, look_up).map_err(|reason| Unanswered::new(column, reason))
    }

    pub fn calendar(&self, place: usize) -> &Known {
        &self.calendars.values[place]
    }

    pub fn zone(&mut self, text: &str) -> Result<Zone, Unanswered> {
        if text.is_empty() {
            let reason = "a time zone is needed, such as Europe/Amsterdam";
            return Err(Unanswered::new("zone", reason));
        }
        let look_up = || Zone::parse(text).map_err(|error| error.to_string());
        let place = self.zones.place(text, look_up);
        place
            .map(|place| self.zones.values[place])
            .map_err(|reason| Unanswered::new("zone", reason))
    }

    /// The place of the policy of this version; of the rulebook's own where none is named.
    pub fn find_programme(&mut self, text: &str) -> Result<usize, Unanswered> {
        // Most questions name none: the rulebook's own stands first.
        if text.is_empty() {
            return Ok(0);
        }
        let desk = self.desk;
        let place = self.programmes.place(text, || desk.programme(text));
        place.map_err(|reason| Unanswered::new("programme", reason))
    }

    pub fn programme(&self, place: usize) -> &Programme {
        &self.programmes.values[place]
    }

    pub fn default_programme(&self) -> &'d Programme {
        &self.desk.default
    }
}
