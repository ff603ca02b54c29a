//! The list of report runs.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::{Ask, ListError, Page, Seek, by, page};
use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::{runs, slots};
use crate::db::slots::{RunOutcome, SlotState};
use crate::db::times::from_naive;
use crate::words;

words! {
    /// A column report runs are sorted by.
    RunSort("column to sort runs by") {
        StartedAt = "started_at",
        AsOf = "as_of",
        Report = "report",
    }
}

/// Which runs; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    pub report: Option<String>,
    pub outcome: Option<RunOutcome>,
    /// Only runs of these reports.
    pub among: Option<Vec<String>>,
}

/// A run of a report.
#[derive(Debug, Clone, Queryable)]
pub struct ReportRun {
    pub id: i64,
    pub report: String,
    /// Present on every row of the list: what has none is no report's.
    pub as_of: Option<NaiveDate>,
    outcome: String,
    slot: NaiveDateTime,
    pub asked_by: Option<String>,
    pub instance: String,
    started_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
    pub rows: Option<i64>,
    pub file: Option<String>,
    pub sha256: Option<String>,
    pub error: Option<String>,
    slot_state: String,
    next_at: Option<NaiveDateTime>,
    file_removed_at: Option<NaiveDateTime>,
}

impl ReportRun {
    pub fn outcome(&self) -> Result<RunOutcome, DbError> {
        stored("reading a run", &self.outcome)
    }

    /// The state of its slot, which another run may have brought further.
    pub fn slot_state(&self) -> Result<SlotState, DbError> {
        stored("reading a slot", &self.slot_state)
    }

    pub fn slot(&self) -> DateTime<Utc> {
        from_naive(self.slot)
    }

    pub fn started_at(&self) -> DateTime<Utc> {
        from_naive(self.started_at)
    }

    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at.map(from_naive)
    }

    /// When its file was removed, since it was kept long enough.
    pub fn file_removed_at(&self) -> Option<DateTime<Utc>> {
        self.file_removed_at.map(from_naive)
    }

    /// When its slot is tried again.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.next_at.map(from_naive)
    }

    fn seek(&self, sort: RunSort) -> Seek {
        let value = match sort {
            RunSort::StartedAt => json!(self.started_at),
            RunSort::AsOf => json!(self.as_of),
            RunSort::Report => json!(self.report),
        };
        Seek { value, id: self.id }
    }
}

/// A page of the runs of reports.
pub fn runs(
    connection: &mut AnyConnection,
    filter: &RunFilter,
    ask: &Ask<RunSort>,
) -> Result<Page<ReportRun>, ListError> {
    let mut query = runs::table.inner_join(slots::table).into_boxed();
    query = query.filter(runs::as_of.is_not_null());
    if let Some(report) = &filter.report {
        query = query.filter(runs::schedule.eq(report.clone()));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(runs::outcome.eq(outcome.as_str()));
    }
    if let Some(among) = &filter.among {
        query = query.filter(runs::schedule.eq_any(among.clone()));
    }
    let query = match ask.sort {
        RunSort::StartedAt => by!(query, ask, runs::id, runs::started_at, NaiveDateTime),
        RunSort::AsOf => by!(query, ask, runs::id, runs::as_of.assume_not_null(), NaiveDate),
        RunSort::Report => by!(query, ask, runs::id, runs::schedule, String),
    };
    let items =
        query.select(columns()).limit(ask.rows()).load(connection).during("listing runs")?;
    Ok(page(ask, items, |item: &ReportRun| item.seek(ask.sort)))
}

/// One run of a report.
pub fn run(connection: &mut AnyConnection, id: i64) -> Result<Option<ReportRun>, DbError> {
    runs::table
        .inner_join(slots::table)
        .filter(runs::id.eq(id).and(runs::as_of.is_not_null()))
        .select(columns())
        .first(connection)
        .optional()
        .during("looking for a run")
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        runs::id,
        runs::schedule,
        runs::as_of,
        runs::outcome,
        runs::slot,
        slots::asked_by,
        runs::instance,
        runs::started_at,
        runs::ended_at,
        runs::duration_ms,
        runs::row_count,
        runs::file,
        runs::sha256,
        runs::error,
        slots::state,
        slots::next_at,
        runs::file_removed_at,
    )
}
