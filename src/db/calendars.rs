//! Calendars brought in beside those that come with the program.

use std::collections::HashMap;

use chrono::{NaiveDate, Weekday, WeekdaySet};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{calendar_days, calendars};
use crate::domain::calendar::CalendarDefinition;

type CalendarRow = (String, String, NaiveDate, NaiveDate, Option<NaiveDate>);

/// All imported calendars, their days in order of date.
///
/// # Errors
/// `Corrupt` for a stored code or weekday that cannot be read.
pub fn imported_calendars(
    connection: &mut AnyConnection,
) -> Result<Vec<CalendarDefinition>, DbError> {
    let rows: Vec<CalendarRow> =
        calendars::table.load(connection).during("reading the calendars")?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let days: Vec<(String, NaiveDate, bool, String)> = calendar_days::table
        .order((calendar_days::calendar, calendar_days::day))
        .load(connection)
        .during("reading the calendars' days")?;
    let mut made = HashMap::new();
    for row in rows {
        made.insert(row.0.clone(), without_days(&row)?);
    }
    for (code, day, works, name) in days {
        let Some(definition) = made.get_mut(&code) else { continue };
        if works {
            definition.working_days.push(day);
        } else {
            definition.holidays.push((day, name));
        }
    }
    Ok(made.into_values().collect())
}

fn without_days(row: &CalendarRow) -> Result<CalendarDefinition, DbError> {
    let (code, weekend, from, to, make_up_days_known_to) = row;
    let weekend: Result<WeekdaySet, DbError> =
        weekend.split_whitespace().map(|day| stored::<Weekday>("reading a weekend", day)).collect();
    Ok(CalendarDefinition {
        code: stored("reading a calendar's code", code)?,
        weekend: weekend?,
        from: *from,
        to: *to,
        make_up_days_known_to: *make_up_days_known_to,
        holidays: Vec::new(),
        working_days: Vec::new(),
    })
}

/// Stores a calendar in place of the one of its code, if there is one.
pub fn put_calendar(
    connection: &mut AnyConnection,
    definition: &CalendarDefinition,
) -> Result<(), DbError> {
    let code = definition.code.as_str();
    let weekend: Vec<String> =
        definition.weekend.iter(Weekday::Mon).map(|day| day.to_string()).collect();
    let values = (
        calendars::weekend.eq(weekend.join(" ")),
        calendars::known_from.eq(definition.from),
        calendars::known_to.eq(definition.to),
        calendars::make_up_known_to.eq(definition.make_up_days_known_to),
    );
    diesel::delete(calendar_days::table.filter(calendar_days::calendar.eq(code)))
        .execute(connection)
        .during("changing a calendar")?;
    let changed = diesel::update(calendars::table.find(code))
        .set(values.clone())
        .execute(connection)
        .during("changing a calendar")?;
    if changed == 0 {
        diesel::insert_into(calendars::table)
            .values((calendars::code.eq(code), values))
            .execute(connection)
            .during("adding a calendar")?;
    }
    let closed = definition.holidays.iter().map(|(day, name)| (*day, false, name.as_str()));
    let worked = definition.working_days.iter().map(|day| (*day, true, ""));
    for (day, works, name) in closed.chain(worked) {
        diesel::insert_into(calendar_days::table)
            .values((
                calendar_days::calendar.eq(code),
                calendar_days::day.eq(day),
                calendar_days::works.eq(works),
                calendar_days::name.eq(name),
            ))
            .execute(connection)
            .during("adding a calendar's days")?;
    }
    Ok(())
}
