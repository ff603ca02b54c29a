//! The questions, their options by name, and what answers them.

use super::desk::Desk;
use super::memory::Memory;
use super::reading::{date, flag, instant, optional_date, time, word};
use super::window;
use crate::app::error::AppError;
use crate::app::import::Column;
use crate::domain::analysis::Milestones;
use crate::domain::catalogue::Catalogue;
use crate::domain::explain::{
    Explanation, ReplacementQuestion, analysis, ra_eligibility, repair, warranty,
};
use crate::domain::replacement_due::Dispatch;
use crate::domain::service_level::ServiceLevel;
use crate::domain::warranty::Sale;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What can be asked without a register, and the one that needs it.
    Kind("question") {
        ReturnWindow = "return-window",
        Warranty = "warranty",
        Replacement = "replacement",
        Repair = "repair",
        Analysis = "analysis",
        RaEligibility = "ra-eligibility",
        /// Asked of the register.
        Entitlement = "entitlement",
    }
}

/// The most options a question has.
pub(super) const WIDTH: usize = 7;

/// A question's options in the order of its columns; what is absent is empty.
pub type Cells<'a> = [&'a str; WIDTH];

/// Why a question cannot be answered: the option, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {reason}")]
pub struct Unanswered {
    pub column: &'static str,
    pub reason: String,
}

impl Unanswered {
    pub(super) fn new(column: &'static str, reason: impl Into<String>) -> Self {
        Self { column, reason: reason.into() }
    }
}

impl From<Unanswered> for AppError {
    fn from(error: Unanswered) -> Self {
        Self::Invalid { field: error.column, reason: error.reason }
    }
}

const fn column(name: &'static str, meaning: &'static str) -> Column {
    Column { name, required: false, meaning }
}

const KIND_OF_RMA: Column =
    column("kind", "advance_replacement (unless said) or return_to_factory");
const CALENDAR: Column = column("calendar", "the business days' calendar, such as US or US-KY");
const ON: Column = column("on", "the day of the failure, YYYY-MM-DD");

const PROGRAMME: Column = column("programme", "the version of the policy");

const RETURN_WINDOW: &[Column] = &[
    KIND_OF_RMA,
    column("anchor", "issued, shipped or delivered; the programme's unless said"),
    column("at", "when that was, with its offset"),
    CALENDAR,
    column("zone", "the ship-to site's time zone"),
    PROGRAMME,
];
const WARRANTY: &[Column] = &[
    column("shipped", "the day the unit left the factory, YYYY-MM-DD"),
    column("resold", "the day a distributor sold it on"),
    column("distributor", "true where it was sold through a distributor"),
    ON,
];
const REPLACEMENT: &[Column] = &[
    column("level", "the contract's service level"),
    column("approved_at", "when it was approved, with its offset"),
    column("calendar", "the depot's calendar"),
    column("zone", "the depot's time zone"),
    column("cut_off", "the depot's latest time for the same day; 15:00 unless said"),
    column("site_calendar", "the ship-to site's calendar; the depot's unless said"),
    PROGRAMME,
];
const REPAIR: &[Column] =
    &[column("received", "the day the unit was received, YYYY-MM-DD"), CALENDAR];
const ANALYSIS: &[Column] = &[
    column("kind", "ra or fa"),
    column("received", "the day of receipt at the repair centre, YYYY-MM-DD"),
    column("agreed", "the day the failure analysis was agreed"),
];
const RA_ELIGIBILITY: &[Column] = &[
    column("frs", "the product's first revenue shipment, YYYY-MM-DD"),
    column("requested", "the day the analysis is asked for"),
    column("eol", "the product's end of life"),
    column("eos", "the product's end of service"),
];
const ENTITLEMENT: &[Column] = &[
    column("serial", "the unit's serial number"),
    column("manufacturer", "where several manufacturers have that serial"),
    ON,
];

impl Kind {
    /// The question's options as columns of a file, in the order of [`Cells`].
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::ReturnWindow => RETURN_WINDOW,
            Self::Warranty => WARRANTY,
            Self::Replacement => REPLACEMENT,
            Self::Repair => REPAIR,
            Self::Analysis => ANALYSIS,
            Self::RaEligibility => RA_ELIGIBILITY,
            Self::Entitlement => ENTITLEMENT,
        }
    }

    /// The columns of its answer, before `rule` and the others every answer has.
    pub(super) fn own_answers(self) -> &'static [&'static str] {
        match self {
            Self::ReturnWindow | Self::Repair | Self::Analysis => &["due_on"],
            Self::Warranty => &["start_on", "last_covered_on", "provisional", "covered"],
            Self::Replacement => &["due_on", "due_at", "verdict", "service_level"],
            Self::RaEligibility => &["verdict"],
            Self::Entitlement => &["verdict", "start_on", "last_covered_on", "covered"],
        }
    }
}

/// Answers one question that needs no register.
///
/// # Errors
/// Names the option that is missing or wrong, or the calendar's range that was left.
pub fn ask(desk: &Desk, kind: Kind, cells: Cells<'_>) -> Result<Explanation, Unanswered> {
    answer(&mut Memory::new(desk), kind, cells)
}

/// As [`ask`], with what was looked up before.
pub(super) fn answer(
    memory: &mut Memory<'_>,
    kind: Kind,
    cells: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    match kind {
        Kind::ReturnWindow => window::explain(memory, cells),
        Kind::Warranty => ask_warranty(memory, cells),
        Kind::Replacement => ask_replacement(memory, cells),
        Kind::Repair => ask_repair(memory, cells),
        Kind::Analysis => ask_analysis(memory, cells),
        Kind::RaEligibility => ask_ra_eligibility(memory, cells),
        Kind::Entitlement => {
            Err(Unanswered::new("serial", "an entitlement is read from the register of a database"))
        }
    }
}

fn ask_warranty(
    memory: &Memory<'_>,
    [shipped, resold, distributor, on, ..]: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let shipped_on = date("shipped", shipped)?;
    let resold_on = optional_date("resold", resold)?;
    let sale = Sale {
        shipped_on,
        through_distributor: flag("distributor", distributor)? || resold_on.is_some(),
        resold_on,
        registered_on: None,
        cover_through_on: None,
        is_replacement: false,
    };
    let on = optional_date("on", on)?;
    let column = if resold_on.is_some() { "resold" } else { "shipped" };
    warranty(&sale, on, memory.default_programme())
        .map_err(|error| Unanswered::new(column, error.to_string()))
}

fn ask_replacement(
    memory: &mut Memory<'_>,
    [level, approved_at, calendar, zone, cut_off, site_calendar, programme]: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let programme = memory.find_programme(programme)?;
    let asked = level;
    let level = service_level(&memory.programme(programme).service_levels, asked)?;
    let promise = memory.programme(programme).service_levels.terms(level).promise;
    let counts_days = promise.is_advance() && promise.hours().is_none();
    let named_zone = match zone {
        "" if !counts_days => None,
        text => Some(memory.zone(text)?),
    };
    let approved_at = instant("approved_at", approved_at, named_zone)?;
    let cut_off = time("cut_off", cut_off)?;
    let calendar = match calendar {
        "" if !counts_days => None,
        text => Some(memory.find_calendar("calendar", text)?),
    };
    let site = match site_calendar {
        "" => None,
        text => Some(memory.find_calendar("site_calendar", text)?),
    };
    let programme = memory.programme(programme);
    let depot = calendar.zip(named_zone).map(|(calendar, zone)| Dispatch {
        calendar: &memory.calendar(calendar).calendar,
        zone,
        cut_off: cut_off.unwrap_or(programme.cut_off),
    });
    let question = ReplacementQuestion {
        level,
        asked,
        approved_at,
        depot,
        zone: named_zone.unwrap_or(Zone::UTC),
        site: site.map(|site| &*memory.calendar(site).calendar),
        programme,
    };
    match question.explain() {
        Ok(Some(explanation)) => Ok(explanation),
        // Promises of days were refused above where calendar or zone lack.
        Ok(None) => Err(Unanswered::new("calendar", "the depot's calendar and zone are needed")),
        Err(error) => Err(Unanswered::new("approved_at", error.to_string())),
    }
}

/// The level of a name in a catalogue (AMB-22).
fn service_level(catalogue: &Catalogue, name: &str) -> Result<ServiceLevel, Unanswered> {
    if name.is_empty() {
        let reason = format!("a service level is needed: {}", catalogue.known());
        return Err(Unanswered::new("level", reason));
    }
    catalogue.find(name).map_err(|error| Unanswered::new("level", error.to_string()))
}

fn ask_repair(
    memory: &mut Memory<'_>,
    [received, calendar, ..]: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let received_on = date("received", received)?;
    let calendar = memory.find_calendar("calendar", calendar)?;
    let programme = memory.default_programme();
    repair(received_on, &memory.calendar(calendar).calendar, programme)
        .map_err(|error| Unanswered::new("received", error.to_string()))
}

fn ask_analysis(
    memory: &Memory<'_>,
    [kind, received, agreed, ..]: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let kind = word("kind", kind, "ra (repair analysis) or fa (failure analysis) is needed")?;
    let received_on = date("received", received)?;
    let agreed_on = optional_date("agreed", agreed)?;
    analysis(kind, received_on, agreed_on, memory.default_programme())
        .map_err(|error| Unanswered::new("received", error.to_string()))
}

fn ask_ra_eligibility(
    memory: &Memory<'_>,
    [frs, requested, eol, eos, ..]: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let requested_on = date("requested", requested)?;
    let product = Milestones {
        frs_on: optional_date("frs", frs)?,
        eol_on: optional_date("eol", eol)?,
        eos_on: optional_date("eos", eos)?,
    };
    // Without its first revenue shipment only an ended product can be judged.
    let ended = [product.eol_on, product.eos_on].iter().flatten().any(|on| *on <= requested_on);
    if product.frs_on.is_none() && !ended {
        return Err(Unanswered::new("frs", "a date is needed, as YYYY-MM-DD"));
    }
    ra_eligibility(&product, requested_on, memory.default_programme())
        .map_err(|error| Unanswered::new("frs", error.to_string()))
}
