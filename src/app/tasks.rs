//! What waits for a person: listed, and settled once.

use chrono::{DateTime, Utc};

use super::caller::Caller;
use super::error::AppError;
use super::progress_requests;
use crate::db::AnyConnection;
use crate::db::tasks::{self as rows, Task, TaskQueue, Which};
use crate::domain::ids::checked_text;
use crate::domain::rma::{Refusal, Role};

/// Characters of a text.
const MOST: usize = 2_000;

/// Tasks in the order they came in.
pub fn list(connection: &mut AnyConnection, which: &Which) -> Result<Vec<Task>, AppError> {
    Ok(rows::tasks(connection, which)?)
}

/// Settles a task with what was done about it; who asked for progress is told the answer (CASE-5).
///
/// # Errors
/// `NotThere`, `Invalid` for an empty answer, `Refused` where the queue is another role's or the task is
/// settled already.
pub fn settle(
    connection: &mut AnyConnection,
    caller: &Caller,
    id: i64,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<Task, AppError> {
    let absent = || AppError::NotThere { what: "task", name: id.to_string() };
    let which = Which { id: Some(id), limit: 1, ..Which::default() };
    let task = rows::tasks(connection, &which)?.pop().ok_or_else(absent)?;
    let text = text("answer", answer)?;
    let rule = rule_of(task.queue);
    if !serves(task.queue, caller.actor.role) {
        let reason =
            format!("task {id} waits for the queue {}, not for {}", task.queue, caller.actor.role);
        return Err(Refusal::new(rule, reason).into());
    }
    let by = caller.actor.to_string();
    if !rows::settle(connection, id, text, (&by, now))? {
        return Err(Refusal::new(rule, format!("task {id} is settled already")).into());
    }
    if let Some(about) = task.about {
        progress_requests::tell(connection, &task, about, text, now)?;
    }
    rows::tasks(connection, &which)?.pop().ok_or_else(absent)
}

/// A text of a person, without blanks around it.
pub(super) fn text<'a>(field: &'static str, given: &'a str) -> Result<&'a str, AppError> {
    checked_text(given, MOST)
        .map_err(|error| AppError::Invalid { field, reason: error.to_string() })
}

fn rule_of(queue: TaskQueue) -> &'static str {
    match queue {
        TaskQueue::Engineer => "SYS-5",
        TaskQueue::CustomerCare => "CASE-5",
    }
}

fn serves(queue: TaskQueue, role: Role) -> bool {
    role == Role::Administrator
        || match queue {
            TaskQueue::Engineer => role == Role::Engineer,
            TaskQueue::CustomerCare => role == Role::CustomerCare,
        }
}
