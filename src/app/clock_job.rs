//! The clock's daily work: reminders, due days and estimates. It looks only at what is due.

use chrono::{DateTime, Utc};

use super::backup::hold;
use super::context::App;
use super::error::AppError;
use super::rmas::execute_loaded;
use crate::db::rmas::{due_at, load_to_change};
use crate::db::{AnyConnection, write_on};
use crate::domain::ids::RmaNumber;
use crate::domain::rma::{Actor, Command, Order};

/// What one run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockReport {
    pub reminded: u64,
    pub fell_due: u64,
    pub estimated: u64,
    /// RMAs the run could not bring forward; each is in the log with its reason.
    pub failed: u64,
}

/// RMAs a write takes at once: enough to share a commit, few enough not to keep others waiting.
const BATCH: i64 = 100;

/// Runs everything that is due at `now`, a batch a write.
///
/// # Errors
/// `Held` where the house was restored and is not released.
pub fn run(app: &App, now: DateTime<Utc>) -> Result<ClockReport, AppError> {
    app.db.read(hold::refuse_held)?;
    let mut report = ClockReport::default();
    let mut after = None;
    loop {
        let page = super::rmas::retrying(|| {
            let mut done = ClockReport::default();
            let last = app.db.write(|c| batch(app, c, now, after, &mut done))?;
            Ok((last, done))
        })?;
        report.add(page.1);
        match page.0 {
            Some(last) => after = Some(last),
            None => return Ok(report),
        }
    }
}

/// Runs everything that is due at `now` inside a write already open.
pub fn run_within(
    app: &App,
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
) -> Result<ClockReport, AppError> {
    let mut report = ClockReport::default();
    let mut after = None;
    while let Some(last) = batch(app, connection, now, after, &mut report)? {
        after = Some(last);
    }
    Ok(report)
}

type Place = (chrono::NaiveDateTime, i64);

/// One page of what is due; where it ended, or none when it was the last. An RMA that fails is left as
/// it was and passed over, so that one cannot stop the day's work for all.
fn batch(
    app: &App,
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
    after: Option<Place>,
    report: &mut ClockReport,
) -> Result<Option<Place>, AppError> {
    let due = due_at(connection, now, after, BATCH)?;
    for (number, ..) in &due {
        let one = write_on(connection, |connection| bring_forward(app, connection, *number, now));
        match one {
            Ok(done) => report.add(done),
            Err(error) if error.may_retry() => return Err(error),
            Err(AppError::Db(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(rma = %number, %error, "the clock could not bring an RMA forward");
                report.failed += 1;
            }
        }
    }
    let full = i64::try_from(due.len()).unwrap_or(BATCH) == BATCH;
    Ok(due.last().filter(|_| full).map(|(_, at, id)| (*at, *id)))
}

/// Everything due on one RMA: an estimate may open a window whose reminder is due at once.
fn bring_forward(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    now: DateTime<Utc>,
) -> Result<ClockReport, AppError> {
    let mut report = ClockReport::default();
    loop {
        let loaded = load_to_change(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
        let Some(command) = loaded.rma.due_command(now) else { return Ok(report) };
        let count = match command {
            Command::Remind {} => &mut report.reminded,
            Command::FallDue {} => &mut report.fell_due,
            _ => &mut report.estimated,
        };
        *count += 1;
        let order = Order {
            command,
            actor: Actor::clock(),
            occurred_at: now,
            source: "schedule".to_owned(),
        };
        let outcome = execute_loaded(app, connection, (&loaded, None), &order, now)?;
        if outcome.rma.due_command(now).is_none() {
            return Ok(report);
        }
    }
}

impl ClockReport {
    fn add(&mut self, other: Self) {
        self.reminded += other.reminded;
        self.fell_due += other.fell_due;
        self.estimated += other.estimated;
        self.failed += other.failed;
    }
}
