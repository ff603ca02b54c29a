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
        say!("return window   {because} ({}, programme {})", due.rule, due.programme);
    }
    if let Some(due_on) = rma.repair_due_on {
        say!("repair due      {} (WAR-5)", explain::long(due_on));
    }
    promises(rma);
    visit(rma);
    files(rma);
    analysis(rma);
    say!("\nhistory");
    for line in &view.history {
        say!(
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
        say!("promised        {}: {due}: {kept}", promise.what);
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
    say!("visit           {}{reason} ({})", visit.state, visit.rule());
    if let Some(plan) = &visit.plan {
        say!("planned         {}: {}", explain::moment(plan.at, zone), plan.engineer);
    }
    for record in &visit.records {
        let reason = record.reason.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        let arrived = explain::moment(record.arrived_at, zone);
        say!("visited         {arrived}: {}, {}{reason}", record.engineer, record.outcome);
    }
}

/// The label of a return that we pay (AMB-26), and the proofs of a claim (T13).
fn files(rma: &Rma) {
    let of = |file: &FileRef| format!("attachment {} ({})", file.id.0, file.sha256);
    match (rma.label_is_there(), &rma.return_label) {
        (Some(_), Some(label)) => say!("return label    {} (AMB-26)", of(label)),
        (Some(_), None) => say!("return label    missing (AMB-26)"),
        (None, _) => {}
    }
    if let Some(claim) = &rma.claim {
        say!("claim           to be decided by {} (T13)", explain::long(claim.decide_by));
        for proof in &claim.proofs {
            say!("proof           {}", of(proof));
        }
    }
}

/// What is to come of an analysis, and the reports that have (SYS-6).
fn analysis(rma: &Rma) {
    let file = &rma.analysis_file;
    if file.awaits_approval {
        say!("analysis        waits for approval (ANA-3)");
    }
    for party in file.agreed.iter().filter(|_| rma.awaits_second_consent()) {
        say!("analysis        the {party} wants a failure analysis (ANA-8)");
    }
    if let Some(due) = &file.due {
        let report = due.report.as_str().replace('_', " ");
        say!("report due      {}: {report} ({})", explain::long(due.due_on), due.rule);
    }
    for posted in &file.reports {
        let report = posted.report.as_str().replace('_', " ");
        say!("\nreport          {report}, {}", posted.posted_at.format("%Y-%m-%d"));
        say!("{}", posted.text);
    }
}

fn tracks(rma: &Rma) {
    let reason = rma.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    say!("{}  {}", rma.number, if rma.is_open { "Open" } else { "Closed" });
    say!("unit            {} {} {}", rma.manufacturer, rma.part_number, rma.serial_number);
    say!("case            {}", rma.case_number);
    say!("account         {}", rma.account);
    say!("version         {}", rma.version);
    say!("authorisation   {}{reason}", rma.authorisation);
    say!("outbound        {}", rma.outbound);
    say!("inbound         {}", rma.inbound);
    transfer(rma);
    say!("repair          {}", rma.repair);
    say!("analysis        {}", rma.analysis);
    say!("exposure        {}", rma.exposure);
    if let Some(terms) = &rma.terms {
        say!("mode            {}", terms.mode);
        say!("list price      {} (kept at issue, AMB-15)", terms.list_price);
        say!("entitlement     {} ({})", terms.entitlement.rule, terms.entitlement.on);
        if let Some(Carriage { inbound, outbound, rule, .. }) = &terms.carriage {
            say!("carriage        inbound {inbound}, outbound {outbound} ({rule})");
        }
    }
    if let Some(unit) = &rma.replacement {
        say!("replacement     {} {}", unit.part_number, unit.serial_number);
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
    say!("received at     {}; {way} (RCV-3)", transfer.dock.code);
}

/// A fact learned later than it happened says when.
fn learned_late(line: &HistoryLine) -> String {
    if line.recorded_at - line.occurred_at < chrono::TimeDelta::minutes(1) {
        return String::new();
    }
    format!("  (recorded {})", minute(line.recorded_at))
}
