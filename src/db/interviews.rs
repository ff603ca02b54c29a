//! Questionnaires being answered for units on cases.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::{cases, interviews, rmas, units};
use super::times::{from_naive, to_naive};
use crate::domain::ids::{
    CaseId, CaseNumber, Family, Manufacturer, PartNumber, RmaId, RmaNumber, SerialNumber, UnitId,
};
use crate::domain::questionnaire::{Given, Verdict};
use crate::words;

words! {
    /// How far an interview has come.
    InterviewState("state of an interview") {
        /// A question waits for its answer.
        Asking = "asking",
        /// It ended in an RMA.
        Rma = "rma",
        /// It ended in a remedy, without an RMA.
        Remedy = "remedy",
        /// It ended with an engineer.
        Engineer = "engineer",
        /// Begun anew before it had ended.
        Abandoned = "abandoned",
    }
}

/// An interview as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interview {
    pub id: i64,
    pub case_number: CaseNumber,
    pub manufacturer: Manufacturer,
    pub serial_number: SerialNumber,
    pub part_number: PartNumber,
    /// None where the unit's product has none.
    pub family: Option<Family>,
    /// The questionnaire's version; none where the family has no questionnaire.
    pub version: Option<String>,
    pub state: InterviewState,
    pub answers: Vec<Given>,
    pub verdict: Option<Verdict>,
    pub rma: Option<RmaNumber>,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// An interview to begin.
#[derive(Debug, Clone)]
pub struct NewInterview<'a> {
    pub case_id: CaseId,
    pub unit_id: UnitId,
    pub family: Option<&'a Family>,
    pub version: Option<&'a str>,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
}

/// Begins an interview; one on the same case and unit that still asks is abandoned. The case is to be
/// touched before, so that two that begin at once see each other.
pub fn begin(connection: &mut AnyConnection, new: &NewInterview<'_>) -> Result<i64, DbError> {
    let at = to_naive(new.started_at);
    let before = interviews::table
        .filter(interviews::case_id.eq(new.case_id.0))
        .filter(interviews::unit_id.eq(new.unit_id.0))
        .filter(interviews::state.eq(InterviewState::Asking.as_str()));
    diesel::update(before)
        .set((
            interviews::state.eq(InterviewState::Abandoned.as_str()),
            interviews::ended_at.eq(at),
        ))
        .execute(connection)
        .during("abandoning an interview")?;
    diesel::insert_into(interviews::table)
        .values((
            interviews::case_id.eq(new.case_id.0),
            interviews::unit_id.eq(new.unit_id.0),
            interviews::family.eq(new.family.map(Family::as_str)),
            interviews::version.eq(new.version),
            interviews::state.eq(InterviewState::Asking.as_str()),
            interviews::answers.eq("[]"),
            interviews::started_by.eq(&new.started_by),
            interviews::started_at.eq(at),
        ))
        .returning(interviews::id)
        .get_result(connection)
        .during("beginning an interview")
}

/// How far answers have brought an interview.
#[derive(Debug, Clone)]
pub struct Progress<'a> {
    pub answers: &'a [Given],
    pub state: InterviewState,
    pub verdict: Option<&'a Verdict>,
    pub rma: Option<RmaId>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Brings an interview forward that still stands as it was seen.
///
/// # Errors
/// `Busy` where another write came between: look again.
pub fn advance(
    connection: &mut AnyConnection,
    seen: &Interview,
    progress: &Progress<'_>,
) -> Result<(), DbError> {
    const OPERATION: &str = "keeping answers";
    let unmoved = interviews::table
        .find(seen.id)
        .filter(interviews::state.eq(seen.state.as_str()))
        .filter(interviews::answers.eq(text(&seen.answers)?));
    let verdict = progress.verdict.map(text).transpose()?;
    let changed = diesel::update(unmoved)
        .set((
            interviews::answers.eq(text(&progress.answers)?),
            interviews::state.eq(progress.state.as_str()),
            interviews::verdict.eq(verdict),
            interviews::rma_id.eq(progress.rma.map(|id| id.0)),
            interviews::ended_at.eq(progress.ended_at.map(to_naive)),
        ))
        .execute(connection)
        .during(OPERATION)?;
    if changed == 1 {
        return Ok(());
    }
    let detail = format!("interview {} was answered by another write", seen.id);
    Err(DbError::Busy { operation: OPERATION, detail })
}

fn text(value: &impl serde::Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt {
        operation: "writing an interview",
        detail: error.to_string(),
    })
}

#[derive(Queryable)]
struct Row {
    id: i64,
    case_number: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    family: Option<String>,
    version: Option<String>,
    state: String,
    answers: String,
    verdict: Option<String>,
    rma: Option<String>,
    started_by: String,
    started_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
}

const READING: &str = "reading an interview";

impl Row {
    fn interview(self) -> Result<Interview, DbError> {
        let corrupt = |error: serde_json::Error| DbError::Corrupt {
            operation: READING,
            detail: format!("interview {}: {error}", self.id),
        };
        Ok(Interview {
            id: self.id,
            case_number: stored(READING, &self.case_number)?,
            manufacturer: stored(READING, &self.manufacturer)?,
            serial_number: stored(READING, &self.serial_number)?,
            part_number: stored(READING, &self.part_number)?,
            family: self.family.map(|family| stored(READING, &family)).transpose()?,
            version: self.version,
            state: stored(READING, &self.state)?,
            answers: serde_json::from_str(&self.answers).map_err(corrupt)?,
            verdict: self
                .verdict
                .map(|verdict| serde_json::from_str(&verdict).map_err(corrupt))
                .transpose()?,
            rma: self.rma.map(|number| stored(READING, &number)).transpose()?,
            started_by: self.started_by,
            started_at: from_naive(self.started_at),
            ended_at: self.ended_at.map(from_naive),
        })
    }
}

/// Rows of a macro's own: a query of one interview and one of a case are different types.
macro_rules! selected {
    ($wanted:expr) => {
        interviews::table
            .inner_join(cases::table)
            .inner_join(units::table)
            .left_join(rmas::table.on(interviews::rma_id.eq(rmas::id.nullable())))
            .filter($wanted)
            .select((
                interviews::id,
                cases::number,
                units::manufacturer,
                units::serial_number,
                units::part_number,
                interviews::family,
                interviews::version,
                interviews::state,
                interviews::answers,
                interviews::verdict,
                rmas::number.nullable(),
                interviews::started_by,
                interviews::started_at,
                interviews::ended_at,
            ))
    };
}

/// One interview.
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<Option<Interview>, DbError> {
    let row: Option<Row> = selected!(interviews::id.eq(id))
        .first(connection)
        .optional()
        .during("loading an interview")?;
    row.map(Row::interview).transpose()
}

/// The interviews of a case after one of them, the oldest first, `limit` at the most.
pub fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
    (after, limit): (i64, i64),
) -> Result<Vec<Interview>, DbError> {
    let wanted = cases::number.eq(number.to_string()).and(interviews::id.gt(after));
    let rows: Vec<Row> = selected!(wanted)
        .order(interviews::id)
        .limit(limit)
        .load(connection)
        .during("loading a case's interviews")?;
    rows.into_iter().map(Row::interview).collect()
}
