//! `homeward unit`: a unit of the register as a person wants to read it, and customer care for it.

use clap::{Args, Subcommand};

use super::explain::show;
use super::text::{moment, or_dash};
use super::{CliError, house};
use crate::app::cases::the_unit;
use crate::app::rmas;
use crate::app::unit_care::{self, Wanted};
use crate::app::visible::{self, UnitView};
use crate::config::Config;
use crate::db::scope::Scope;
use crate::db::unit_history::UnitHistoryRow;
use crate::domain::entitlement::Verdict;
use crate::domain::ids::{Manufacturer, SerialNumber};
use crate::domain::rma::Actor;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show a unit: its sale, its warranty, its contracts, and what was learned later
    Show {
        serial: SerialNumber,
        /// Needed where two manufacturers share the serial
        #[arg(long)]
        manufacturer: Option<Manufacturer>,
    },
    /// Give a unit to another owner (ENT-7)
    Transfer {
        /// The new owner
        #[arg(long)]
        account: String,
        /// The code of the new owner's site where it stands
        #[arg(long)]
        site: String,
        #[command(flatten)]
        care: Care,
    },
    /// Mark a unit as of the grey market: it is entitled to nothing (ENT-6)
    GreyMarket(Care),
    /// Reinstate a unit that is so marked (ENT-6)
    Reinstate(Care),
}

/// Which unit, why, and who says so.
#[derive(Debug, Args)]
struct Care {
    serial: SerialNumber,
    /// Needed where two manufacturers share the serial
    #[arg(long)]
    manufacturer: Option<Manufacturer>,
    /// What it rests on; it stands in the unit's history
    #[arg(long)]
    reason: String,
    /// Who acts, as role:name
    #[arg(long = "as", value_name = "ROLE:NAME", default_value = "administrator:cli")]
    actor: Actor,
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let (wanted, care) = match arguments.what {
        What::Show { serial, manufacturer } => return look(&serial, manufacturer.as_ref(), config),
        What::Transfer { account, site, care } => (Wanted::Transfer { account, site }, care),
        What::GreyMarket(care) => (Wanted::MarkGreyMarket, care),
        What::Reinstate(care) => (Wanted::Reinstate, care),
    };
    let app = house::open(config)?;
    let stamp = unit_care::stamp(&care.actor, "cli", house::now());
    rmas::retrying(|| {
        app.db.write(|c| {
            let unit = the_unit(c, &care.serial, care.manufacturer.as_ref())?;
            let unit = (&unit.manufacturer, &care.serial);
            unit_care::care(&app, c, unit, (&wanted, &care.reason), &stamp)
        })
    })?;
    Ok(())
}

fn look(
    serial: &SerialNumber,
    manufacturer: Option<&Manufacturer>,
    config: &Config,
) -> Result<(), CliError> {
    let app = house::open(config)?;
    let view = app.db.read(|c| {
        let unit = the_unit(c, serial, manufacturer)?;
        visible::unit(&app, c, &Scope::All, (&unit.manufacturer, serial), house::now())
    })?;
    facts(&view);
    cover(&view);
    say!("\nhistory");
    for row in &view.history {
        say!("{}  {}  {}", moment(row.recorded_at.and_utc()), row.actor, row.source);
        for line in changes(row) {
            say!("    {line}");
        }
    }
    for line in &view.care {
        say!("{}", show::care(line));
    }
    Ok(())
}

fn facts(view: &UnitView) {
    let unit = &view.unit;
    say!("unit            {} {} {}", unit.manufacturer, unit.part_number, unit.serial_number);
    say!("status          {}", unit.status);
    say!("account         {}", or_dash(view.account.as_ref()));
    say!("site            {} ({})", view.site, view.site_code);
    if let Some(chassis) = &view.chassis {
        say!("in chassis      {chassis}");
    }
    if !view.modules.is_empty() {
        say!("modules         {}", view.modules.join(", "));
    }
    say!("shipped         {}", unit.sale.shipped_on);
    say!("resold          {}", or_dash(unit.sale.resold_on.as_ref()));
    say!("registered      {}", or_dash(unit.sale.registered_on.as_ref()));
}

fn cover(view: &UnitView) {
    match &view.warranty {
        Ok(warranty) => {
            let provisional = if warranty.provisional { ", provisional" } else { "" };
            say!(
                "warranty        {} to {} ({}, terms {}{provisional})",
                warranty.start_on,
                warranty.last_covered_on,
                warranty.rule,
                warranty.terms_version
            );
        }
        Err(problem) => say!("warranty        unknown: {problem}"),
    }
    for cover in &view.contracts {
        say!(
            "contract        {} {} {} to {}{}",
            cover.number,
            cover.level,
            cover.from_on,
            cover.through_on,
            cover
                .through_chassis
                .as_ref()
                .map_or_else(String::new, |chassis| format!(", through chassis {chassis}")),
        );
    }
    let verdict = match &view.verdict {
        Some(Verdict::Entitled(entitled)) => {
            format!("{} ({})", entitled.promise.as_str(), entitled.rule)
        }
        Some(Verdict::NotRegistered(_)) => "not registered (WAR-4)".to_owned(),
        Some(Verdict::GreyMarket(_)) => "nothing until it is reinstated (ENT-6)".to_owned(),
        Some(Verdict::NotEntitled(_)) => "nothing (ENT-4)".to_owned(),
        None => "unknown".to_owned(),
    };
    say!("entitled to     {verdict} on {}, programme {}", view.on, view.programme);
}

/// Each fact that changed, as it was and as it is since.
fn changes(row: &UnitHistoryRow) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |what: &str, was: String, is: String| {
        if was != is {
            lines.push(format!("{what}: {was} -> {is}"));
        }
    };
    line("shipped", row.shipped_was.to_string(), row.shipped_on.to_string());
    line("distributor", or_dash(row.distributor_was.as_ref()), or_dash(row.distributor.as_ref()));
    line("resold", or_dash(row.resold_was.as_ref()), or_dash(row.resold_on.as_ref()));
    line("registered", or_dash(row.registered_was.as_ref()), or_dash(row.registered_on.as_ref()));
    let rule = row.rule.as_ref().map_or_else(String::new, |rule| format!(" ({rule})"));
    let (was, is) = (or_dash(row.start_was.as_ref()), or_dash(row.start_on.as_ref()));
    lines.push(if was == is {
        format!("warranty start: {is} as before{rule}")
    } else {
        format!("warranty start: {was} -> {is}{rule}")
    });
    lines
}
