//! What an analysis has come to (SYS-6).

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::rma::Rma;
use crate::domain::rma::tracks::Analysis;

/// A report of an analysis.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportView {
    #[schema(example = "repair_analysis")]
    pub report: String,
    pub text: String,
    pub posted_at: DateTime<Utc>,
}

/// When the next report of an analysis is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportDueView {
    #[schema(example = "failure_analysis_interim")]
    pub report: String,
    /// Local date of the repair centre.
    pub due_on: NaiveDate,
    #[schema(example = "ANA-7")]
    pub rule: String,
    pub anchor_on: NaiveDate,
    #[schema(example = "2026.1")]
    pub programme: String,
}

/// What an analysis has come to, beside its track.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalysisView {
    /// It is to be had at the vendor's discretion alone (ANA-3).
    pub awaits_approval: bool,
    /// Who wants a failure analysis: customer, engineer.
    pub agreed: Vec<String>,
    /// Why it is void: components_missing or no_unit.
    pub void_cause: Option<String>,
    pub due: Option<ReportDueView>,
    /// The first first.
    pub reports: Vec<ReportView>,
}

impl AnalysisView {
    pub(super) fn of(rma: &Rma) -> Option<Self> {
        if rma.analysis == Analysis::None {
            return None;
        }
        let file = &rma.analysis_file;
        Some(Self {
            awaits_approval: file.awaits_approval,
            agreed: file.agreed.iter().map(ToString::to_string).collect(),
            void_cause: file.void_cause.map(|cause| cause.to_string()),
            due: file.due.as_ref().map(|due| ReportDueView {
                report: due.report.to_string(),
                due_on: due.due_on,
                rule: due.rule.clone(),
                anchor_on: due.anchor_on,
                programme: due.programme.clone(),
            }),
            reports: file
                .reports
                .iter()
                .map(|posted| ReportView {
                    report: posted.report.to_string(),
                    text: posted.text.clone(),
                    posted_at: posted.posted_at,
                })
                .collect(),
        })
    }
}
