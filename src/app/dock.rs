//! The dock: one box, one decision (T8, T9b, AMB-14), always on record.

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::rmas::{execute_on, programme_of, report_dead_on_arrival};
use crate::db::AnyConnection;
use crate::db::cases::{DockReceipt, box_seen, record_receipt};
use crate::db::facts::Site;
use crate::db::moves::replaced_by;
use crate::db::rmas::{id_of, load, numbers_of_serial};
use crate::domain::dock::{self, Box as DockBox, Candidates, DockVerdict, Judgement};
use crate::domain::ids::{BoxId, RmaNumber, SerialNumber};
use crate::domain::programme::Programme;
use crate::domain::rma::tracks::ReplacementCondition;
use crate::domain::rma::{Actor, Command, Order, Refusal, Rma};

/// A box as the dock enters it.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The dock's site code.
    pub site: String,
    /// The number on the outside as read, well-formed or not.
    pub marked: Option<String>,
    pub serial_number: Option<SerialNumber>,
    /// The box's own identity: an SSCC or the carrier's number.
    pub box_id: Option<String>,
    /// The state of the content, should it turn out to be a replacement coming back.
    pub condition: ReplacementCondition,
    pub occurred_at: DateTime<Utc>,
    pub source: String,
}

/// A box on record with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// By which photos are added to it, and whoever asks is answered: a box that was refused as well.
    pub box_id: BoxId,
    pub judgement: Judgement,
}

/// Judges a box and carries the verdict out, in the write that is open. The caller runs the whole write
/// again on [`AppError::may_retry`]: a box scanned twice at once is judged again on the first receipt.
pub fn arrive(
    app: &App,
    connection: &mut AnyConnection,
    arrival: &Arrival,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Judged, AppError> {
    let site = super::facts::dock(connection, &arrival.site)?;
    if arrival.occurred_at > now {
        return Err(Refusal::new("T8", "it is said to have arrived at an instant to come").into());
    }
    // A number that is none, or not ours, is as good as no number (AMB-14).
    let marked = arrival.marked.as_deref().and_then(|text| text.parse::<RmaNumber>().ok());
    let serial = arrival.serial_number.as_ref();
    let candidates = candidates(connection, marked, serial)?;
    let seen_before = match &arrival.box_id {
        Some(id) => box_seen(connection, id, serial.map(SerialNumber::as_str))?,
        None => false,
    };
    let programme = programme_for(app, connection, &candidates, now)?;
    let one = DockBox { site: &site.code, marked, serial, seen_before };
    let judgement = dock::judge(&one, &candidates, &programme, now);
    let seen = judgement.rma.and_then(|number| seen(&candidates, number));
    carry_out(app, connection, (arrival, &site), &judgement, seen, (actor, now))?;
    let rma_id = match judgement.rma {
        Some(number) => id_of(connection, number)?,
        None => None,
    };
    let box_id = record_receipt(
        connection,
        &DockReceipt {
            site_id: site.id,
            box_id: arrival.box_id.as_deref(),
            marked: arrival.marked.as_deref(),
            serial: serial.map(SerialNumber::as_str),
            verdict: judgement.verdict,
            reason: &judgement.reason,
            rma_id,
            actor: actor.to_string(),
            occurred_at: arrival.occurred_at,
            recorded_at: now,
        },
    )?;
    Ok(Judged { box_id, judgement })
}

/// Every RMA the number and the serial lead to.
fn candidates(
    connection: &mut AnyConnection,
    marked: Option<RmaNumber>,
    serial: Option<&SerialNumber>,
) -> Result<Candidates, AppError> {
    let mut found = Candidates::default();
    if let Some(number) = marked {
        found.marked = load(connection, number)?.map(|loaded| loaded.rma);
    }
    if let Some(serial) = serial {
        let of_serial = numbers_of_serial(connection, serial, false)?;
        let of_replacement = numbers_of_serial(connection, serial, true)?;
        found.of_serial = all(connection, of_serial)?;
        found.of_replacement = all(connection, of_replacement)?;
        let mut sent_for = replaced_by(connection, serial)?;
        sent_for.retain(|number| found.of_replacement.iter().all(|rma| rma.number != *number));
        let lost = all(connection, sent_for)?.into_iter().filter(|rma| rma.has_lost(serial));
        found.of_replacement.extend(lost);
    }
    Ok(found)
}

fn all(connection: &mut AnyConnection, numbers: Vec<RmaNumber>) -> Result<Vec<Rma>, AppError> {
    let mut rmas = Vec::with_capacity(numbers.len());
    for number in numbers {
        rmas.extend(load(connection, number)?.map(|loaded| loaded.rma));
    }
    Ok(rmas)
}

/// The programme whose days decide how late a late return may be.
fn programme_for(
    app: &App,
    connection: &mut AnyConnection,
    candidates: &Candidates,
    now: DateTime<Utc>,
) -> Result<std::sync::Arc<Programme>, AppError> {
    let rma = candidates
        .marked
        .as_ref()
        .or_else(|| candidates.of_serial.last())
        .or_else(|| candidates.of_replacement.last());
    match rma {
        Some(rma) => programme_of(app, connection, rma, now),
        None => Ok(std::sync::Arc::default()),
    }
}

/// The version of an RMA that the verdict was made on.
fn seen(candidates: &Candidates, number: RmaNumber) -> Option<(RmaNumber, i64)> {
    let mut all =
        candidates.marked.iter().chain(&candidates.of_serial).chain(&candidates.of_replacement);
    all.find(|rma| rma.number == number).map(|rma| (number, rma.version))
}

fn carry_out(
    app: &App,
    connection: &mut AnyConnection,
    (arrival, site): (&Arrival, &Site),
    judgement: &Judgement,
    seen: Option<(RmaNumber, i64)>,
    (actor, now): (&Actor, DateTime<Utc>),
) -> Result<(), AppError> {
    let Some(seen) = seen else { return Ok(()) };
    let number = seen.0;
    let serial_number = arrival.serial_number.clone();
    let command = match judgement.verdict {
        DockVerdict::Refuse | DockVerdict::AlreadyReceived => return Ok(()),
        DockVerdict::Receive | DockVerdict::ReceiveDiscrepant => {
            Command::Receive { serial_number, site: Some(arrival.site.clone()) }
        }
        DockVerdict::ReceiveAtCentre => Command::ReceiveAtCentre {},
        DockVerdict::Quarantine => {
            Command::Quarantine { serial_number, reason: judgement.reason.clone() }
        }
        DockVerdict::ReplacementBack => {
            let Some(serial_number) = serial_number else { return Ok(()) };
            Command::ReceiveReplacement { serial_number, condition: arrival.condition }
        }
    };
    let order = Order {
        command,
        actor: actor.clone(),
        occurred_at: arrival.occurred_at,
        source: arrival.source.clone(),
    };
    let outcome = execute_on(app, connection, (seen, site), &order, now)?;
    // One that was lost before another was sent is not what the customer has now.
    let current = outcome.rma.replacement.as_ref().map(|unit| &unit.serial_number);
    let defective = judgement.verdict == DockVerdict::ReplacementBack
        && arrival.condition == ReplacementCondition::Defective
        && current == arrival.serial_number.as_ref();
    if defective && outcome.rma.dead_on_arrival.is_none() {
        let who = (actor, arrival.source.as_str());
        let symptom = "came back to the dock defective";
        let at = arrival.occurred_at;
        match report_dead_on_arrival(app, connection, number, symptom, who, at, now) {
            // Too late to count as dead on arrival: it came back all the same.
            Ok(_) | Err(AppError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
