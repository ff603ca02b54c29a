//! An explanation as a person reads it, and as a program does.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::explain::UnitDates;
use crate::app::unit_care::CareLine;
use crate::cli::CliError;
use crate::cli::text::{moment, or_dash};
use crate::domain::explain::{Explanation, long};

pub(super) fn json(answer: &impl Serialize) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, answer).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// One answer: its sentence, then what it was read from.
pub(super) fn answer(answer: &Explanation) -> Result<(), CliError> {
    write(&mut io::stdout().lock(), answer)?;
    Ok(())
}

/// All dates of one thing.
pub(super) fn dates(name: &str, dates: &[Explanation]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{name}")?;
    if dates.is_empty() {
        writeln!(out, "no dates yet: it is not issued")?;
    }
    for date in dates {
        writeln!(out, "\n{}", date.what.as_str().replace('_', " "))?;
        write(&mut out, date)?;
    }
    Ok(())
}

/// What customer care did with a unit, on one line.
pub(in crate::cli) fn care(line: &CareLine) -> String {
    let moved = match line.kind.as_str() {
        "transferred" => format!(
            ": {} ({}) -> {} ({})",
            or_dash(line.account_was.as_ref()),
            or_dash(line.site_was.as_ref()),
            or_dash(line.account.as_ref()),
            or_dash(line.site.as_ref())
        ),
        _ => String::new(),
    };
    let at = moment(line.recorded_at);
    let kind = line.kind.replace('_', " ");
    let [actor, source, reason] =
        [&line.actor, &line.source, &line.reason].map(|text| or_dash(text.as_ref()));
    format!("{at}  {actor}  {source}\n    {kind}{moved}; {reason}")
}

/// A unit's dates, and its history where there is one.
pub(super) fn unit(name: &str, found: &UnitDates) -> Result<(), CliError> {
    dates(name, &found.dates)?;
    if !found.history.is_empty() {
        say!("\nhistory");
    }
    for line in &found.history {
        say!("{}", care(line));
    }
    Ok(())
}

fn write(out: &mut impl Write, answer: &Explanation) -> io::Result<()> {
    writeln!(out, "{}.", answer.because)?;
    let day = |day: Option<chrono::NaiveDate>| day.map(long);
    let yes = |is: Option<bool>| is.map(|is| if is { "yes" } else { "no" }.to_owned());
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    let reminders: Vec<String> = answer.remind_on.iter().map(|day| long(*day)).collect();
    let anchor_on = answer.anchor_on.map(|on| match answer.anchor {
        Some(kind) => format!("{} ({})", long(on), kind.replace('_', " ")),
        None => long(on),
    });
    let lines = [
        ("due on", day(answer.due_on)),
        ("due at", answer.due_at.map(instant)),
        ("verdict", answer.verdict.clone()),
        ("level", answer.service_level.map(|level| level.to_string())),
        ("start", day(answer.start_on)),
        ("last covered day", day(answer.last_covered_on)),
        ("provisional", yes(answer.provisional)),
        ("covered", yes(answer.covered)),
        ("promise kept", yes(answer.met)),
        ("reminders", (!reminders.is_empty()).then(|| reminders.join(", "))),
        ("rule", Some(answer.rule.clone())),
        ("anchor", anchor_on),
        ("calendar", answer.calendar.as_ref().map(ToString::to_string)),
        ("zone", answer.zone.map(|zone| zone.to_string())),
        ("programme", Some(answer.programme.clone())),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            writeln!(out, "  {name:<17} {value}")?;
        }
    }
    Ok(())
}
