//! `homeward rma show`: an RMA as a person wants to read it.

use super::text::{minute, moment};
use super::{CliError, house};
use crate::app::look::{self, HistoryLine};
use crate::config::Config;
use crate::domain::attachment::FileRef;
use crate::domain::carriage::Carriage;
use crate::domain::explain;
use crate::domain::ids::RmaNumber;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::Rma;
use crate::domain::rma::visit::VisitState;
use crate::domain::zone::Zone;

pub(super) fn run(number: RmaNumber, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let view = look::rma(&app, number)?;
    let rma = &view.rma;
    tracks(rma);
    if let (Some(because), Some(due)) = (&view.window_because, &rma.due) {
        println!("return window   {because} ({}, programme {})", due.rule, due.programme);
    }
    if let Some(due_on) = rma.repair_due_on {
        println!("repair due      {} (WAR-5)", explain::long(due_on));
    }
    promises(rma);
    visit(rma);
    files(rma);
    analysis(rma);
    println!("\nhistory");
    for line in &view.history {
        println!(
            "{:>4}  {}  {:<26} {}{}",
            line.sequence,
            moment(line.occurred_at),
            line.kind,
            line.actor,
            learned_late(line)
        );
    }
    Ok(())
}

/// Whether what was promised was kept (AMB-6, AMB-13).
fn promises(rma: &Rma) {
    for promise in rma.promises() {
        let due = match promise.due {
            ReplacementDue::ShipOn { on } => format!("to leave on {}", explain::long(on)),
            ReplacementDue::DeliverOn { on } => format!("to arrive on {}", explain::long(on)),
            ReplacementDue::DeliverBy { at } => format!("to arrive by {}", minute(at)),
        };
        let kept = match promise.met {
            Some(true) => "kept",
            Some(false) => "not kept",
            None => "open",
        };
        println!("promised        {}: {due}: {kept}", promise.what);
    }
}

/// Who comes, or came, to the site (SVC-5, SVC-8).
fn visit(rma: &Rma) {
    let visit = &rma.visit;
    if visit.state == VisitState::None {
        return;
    }
    let zone = rma.terms.as_ref().map_or(Zone::UTC, |terms| terms.ship_to.zone);
    let reason = visit.reason.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
    println!("visit           {}{reason} ({})", visit.state, visit.rule());
    if let Some(plan) = &visit.plan {
        println!("planned         {}: {}", explain::moment(plan.at, zone), plan.engineer);
    }
    for record in &visit.records {
        let reason = record.reason.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        let arrived = explain::moment(record.arrived_at, zone);
        println!("visited         {arrived}: {}, {}{reason}", record.engineer, record.outcome);
    }
}

/// The label of a return that we pay (AMB-26), and the proofs of a claim (T13).
fn files(rma: &Rma) {
    let of = |file: &FileRef| format!("attachment {} ({})", file.id.0, file.sha256);
    match (rma.label_is_there(), &rma.return_label) {
        (Some(_), Some(label)) => println!("return label    {} (AMB-26)", of(label)),
        (Some(_), None) => println!("return label    missing (AMB-26)"),
        (None, _) => {}
    }
    if let Some(claim) = &rma.claim {
        println!("claim           to be decided by {} (T13)", explain::long(claim.decide_by));
        for proof in &claim.proofs {
            println!("proof           {}", of(proof));
        }
    }
}

/// What is to come of an analysis, and the reports that have (SYS-6).
fn analysis(rma: &Rma) {
    let file = &rma.analysis_file;
    if file.awaits_approval {
        println!("analysis        waits for approval (ANA-3)");
    }
    for party in file.agreed.iter().filter(|_| rma.awaits_second_consent()) {
        println!("analysis        the {party} wants a failure analysis (ANA-8)");
    }
    if let Some(due) = &file.due {
        let report = due.report.as_str().replace('_', " ");
        println!("report due      {}: {report} ({})", explain::long(due.due_on), due.rule);
    }
    for posted in &file.reports {
        let report = posted.report.as_str().replace('_', " ");
        println!("\nreport          {report}, {}", posted.posted_at.format("%Y-%m-%d"));
        println!("{}", posted.text);
    }
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
    transfer(rma);
    println!("repair          {}", rma.repair);
    println!("analysis        {}", rma.analysis);
    println!("exposure        {}", rma.exposure);
    if let Some(terms) = &rma.terms {
        println!("mode            {}", terms.mode);
        println!("list price      {} (kept at issue, AMB-15)", terms.list_price);
        println!("entitlement     {} ({})", terms.entitlement.rule, terms.entitlement.on);
        if let Some(Carriage { inbound, outbound, rule, .. }) = &terms.carriage {
            println!("carriage        inbound {inbound}, outbound {outbound} ({rule})");
        }
    }
    if let Some(unit) = &rma.replacement {
        println!("replacement     {} {}", unit.part_number, unit.serial_number);
    }
}

/// The way from the dock that took the unit in to the repair centre (RCV-3).
fn transfer(rma: &Rma) {
    let Some(transfer) = &rma.transfer else { return };
    let way = match (&transfer.forwarded, transfer.arrived_on) {
        (_, Some(on)) => format!("at the repair centre since {}", explain::long(on)),
        (Some(sent), None) => {
            let tracking = sent.tracking_number.as_deref().unwrap_or("no tracking number");
            let on = explain::long(sent.on);
            format!("forwarded on {on} with {} ({tracking})", sent.carrier)
        }
        (None, None) => "to be forwarded to the repair centre".to_owned(),
    };
    println!("received at     {}; {way} (RCV-3)", transfer.dock.code);
}

/// A fact learned later than it happened says when.
fn learned_late(line: &HistoryLine) -> String {
    if line.recorded_at - line.occurred_at < chrono::TimeDelta::minutes(1) {
        return String::new();
    }
    format!("  (recorded {})", minute(line.recorded_at))
}
