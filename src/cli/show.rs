//! `homeward rma show`: an RMA as a person wants to read it.

use super::rma::no_such;
use super::{CliError, house};
use crate::config::Config;
use crate::db::history::history;
use crate::db::rmas::load;
use crate::domain::calendar::CalendarCode;
use crate::domain::explain;
use crate::domain::ids::RmaNumber;
use crate::domain::rma::Rma;

pub(super) fn run(number: RmaNumber, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let (loaded, events) = app.db.read(|connection| {
        let loaded = load(connection, number)?.ok_or_else(|| no_such(number))?;
        let events = history(connection, loaded.keys.id)?;
        Ok::<_, CliError>((loaded, events))
    })?;
    let rma = &loaded.rma;
    tracks(rma);
    if let Some(due) = &rma.due {
        let calendar = app.calendars.get(&CalendarCode::parse(due.calendar.as_str())?)?;
        let country = rma.terms.as_ref().map_or("", |terms| terms.ship_to.country.as_str());
        let why = explain::return_window(due, &calendar, country);
        println!("return window   {why} ({}, programme {})", due.rule, due.programme);
    }
    if let Some(due_on) = rma.repair_due_on {
        println!("repair due      {} (WAR-5)", explain::long(due_on));
    }
    println!("\nhistory");
    for row in events {
        println!(
            "{:>4}  {}Z  {:<26} {}{}",
            row.sequence,
            row.occurred_at.format("%Y-%m-%d %H:%M:%S"),
            row.kind,
            row.actor,
            learned_late(&row)
        );
    }
    Ok(())
}

fn tracks(rma: &Rma) {
    let reason = rma.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    println!("{}  {}", rma.number, if rma.is_open { "Open" } else { "Closed" });
    println!("unit            {} {} {}", rma.manufacturer, rma.part_number, rma.serial_number);
    println!("case            {}", rma.case_number);
    println!("account         {}", rma.account);
    println!("version         {}", rma.version);
    println!("authorisation   {}{reason}", rma.authorisation);
    println!("outbound        {}", rma.outbound);
    println!("inbound         {}", rma.inbound);
    println!("repair          {}", rma.repair);
    println!("analysis        {}", rma.analysis);
    println!("exposure        {}", rma.exposure);
    if let Some(terms) = &rma.terms {
        println!("mode            {}", terms.mode);
        println!("list price      {} (kept at issue, AMB-15)", terms.list_price);
        println!("entitlement     {} ({})", terms.entitlement.rule, terms.entitlement.on);
    }
    if let Some(unit) = &rma.replacement {
        println!("replacement     {} {}", unit.part_number, unit.serial_number);
    }
}

/// A fact learned later than it happened says when.
fn learned_late(row: &crate::db::history::EventRow) -> String {
    if row.recorded_at - row.occurred_at < chrono::TimeDelta::minutes(1) {
        return String::new();
    }
    format!("  (recorded {}Z)", row.recorded_at.format("%Y-%m-%d %H:%M"))
}
