//! The dock's grid (RCV-1, RCV-2, AMB-14): one box, what it is marked with and what is in it, to one
//! verdict.

use chrono::{DateTime, TimeDelta, Utc};

use super::ids::{RmaNumber, SerialNumber};
use super::programme::Programme;
use super::rma::Rma;
use super::rma::tracks::{Authorisation, Exposure, Inbound, Outbound};
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
        /// Received before at another dock, and now at its repair centre (RCV-3).
        ReceiveAtCentre = "receive_at_centre",
        /// The same receipt again.
        AlreadyReceived = "already_received",
    }
}

/// One box as the dock sees it.
#[derive(Debug, Clone)]
pub struct Box<'a> {
    /// The code of the dock's site.
    pub site: &'a str,
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
    /// RMAs whose replacement carries the serial, or a replacement they sent before and lost.
    pub of_replacement: Vec<Rma>,
}

/// The verdict, the RMA it is about, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: DockVerdict,
    pub rma: Option<RmaNumber>,
    pub reason: String,
}

/// Judges one box. What it says of an RMA is what `decide` carries out on it.
pub fn judge(
    one: &Box<'_>,
    candidates: &Candidates,
    programme: &Programme,
    now: DateTime<Utc>,
) -> Judgement {
    let dock = Dock { candidates, reopen: TimeDelta::days(i64::from(programme.reopen_days)), now };
    let Some(marked) = &candidates.marked else { return dock.judge_by_serial(one) };
    // Its own unit, while the serial has a newer RMA that is open: the serial decides.
    let superseded = !marked.is_open && one.serial.is_some_and(|s| dock.open_on(s).is_some());
    if dock.expects(marked) && !superseded {
        return dock.judge_marked(one, marked);
    }
    dock.judge_marked_not_owed(one, marked).unwrap_or_else(|| dock.judge_by_serial(one))
}

fn verdict(verdict: DockVerdict, rma: &Rma, reason: impl Into<String>) -> Judgement {
    Judgement { verdict, rma: Some(rma.number), reason: reason.into() }
}

fn is_here(rma: &Rma) -> bool {
    matches!(rma.inbound, Inbound::Accepted | Inbound::Received)
}

fn is_unissued(rma: &Rma) -> bool {
    let before = matches!(
        rma.authorisation,
        Authorisation::Requested | Authorisation::Created | Authorisation::OnHold
    );
    // What ended before it was issued has no terms: nobody has said where its unit would go.
    let ended = rma.authorisation == Authorisation::Cancelled && rma.terms.is_none();
    rma.authorisation == Authorisation::Denied || ended || (before && !rma.is_authorised())
}

/// Received already: the same box again, or on its way from another dock to the repair centre.
fn already(one: &Box<'_>, rma: &Rma) -> Judgement {
    if let (Some(dock), true) = (rma.awaited_from(), one.serial == Some(&rma.serial_number)) {
        if one.site == return_site(rma) {
            let reason = format!("forwarded from {}", dock.code);
            return verdict(DockVerdict::ReceiveAtCentre, rma, reason);
        }
        if one.site != dock.code {
            let reason = format!("received at {}; forward it to {}", dock.code, return_site(rma));
            return verdict(DockVerdict::Quarantine, rma, reason);
        }
    }
    if one.seen_before {
        verdict(DockVerdict::AlreadyReceived, rma, "the same box again")
    } else {
        verdict(DockVerdict::Quarantine, rma, format!("the unit is {} already", rma.inbound))
    }
}

/// The code of the site an RMA's unit is to come to in the end.
fn return_site(rma: &Rma) -> &str {
    rma.terms.as_ref().map_or("", |terms| terms.return_site.code.as_str())
}

/// Received, and where it goes from here if that is not its place (RCV-3).
fn received(one: &Box<'_>, rma: &Rma, reason: impl Into<String>) -> Judgement {
    let (centre, mut reason) = (return_site(rma), reason.into());
    if !centre.is_empty() && one.site != centre {
        reason.push_str(&format!("; forward it to {centre}"));
    }
    verdict(DockVerdict::Receive, rma, reason)
}

/// What the grid is asked about, beside the box.
struct Dock<'c> {
    candidates: &'c Candidates,
    reopen: TimeDelta,
    now: DateTime<Utc>,
}

impl<'c> Dock<'c> {
    /// Closed so long ago that nothing is received against it any more (AMB-14, T19).
    fn too_long_ago(&self, rma: &Rma) -> bool {
        rma.closed_at.is_some_and(|closed_at| self.now - closed_at > self.reopen)
    }

    /// An issued RMA whose unit may come: owed, claimed, lost, or not required but sent all the same.
    fn expects(&self, rma: &Rma) -> bool {
        rma.is_authorised()
            && !is_here(rma)
            && rma.inbound != Inbound::NotRequiredDestroyed
            && rma.exposure != Exposure::Purchased
            && !self.too_long_ago(rma)
    }

    fn open_on(&self, serial: &SerialNumber) -> Option<&'c Rma> {
        let open = |rma: &&Rma| rma.is_open && rma.serial_number == *serial;
        self.candidates.of_serial.iter().find(open)
    }

    /// The RMA a unit of this serial is received against; an open one before a closed one.
    fn expecting(&self) -> Option<&'c Rma> {
        let expecting = || self.candidates.of_serial.iter().filter(|rma| self.expects(rma));
        let open = expecting().find(|rma| rma.is_open);
        if open.is_some() || self.candidates.of_serial.iter().any(|rma| rma.is_open) {
            return open;
        }
        expecting().max_by_key(|rma| rma.number)
    }

    fn replacement_of(
        &self,
        serial: &SerialNumber,
        preferred: Option<RmaNumber>,
    ) -> Option<&'c Rma> {
        let back = |rma: &&Rma| {
            let sent = rma.replacement.as_ref().is_some_and(|unit| unit.serial_number == *serial)
                && rma.has_shipped()
                && rma.outbound != Outbound::Returned
                && rma.dead_on_arrival.is_none();
            // Where a return to factory sent the same unit back, the serial is no replacement's.
            rma.serial_number != *serial
                && (sent || rma.has_lost(serial))
                && !self.too_long_ago(rma)
        };
        let matches = || self.candidates.of_replacement.iter().filter(back);
        matches().find(|rma| Some(rma.number) == preferred).or_else(|| matches().next_back())
    }

    /// Marked with an RMA whose unit may come.
    fn judge_marked(&self, one: &Box<'_>, marked: &Rma) -> Judgement {
        // Only an owed unit can stay owed: elsewhere a wrong box changes nothing.
        let wrong = if marked.inbound.is_owed() {
            DockVerdict::ReceiveDiscrepant
        } else {
            DockVerdict::Quarantine
        };
        let Some(serial) = one.serial else {
            return verdict(wrong, marked, "no unit, or no serial that can be read");
        };
        if *serial == marked.serial_number {
            return received(one, marked, "its own serial");
        }
        // A replacement that died has an RMA of its own (T20): it is that one's unit, and not this one's
        // replacement coming back unused.
        let own = |rma: &&Rma| rma.is_open || rma.parent == Some(marked.number);
        if let Some(own) = self.expecting().filter(own) {
            let reason =
                format!("marked {}, but the serial is this RMA's: swapped boxes", marked.number);
            return received(one, own, reason);
        }
        if let Some(sender) = self.replacement_of(serial, Some(marked.number)) {
            return verdict(DockVerdict::ReplacementBack, sender, "the replacement's serial");
        }
        if let Some(other) = self.expecting() {
            let reason =
                format!("marked {}, but the serial is this RMA's: swapped boxes", marked.number);
            return received(one, other, reason);
        }
        // A unit that has a case of its own goes on its shelf, and is not held against this RMA.
        let latest = self.candidates.of_serial.iter().max_by_key(|rma| (rma.is_open, rma.number));
        if let Some(judgement) = latest.and_then(|rma| self.judge_marked_not_owed(one, rma)) {
            return judgement;
        }
        let reason = format!("serial {serial} belongs to no RMA that is owed");
        verdict(wrong, marked, reason)
    }

    /// An RMA that awaits nothing: what was bought, accepted or never issued is not received.
    fn judge_marked_not_owed(&self, one: &Box<'_>, rma: &Rma) -> Option<Judgement> {
        if one.serial.is_some_and(|serial| *serial != rma.serial_number) {
            return None;
        }
        if rma.exposure == Exposure::Purchased {
            return Some(verdict(DockVerdict::Quarantine, rma, "the customer bought the unit"));
        }
        if is_here(rma) {
            return Some(already(one, rma));
        }
        is_unissued(rma).then(|| {
            let reason = format!("the RMA is {}; logistics decides", rma.authorisation);
            verdict(DockVerdict::Quarantine, rma, reason)
        })
    }

    /// No number, an unknown one, or one that awaits nothing: the serial decides.
    fn judge_by_serial(&self, one: &Box<'_>) -> Judgement {
        let Some(serial) = one.serial else { return self.unknown() };
        if let Some(expecting) = self.expecting() {
            let reason =
                if expecting.is_open { "the serial is on this RMA" } else { "a late return" };
            return received(one, expecting, reason);
        }
        if let Some(sender) = self.replacement_of(serial, None) {
            return verdict(DockVerdict::ReplacementBack, sender, "the replacement's serial");
        }
        let latest = self.candidates.of_serial.iter().max_by_key(|rma| (rma.is_open, rma.number));
        let Some(rma) = latest.or_else(|| self.candidates.of_replacement.last()) else {
            return self.unknown();
        };
        if let Some(judgement) = self.judge_marked_not_owed(one, rma) {
            return judgement;
        }
        if self.too_long_ago(rma) {
            return verdict(DockVerdict::Quarantine, rma, "its RMA was closed too long ago");
        }
        if rma.inbound == Inbound::NotRequiredDestroyed {
            return verdict(DockVerdict::Quarantine, rma, "the unit was certified destroyed");
        }
        if rma.serial_number != *serial {
            return verdict(
                DockVerdict::Quarantine,
                rma,
                "a replacement that is back, or replaced",
            );
        }
        received(one, rma, "a late return")
    }

    /// Refused is only what has neither a number nor a serial that is known (RCV-1): a box with a
    /// number of ours waits on the shelf.
    fn unknown(&self) -> Judgement {
        if let Some(marked) = &self.candidates.marked {
            let reason = format!("{} awaits nothing like it; logistics decides", marked.number);
            return verdict(DockVerdict::Quarantine, marked, reason);
        }
        Judgement {
            verdict: DockVerdict::Refuse,
            rma: None,
            reason: "neither an RMA number nor a serial that is known; back at the sender's cost"
                .to_owned(),
        }
    }
}
