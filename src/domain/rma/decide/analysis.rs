//! T16: repair analysis and failure analysis (ANA-1 to ANA-8).

use chrono::NaiveDate;

use super::{Deciding, Step};
use crate::domain::analysis::{
    AnalysisError, RaVerdict, Report, failure_analysis_final_due, failure_analysis_interim_due,
    ra_eligibility, repair_analysis_due,
};
use crate::domain::rma::actor::Role;
use crate::domain::rma::event::Event;
use crate::domain::rma::refusal::Refusal;
use crate::domain::rma::tracks::{
    Analysis, Authorisation, Exclusion, Inbound, Mode, Party, Repair, VoidCause,
};

impl Deciding<'_> {
    /// T16. A product at its end has none (ANA-4); after the years of ANA-2 it waits for approval.
    pub(super) fn request_analysis(&mut self) -> Step {
        let again = self.rma.analysis_file.void_cause == Some(VoidCause::NoUnit);
        match self.rma.analysis {
            Analysis::None => {}
            Analysis::Void if again => {}
            other => return self.refuse(format!("the analysis is {other}; an RMA has one")),
        }
        self.there_is_a_unit()?;
        let part = &self.rma.part_number;
        let Some(product) = &self.facts.milestones else {
            return self.refuse(format!("part {part} is not among the products; import it first"));
        };
        let requested_on = self.occurred_on_at_ship_to()?;
        let eligible = self.analysed(ra_eligibility(product, requested_on, self.programme))?;
        if let Some((end, on)) = eligible.ended {
            let end = end.as_str().replace('_', " ");
            let reason =
                format!("part {part} reached its {end} on {on}: it is not analysed any more");
            return Err(Refusal::new(eligible.rule, reason));
        }
        let approval_needed = eligible.verdict == RaVerdict::Approval;
        let rule = eligible.rule.to_owned();
        self.emit(Event::AnalysisRequested { requested_on, rule, approval_needed });
        self.start_repair_analysis()
    }

    /// A unit that is here or to come, and stays.
    fn there_is_a_unit(&self) -> Step {
        let rma = &self.rma;
        if matches!(rma.authorisation, Authorisation::Denied | Authorisation::Cancelled) {
            return self.refuse(format!("the RMA is {}", rma.authorisation));
        }
        if self.no_unit_will_come() {
            return self.refuse(format!("no unit is to come: it is {}", rma.inbound));
        }
        self.the_unit_is_still_here()
    }

    /// What went back to its customer, or was scrapped, cannot be looked at any more.
    fn the_unit_is_still_here(&self) -> Step {
        let rma = &self.rma;
        let itself = rma.replacement.as_ref().is_some_and(|r| r.serial_number == rma.serial_number);
        if rma.has_shipped() && itself {
            return self.refuse("the unit has gone back to the customer");
        }
        if rma.repair == Repair::Scrapped {
            return self.refuse("the unit was scrapped");
        }
        Ok(())
    }

    fn no_unit_will_come(&self) -> bool {
        matches!(
            self.rma.inbound,
            Inbound::NotRequiredDestroyed
                | Inbound::NotRequiredCountry
                | Inbound::NotRequiredMediaRetained
                | Inbound::LostByUs
        )
    }

    /// ANA-6: begins once the unit is accepted and at the repair centre, and is dated from its receipt
    /// there (RCV-3).
    pub(super) fn start_repair_analysis(&mut self) -> Step {
        let waits = self.rma.analysis == Analysis::Requested
            && !self.rma.analysis_file.awaits_approval
            && self.rma.inbound == Inbound::Accepted;
        let Some(received_on) = self.rma.at_centre_on().filter(|_| waits) else { return Ok(()) };
        let due = self.analysed(repair_analysis_due(received_on, self.programme))?;
        self.emit(Event::RepairAnalysisStarted { due });
        Ok(())
    }

    /// T16, ANA-3.
    pub(super) fn approve_analysis(&mut self, reason: &str) -> Step {
        if self.rma.analysis != Analysis::Requested || !self.rma.analysis_file.awaits_approval {
            return self.refuse(format!(
                "no approval is asked for: the analysis is {}",
                self.rma.analysis
            ));
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::AnalysisApproved { reason: reason.to_owned() });
        self.start_repair_analysis()
    }

    /// T16: a request before the unit is looked at; a failure analysis while the second consent is out.
    pub(super) fn decline_analysis(&mut self, reason: &str) -> Step {
        if self.rma.analysis != Analysis::Requested && !self.rma.awaits_second_consent() {
            return self.refuse(format!(
                "there is nothing to decline: the analysis is {}",
                self.rma.analysis
            ));
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::AnalysisDeclined { reason: reason.to_owned() });
        Ok(())
    }

    /// T16, ANA-8: customer and engineer have both read the repair analysis and find it too little.
    pub(super) fn agree_failure_analysis(&mut self, accept_destruction: bool) -> Step {
        let file = &self.rma.analysis_file;
        let last = file.reports.last().map(|posted| posted.report);
        if self.rma.analysis != Analysis::Reported || last != Some(Report::RepairAnalysis) {
            return self.refuse(format!(
                "a failure analysis follows the report of a repair analysis; the analysis is {}",
                self.rma.analysis
            ));
        }
        self.the_unit_is_still_here()?;
        if !accept_destruction {
            let reason = "the search for a root cause destroys: accept that, or decline";
            return Err(Refusal::new("ANA-8", reason));
        }
        let by = match self.stamp.actor.role {
            Role::Customer | Role::AccountAdmin | Role::Partner => Party::Customer,
            _ => Party::Engineer,
        };
        if file.agreed.contains(&by) {
            return self.refuse(format!("the {by} has agreed already"));
        }
        self.emit(Event::FailureAnalysisAgreed { by });
        self.start_failure_analysis()
    }

    /// ANA-7, AMB-16: with the second consent.
    fn start_failure_analysis(&mut self) -> Step {
        let both = Party::ALL.iter().all(|party| self.rma.analysis_file.agreed.contains(party));
        let Some(received_on) = self.rma.at_centre_on().filter(|_| both) else { return Ok(()) };
        let agreed_on = Some(self.today_at_the_centre()?);
        let due =
            self.analysed(failure_analysis_interim_due(received_on, agreed_on, self.programme))?;
        self.emit(Event::FailureAnalysisStarted { due });
        Ok(())
    }

    /// T16, ANA-7: what follows is dated with the interim report.
    pub(super) fn post_interim_report(&mut self, text: &str, final_due_on: NaiveDate) -> Step {
        let awaited = self.rma.analysis_file.due.as_ref().map(|due| due.report);
        if awaited != Some(Report::FailureAnalysisInterim) {
            return self.refuse(format!(
                "no interim report is awaited: the analysis is {}",
                self.rma.analysis
            ));
        }
        self.not_blank("report", text)?;
        let today = self.today_at_the_centre()?;
        let due = self.analysed(failure_analysis_final_due(today, final_due_on, self.programme))?;
        self.emit(Event::ReportPosted {
            report: Report::FailureAnalysisInterim,
            text: text.to_owned(),
            unit_destroyed: false,
            next_due: Some(due),
        });
        Ok(())
    }

    /// T16: the report is on the RMA. A return to factory whose unit was destroyed for it is replaced.
    pub(super) fn post_final_report(&mut self, text: &str, unit_destroyed: bool) -> Step {
        let report = match self.rma.analysis {
            Analysis::InRepairAnalysis => Report::RepairAnalysis,
            Analysis::InFailureAnalysis => Report::FailureAnalysisFinal,
            other => return self.refuse(format!("no report is awaited: the analysis is {other}")),
        };
        if unit_destroyed && report == Report::RepairAnalysis {
            let reason = "a repair analysis destroys nothing; agree on a failure analysis first";
            return Err(Refusal::new("ANA-8", reason));
        }
        self.not_blank("report", text)?;
        let text = text.to_owned();
        self.emit(Event::ReportPosted { report, text, unit_destroyed, next_due: None });
        if unit_destroyed { self.replace_destroyed() } else { Ok(()) }
    }

    fn replace_destroyed(&mut self) -> Step {
        let itself_is_owed = self.rma.mode() == Some(Mode::ReturnToFactory)
            && self.rma.is_authorised()
            && !matches!(self.rma.repair, Repair::Replaced | Repair::Scrapped);
        if itself_is_owed {
            let outcome = Repair::Replaced;
            let cover_through_on = self.cover_after(outcome)?;
            self.emit(Event::RepairFinished { outcome, cover_through_on });
        }
        Ok(())
    }

    /// T16, ANA-5.
    pub(super) fn void_analysis(&mut self, missing: &str) -> Step {
        if !self.rma.analysis.is_live() {
            return self.refuse(format!("the analysis is {}", self.rma.analysis));
        }
        if !matches!(self.rma.inbound, Inbound::Received | Inbound::Accepted) {
            return self.refuse(format!(
                "what is missing is seen on the unit, which is {}",
                self.rma.inbound
            ));
        }
        self.not_blank("list of missing components", missing)?;
        let reason = missing.to_owned();
        self.emit(Event::AnalysisVoided { cause: VoidCause::ComponentsMissing, reason });
        Ok(())
    }

    /// ANA-5, where the inspection finds what is missing (T9a).
    pub(super) fn void_for_exclusion(&mut self, exclusion: Exclusion, evidence: &str) {
        if exclusion == Exclusion::MissingComponents && self.rma.analysis.is_live() {
            let (cause, reason) = (VoidCause::ComponentsMissing, evidence.to_owned());
            self.emit(Event::AnalysisVoided { cause, reason });
        }
    }

    /// A request whose unit is not to come any more has nothing to wait for.
    pub(super) fn void_without_unit(&mut self) {
        let rma = &self.rma;
        let ended = matches!(rma.authorisation, Authorisation::Denied | Authorisation::Cancelled);
        let in_hand =
            matches!(rma.inbound, Inbound::Received | Inbound::Accepted | Inbound::DeliveryClaimed);
        let none = (ended && !in_hand) || self.no_unit_will_come();
        if rma.analysis == Analysis::Requested && none {
            let reason = "no unit is to come".to_owned();
            self.emit(Event::AnalysisVoided { cause: VoidCause::NoUnit, reason });
        }
    }

    /// T16.
    pub(super) fn kept_for_analysis(&self) -> Step {
        if self.rma.is_kept_for_analysis() {
            return Err(Refusal::new(
                "T16",
                "the unit is kept for its analysis; post the report, or decline the analysis, first",
            ));
        }
        Ok(())
    }

    fn today_at_the_centre(&self) -> Result<NaiveDate, Refusal> {
        let centre = self.place(&self.facts.return_site, "repair centre")?;
        Ok(centre.local_date(self.stamp.occurred_at))
    }

    fn analysed<T>(&self, result: Result<T, AnalysisError>) -> Result<T, Refusal> {
        result.map_err(|error| Refusal::new(self.rule, error.to_string()))
    }
}
