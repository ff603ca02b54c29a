//! Automated RMAs (SYS-5): a questionnaire is begun for a unit on a case, answered, and ends in an RMA,
//! in a remedy, or with an engineer.

use chrono::{DateTime, Utc};

use super::caller::Caller;
use super::context::App;
use super::error::AppError;
use super::{case_closing, partners, questionnaires, rmas, visible};
use crate::db::interviews::{self as rows, Interview, InterviewState, NewInterview, Progress};
use crate::db::tasks::{self, NewTask, TaskQueue};
use crate::db::{AnyConnection, cases, products, rmas as store};
use crate::domain::ids::{
    CaseId, CaseNumber, Family, Manufacturer, RmaId, RmaNumber, SerialNumber,
};
use crate::domain::intake::Way;
use crate::domain::questionnaire::{Given, Question, Questionnaire, Step, Verdict};
use crate::domain::rma::{Actor, Command, Order, Refusal, Role};

/// Answers an interview takes at once.
const MOST: usize = 200;

/// An interview, and the question that waits where one does.
#[derive(Debug, Clone)]
pub struct Seen {
    pub interview: Interview,
    pub asks: Option<Question>,
}

/// Begins the questionnaire that serves the unit's family today (the operator's date). Where there is
/// none, the case goes to the engineers at once. One on the same case and unit that still asks ends.
///
/// # Errors
/// `NoSuchCase` and `NoSuch` for what is absent or foreign; `Refused` for a unit no RMA can be for.
pub fn begin(
    app: &App,
    connection: &mut AnyConnection,
    number: CaseNumber,
    (serial, manufacturer): (&SerialNumber, Option<&Manufacturer>),
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Seen, AppError> {
    visible::case(connection, &caller.scope, number)?;
    let unit = visible::own_unit(connection, &caller.scope, serial, manufacturer)?;
    let (case, unit) = rmas::unit_on_case(connection, number, serial, Some(&unit.manufacturer))?;
    partners::admit(app, connection, &unit, (caller.partner, &caller.actor), now)?;
    let family = products::family(connection, &unit.manufacturer, &unit.part_number)?;
    let today = app.operator_zone.local_date(now);
    let document = match &family {
        Some(family) => questionnaires::on(connection, family, today)?,
        None => None,
    };
    let new = NewInterview {
        case_id: case.id,
        unit_id: unit.id,
        family: family.as_ref(),
        version: document.as_ref().map(|document| document.version.as_str()),
        started_by: caller.actor.to_string(),
        started_at: now,
    };
    // Of two that begin at once the second waits here, and then sees the first.
    cases::touch(connection, case.id, now)?;
    let id = rows::begin(connection, &new)?;
    let asks = document.as_ref().and_then(|document| next(document, &[]));
    if document.is_none() {
        let reason = match &family {
            Some(family) => format!("there is no questionnaire for the family {family}"),
            None => format!("part {} belongs to no family of products", unit.part_number),
        };
        let verdict = Verdict::Engineer { id: "no-questionnaire".to_owned(), reason };
        let seen = found(connection, id)?;
        end(app, connection, (&seen, case.id), (&[], &verdict), caller, now)?;
    }
    Ok(Seen { interview: found(connection, id)?, asks })
}

/// Takes answers to the questions that follow those answered before; `version` is the questionnaire's
/// that they were read from. The verdict they lead to is carried out in the same write.
///
/// # Errors
/// `NotThere` for an interview absent or foreign; `Refused` where it has ended or asks another version,
/// where its case is closed or a rule forbids the RMA; `Invalid` for an answer that cannot be taken. Nothing is kept then.
pub fn answer(
    app: &App,
    connection: &mut AnyConnection,
    id: i64,
    (version, given): (&str, &[Given]),
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Seen, AppError> {
    let seen = visible_one(connection, caller, id)?;
    if seen.state != InterviewState::Asking {
        let reason = format!("interview {id} has ended ({}); begin another", seen.state);
        return Err(Refusal::new("SYS-5", reason).into());
    }
    let number = seen.case_number;
    let case = cases::find(connection, number)?.ok_or(AppError::NoSuchCase(number))?;
    case_closing::refuse_closed(number, &case)?;
    let document = document(connection, &seen)?;
    if document.version != version {
        let reason = format!(
            "interview {id} asks version {} of the questionnaire; the answers are to {:?}: look at \
             the interview and answer what it asks",
            document.version,
            version.chars().take(40).collect::<String>()
        );
        return Err(Refusal::new("SYS-5", reason).into());
    }
    if given.is_empty() || given.len() > MOST {
        let reason = format!("1 to {MOST} answers are needed");
        return Err(AppError::Invalid { field: "answers", reason });
    }
    let answers: Vec<Given> = seen.answers.iter().chain(given).cloned().collect();
    let step = document.walk(&answers).map_err(|wrong| AppError::Invalid {
        field: "answers",
        reason: format!(
            "answer {}, to {:?}: {}",
            wrong.index - seen.answers.len().min(wrong.index) + 1,
            wrong.question,
            wrong.reason
        ),
    })?;
    let asks = match step {
        Step::Verdict(verdict) => {
            end(app, connection, (&seen, case.id), (&answers, verdict), caller, now)?;
            None
        }
        Step::Ask(question) => {
            let state = InterviewState::Asking;
            let progress =
                Progress { answers: &answers, state, verdict: None, rma: None, ended_at: None };
            rows::advance(connection, &seen, &progress)?;
            Some(question.clone())
        }
    };
    Ok(Seen { interview: found(connection, id)?, asks })
}

/// An interview of the caller's.
///
/// # Errors
/// `NotThere` for one that is absent or foreign.
pub fn show(connection: &mut AnyConnection, caller: &Caller, id: i64) -> Result<Seen, AppError> {
    let interview = visible_one(connection, caller, id)?;
    let asks = match interview.state {
        InterviewState::Asking => next(&document(connection, &interview)?, &interview.answers),
        _ => None,
    };
    Ok(Seen { interview, asks })
}

/// The question that waits after some answers.
fn next(document: &Questionnaire, answers: &[Given]) -> Option<Question> {
    match document.walk(answers) {
        Ok(Step::Ask(question)) => Some(question.clone()),
        _ => None,
    }
}

/// The interviews of a case of the caller's after one of them, the oldest first.
///
/// # Errors
/// `NoSuchCase` for a case that is absent or foreign.
pub fn of_case(
    connection: &mut AnyConnection,
    caller: &Caller,
    number: CaseNumber,
    page: (i64, i64),
) -> Result<Vec<Interview>, AppError> {
    visible::case(connection, &caller.scope, number)?;
    Ok(rows::of_case(connection, number, page)?)
}

fn found(connection: &mut AnyConnection, id: i64) -> Result<Interview, AppError> {
    let absent = AppError::NotThere { what: "interview", name: id.to_string() };
    rows::find(connection, id)?.ok_or(absent)
}

fn visible_one(
    connection: &mut AnyConnection,
    caller: &Caller,
    id: i64,
) -> Result<Interview, AppError> {
    let interview = found(connection, id)?;
    match visible::case(connection, &caller.scope, interview.case_number) {
        Ok(()) => Ok(interview),
        // In the words for an interview that is not there.
        Err(AppError::NoSuchCase(_)) => {
            Err(AppError::NotThere { what: "interview", name: id.to_string() })
        }
        Err(error) => Err(error),
    }
}

/// The questionnaire an interview was begun with.
fn document(
    connection: &mut AnyConnection,
    interview: &Interview,
) -> Result<Questionnaire, AppError> {
    let name = format!("of interview {}", interview.id);
    let absent = || AppError::NoSuch { what: "questionnaire", name: name.clone() };
    let (Some(family), Some(version)) = (&interview.family, &interview.version) else {
        return Err(absent());
    };
    questionnaires::version(connection, family, version)?.ok_or_else(absent)
}

/// Carries the verdict out and keeps it with the answers.
fn end(
    app: &App,
    connection: &mut AnyConnection,
    (seen, case_id): (&Interview, CaseId),
    (answers, verdict): (&[Given], &Verdict),
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (state, rma) = match verdict {
        Verdict::Rma { diagnosis, .. } => {
            let rma = rma_of(app, connection, seen, diagnosis, caller, now)?;
            (InterviewState::Rma, Some(rma))
        }
        Verdict::Remedy { .. } => (InterviewState::Remedy, None),
        Verdict::Engineer { reason, .. } => {
            // Another end on the case is waited for, and its task is then seen. A request holds its unit
            // before its case: it is not to come behind this.
            cases::touch(connection, case_id, now)?;
            let task = NewTask {
                queue: TaskQueue::Engineer,
                case_id,
                rma_id: None,
                interview_id: Some(seen.id),
                about: None,
                reason,
                asked_by: caller.actor.to_string(),
                asked_at: now,
            };
            // Asked again, the same unit waits for the same: that is no second task.
            let unit = (&seen.manufacturer, &seen.serial_number);
            if !tasks::waits_already(connection, &task, unit)? {
                tasks::add(connection, &task)?;
            }
            (InterviewState::Engineer, None)
        }
    };
    let progress = Progress { answers, state, verdict: Some(verdict), rma, ended_at: Some(now) };
    Ok(rows::advance(connection, seen, &progress)?)
}

/// T1 and T2 by the questionnaire, whose verdict is the diagnosis.
fn rma_of(
    app: &App,
    connection: &mut AnyConnection,
    seen: &Interview,
    diagnosis: &str,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<RmaId, AppError> {
    let none = || "none".to_owned();
    let family = seen.family.as_ref().map_or_else(none, Family::to_string);
    let version = seen.version.clone().unwrap_or_else(none);
    let actor = Actor::new(Role::Questionnaire, format!("{family} {version}"))?;
    // Who answered stands beside it: the actor is the document that judged.
    let source = format!("interview {} of {}", seen.id, caller.actor);
    let source: String = source.chars().take(120).collect();
    let wanted = rmas::RequestRma {
        case_number: seen.case_number,
        serial_number: seen.serial_number.clone(),
        manufacturer: Some(seen.manufacturer.clone()),
        symptom: diagnosis.to_owned(),
        // A partner was let in when it began (ENT-1).
        way: Way::default(),
        occurred_at: now,
        source: source.clone(),
    };
    let number: RmaNumber = rmas::request_rma(app, connection, &wanted, &actor, now)?.rma.number;
    let create = Order {
        command: Command::Create { diagnosis: Some(diagnosis.to_owned()) },
        actor,
        occurred_at: now,
        source,
    };
    rmas::execute(app, connection, number, &create, None, now)?;
    let loaded = store::load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    Ok(loaded.keys.id)
}
