//! What the clock has to do on an RMA, and when next: worked out from the state alone, so that an
//! index on one instant finds everything that is due.

use chrono::{DateTime, Utc};

use super::command::Command;
use super::state::Rma;
use super::tracks::{Authorisation, Outbound};

impl Rma {
    /// The next instant at which `due_command` will have something to say; none while no clock runs.
    pub fn next_clock_at(&self) -> Option<DateTime<Utc>> {
        let estimate = self.estimate_at();
        let remind = self.next_reminder_at();
        let fall_due = self.falls_due_at();
        [estimate, remind, fall_due].into_iter().flatten().min()
    }

    /// The command the clock gives at `now`, if one is due: the latest missed matter first, so that
    /// missed reminders become one and none goes out once the window has ended.
    pub fn due_command(&self, now: DateTime<Utc>) -> Option<Command> {
        let due = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        if due(self.falls_due_at()) {
            Some(Command::FallDue {})
        } else if due(self.next_reminder_at()) {
            Some(Command::Remind {})
        } else if due(self.estimate_at()) {
            Some(Command::EstimateDelivery {})
        } else {
            None
        }
    }

    /// When an unproved delivery is estimated: the end of the last day a proof was waited for.
    pub(super) fn estimate_at(&self) -> Option<DateTime<Utc>> {
        let waits = self.outbound == Outbound::Shipped
            && matches!(self.authorisation, Authorisation::Issued | Authorisation::Cancelled);
        let zone = self.terms.as_ref()?.ship_to.zone;
        waits.then(|| self.shipment.estimate_after.map(|day| zone.end_of_day(day))).flatten()
    }

    /// When the next reminder goes out: the start of its day at the ship-to site.
    pub(super) fn next_reminder_at(&self) -> Option<DateTime<Utc>> {
        let due = self.due.as_ref().filter(|_| self.window_runs())?;
        let after =
            |day: &&chrono::NaiveDate| self.reminded_through.is_none_or(|done| **day > done);
        due.remind_on.iter().find(after).map(|day| due.zone.start_of_day(*day))
    }

    /// When the window ends: the end of the due date at the return site.
    pub(super) fn falls_due_at(&self) -> Option<DateTime<Utc>> {
        let due = self.due.as_ref().filter(|_| self.window_runs())?;
        Some(due.return_zone.end_of_day(due.due_on))
    }
}
