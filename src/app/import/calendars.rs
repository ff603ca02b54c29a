//! `homeward import calendars`.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{NaiveDate, Weekday, WeekdaySet};

use super::columns::columns;
use super::fields::{Fields, date, one_line};
use super::problems::{Problem, Problems};
use super::{Counts, ImportError, Importer, Progress};
use crate::db::calendars::{imported_calendars, put_calendar};
use crate::db::{AnyConnection, DbError};
use crate::domain::calendar::{CalendarCode, CalendarDefinition};
use crate::domain::rma::Stamp;
use crate::words;

columns!(Col {
    Calendar "calendar" required "the calendar's code, its key; several rows make a calendar",
    Kind "kind" required "range, weekend, holiday, working or make_up_days (see below)",
    From "from" required "the day, or the first of several, YYYY-MM-DD; empty for weekend",
    To "to" optional "the last of several days; required for range",
    Name "name" optional "the holiday's name; for weekend the weekdays off, such as Sat Sun",
});

words! {
    /// What a row says of its calendar.
    RowKind("kind of row") {
        /// What the calendar knows, `from` to `to`: exactly one.
        Range = "range",
        /// The weekdays off, in `name`: exactly one.
        Weekend = "weekend",
        Holiday = "holiday",
        /// A weekend day that is worked.
        Working = "working",
        /// Until when make-up working days are announced, in `from`.
        MakeUpDays = "make_up_days",
    }
}

/// A calendar while its rows come in.
#[derive(Default)]
struct Draft {
    first_line: u64,
    rows: u64,
    range: Option<(NaiveDate, NaiveDate)>,
    weekend: Option<WeekdaySet>,
    make_up: Option<NaiveDate>,
    closed: BTreeMap<NaiveDate, String>,
    worked: BTreeMap<NaiveDate, ()>,
}

/// Holidays of more days than this are a slip of the pen.
const LONGEST_HOLIDAY: i64 = 60;

#[derive(Default)]
pub(super) struct CalendarFile {
    drafts: BTreeMap<CalendarCode, Draft>,
    /// Calendars with a bad row: none of them is taken, a calendar without a holiday being worse than
    /// none.
    spoilt: HashSet<CalendarCode>,
    definitions: Vec<CalendarDefinition>,
}

impl CalendarFile {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let code = fields.parsed::<CalendarCode>(Col::Calendar)?;
        let draft = self.drafts.entry(code.clone()).or_default();
        if draft.first_line == 0 {
            draft.first_line = fields.line;
        }
        let kind = fields.parsed::<RowKind>(Col::Kind);
        let from = fields.optional(Col::From, date);
        let to = fields.optional(Col::To, date);
        if let (Some(kind), Some(from), Some(to)) = (kind, from, to) {
            draft.add(kind, from, to, fields);
        }
        if fields.is_refused() {
            self.spoilt.insert(code);
        } else {
            draft.rows += 1;
        }
        Some(())
    }
}

impl Draft {
    fn add(
        &mut self,
        kind: RowKind,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        fields: &mut Fields<'_>,
    ) -> Option<()> {
        if kind == RowKind::Weekend {
            if from.is_some() || to.is_some() {
                fields.refuse(Col::From, "a weekend has no dates: it holds for the whole range");
            }
            let weekend = fields.read(Col::Name, weekdays)?;
            return once(&mut self.weekend, weekend, fields);
        }
        let Some(from) = from else {
            fields.refuse(Col::From, "the value is empty");
            return None;
        };
        let last = to.unwrap_or(from);
        if last < from {
            fields.refuse(Col::To, format!("{last} is before {from}"));
            return None;
        }
        match kind {
            RowKind::Range if to.is_none() => fields.refuse(Col::To, "the value is empty"),
            RowKind::Range => return once(&mut self.range, (from, last), fields),
            RowKind::MakeUpDays => return once(&mut self.make_up, from, fields),
            _ if (last - from).num_days() >= LONGEST_HOLIDAY => {
                fields.refuse(Col::To, format!("more than {LONGEST_HOLIDAY} days on end"));
            }
            RowKind::Holiday => {
                let name = fields.read(Col::Name, one_line)?;
                add_days(&mut self.closed, from, last, name.to_owned(), fields);
            }
            _ => add_days(&mut self.worked, from, last, (), fields),
        }
        Some(())
    }

    fn definition(self, code: &CalendarCode) -> Result<CalendarDefinition, String> {
        let missing = |what: &str| format!("calendar {code} has no row of kind {what}");
        let (from, to) = self.range.ok_or_else(|| missing("range"))?;
        let definition = CalendarDefinition {
            code: code.clone(),
            weekend: self.weekend.ok_or_else(|| missing("weekend"))?,
            from,
            to,
            make_up_days_known_to: self.make_up,
            holidays: self.closed.into_iter().collect(),
            working_days: self.worked.into_keys().collect(),
        };
        definition.validate().map_err(|e| e.to_string())?;
        Ok(definition)
    }
}

fn once<T>(place: &mut Option<T>, value: T, fields: &mut Fields<'_>) -> Option<()> {
    if place.is_some() {
        fields.refuse(Col::Kind, "an earlier row of this calendar says this already");
        return None;
    }
    *place = Some(value);
    Some(())
}

fn add_days<T: Clone>(
    days: &mut BTreeMap<NaiveDate, T>,
    from: NaiveDate,
    last: NaiveDate,
    value: T,
    fields: &mut Fields<'_>,
) {
    for day in from.iter_days().take_while(|day| *day <= last) {
        if days.insert(day, value.clone()).is_some() {
            fields.refuse(Col::From, format!("an earlier row of this calendar has {day} already"));
        }
    }
}

fn weekdays(value: &str) -> Result<WeekdaySet, String> {
    let mut set = WeekdaySet::EMPTY;
    for word in value.split_whitespace() {
        let day: Weekday =
            word.parse().map_err(|_| format!("{word:?} is not a weekday such as Sat"))?;
        set.insert(day);
    }
    Ok(set)
}

impl Importer for CalendarFile {
    fn load(_: &mut AnyConnection, _: NaiveDate) -> Result<Self, ImportError> {
        Ok(Self::default())
    }

    fn row(&mut self, fields: &mut Fields<'_>) {
        // What is refused is noted; there is nothing more to do with it.
        let _ = self.take(fields);
    }

    fn judge(
        &mut self,
        _connection: &mut AnyConnection,
        problems: &mut Problems,
    ) -> Result<(), DbError> {
        for (code, draft) in std::mem::take(&mut self.drafts) {
            let (line, rows) = (draft.first_line, draft.rows);
            let refused = if self.spoilt.contains(&code) {
                // Its bad rows are named; its good ones are left out with them.
                (rows > 0).then(|| {
                    format!(
                        "calendar {code} has bad rows, so its {rows} good ones are not taken either"
                    )
                })
            } else {
                match draft.definition(&code) {
                    Ok(definition) => {
                        self.definitions.push(definition);
                        None
                    }
                    Err(reason) => Some(reason),
                }
            };
            if let Some(reason) = refused {
                problems.add(Problem { line, column: None, reason });
                (0..rows).for_each(|_| problems.refuse_row());
            }
        }
        Ok(())
    }

    fn store(
        &self,
        connection: &mut AnyConnection,
        _: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError> {
        let stored: HashMap<CalendarCode, CalendarDefinition> = imported_calendars(connection)?
            .into_iter()
            .map(|definition| (definition.code.clone(), definition))
            .collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.definitions.len() as u64);
        for definition in &self.definitions {
            match stored.get(&definition.code) {
                Some(was) if was == definition => counts.unchanged += 1,
                Some(_) => counts.changed += 1,
                None => counts.added += 1,
            }
            if stored.get(&definition.code) != Some(definition) {
                put_calendar(connection, definition)?;
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}
