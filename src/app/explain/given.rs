//! Answers a file was given already. A million questions ask of a few thousand days: what depends on the
//! same things is the same answer, and is copied.

use std::ops::Range;

use chrono::NaiveDate;

use crate::domain::return_window::AnchorKind;
use crate::domain::rma::tracks::Mode;
use crate::domain::zone::Zone;

/// How many bytes of answers are held at the most, so that a file of ever new days takes no more.
const ROOM: usize = 8 << 20;
/// And how many groups of them.
const GROUPS: usize = 64;

/// All that an answer about a return window depends on beside the day; the policy by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub mode: Mode,
    pub anchor: AnchorKind,
    pub zone: Zone,
    pub programme: usize,
}

/// The cells of answers as they stand in the file: by calendar, by what is asked, by day. A place for
/// every day a calendar knows is found sooner than a day is hashed.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// By the calendar's place.
    calendars: Vec<Vec<Group>>,
    groups: usize,
    cells: Vec<u8>,
}

#[derive(Debug)]
struct Group {
    asked: Asked,
    first: NaiveDate,
    /// By the days since the first; an empty one is not given yet.
    places: Vec<Range<u32>>,
}

impl Group {
    fn place(&mut self, day: NaiveDate) -> Option<&mut Range<u32>> {
        let index = day.signed_duration_since(self.first).num_days();
        self.places.get_mut(usize::try_from(index).ok()?)
    }
}

impl Given {
    pub fn find(&mut self, calendar: usize, asked: &Asked, day: NaiveDate) -> Option<&[u8]> {
        let mut groups = self.calendars.get_mut(calendar)?.iter_mut();
        let place = groups.find(|group| group.asked == *asked)?.place(day)?;
        let (start, end) = (place.start as usize, place.end as usize);
        self.cells.get(start..end).filter(|cells| !cells.is_empty())
    }

    /// Keeps an answer on a calendar that knows these days; where there is no more room, those before it
    /// are let go.
    pub fn keep(
        &mut self,
        (calendar, known): (usize, (NaiveDate, NaiveDate)),
        asked: &Asked,
        day: NaiveDate,
        cells: &[u8],
    ) {
        if self.cells.len() + cells.len() > ROOM {
            *self = Self::default();
        }
        if self.calendars.len() <= calendar {
            self.calendars.resize_with(calendar + 1, Vec::new);
        }
        let has = self.calendars[calendar].iter().any(|group| group.asked == *asked);
        if !has && self.groups == GROUPS {
            return;
        }
        if !has {
            self.groups += 1;
            let days = known.1.signed_duration_since(known.0).num_days() + 1;
            let places = vec![0..0; usize::try_from(days).unwrap_or_default()];
            self.calendars[calendar].push(Group { asked: *asked, first: known.0, places });
        }
        let start = self.cells.len() as u32;
        let mut groups = self.calendars[calendar].iter_mut();
        let group = groups.find(|group| group.asked == *asked);
        if let Some(place) = group.and_then(|group| group.place(day)) {
            self.cells.extend_from_slice(cells);
            *place = start..self.cells.len() as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::default() + chrono::Days::new(number)
    }

    fn asked(programme: usize) -> Asked {
        Asked {
            mode: Mode::AdvanceReplacement,
            anchor: AnchorKind::Delivered,
            zone: Zone::UTC,
            programme,
        }
    }

    #[test]
    fn it_gives_what_was_kept_and_holds_no_more_than_its_room() {
        let mut given = Given::default();
        let cells = |number: u64| format!(",{number}").repeat(500).into_bytes();
        let known = (day(0), day(20_000));
        for number in 0..20_000 {
            let calendar = (number % 3) as usize;
            assert_eq!(given.find(calendar, &asked(0), day(number)), None);
            given.keep((calendar, known), &asked(0), day(number), &cells(number));
            assert_eq!(given.find(calendar, &asked(0), day(number)), Some(&cells(number)[..]));
            assert!(given.cells.len() <= ROOM);
        }
        assert_eq!(given.find(0, &asked(0), day(0)), None, "it was let go");
    }

    #[test]
    fn answers_of_other_calendars_questions_and_days_are_not_taken() {
        let mut given = Given::default();
        let known = (day(0), day(9));
        given.keep((1, known), &asked(1), day(9), b",a");
        for (calendar, programme, number) in [(0, 1, 9), (1, 0, 9), (1, 1, 8), (1, 1, 10)] {
            assert_eq!(given.find(calendar, &asked(programme), day(number)), None);
        }
        given.keep((1, known), &asked(1), day(10), b",b");
        assert_eq!(given.find(1, &asked(1), day(10)), None, "the calendar does not know it");
        for programme in 0..2 * GROUPS {
            given.keep((1, known), &asked(programme), day(3), b",c");
        }
        assert_eq!(given.groups, GROUPS);
        assert_eq!(given.find(1, &asked(1), day(9)), Some(&b",a"[..]));
    }
}
