//! The options of each question, named as the columns of a file of them.

use clap::Args;

use crate::app::explain::{Cells, Kind};

/// Options as the cells of their question.
pub(super) trait Given {
    const KIND: Kind;
    fn cells(&self) -> Cells<'_>;
}

/// The first cells as given, the rest empty.
fn cells<const N: usize>(given: [&Option<String>; N]) -> Cells<'_> {
    let mut cells = Cells::default();
    for (cell, option) in cells.iter_mut().zip(given) {
        *cell = option.as_deref().unwrap_or_default();
    }
    cells
}

#[derive(Debug, Args)]
pub(super) struct ReturnWindow {
    /// advance_replacement (unless said) or return_to_factory
    #[arg(long)]
    kind: Option<String>,
    /// What is counted from: issued, shipped or delivered; the programme's own anchor unless said
    #[arg(long)]
    anchor: Option<String>,
    /// When that was, with its offset, such as 2026-11-16T09:30:00-05:00
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// The ship-to site's calendar, such as US or US-KY
    #[arg(long)]
    calendar: Option<String>,
    /// The ship-to site's time zone
    #[arg(long)]
    zone: Option<String>,
    /// The version of the policy; the one that comes with the program unless said
    #[arg(long, value_name = "VERSION")]
    programme: Option<String>,
}

impl Given for ReturnWindow {
    const KIND: Kind = Kind::ReturnWindow;
    fn cells(&self) -> Cells<'_> {
        let Self { kind, anchor, at, calendar, zone, programme } = self;
        cells([kind, anchor, at, calendar, zone, programme])
    }
}

#[derive(Debug, Args)]
pub(super) struct Warranty {
    /// The day the unit left the factory
    #[arg(long, value_name = "DATE")]
    shipped: Option<String>,
    /// The day a distributor sold it on
    #[arg(long, value_name = "DATE")]
    resold: Option<String>,
    /// It was sold through a distributor
    #[arg(long)]
    distributor: bool,
    /// The day of the failure
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

impl Given for Warranty {
    const KIND: Kind = Kind::Warranty;
    fn cells(&self) -> Cells<'_> {
        let mut cells = cells([&self.shipped, &self.resold, &None, &self.on]);
        cells[2] = if self.distributor { "true" } else { "" };
        cells
    }
}

#[derive(Debug, Args)]
pub(super) struct Entitlement {
    /// The unit's serial number
    #[arg(long)]
    serial: Option<String>,
    /// Needed where several manufacturers have the serial
    #[arg(long)]
    manufacturer: Option<String>,
    /// The day of the failure; today at the unit's site unless said
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

impl Given for Entitlement {
    const KIND: Kind = Kind::Entitlement;
    fn cells(&self) -> Cells<'_> {
        cells([&self.serial, &self.manufacturer, &self.on])
    }
}

#[derive(Debug, Args)]
pub(super) struct Replacement {
    /// core, core_plus, next_day_delivery, next_day_ship, next_day_onsite, same_day, same_day_2_hour,
    /// same_day_onsite, or another name the programme has for one of them
    #[arg(long)]
    level: Option<String>,
    /// When the replacement was approved, with its offset
    #[arg(long, value_name = "INSTANT")]
    approved_at: Option<String>,
    /// The depot's calendar
    #[arg(long)]
    calendar: Option<String>,
    /// The depot's time zone
    #[arg(long)]
    zone: Option<String>,
    /// The depot's latest local time that still counts as that day; 15:00 unless said
    #[arg(long, value_name = "TIME")]
    cut_off: Option<String>,
    /// The ship-to site's calendar, where it is not the depot's
    #[arg(long, value_name = "CALENDAR")]
    site_calendar: Option<String>,
    /// The version of the policy; the one that comes with the program unless said
    #[arg(long, value_name = "VERSION")]
    programme: Option<String>,
}

impl Given for Replacement {
    const KIND: Kind = Kind::Replacement;
    fn cells(&self) -> Cells<'_> {
        let Self { level, approved_at, calendar, zone, cut_off, site_calendar, programme } = self;
        cells([level, approved_at, calendar, zone, cut_off, site_calendar, programme])
    }
}

#[derive(Debug, Args)]
pub(super) struct Repair {
    /// The day the unit was received, local date of the repair centre
    #[arg(long, value_name = "DATE")]
    received: Option<String>,
    /// The repair centre's calendar
    #[arg(long)]
    calendar: Option<String>,
}

impl Given for Repair {
    const KIND: Kind = Kind::Repair;
    fn cells(&self) -> Cells<'_> {
        cells([&self.received, &self.calendar])
    }
}

#[derive(Debug, Args)]
pub(super) struct Analysis {
    /// ra (repair analysis) or fa (failure analysis)
    #[arg(long)]
    kind: Option<String>,
    /// The day of receipt at the repair centre
    #[arg(long, value_name = "DATE")]
    received: Option<String>,
    /// The day customer and engineer agreed on the failure analysis; counted from receipt unless said
    #[arg(long, value_name = "DATE")]
    agreed: Option<String>,
}

impl Given for Analysis {
    const KIND: Kind = Kind::Analysis;
    fn cells(&self) -> Cells<'_> {
        cells([&self.kind, &self.received, &self.agreed])
    }
}

#[derive(Debug, Args)]
pub(super) struct RaEligibility {
    /// The product's first revenue shipment
    #[arg(long, value_name = "DATE")]
    frs: Option<String>,
    /// The day the analysis is asked for
    #[arg(long, value_name = "DATE")]
    requested: Option<String>,
    /// The product's end of life
    #[arg(long, value_name = "DATE")]
    eol: Option<String>,
    /// The product's end of service
    #[arg(long, value_name = "DATE")]
    eos: Option<String>,
}

impl Given for RaEligibility {
    const KIND: Kind = Kind::RaEligibility;
    fn cells(&self) -> Cells<'_> {
        cells([&self.frs, &self.requested, &self.eol, &self.eos])
    }
}
