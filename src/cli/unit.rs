//! `homeward unit show`: a unit of the register as a person wants to read it.

use clap::{Args, Subcommand};

use super::{CliError, house};
use crate::app::cases::the_unit;
use crate::app::visible::{self, UnitView};
use crate::config::Config;
use crate::db::scope::Scope;
use crate::db::unit_history::UnitHistoryRow;
use crate::domain::entitlement::Verdict;
use crate::domain::ids::{Manufacturer, SerialNumber};

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
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let What::Show { serial, manufacturer } = arguments.what;
    let app = house::open(config)?;
    let view = app.db.read(|c| {
        let unit = the_unit(c, &serial, manufacturer.as_ref())?;
        visible::unit(&app, c, &Scope::All, (&unit.manufacturer, &serial), house::now())
    })?;
    facts(&view);
    cover(&view);
    println!("\nhistory");
    for row in &view.history {
        println!("{}  {}  {}", row.recorded_at.format("%Y-%m-%d %H:%M:%SZ"), row.actor, row.source);
        for line in changes(row) {
            println!("    {line}");
        }
    }
    Ok(())
}

fn facts(view: &UnitView) {
    let unit = &view.unit;
    println!("unit            {} {} {}", unit.manufacturer, unit.part_number, unit.serial_number);
    println!("status          {}", unit.status);
    println!("account         {}", view.account.as_deref().unwrap_or("-"));
    println!("site            {} ({})", view.site, view.site_code);
    if let Some(chassis) = &view.chassis {
        println!("in chassis      {chassis}");
    }
    if !view.modules.is_empty() {
        println!("modules         {}", view.modules.join(", "));
    }
    println!("shipped         {}", unit.sale.shipped_on);
    println!("resold          {}", or_none(&unit.sale.resold_on));
    println!("registered      {}", or_none(&unit.sale.registered_on));
}

fn cover(view: &UnitView) {
    match &view.warranty {
        Ok(warranty) => {
            let provisional = if warranty.provisional { ", provisional" } else { "" };
            println!(
                "warranty        {} to {} ({}, terms {}{provisional})",
                warranty.start_on, warranty.last_covered_on, warranty.rule, warranty.terms_version
            );
        }
        Err(problem) => println!("warranty        unknown: {problem}"),
    }
    for cover in &view.contracts {
        println!(
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
        Some(Verdict::NotEntitled(_)) => "nothing (ENT-4)".to_owned(),
        None => "unknown".to_owned(),
    };
    println!("entitled to     {verdict} on {}, programme {}", view.on, view.programme);
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
    line("distributor", or_none(&row.distributor_was), or_none(&row.distributor));
    line("resold", or_none(&row.resold_was), or_none(&row.resold_on));
    line("registered", or_none(&row.registered_was), or_none(&row.registered_on));
    let rule = row.rule.as_ref().map_or_else(String::new, |rule| format!(" ({rule})"));
    let (was, is) = (or_none(&row.start_was), or_none(&row.start_on));
    lines.push(if was == is {
        format!("warranty start: {is} as before{rule}")
    } else {
        format!("warranty start: {was} -> {is}{rule}")
    });
    lines
}

fn or_none(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
}
