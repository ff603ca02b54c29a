//! Repair analysis and failure analysis (ANA-1 to ANA-8): who may ask for one, and when its reports are
//! due. Calendar days throughout, in local dates of the repair centre.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::programme::{FailureAnalysisClock, Programme};
use super::warranty::anniversary;
use crate::words;

words! {
    /// What is analysed: the fault that was repaired, or its root cause.
    AnalysisKind("kind of analysis") {
        RepairAnalysis = "ra",
        FailureAnalysis = "fa",
    }
}

words! {
    /// Whether a repair analysis is to be had (ANA-2 to ANA-4).
    RaVerdict("verdict on a repair analysis") {
        /// Without anybody's approval (ANA-2).
        NoApproval = "no_approval",
        /// At the vendor's discretion: somebody has to approve it (ANA-3).
        Approval = "approval",
        /// Not at all (ANA-4).
        Refused = "refused",
    }
}

words! {
    /// The end that rules a repair analysis out (ANA-4).
    ProductEnd("end of a product") {
        Life = "end_of_life",
        Service = "end_of_service",
    }
}

words! {
    /// The reports an analysis owes.
    Report("report of an analysis") {
        RepairAnalysis = "repair_analysis",
        FailureAnalysisInterim = "failure_analysis_interim",
        FailureAnalysisFinal = "failure_analysis_final",
    }
}

/// What the register knows of a product's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Milestones {
    /// First revenue shipment.
    pub frs_on: Option<NaiveDate>,
    /// The day the product is end of life, announced or not.
    pub eol_on: Option<NaiveDate>,
    /// The day its service ends.
    pub eos_on: Option<NaiveDate>,
}

/// Whether a repair analysis may be asked for, with what it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaEligibility {
    pub verdict: RaVerdict,
    pub rule: &'static str,
    pub requested_on: NaiveDate,
    /// The last day on which no approval is needed; none where the first revenue shipment is unknown.
    pub free_through: Option<NaiveDate>,
    /// The end that was reached, with its day; end of life is named where both were.
    pub ended: Option<(ProductEnd, NaiveDate)>,
}

/// When a report of an analysis is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisDue {
    pub report: Report,
    pub due_on: NaiveDate,
    pub rule: String,
    /// Day 0 of the count.
    pub anchor_on: NaiveDate,
    /// Calendar days counted; none where the date was set by people.
    pub days: Option<u32>,
    pub programme: String,
}

/// Why an analysis cannot be dated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    #[error("the date {0} is too far from today to count from")]
    OutOfRange(NaiveDate),
    #[error(
        "the final report is promised for {promised_on}, before the interim report of {interim_on}; promise a later day (ANA-7)"
    )]
    FinalBeforeInterim { promised_on: NaiveDate, interim_on: NaiveDate },
}

/// Whether a repair analysis asked for on `requested_on` is to be had. A product whose end of life or of
/// service has come by that day has none, the milestone's own day included (ANA-4). Otherwise the day of
/// the anniversary of first revenue shipment is the last without approval (ANA-2, AMB-17); after it, and
/// where the first revenue shipment is unknown, the vendor decides (ANA-3).
///
/// # Errors
/// [`AnalysisError::OutOfRange`] where the anniversary is beyond what dates can say.
pub fn ra_eligibility(
    product: &Milestones,
    requested_on: NaiveDate,
    programme: &Programme,
) -> Result<RaEligibility, AnalysisError> {
    let months = programme.repair_analysis_years.saturating_mul(12);
    let free = |frs: NaiveDate| anniversary(frs, months).ok_or(AnalysisError::OutOfRange(frs));
    let free_through = product.frs_on.map(free).transpose()?;
    let ends = [(ProductEnd::Life, product.eol_on), (ProductEnd::Service, product.eos_on)];
    let reached = |(end, on): (ProductEnd, Option<NaiveDate>)| {
        on.filter(|on| *on <= requested_on).map(|on| (end, on))
    };
    let ended = ends.into_iter().find_map(reached);
    let (verdict, rule) = if ended.is_some() {
        (RaVerdict::Refused, "ANA-4")
    } else if free_through.is_some_and(|last| requested_on <= last) {
        (RaVerdict::NoApproval, "ANA-2")
    } else {
        (RaVerdict::Approval, "ANA-3")
    };
    Ok(RaEligibility { verdict, rule, requested_on, free_through, ended })
}

/// When a repair analysis is to be posted: so many calendar days from receipt at the repair centre, not
/// rolled to a business day (ANA-6).
///
/// # Errors
/// [`AnalysisError::OutOfRange`].
pub fn repair_analysis_due(
    received_on: NaiveDate,
    programme: &Programme,
) -> Result<AnalysisDue, AnalysisError> {
    let days = programme.repair_analysis_days;
    counted(Report::RepairAnalysis, "ANA-6", received_on, days, programme)
}

/// When a failure analysis posts its interim report (ANA-7): so many calendar days from the later of
/// receipt at the repair centre and the agreement of customer and engineer; from the receipt alone where
/// the programme reads the rule to the letter, or nothing is agreed yet (AMB-16).
///
/// # Errors
/// [`AnalysisError::OutOfRange`].
pub fn failure_analysis_interim_due(
    received_on: NaiveDate,
    agreed_on: Option<NaiveDate>,
    programme: &Programme,
) -> Result<AnalysisDue, AnalysisError> {
    let agreed_on = match programme.failure_analysis_clock {
        FailureAnalysisClock::Agreed => agreed_on,
        FailureAnalysisClock::Received => None,
    };
    let anchor_on = agreed_on.map_or(received_on, |agreed| agreed.max(received_on));
    let days = programme.failure_analysis_days;
    counted(Report::FailureAnalysisInterim, "ANA-7", anchor_on, days, programme)
}

/// When a failure analysis posts its final report: the day that was promised with the interim one
/// (ANA-7), never before it.
///
/// # Errors
/// [`AnalysisError::FinalBeforeInterim`].
pub fn failure_analysis_final_due(
    interim_on: NaiveDate,
    promised_on: NaiveDate,
    programme: &Programme,
) -> Result<AnalysisDue, AnalysisError> {
    if promised_on < interim_on {
        return Err(AnalysisError::FinalBeforeInterim { promised_on, interim_on });
    }
    Ok(AnalysisDue {
        report: Report::FailureAnalysisFinal,
        due_on: promised_on,
        rule: "ANA-7".to_owned(),
        anchor_on: interim_on,
        days: None,
        programme: programme.version.clone(),
    })
}

fn counted(
    report: Report,
    rule: &str,
    anchor_on: NaiveDate,
    days: u32,
    programme: &Programme,
) -> Result<AnalysisDue, AnalysisError> {
    let due_on = anchor_on
        .checked_add_days(Days::new(u64::from(days)))
        .ok_or(AnalysisError::OutOfRange(anchor_on))?;
    Ok(AnalysisDue {
        report,
        due_on,
        rule: rule.to_owned(),
        anchor_on,
        days: Some(days),
        programme: programme.version.clone(),
    })
}
