//! RMAs: requesting one, and carrying out a command on one.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::backup::hold;
use super::cases::the_unit;
use super::context::App;
use super::error::AppError;
use super::{case_closing, facts, intake, register_moves, unit_care};
use crate::db::dialect::next_counter;
use crate::db::facts::{self as rows, Site, Unit};
use crate::db::rmas::{self as store, Loaded, Origin};
use crate::db::{AnyConnection, case_closings, cases, write_on};
use crate::domain::ids::{CaseNumber, Manufacturer, RmaId, RmaNumber, SerialNumber};
use crate::domain::intake::{CaseKind, Way};
use crate::domain::programme::Programme;
use crate::domain::rma::{
    Actor, Command, Decision, Event, Order, Refusal, Request, Rma, Stamp, decide, request,
};
use crate::domain::site::UnitStatus;

/// T1: what is asked for.
#[derive(Debug, Clone)]
pub struct RequestRma {
    pub case_number: CaseNumber,
    pub serial_number: SerialNumber,
    /// Needed where two manufacturers share the serial.
    pub manufacturer: Option<Manufacturer>,
    pub symptom: String,
    pub way: Way,
    pub occurred_at: DateTime<Utc>,
    pub source: String,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub rma: Rma,
    pub events: Vec<Event>,
}

/// How often a use case is tried again when another write came between.
const ATTEMPTS: usize = 5;

/// T1: an RMA on a case, with its number (AMB-11: no authority to ship before issue).
pub fn request_rma(
    app: &App,
    connection: &mut AnyConnection,
    wanted: &RequestRma,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    may_request(actor)?;
    rows::hold_units(connection, &wanted.serial_number)?;
    let manufacturer = wanted.manufacturer.as_ref();
    let (case, unit) =
        unit_on_case(connection, wanted.case_number, &wanted.serial_number, manufacturer)?;
    if wanted.occurred_at > now {
        let reason = "it is said to have been requested at an instant still to come";
        return Err(Refusal::new("T1", reason).into());
    }
    let way = (CaseKind::Rma, &wanted.way);
    let set_aside = intake::admit(app, connection, &unit, way, actor, now)?;
    let case_id = case.id;
    let opening = Opening {
        case_number: wanted.case_number,
        case,
        manufacturer: unit.manufacturer.clone(),
        site: unit.site_id,
        parent: None,
    };
    let stamp = Stamp {
        occurred_at: wanted.occurred_at,
        recorded_at: now,
        actor: actor.clone(),
        source: wanted.source.clone(),
    };
    let asked = (&wanted.serial_number, &unit.part_number, wanted.symptom.as_str());
    let number = next_number(connection)?;
    let (outcome, id) = open_rma(app, connection, opening, number, asked, &stamp)?;
    // A close that came between had the case first, and is seen only now.
    let number = wanted.case_number;
    let case = cases::find(connection, number)?.ok_or(AppError::NoSuchCase(number))?;
    case_closing::refuse_closed(number, &case)?;
    if let Some(set_aside) = set_aside {
        intake::keep(connection, &set_aside, (case_id, Some(id)), actor, now)?;
    }
    Ok(outcome)
}

/// A case and the unit on it that an RMA can be requested for: the case is open, the unit its account's
/// and not replaced since.
pub(super) fn unit_on_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
    serial: &SerialNumber,
    manufacturer: Option<&Manufacturer>,
) -> Result<(cases::CaseFacts, Unit), AppError> {
    let case = cases::find(connection, number)?.ok_or(AppError::NoSuchCase(number))?;
    let unit = the_unit(connection, serial, manufacturer)?;
    if unit.organization_id != Some(case.organization_id) {
        // The same words as for a serial that does not exist: what others own is not told.
        return Err(AppError::NoSuch { what: "unit with serial", name: serial.to_string() });
    }
    case_closing::refuse_closed(number, &case)?;
    if unit.status == UnitStatus::Software {
        let reason = format!(
            "{} is software by its SSRN: there is nothing to return or replace; work on its technical case",
            unit.serial_number
        );
        return Err(Refusal::new("ID-5", reason).into());
    }
    if unit.status == UnitStatus::Retired {
        let reason = format!(
            "serial {} was replaced, and its entitlement moved to the replacement; request for that one",
            unit.serial_number
        );
        return Err(Refusal::new("T5", reason).into());
    }
    Ok((case, unit))
}

fn may_request(actor: &Actor) -> Result<(), AppError> {
    use crate::domain::rma::Role::*;
    let may = matches!(
        actor.role,
        Customer | AccountAdmin | Partner | Engineer | Questionnaire | Administrator
    );
    if may {
        return Ok(());
    }
    Err(Refusal::new("T1", format!("{} may not request an RMA", actor.role)).into())
}

/// The next RMA number of the series.
fn next_number(connection: &mut AnyConnection) -> Result<RmaNumber, AppError> {
    let value = next_counter(connection, "rma")?;
    u64::try_from(value).ok().and_then(RmaNumber::new).ok_or_else(|| AppError::Invalid {
        field: "rma",
        reason: "all RMA numbers of ten digits are given out".to_owned(),
    })
}

/// Where a new RMA hangs.
struct Opening {
    case_number: CaseNumber,
    case: cases::CaseFacts,
    manufacturer: Manufacturer,
    site: crate::domain::ids::SiteId,
    parent: Option<(RmaNumber, crate::domain::ids::RmaId)>,
}

fn open_rma(
    app: &App,
    connection: &mut AnyConnection,
    opening: Opening,
    number: RmaNumber,
    (serial, part, symptom): (&SerialNumber, &crate::domain::ids::PartNumber, &str),
    stamp: &Stamp,
) -> Result<(Outcome, RmaId), AppError> {
    let other_open = store::open_on_serial(connection, &opening.manufacturer, serial)?;
    let account = rows::account(connection, opening.case.organization_id)?
        .ok_or(AppError::NoSuch { what: "account", name: opening.case_number.to_string() })?;
    let site = rows::site(connection, opening.site)?
        .ok_or(AppError::NoSuch { what: "site", name: serial.to_string() })?;
    app.place(&site)?;
    let wanted = Request {
        number,
        parent: opening.parent.map(|(number, _)| number),
        serial_number: serial.clone(),
        part_number: part.clone(),
        symptom: symptom.to_owned(),
    };
    let decision = request(
        wanted,
        opening.case_number,
        opening.manufacturer.clone(),
        account.name,
        other_open,
        stamp,
    )?;
    let origin = Origin {
        case_id: opening.case.id,
        organization_id: opening.case.organization_id,
        bill_to: account.bill_to,
        site_id: opening.site,
        site: site.name,
        country: site.country,
        parent_id: opening.parent.map(|(_, id)| id),
        recipient: opening.case.contact_email,
    };
    match store::insert(connection, &origin, &decision, stamp) {
        // Another request for the serial was stored since we looked.
        Err(error) if error.is_unique_violation() => {
            let reason = format!("another RMA has just been opened on serial {serial}");
            Err(Refusal::new("T1", reason).into())
        }
        Err(error) => Err(error.into()),
        Ok(id) => Ok((Outcome { rma: decision.after, events: decision.events }, id)),
    }
}

/// Carries out one command inside a write already open. `judged_on` is the version a judgement was
/// made on; physical facts are never refused for having been overtaken.
pub fn execute(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    order: &Order,
    judged_on: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    let loaded = store::load_to_change(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    if let Some(judged) = judged_on
        && order.command.is_judgement()
        && judged != loaded.rma.version
    {
        let current = loaded.rma.version;
        return Err(AppError::Stale { number, judged, current });
    }
    execute_loaded(app, connection, (&loaded, None), order, now)
}

/// Carries out what was decided at a dock on a state already looked at, `seen`; if another write has changed
/// it since, everything has to be looked at again.
pub(super) fn execute_on(
    app: &App,
    connection: &mut AnyConnection,
    (seen, dock): ((RmaNumber, i64), &Site),
    order: &Order,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    let (number, version) = seen;
    let loaded = store::load_to_change(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    if loaded.rma.version != version {
        return Err(AppError::Contended(number));
    }
    execute_loaded(app, connection, (&loaded, Some(dock)), order, now)
}

/// As [`execute`], on an RMA that this write has loaded to change it.
pub(super) fn execute_loaded(
    app: &App,
    connection: &mut AnyConnection,
    (loaded, dock): (&Loaded, Option<&Site>),
    order: &Order,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    let outcome = carry_out(app, connection, (loaded, dock), order, now)?;
    end_dead_on_arrival_of_parent(app, connection, &outcome, order, now)?;
    Ok(outcome)
}

/// As [`execute`], in a write of its own. What another write came between is judged again on the new
/// state, a bounded number of times.
pub fn command(
    app: &App,
    number: RmaNumber,
    order: &Order,
    judged_on: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    retrying(|| app.db.write(|c| execute(app, c, number, order, judged_on, now)))
}

/// Runs a whole write again while only its timing was at fault.
pub fn retrying<T>(mut attempt: impl FnMut() -> Result<T, AppError>) -> Result<T, AppError> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(error) if error.may_retry() => {}
            other => return other,
        }
    }
    attempt()
}

/// Facts, decision, store: the one way an existing RMA changes. `dock` is where its box came, where that is
/// loaded already.
fn carry_out(
    app: &App,
    connection: &mut AnyConnection,
    (loaded, dock): (&Loaded, Option<&Site>),
    order: &Order,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    // Another instance's clock may be ahead of ours, or its write came first while ours waited for the
    // lock: a history is never told backwards.
    let now = now.max(loaded.rma.last_event_at);
    if hold::waits(&order.command) {
        hold::refuse_held(connection)?;
    }
    let programme = programme_of(app, connection, &loaded.rma, order.occurred_at)?;
    if facts::asks_for_owner(&order.command) {
        rows::hold_units(connection, &loaded.rma.serial_number)?;
    }
    let facts = facts::load(app, connection, (loaded, dock), order, &programme)?;
    let decision = decide(&loaded.rma, order, &facts, &programme, now)?;
    let stamp = Stamp {
        occurred_at: order.occurred_at,
        recorded_at: now,
        actor: order.actor.clone(),
        source: order.source.clone(),
    };
    match store::store(connection, loaded, &decision, &stamp) {
        Ok(true) => {}
        Ok(false) => return Err(AppError::Contended(loaded.rma.number)),
        Err(error) if error.is_unique_violation() && !loaded.rma.is_open => {
            let reason = "another RMA has just been opened on the same serial";
            return Err(Refusal::new(order.command.rule(), reason).into());
        }
        Err(error) => return Err(error.into()),
    }
    if decision.events.iter().any(|event| matches!(event, Event::Reopened { .. })) {
        case_closings::reopen(connection, loaded.keys.case_id, loaded.keys.id, now)?;
    }
    register_moves::apply(connection, loaded, &decision, &programme)?;
    let Decision { events, after } = decision;
    Ok(Outcome { rma: after, events })
}

/// The programme an RMA is judged by: the version kept at issue, before that the one of the day.
pub(super) fn programme_of(
    app: &App,
    connection: &mut AnyConnection,
    rma: &Rma,
    at: DateTime<Utc>,
) -> Result<Arc<Programme>, AppError> {
    match &rma.terms {
        Some(terms) => app.programme_version(connection, &rma.manufacturer, &terms.programme),
        None => {
            let day = app.operator_zone.local_date(at);
            app.programme_on(connection, &rma.manufacturer, day)
        }
    }
}

/// T20: a child that has delivered, or ended, lets its parent's window run on, in the same write.
fn end_dead_on_arrival_of_parent(
    app: &App,
    connection: &mut AnyConnection,
    outcome: &Outcome,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Some(parent) = outcome.rma.parent else { return Ok(()) };
    let delivered = outcome.events.iter().any(|event| matches!(event, Event::Delivered { .. }));
    if !delivered && outcome.rma.is_open {
        return Ok(());
    }
    let loaded = store::load_to_change(connection, parent)?.ok_or(AppError::NoSuchRma(parent))?;
    let child = outcome.rma.number;
    if loaded.rma.dead_on_arrival != Some(child) {
        return Ok(());
    }
    let order = Order {
        command: Command::EndDeadOnArrival { child },
        actor: Actor::clock(),
        occurred_at: order.occurred_at,
        source: format!("child RMA {child}"),
    };
    carry_out(app, connection, (&loaded, None), &order, now).map(|_| ())
}

/// T20: the child RMA on the dead replacement's serial, created on the spot, and the parent's window
/// stopped, in one write.
pub fn report_dead_on_arrival(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    symptom: &str,
    (actor, source): (&Actor, &str),
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Outcome, RmaNumber), AppError> {
    write_on(connection, |connection| {
        let loaded =
            store::load_to_change(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
        if let Some(replacement) = &loaded.rma.replacement {
            // Before the number is taken, as a request does.
            rows::hold_units(connection, &replacement.serial_number)?;
        }
        let child = next_number(connection)?;
        let order = Order {
            command: Command::ReportDeadOnArrival { symptom: symptom.to_owned(), child },
            actor: actor.clone(),
            occurred_at,
            source: source.to_owned(),
        };
        let outcome = carry_out(app, connection, (&loaded, None), &order, now)?;
        open_child(app, connection, &outcome.rma, &loaded, symptom, &order, child, now)?;
        Ok((outcome, child))
    })
}

#[allow(clippy::too_many_arguments)]
fn open_child(
    app: &App,
    connection: &mut AnyConnection,
    parent: &Rma,
    loaded: &Loaded,
    symptom: &str,
    order: &Order,
    child: RmaNumber,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Some(replacement) = &parent.replacement else { return Ok(()) };
    let unit = (&parent.manufacturer, &replacement.serial_number);
    unit_care::still_owned(connection, unit, loaded.keys.organization_id)?;
    let case = cases::find(connection, parent.case_number)?
        .ok_or(AppError::NoSuchCase(parent.case_number))?;
    let opening = Opening {
        case_number: parent.case_number,
        case,
        manufacturer: parent.manufacturer.clone(),
        site: loaded.keys.site_id,
        parent: Some((parent.number, loaded.keys.id)),
    };
    let stamp = Stamp {
        occurred_at: order.occurred_at,
        recorded_at: now,
        actor: order.actor.clone(),
        source: order.source.clone(),
    };
    let asked = (&replacement.serial_number, &replacement.part_number, symptom);
    let case_id = opening.case.id;
    let (_, id) = open_rma(app, connection, opening, child, asked, &stamp)?;
    case_closings::reopen(connection, case_id, id, now)?;
    let create = Order {
        command: Command::Create { diagnosis: Some(format!("dead on arrival: {symptom}")) },
        actor: Actor::new(crate::domain::rma::Role::Questionnaire, "dead on arrival")?,
        occurred_at: order.occurred_at,
        source: order.source.clone(),
    };
    execute(app, connection, child, &create, None, now).map(|_| ())
}
