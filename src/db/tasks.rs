//! What waits for a person to settle it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::outbox::MessageState;
use super::rmas::Keys;
use super::schema::{cases, interviews, organizations, outbox, rmas, tasks, units};
use super::times::{from_naive, to_naive};
use crate::domain::ids::{CaseId, CaseNumber, Manufacturer, RmaId, SerialNumber};
use crate::domain::notice::NoticeKind;
use crate::words;

words! {
    /// Who a task waits for.
    TaskQueue("queue of tasks") {
        /// A questionnaire that came to no end of its own (SYS-5).
        Engineer = "engineer",
        /// A customer who asks for faster progress (CASE-5).
        CustomerCare = "customer_care",
    }
}

words! {
    /// What of an RMA's progress a customer asks for (CASE-5).
    About("subject of a request") {
        /// Where the replacement, or the unit, is.
        ShipmentUpdate = "shipment_update",
        /// Whether the RMA is confirmed yet, and what is missing.
        CreationStatus = "creation_status",
    }
}

/// A task to add.
#[derive(Debug, Clone)]
pub struct NewTask<'a> {
    pub queue: TaskQueue,
    pub case_id: CaseId,
    pub rma_id: Option<RmaId>,
    pub interview_id: Option<i64>,
    /// None on the tasks of engineers.
    pub about: Option<About>,
    pub reason: &'a str,
    pub asked_by: String,
    pub asked_at: DateTime<Utc>,
}

pub fn add(connection: &mut AnyConnection, task: &NewTask<'_>) -> Result<i64, DbError> {
    diesel::insert_into(tasks::table)
        .values((
            tasks::queue.eq(task.queue.as_str()),
            tasks::case_id.eq(task.case_id.0),
            tasks::rma_id.eq(task.rma_id.map(|id| id.0)),
            tasks::interview_id.eq(task.interview_id),
            tasks::about.eq(task.about.map(About::as_str)),
            tasks::reason.eq(task.reason),
            tasks::asked_by.eq(&task.asked_by),
            tasks::asked_at.eq(to_naive(task.asked_at)),
        ))
        .returning(tasks::id)
        .get_result(connection)
        .during("adding a task")
}

/// Whether an interview about the same unit has made the same task, which nobody has settled yet.
pub fn waits_already(
    connection: &mut AnyConnection,
    task: &NewTask<'_>,
    (manufacturer, serial): (&Manufacturer, &SerialNumber),
) -> Result<bool, DbError> {
    let waiting: Option<i64> = tasks::table
        .inner_join(
            interviews::table
                .inner_join(units::table.on(interviews::unit_id.eq(units::id)))
                .on(tasks::interview_id.eq(interviews::id.nullable())),
        )
        .filter(tasks::settled_at.is_null().and(tasks::queue.eq(task.queue.as_str())))
        .filter(tasks::case_id.eq(task.case_id.0).and(tasks::reason.eq(task.reason)))
        .filter(units::manufacturer.eq(manufacturer.as_str()))
        .filter(units::serial_number.eq(serial.as_str()))
        .select(tasks::id)
        .first(connection)
        .optional()
        .during("looking for a task that waits")?;
    Ok(waiting.is_some())
}

/// A task with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: i64,
    pub queue: TaskQueue,
    pub case_number: String,
    pub account: String,
    pub manufacturer: String,
    /// Of the unit the case is on.
    pub serial_number: String,
    pub rma_number: Option<String>,
    pub interview: Option<i64>,
    pub about: Option<About>,
    pub reason: String,
    pub asked_by: String,
    pub asked_at: DateTime<Utc>,
    pub settled_by: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    pub answer: Option<String>,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    queue: String,
    case_number: String,
    account: String,
    manufacturer: String,
    serial_number: String,
    rma_number: Option<String>,
    interview: Option<i64>,
    about: Option<String>,
    reason: String,
    asked_by: String,
    asked_at: NaiveDateTime,
    settled_by: Option<String>,
    settled_at: Option<NaiveDateTime>,
    answer: Option<String>,
}

impl Row {
    fn task(self) -> Result<Task, DbError> {
        Ok(Task {
            id: self.id,
            queue: stored("reading a task", &self.queue)?,
            case_number: self.case_number,
            account: self.account,
            manufacturer: self.manufacturer,
            serial_number: self.serial_number,
            rma_number: self.rma_number,
            interview: self.interview,
            about: self.about.map(|word| stored("reading a task", &word)).transpose()?,
            reason: self.reason,
            asked_by: self.asked_by,
            asked_at: from_naive(self.asked_at),
            settled_by: self.settled_by,
            settled_at: self.settled_at.map(from_naive),
            answer: self.answer,
        })
    }
}

/// Which tasks; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Which {
    pub id: Option<i64>,
    /// On this case.
    pub case: Option<CaseNumber>,
    pub queue: Option<TaskQueue>,
    /// Waiting, or settled.
    pub is_open: Option<bool>,
    /// Those that came after this one.
    pub after: i64,
    pub limit: i64,
}

/// Tasks in the order they came in.
pub fn tasks(connection: &mut AnyConnection, which: &Which) -> Result<Vec<Task>, DbError> {
    let mut query = tasks::table
        .inner_join(cases::table.inner_join(organizations::table).inner_join(units::table))
        .left_join(rmas::table.on(tasks::rma_id.eq(rmas::id.nullable())))
        .filter(tasks::id.gt(which.after))
        .into_boxed();
    if let Some(id) = which.id {
        query = query.filter(tasks::id.eq(id));
    }
    if let Some(case) = which.case {
        query = query.filter(cases::number.eq(case.to_string()));
    }
    if let Some(queue) = which.queue {
        query = query.filter(tasks::queue.eq(queue.as_str()));
    }
    // Said as the index of those that wait says it.
    query = match which.is_open {
        Some(true) => query.filter(tasks::settled_at.is_null()),
        Some(false) => query.filter(tasks::settled_at.is_not_null()),
        None => query,
    };
    let rows: Vec<Row> = query
        .order(tasks::id)
        .limit(which.limit)
        .select((
            tasks::id,
            tasks::queue,
            cases::number,
            organizations::name,
            units::manufacturer,
            units::serial_number,
            rmas::number.nullable(),
            tasks::interview_id,
            tasks::about,
            tasks::reason,
            tasks::asked_by,
            tasks::asked_at,
            tasks::settled_by,
            tasks::settled_at,
            tasks::answer,
        ))
        .load(connection)
        .during("listing tasks")?;
    rows.into_iter().map(Row::task).collect()
}

/// Every request of a customer on the RMAs of a case, the oldest first.
pub fn of_customers(
    connection: &mut AnyConnection,
    case: CaseNumber,
) -> Result<Vec<Task>, DbError> {
    let queue = Some(TaskQueue::CustomerCare);
    tasks(connection, &Which { case: Some(case), queue, limit: i64::MAX, ..Which::default() })
}

/// Settles a task that waits; `false` where another was faster.
pub fn settle(
    connection: &mut AnyConnection,
    id: i64,
    answer: &str,
    (by, at): (&str, DateTime<Utc>),
) -> Result<bool, DbError> {
    diesel::update(tasks::table.find(id).filter(tasks::settled_at.is_null()))
        .set((
            tasks::settled_by.eq(by),
            tasks::settled_at.eq(to_naive(at)),
            tasks::answer.eq(answer),
        ))
        .execute(connection)
        .map(|changed| changed == 1)
        .during("settling a task")
}

/// Settles every task of a case that waits in a queue; gives them.
pub fn settle_all(
    connection: &mut AnyConnection,
    (case, queue): (CaseId, TaskQueue),
    answer: &str,
    (by, at): (&str, DateTime<Utc>),
) -> Result<Vec<i64>, DbError> {
    let waiting = tasks::table
        .filter(tasks::case_id.eq(case.0).and(tasks::queue.eq(queue.as_str())))
        .filter(tasks::settled_at.is_null());
    let mut settled: Vec<i64> = diesel::update(waiting)
        .set((
            tasks::settled_by.eq(by),
            tasks::settled_at.eq(to_naive(at)),
            tasks::answer.eq(answer),
        ))
        .returning(tasks::id)
        .get_results(connection)
        .during("settling a case's tasks")?;
    settled.sort_unstable();
    Ok(settled)
}

/// Stores the notice that tells a customer the answer to its request. No event of the RMA tells it: its
/// sequence is the task's number.
pub fn add_answer(
    connection: &mut AnyConnection,
    keys: &Keys,
    id: i64,
    said: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::rma_id.eq(keys.id.0),
            outbox::sequence.eq(id),
            outbox::kind.eq(NoticeKind::ProgressAnswered.as_str()),
            outbox::recipient.eq(&keys.recipient),
            outbox::payload.eq(said.to_string()),
            outbox::state.eq(MessageState::Pending.as_str()),
            outbox::created_at.eq(to_naive(now)),
        ))
        .execute(connection)
        .map(drop)
        .during("storing an answer's message")
}
