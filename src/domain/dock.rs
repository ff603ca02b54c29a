//! The dock's grid (RCV-1, RCV-2, AMB-14): one box, what it is marked with and what is in it, to one
//! verdict.

use chrono::{DateTime, TimeDelta, Utc};

use super::ids::{RmaNumber, SerialNumber};
use super::programme::Programme;
use super::rma::Rma;
use super::rma::tracks::{Authorisation, Exposure, Inbound};
use crate::words;

words! {
    /// What the dock does with a box.
    DockVerdict("verdict of the dock") {
        /// Received against an RMA.
        Receive = "receive",
        /// Received against an RMA, with the wrong content: the unit stays owed.
        ReceiveDiscrepant = "receive_discrepant",
        /// An RMA's replacement has come back (T9b).
        ReplacementBack = "replacement_back",
        /// On the shelf until somebody decides.
        Quarantine = "quarantine",
        /// Turned away at the sender's cost.
        Refuse = "refuse",
        /// The same receipt again.
        AlreadyReceived = "already_received",
    }
}

/// One box as the dock sees it.
#[derive(Debug, Clone)]
pub struct Box<'a> {
    /// The RMA number on the outside, where one could be read.
    pub marked: Option<RmaNumber>,
    /// The serial on the unit inside; none when it is unreadable or there is no unit.
    pub serial: Option<&'a SerialNumber>,
    /// The same box was recorded before (its own identity: an SSCC or a carrier's number).
    pub seen_before: bool,
}

/// The RMAs that number and serial lead to.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// The RMA of the marked number.
    pub marked: Option<Rma>,
    /// Every RMA on the serial as the defective unit.
    pub of_serial: Vec<Rma>,
    /// RMAs whose replacement carries the serial and has shipped.
    pub of_replacement: Vec<Rma>,
}

/// The verdict, the RMA it is about, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: DockVerdict,
    pub rma: Option<RmaNumber>,
    pub reason: String,
}

/// Judges one box.
pub fn judge(
    one: &Box<'_>,
    candidates: &Candidates,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Judgement {
    let marked_open = candidates.marked.as_ref().filter(|rma| expects(rma));
    if let Some(marked) = marked_open {
        return judge_marked(one, marked, candidates);
    }
    if let Some(marked) = &candidates.marked {
        if let Some(judgement) = judge_marked_not_owed(one, marked) {
            return judgement;
        }
    }
    judge_by_serial(one, candidates, programme, now)
}

/// An issued RMA whose unit may come: owed, claimed, lost, or not required but sent all the same.
fn expects(rma: &Rma) -> bool {
    rma.authorisation == Authorisation::Issued
        && !matches!(
            rma.inbound,
            Inbound::Accepted | Inbound::Received | Inbound::NotRequiredDestroyed
        )
        && rma.exposure != Exposure::Purchased
}

fn verdict(verdict: DockVerdict, rma: &Rma, reason: impl Into<String>) -> Judgement {
    Judgement { verdict, rma: Some(rma.number), reason: reason.into() }
}

/// Marked with an RMA whose unit may come.
fn judge_marked(one: &Box<'_>, marked: &Rma, candidates: &Candidates) -> Judgement {
    let Some(serial) = one.serial else {
        return verdict(
            DockVerdict::ReceiveDiscrepant,
            marked,
            "no unit, or no serial that can be read",
        );
    };
    if *serial == marked.serial_number {
        return verdict(DockVerdict::Receive, marked, "its own serial");
    }
    if let Some(sender) = replacement_of(serial, candidates, Some(marked.number)) {
        return verdict(DockVerdict::ReplacementBack, sender, "the replacement's serial");
    }
    if let Some(other) = candidates.of_serial.iter().find(|rma| expects(rma)) {
        let reason =
            format!("marked {}, but the serial is this RMA's: swapped boxes", marked.number);
        return verdict(DockVerdict::Receive, other, reason);
    }
    let reason = format!("serial {serial} belongs to no RMA that is owed; the unit stays owed");
    verdict(DockVerdict::ReceiveDiscrepant, marked, reason)
}

/// Marked with an RMA that awaits nothing: what was bought, refused or never issued is not received.
fn judge_marked_not_owed(one: &Box<'_>, marked: &Rma) -> Option<Judgement> {
    let own = one.serial.is_none_or(|serial| *serial == marked.serial_number);
    if !own {
        return None;
    }
    if marked.exposure == Exposure::Purchased {
        return Some(verdict(DockVerdict::Quarantine, marked, "the customer bought the unit"));
    }
    if matches!(marked.inbound, Inbound::Accepted | Inbound::Received) {
        return Some(already(one, marked));
    }
    let unissued = matches!(
        marked.authorisation,
        Authorisation::Requested
            | Authorisation::Created
            | Authorisation::OnHold
            | Authorisation::Denied
    );
    unissued.then(|| {
        let reason = format!("the RMA is {}; logistics decides", marked.authorisation);
        verdict(DockVerdict::Quarantine, marked, reason)
    })
}

fn already(one: &Box<'_>, rma: &Rma) -> Judgement {
    if one.seen_before {
        verdict(DockVerdict::AlreadyReceived, rma, "the same box again")
    } else {
        verdict(DockVerdict::Quarantine, rma, format!("the unit is {} already", rma.inbound))
    }
}

fn replacement_of<'c>(
    serial: &SerialNumber,
    candidates: &'c Candidates,
    preferred: Option<RmaNumber>,
) -> Option<&'c Rma> {
    let back = |rma: &&Rma| {
        // Where a return to factory sent the same unit back, the serial is no replacement's.
        rma.serial_number != *serial
            && rma.has_shipped()
            && rma.outbound != super::rma::tracks::Outbound::Returned
            && rma.dead_on_arrival.is_none()
    };
    let matches = || candidates.of_replacement.iter().filter(back);
    matches().find(|rma| Some(rma.number) == preferred).or_else(|| matches().last())
}

/// No number, an unknown one, or one that awaits nothing: the serial decides.
fn judge_by_serial(
    one: &Box<'_>,
    candidates: &Candidates,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Judgement {
    let unknown = || Judgement {
        verdict: DockVerdict::Refuse,
        rma: None,
        reason: "neither an RMA number nor a serial that is known; back at the sender's cost"
            .to_owned(),
    };
    let Some(serial) = one.serial else { return unknown() };
    if let Some(open) = candidates.of_serial.iter().find(|rma| expects(rma)) {
        return verdict(DockVerdict::Receive, open, "the serial is on this RMA");
    }
    if let Some(sender) = replacement_of(serial, candidates, None) {
        return verdict(DockVerdict::ReplacementBack, sender, "the replacement's serial");
    }
    let latest = candidates.of_serial.iter().max_by_key(|rma| (rma.is_open, rma.number));
    let Some(rma) = latest else { return unknown() };
    if let Some(judgement) = judge_marked_not_owed(one, rma) {
        return judgement;
    }
    let year = TimeDelta::days(i64::from(programme.reopen_days));
    match rma.closed_at {
        Some(closed_at) if now - closed_at > year => {
            let reason = format!("its RMA was closed on {}, too long ago", closed_at.date_naive());
            verdict(DockVerdict::Quarantine, rma, reason)
        }
        _ if rma.inbound == Inbound::NotRequiredDestroyed => {
            verdict(DockVerdict::Quarantine, rma, "the unit was certified destroyed")
        }
        _ => verdict(DockVerdict::Receive, rma, "a late return"),
    }
}
