//! Closing a case, apart from its RMAs (RMA-14): it closes when the customer agrees that the problem is
//! resolved, and none of its RMAs is open. From then on it takes no new RMA: what fails later is another
//! problem, for a case of its own. An RMA of it that opens again opens the case with it.

use chrono::{DateTime, Utc};

use super::caller::Caller;
use super::error::AppError;
use super::visible;
use crate::db::AnyConnection;
use crate::db::case_closings::{self as rows, NewClosing};
use crate::db::cases::{self, CaseFacts};
use crate::db::tasks::{self, TaskQueue};
use crate::domain::ids::{CaseNumber, RmaNumber, checked};
use crate::domain::rma::{Refusal, Role};

const RULE: &str = "RMA-14";

/// The customer's agreement.
#[derive(Debug, Clone, Default)]
pub struct Agreement {
    /// Who of the customer's agreed; the caller itself where a customer leaves it out.
    pub by: Option<String>,
    /// Now where it is left out.
    pub at: Option<DateTime<Utc>>,
}

/// A case that was closed.
#[derive(Debug, Clone)]
pub struct Closed {
    pub closing: NewClosing,
    /// The engineers' tasks on it that waited still: what is resolved asks nobody to look any more.
    pub settled_tasks: Vec<i64>,
}

/// Closes a case of the caller's, and settles what waits on it for an engineer.
///
/// # Errors
/// `NoSuchCase`; `Invalid` for an agreement of nobody, before the case or still to come; `Refused` for a
/// case that is closed or has an open RMA.
pub fn close(
    connection: &mut AnyConnection,
    number: CaseNumber,
    agreement: &Agreement,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Closed, AppError> {
    visible::case(connection, &caller.scope, number)?;
    let case = cases::find(connection, number)?.ok_or(AppError::NoSuchCase(number))?;
    let closing = NewClosing {
        agreed_by: agreed_by(agreement, caller)?,
        agreed_at: agreed_at(agreement, &case, now)?,
        closed_by: caller.actor.to_string(),
        closed_at: now,
    };
    if !rows::close(connection, case.id, &closing)? {
        return Err(Refusal::new(RULE, format!("case {number} is closed already")).into());
    }
    // After the case is ours: an RMA whose request came between is seen, and a later one sees the close.
    let open = cases::open_rmas(connection, case.id)?;
    if open.is_empty() {
        let about = (case.id, TaskQueue::Engineer);
        let by = (closing.closed_by.as_str(), now);
        let answer = "the case was closed: the customer agrees that its problem is resolved";
        let settled_tasks = tasks::settle_all(connection, about, answer, by)?;
        return Ok(Closed { closing, settled_tasks });
    }
    let names: Vec<String> = open.iter().map(RmaNumber::to_string).collect();
    let reason = format!(
        "of case {number} {} {} open; close it when that has ended",
        names.join(", "),
        if names.len() == 1 { "is" } else { "are" }
    );
    Err(Refusal::new(RULE, reason).into())
}

fn agreed_by(agreement: &Agreement, caller: &Caller) -> Result<String, AppError> {
    let invalid = |reason: String| AppError::Invalid { field: "agreed_by", reason };
    let name = match &agreement.by {
        Some(name) => name,
        None if is_customers(caller.actor.role) => return Ok(caller.actor.name.clone()),
        None => {
            return Err(invalid(
                "name who of the customer's agreed that it is resolved".to_owned(),
            ));
        }
    };
    checked("who agreed", name, 120).map_err(|error| invalid(error.to_string()))?;
    Ok(name.clone())
}

fn agreed_at(
    agreement: &Agreement,
    case: &CaseFacts,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, AppError> {
    let invalid =
        |reason: &str| AppError::Invalid { field: "agreed_at", reason: reason.to_owned() };
    match agreement.at {
        None => Ok(now),
        Some(at) if at > now => Err(invalid("it is an instant still to come")),
        Some(at) if at < case.opened_at => Err(invalid("it is before the case was opened")),
        Some(at) => Ok(at),
    }
}

/// Those who speak for the customer themselves.
fn is_customers(role: Role) -> bool {
    matches!(role, Role::Customer | Role::AccountAdmin | Role::Partner)
}

/// Refuses a case that takes no more RMAs.
pub(super) fn refuse_closed(number: CaseNumber, case: &CaseFacts) -> Result<(), AppError> {
    let Some(closed_at) = case.closed_at else { return Ok(()) };
    let reason = format!(
        "case {number} was closed on {}, as its problem was resolved; open a new case",
        closed_at.date_naive()
    );
    Err(Refusal::new(RULE, reason).into())
}
