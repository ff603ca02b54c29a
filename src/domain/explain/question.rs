//! The questions that need no register: judged by the rules alone, on a calendar and a policy.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::answer::{Explanation, Subject};
use super::text::{
    country_of, long, moment, number, number_first, place_of, plural, push_caveat, push_holidays,
    push_long,
};
use super::window::{Addition, WindowWords};
use crate::domain::analysis::{
    self, AnalysisDue, AnalysisError, AnalysisKind, Milestones, ProductEnd, RaVerdict, Report,
};
use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::programme::{DayCount, Programme};
use crate::domain::replacement_due::Dispatch;
use crate::domain::return_window::AnchorKind;
use crate::domain::rma::tracks::Mode;
use crate::domain::service_level::{Promise, ServiceLevel};
use crate::domain::warranty::{Sale, Warranty, WarrantyError};
use crate::domain::zone::Zone;

/// RET-1: until when is a unit owed back?
#[derive(Debug, Clone, Copy)]
pub struct WindowQuestion<'a> {
    pub mode: Mode,
    pub anchor: AnchorKind,
    /// When the anchor happened.
    pub at: DateTime<Utc>,
    pub calendar: &'a Calendar,
    /// The calendar's [`place_of`].
    pub place: &'a str,
    /// The ship-to site's zone.
    pub zone: Zone,
    pub programme: &'a Programme,
}

/// Its answer, before it is put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowAnswer {
    pub anchor_on: NaiveDate,
    pub due_on: NaiveDate,
    pub extension: u32,
    pub make_up_days_known_to: Option<NaiveDate>,
}

impl WindowQuestion<'_> {
    /// The rule's id.
    pub const RULE: &'static str = "RET-1";

    /// # Errors
    /// [`CalendarError::OutOfRange`], naming the range.
    pub fn answer(&self) -> Result<WindowAnswer, CalendarError> {
        let anchor_on = self.zone.local_date(self.at);
        let country = if self.programme.country_extensions.is_empty() {
            ""
        } else {
            country_of(self.calendar.code()).unwrap_or_default()
        };
        let counted = self.programme.return_due_on(anchor_on, country, self.calendar)?;
        Ok(WindowAnswer {
            anchor_on,
            due_on: counted.due_on,
            extension: counted.extension,
            make_up_days_known_to: self.calendar.caveat(counted.due_on),
        })
    }

    /// Adds the sentence to `out`.
    pub fn because(&self, answer: &WindowAnswer, out: &mut String) {
        let words = WindowWords {
            days: self.programme.return_days,
            count: self.programme.return_count,
            anchor: self.anchor,
            anchor_on: answer.anchor_on,
            additions: &[(answer.extension, Addition::Country)],
            due_on: answer.due_on,
            as_counted: true,
            make_up_days_known_to: answer.make_up_days_known_to,
            calendar: self.calendar,
            place: self.place,
        };
        words.write(out);
        if self.mode == Mode::ReturnToFactory {
            out.push_str("; for information, as nothing was sent in advance");
        }
    }

    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn explain(&self) -> Result<Explanation, CalendarError> {
        let answer = self.answer()?;
        let mut because = String::with_capacity(160);
        self.because(&answer, &mut because);
        let programme = self.programme;
        Ok(Explanation {
            due_on: Some(answer.due_on),
            remind_on: match self.mode {
                Mode::AdvanceReplacement => programme.remind_on(answer.due_on, self.calendar)?,
                Mode::ReturnToFactory => Vec::new(),
            },
            anchor: Some(self.anchor.as_str()),
            anchor_on: Some(answer.anchor_on),
            calendar: Some(self.calendar.code().clone()),
            zone: Some(self.zone),
            make_up_days_known_to: answer.make_up_days_known_to,
            ..Explanation::new(Subject::ReturnWindow, Self::RULE, &programme.version, because)
        })
    }
}

/// WAR-1 to WAR-4: the term of a unit's warranty, and whether it covers a failure on `on`. Registration
/// is another question: it activates the term and changes no date (AMB-5).
///
/// # Errors
/// A resale before shipping (AMB-2), or dates beyond reckoning.
pub fn warranty(
    sale: &Sale,
    on: Option<NaiveDate>,
    programme: &Programme,
) -> Result<Explanation, WarrantyError> {
    let term = Warranty::of(sale, programme)?;
    let covered = on.map(|day| term.covers(day, sale.shipped_on));
    let mut because = warranty_start(sale, &term, programme);
    because.push_str("; the last covered day is ");
    push_long(&mut because, term.last_covered_on);
    if let (Some(day), Some(covered)) = (on, covered) {
        because.push_str("; ");
        push_long(&mut because, day);
        because.push_str(if covered { " is covered" } else { " is not covered" });
    }
    Ok(Explanation {
        start_on: Some(term.start_on),
        last_covered_on: Some(term.last_covered_on),
        provisional: Some(term.provisional),
        covered,
        anchor: Some("start"),
        anchor_on: Some(term.start_on),
        ..Explanation::new(Subject::Warranty, &term.rule, &term.terms_version, because)
    })
}

fn warranty_start(sale: &Sale, term: &Warranty, programme: &Programme) -> String {
    let shipped = format!("Shipped from the factory on {}", long(sale.shipped_on));
    let months = number(programme.warranty_months);
    let cap = programme.distributor_cap_days;
    let start = long(term.start_on);
    if sale.is_replacement {
        return format!("{shipped} as a replacement, with the cover it took over");
    }
    match sale.resold_on {
        None if term.provisional => format!(
            "{shipped} to a distributor whose resale is not reported; the {months} months start on \
             {start} at the latest, {cap} days after shipping (provisional)"
        ),
        None => format!("{shipped}; the {months} months start that day"),
        Some(resold) if resold > term.start_on => format!(
            "{shipped} and resold on {}, more than {cap} days later; the {months} months start on \
             {start}, {cap} days after shipping",
            long(resold)
        ),
        Some(resold) => {
            format!("{shipped} and resold on {}; the {months} months start that day", long(resold))
        }
    }
}

/// AMB-6: when is a promised replacement due?
#[derive(Debug, Clone, Copy)]
pub struct ReplacementQuestion<'a> {
    pub level: ServiceLevel,
    /// The name it was asked by.
    pub asked: &'a str,
    pub approved_at: DateTime<Utc>,
    /// Needed by the promises of days.
    pub depot: Option<Dispatch<'a>>,
    /// The zone the sentence speaks in.
    pub zone: Zone,
    /// The ship-to site's calendar, where it is not the depot's.
    pub site: Option<&'a Calendar>,
    pub programme: &'a Programme,
}

impl ReplacementQuestion<'_> {
    /// # Errors
    /// [`CalendarError::OutOfRange`]; none where the depot is needed and not given.
    pub fn explain(&self) -> Result<Option<Explanation>, CalendarError> {
        let found = self.promised()?;
        Ok(found.map(|answer| self.named(answer)))
    }

    /// Says whether an engineer comes with the part, and the level's standard name, also in words where it was asked for by another (AMB-22).
    fn named(&self, mut answer: Explanation) -> Explanation {
        answer.service_level = Some(self.level);
        let terms = self.programme.service_levels.terms(self.level);
        if terms.onsite && terms.promise.is_advance() {
            answer.because.push_str(match terms.promise {
                Promise::NextDayShip => {
                    "; an engineer comes to the site on its next business day (SVC-5)"
                }
                _ if terms.promise.hours().is_some() => {
                    "; an engineer is due at the site by then (SVC-8)"
                }
                _ => "; an engineer is due at the site on that day (SVC-5)",
            });
        }
        if self.asked != self.level.as_str() {
            answer.because.push_str("; ");
            answer.because.push_str(self.asked);
            answer.because.push_str(" is the level ");
            answer.because.push_str(self.level.as_str());
        }
        answer
    }

    fn promised(&self) -> Result<Option<Explanation>, CalendarError> {
        let promise = self.programme.service_levels.terms(self.level).promise;
        if let Some(hours) = promise.hours() {
            return Ok(Some(self.hours(hours)));
        }
        match promise {
            Promise::None => Ok(Some(self.nothing(
                "SVC-1",
                format!("The level {} has no hardware option; nothing is sent", self.level),
            ))),
            Promise::ReturnToFactory => Ok(Some(self.nothing(
                "SVC-2",
                format!(
                    "The level {} repairs or replaces a unit once it has come back; nothing is sent in advance",
                    self.level
                ),
            ))),
            _ => self.depot.map(|depot| self.days(&depot, promise)).transpose(),
        }
    }

    fn nothing(&self, rule: &str, because: String) -> Explanation {
        let version = &self.programme.version;
        Explanation {
            verdict: Some("none".to_owned()),
            ..Explanation::new(Subject::Replacement, rule, version, because)
        }
    }

    fn hours(&self, hours: i64) -> Explanation {
        let due_at = self.approved_at + TimeDelta::hours(hours);
        let because = format!(
            "Approved on {}; {} elapsed hours, day and night; due on {}",
            moment(self.approved_at, self.zone),
            if hours == 2 { "two" } else { "four" },
            moment(due_at, self.zone)
        );
        let version = &self.programme.version;
        Explanation {
            due_at: Some(due_at),
            anchor: Some("approved"),
            anchor_on: Some(self.zone.local_date(self.approved_at)),
            zone: Some(self.zone),
            ..Explanation::new(Subject::Replacement, "AMB-6", version, because)
        }
    }

    fn days(&self, depot: &Dispatch<'_>, promise: Promise) -> Result<Explanation, CalendarError> {
        let site = self.site.unwrap_or(depot.calendar);
        let counts_from = depot.counts_from(self.approved_at)?;
        let (due_on, what) = match promise {
            Promise::NextDayShip => (depot.ships_on(self.approved_at)?, "leaves the depot on "),
            _ => (depot.delivers_on(self.approved_at, site)?, "delivered on "),
        };
        let local = self.approved_at.with_timezone(&depot.zone.tz()).naive_local();
        let mut because = format!("Approved on {}", moment(self.approved_at, depot.zone));
        let in_time = local.time() <= depot.cut_off;
        because.push_str(if in_time {
            ", by the depot's cut-off at "
        } else {
            ", after the depot's cut-off at "
        });
        because.push_str(&depot.cut_off.format("%H:%M").to_string());
        if counts_from != local.date() {
            because.push_str("; it counts as of ");
            push_long(&mut because, counts_from);
        }
        push_holidays(&mut because, depot.calendar, local.date(), due_on);
        if site.code() != depot.calendar.code() {
            because.push_str("; business day at the depot ");
            because.push_str(&place_of(depot.calendar.code()));
            because.push_str(" and at the site ");
            because.push_str(&place_of(site.code()));
        }
        because.push_str("; ");
        because.push_str(what);
        push_long(&mut because, due_on);
        let known_to = depot.calendar.caveat(due_on).or_else(|| site.caveat(due_on));
        push_caveat(&mut because, known_to);
        Ok(Explanation {
            due_on: Some(due_on),
            anchor: Some("approved"),
            anchor_on: Some(local.date()),
            calendar: Some(depot.calendar.code().clone()),
            zone: Some(depot.zone),
            make_up_days_known_to: known_to,
            ..Explanation::new(Subject::Replacement, "AMB-6", &self.programme.version, because)
        })
    }
}

/// WAR-5: until when does the repaired unit, or its replacement, leave the bench?
///
/// # Errors
/// [`CalendarError::OutOfRange`].
pub fn repair(
    received_on: NaiveDate,
    calendar: &Calendar,
    programme: &Programme,
) -> Result<Explanation, CalendarError> {
    let days = programme.repair_days;
    let due_on = calendar.add_days(received_on, days, DayCount::Business)?;
    let explained = repair_stored(received_on, due_on, calendar, programme);
    Ok(explained)
}

/// The same for a date that stands.
pub(super) fn repair_stored(
    received_on: NaiveDate,
    due_on: NaiveDate,
    calendar: &Calendar,
    programme: &Programme,
) -> Explanation {
    let days = programme.repair_days;
    let mut because = format!(
        "{} business day{} from receipt on {} {}",
        number_first(days),
        plural(days),
        long(received_on),
        place_of(calendar.code())
    );
    push_holidays(&mut because, calendar, received_on, due_on);
    because.push_str("; due to leave on ");
    push_long(&mut because, due_on);
    let known_to = calendar.caveat(due_on);
    push_caveat(&mut because, known_to);
    Explanation {
        due_on: Some(due_on),
        anchor: Some("received"),
        anchor_on: Some(received_on),
        calendar: Some(calendar.code().clone()),
        make_up_days_known_to: known_to,
        ..Explanation::new(Subject::Repair, "WAR-5", &programme.version, because)
    }
}

/// ANA-6, ANA-7: when is an analysis posted, or the interim report of a failure analysis?
///
/// # Errors
/// Dates beyond reckoning.
pub fn analysis(
    kind: AnalysisKind,
    received_on: NaiveDate,
    agreed_on: Option<NaiveDate>,
    programme: &Programme,
) -> Result<Explanation, AnalysisError> {
    let due = match kind {
        AnalysisKind::RepairAnalysis => analysis::repair_analysis_due(received_on, programme)?,
        AnalysisKind::FailureAnalysis => {
            analysis::failure_analysis_interim_due(received_on, agreed_on, programme)?
        }
    };
    Ok(analysis_stored(&due, received_on))
}

/// The same of a report whose date is kept.
pub(super) fn analysis_stored(due: &AnalysisDue, received_on: NaiveDate) -> Explanation {
    let agreed = due.report == Report::FailureAnalysisInterim && due.anchor_on > received_on;
    let (from, anchor) = match due.report {
        Report::FailureAnalysisFinal => ("the interim report", "interim_report"),
        _ if agreed => ("the agreement", "agreed"),
        _ => ("receipt at the repair centre", "received"),
    };
    let report = match due.report {
        Report::RepairAnalysis => "repair analysis is",
        Report::FailureAnalysisInterim => "interim report of the failure analysis is",
        Report::FailureAnalysisFinal => "final report of the failure analysis is",
    };
    let counted = match due.days {
        Some(days) => format!("{} calendar day{} from", number_first(days), plural(days)),
        None => "Promised with".to_owned(),
    };
    let (on, due_on) = (long(due.anchor_on), long(due.due_on));
    let because = format!("{counted} {from} on {on}; the {report} due on {due_on}");
    Explanation {
        due_on: Some(due.due_on),
        anchor: Some(anchor),
        anchor_on: Some(due.anchor_on),
        ..Explanation::new(Subject::Analysis, &due.rule, &due.programme, because)
    }
}

/// ANA-2 to ANA-4: is a repair analysis to be had?
///
/// # Errors
/// Dates beyond reckoning.
pub fn ra_eligibility(
    product: &Milestones,
    requested_on: NaiveDate,
    programme: &Programme,
) -> Result<Explanation, AnalysisError> {
    let found = analysis::ra_eligibility(product, requested_on, programme)?;
    let asked = format!("asked for on {}", long(requested_on));
    let years = number(programme.repair_analysis_years);
    let frs = product.frs_on.map(long).unwrap_or_default();
    let because = match (found.verdict, found.ended, found.free_through) {
        (_, Some((end, on)), _) => format!(
            "The product's {} came on {}; no repair analysis is to be had when {asked}",
            match end {
                ProductEnd::Life => "end of life",
                ProductEnd::Service => "end of service",
            },
            long(on)
        ),
        (RaVerdict::NoApproval, _, Some(last)) => format!(
            "First shipped for revenue on {frs}; {years} years run to {}; {asked}, it needs no approval",
            long(last)
        ),
        (_, _, Some(last)) => format!(
            "First shipped for revenue on {frs}; the {years} years ended on {}; {asked}, it needs the \
             vendor's approval",
            long(last)
        ),
        (_, _, None) => format!(
            "The product's first revenue shipment is not known; {asked}, it needs the vendor's approval"
        ),
    };
    Ok(Explanation {
        verdict: Some(found.verdict.to_string()),
        anchor: Some(if found.ended.is_some() { "ended" } else { "first_revenue_shipment" }),
        anchor_on: found.ended.map(|(_, on)| on).or(product.frs_on),
        ..Explanation::new(Subject::RaEligibility, found.rule, &programme.version, because)
    })
}
