//! Faster RMA progress (CASE-5): a customer asks customer care how an RMA comes on, and is answered by a
//! notice, of which the case keeps its note.

use chrono::{DateTime, Utc};

use super::caller::Caller;
use super::error::AppError;
use super::tasks::text;
use super::visible;
use crate::db::rmas as store;
use crate::db::tasks::{self as rows, About, NewTask, Task, TaskQueue, Which};
use crate::db::{AnyConnection, DbError, cases};
use crate::domain::ids::RmaNumber;
use crate::domain::rma::Refusal;

const RULE: &str = "CASE-5";

/// What a customer asks.
#[derive(Debug, Clone)]
pub struct Wish {
    pub about: About,
    pub text: String,
}

/// Puts a request on customer care's list.
///
/// # Errors
/// `NoSuchRma` for an RMA that is absent or foreign; `Invalid` for a text that cannot be taken;
/// `Refused` for an RMA that is closed or has a request that waits.
pub fn ask(
    connection: &mut AnyConnection,
    number: RmaNumber,
    wish: &Wish,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Task, AppError> {
    visible::rma(connection, &caller.scope, number)?;
    let reason = text("text", &wish.text)?;
    let loaded = store::load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    if !loaded.rma.is_open {
        let reason = format!("{number} is closed: there is no progress to wait for");
        return Err(Refusal::new(RULE, reason).into());
    }
    let task = NewTask {
        queue: TaskQueue::CustomerCare,
        case_id: loaded.keys.case_id,
        rma_id: Some(loaded.keys.id),
        interview_id: None,
        about: Some(wish.about),
        reason,
        asked_by: caller.actor.to_string(),
        asked_at: now,
    };
    let id = match rows::add(connection, &task) {
        Err(error) if error.is_unique_violation() => {
            let reason =
                format!("a request on {number} waits already; customer care answers it first");
            return Err(Refusal::new(RULE, reason).into());
        }
        added => added?,
    };
    cases::touch(connection, loaded.keys.case_id, now)?;
    let which = Which { id: Some(id), limit: 1, ..Which::default() };
    let detail = format!("task {id} is not there");
    let lost = DbError::Corrupt { operation: "adding a task", detail };
    Ok(rows::tasks(connection, &which)?.pop().ok_or(lost)?)
}

/// Tells the customer the answer to a request that was settled.
pub(super) fn tell(
    connection: &mut AnyConnection,
    task: &Task,
    about: About,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Some(number) = &task.rma_number else { return Ok(()) };
    let number: RmaNumber = number.parse()?;
    let loaded = store::load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let said = serde_json::json!({ "about": about, "asked": task.reason, "answer": answer });
    rows::add_answer(connection, &loaded.keys, task.id, &said, now)?;
    Ok(cases::touch(connection, loaded.keys.case_id, now)?)
}
