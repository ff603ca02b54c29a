//! SVC-5, SVC-8: the engineer's visit, planned, moved, recorded, declined.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{Deciding, Step};
use crate::domain::replacement_due::visit_due;
use crate::domain::rma::event::{Event, Terms};
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::visit::{VisitOutcome, VisitState};

impl Deciding<'_> {
    /// What is promised at issue owes a visit.
    pub(super) fn promise_visit(&mut self, terms: &Terms) -> Step {
        if !terms.brings_an_engineer() {
            return Ok(());
        }
        let ship_to = self.place(&self.facts.ship_to, "ship-to site")?;
        if let Some(due) = self.dated(visit_due(terms.replacement_due, &ship_to.calendar))? {
            self.emit(Event::VisitPromised { due });
        }
        Ok(())
    }

    fn an_engineer_is_promised(&self) -> Step {
        if self.rma.terms.as_ref().is_some_and(|terms| terms.brings_an_engineer()) {
            return Ok(());
        }
        self.refuse(
            "no engineer's visit is promised: the level kept at issue is none with an engineer on site",
        )
    }

    pub(super) fn plan_visit(&mut self, engineer: &str, at: DateTime<Utc>) -> Step {
        self.an_engineer_is_promised()?;
        if let Some(because) = self.rma.no_visit_because() {
            return self.refuse(format!("{because}; nobody is to come"));
        }
        match self.rma.visit.state {
            // One who declined may think better of it.
            VisitState::None | VisitState::Owed | VisitState::Declined => {}
            // The child of a replacement dead on arrival came to nothing (T20).
            VisitState::Void if self.rma.is_authorised() => {}
            VisitState::Planned => {
                return self.refuse("a visit is planned already; move it with move_visit");
            }
            other => return self.refuse(format!("the visit is {other}")),
        }
        let at = self.can_be_planned(engineer, at)?;
        self.emit(Event::VisitPlanned { engineer: engineer.trim().to_owned(), at });
        Ok(())
    }

    /// To another time, by the same engineer unless another is named.
    pub(super) fn move_visit(
        &mut self,
        engineer: Option<&str>,
        at: DateTime<Utc>,
        reason: &str,
    ) -> Step {
        let Some(plan) = self.rma.visit.plan.clone() else {
            let state = self.rma.visit.state;
            return self.refuse(format!("no visit is planned: it is {state}; plan one"));
        };
        let engineer = self.optional("engineer", engineer)?.unwrap_or(plan.engineer);
        let at = self.can_be_planned(&engineer, at)?;
        self.not_blank("reason", reason)?;
        self.emit(Event::VisitMoved { engineer, at, reason: reason.to_owned() });
        Ok(())
    }

    /// The instant as it is kept: to the microsecond, as every instant is.
    fn can_be_planned(&self, engineer: &str, at: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
        self.not_blank("engineer", engineer)?;
        let at = at.trunc_subsecs(6);
        if at < self.stamp.occurred_at {
            return self.refuse(format!("{at} has gone by; record a visit that took place"));
        }
        // Beyond it neither database tells an instant.
        if at > self.stamp.occurred_at + TimeDelta::days(366) {
            return self.refuse(format!("{at} is more than a year away"));
        }
        Ok(at)
    }

    /// A fact: it is kept whether it was planned or not, and after the RMA has ended too.
    pub(super) fn record_visit(
        &mut self,
        engineer: Option<&str>,
        arrived_at: DateTime<Utc>,
        (outcome, reason): (VisitOutcome, Option<&str>),
    ) -> Step {
        self.an_engineer_is_promised()?;
        if self.rma.visit.state == VisitState::Done {
            return self.refuse("the visit is done already");
        }
        let arrived_at = arrived_at.trunc_subsecs(6);
        if arrived_at > self.stamp.occurred_at {
            return self.refuse("the engineer would have arrived after the visit was over");
        }
        if self.rma.issued_at.is_some_and(|issued| arrived_at < issued) {
            return self.refuse("the engineer would have arrived before the RMA was issued");
        }
        let planned = self.rma.visit.plan.as_ref().map(|plan| plan.engineer.clone());
        let Some(engineer) = self.optional("engineer", engineer)?.or(planned) else {
            return self.refuse("no visit was planned; say which engineer came");
        };
        let reason = self.optional("reason", reason)?;
        if outcome == VisitOutcome::CouldNot && reason.is_none() {
            return self.refuse("the reason is missing: what kept the engineer from replacing it");
        }
        self.emit(Event::VisitRecorded { engineer, arrived_at, outcome, reason });
        Ok(())
    }

    /// The customer wants nobody to come.
    pub(super) fn withdraw_visit(&mut self, reason: &str) -> Step {
        if !self.rma.visit.is_live() {
            let state = self.rma.visit.state;
            return self.refuse(format!("there is no visit to withdraw: it is {state}"));
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::VisitWithdrawn { reason: reason.to_owned() });
        Ok(())
    }

    /// A visit ends with what was to be installed.
    pub(super) fn void_visit(&mut self) {
        let because = self.rma.no_visit_because().filter(|_| self.rma.visit.is_live());
        if let Some(reason) = because {
            let planned_for = self.rma.visit.plan.as_ref().map(|plan| plan.at);
            self.emit(Event::VisitVoided { reason, planned_for });
        }
    }
}
