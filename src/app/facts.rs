//! Loading what a command's rules will ask for, before anything is judged.

use chrono::{DateTime, NaiveDate, Utc};

use super::context::App;
use super::error::AppError;
use super::unit_care;
use crate::db::attachments::{self, On};
use crate::db::facts::{self as rows, Unit};
use crate::db::rmas::Loaded;
use crate::db::{AnyConnection, rmas};
use crate::domain::attachment::{AttachmentKind, FileRef};
use crate::domain::ids::{AttachmentId, OrganizationId};
use crate::domain::money::currency;
use crate::domain::programme::Programme;
use crate::domain::rma::{Command, Facts, IssueFacts, Order, Rma, StockUnit};
use crate::domain::site::SiteKind;
use crate::domain::warranty::Warranty;

/// Which facts a command asks for.
fn asks_for_places(command: &Command) -> bool {
    !matches!(
        command,
        Command::Hold { .. }
            | Command::Release { .. }
            | Command::Deny { .. }
            | Command::Cancel { .. }
            | Command::Reopen { .. }
            | Command::Backorder { .. }
            | Command::Allocate { .. }
            | Command::HandOver { .. }
            | Command::Forward { .. }
            | Command::Refuse { .. }
            | Command::Quarantine { .. }
            | Command::Accept {}
            | Command::FindExclusion { .. }
            | Command::FallDue {}
            | Command::Charge { .. }
            | Command::Waive { .. }
            | Command::Purchase { .. }
            | Command::EncloseLabel { .. }
            | Command::WithdrawLabel { .. }
            | Command::Credit { .. }
            | Command::KeepCharge { .. }
            | Command::StartRepair {}
            | Command::Quote { .. }
            | Command::ApproveAnalysis { .. }
            | Command::DeclineAnalysis { .. }
            | Command::VoidAnalysis { .. }
            | Command::PlanVisit { .. }
            | Command::MoveVisit { .. }
            | Command::RecordVisit { .. }
            | Command::WithdrawVisit { .. }
    )
}

/// Whether a command asks whose unit it is by now (ENT-7). A write that carries it out holds the unit
/// first; looking ahead holds nothing.
pub(super) fn asks_for_owner(command: &Command) -> bool {
    matches!(command, Command::Create { .. } | Command::Issue {} | Command::Reopen { .. })
}

/// Loads the facts for one order on one RMA; `dock` is the site that the order names, where that is loaded
/// already.
pub(super) fn load(
    app: &App,
    connection: &mut AnyConnection,
    (loaded, known): (&Loaded, Option<&rows::Site>),
    order: &Order,
    programme: &Programme,
) -> Result<Facts, AppError> {
    let rma = &loaded.rma;
    let mut facts = Facts::default();
    if !rma.is_open {
        facts.other_open = rmas::open_on_serial(connection, &rma.manufacturer, &rma.serial_number)?
            .filter(|number| *number != rma.number);
    }
    if asks_for_owner(&order.command) {
        let unit = (&rma.manufacturer, &rma.serial_number);
        unit_care::still_owned(connection, unit, loaded.keys.organization_id)?;
    }
    match &order.command {
        Command::Create { .. } | Command::Issue {} => {
            issue_facts(app, connection, loaded, order.occurred_at, programme, &mut facts)?;
        }
        Command::Allocate { serial_number } => {
            facts.stock = rows::unit(connection, &rma.manufacturer, serial_number)?.map(stock);
        }
        Command::Receive { site: Some(code), .. } => {
            facts.dock = Some(match known.filter(|site| site.code == *code) {
                Some(site) => app.place(site)?,
                None => app.place(&dock(connection, code)?)?,
            });
        }
        Command::RequestAnalysis {} => {
            facts.milestones = rows::milestones(connection, &rma.manufacturer, &rma.part_number)?;
        }
        Command::ClaimDelivery { attachments, .. } => {
            facts.files = files(connection, loaded, attachments)?;
        }
        Command::EncloseLabel { attachment } => {
            facts.files = files(connection, loaded, &[*attachment])?;
        }
        Command::FinishRepair { .. } | Command::PostFinalReport { .. } => {
            facts.remaining_cover_on = remaining_cover(connection, rma, programme)?;
        }
        _ => {}
    }
    if asks_for_places(&order.command) && facts.ship_to.is_none() {
        let keys = &loaded.keys;
        let (ship_to, back) = rows::two_sites(connection, keys.site_id, keys.return_site_id)?;
        facts.ship_to = ship_to.map(|site| app.place(&site)).transpose()?;
        facts.return_site = back.map(|site| app.place(&site)).transpose()?;
    }
    Ok(facts)
}

/// Those of the files named that are kept with the RMA itself and not withdrawn.
fn files(
    connection: &mut AnyConnection,
    loaded: &Loaded,
    named: &[AttachmentId],
) -> Result<Vec<(AttachmentKind, FileRef)>, AppError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let kept = attachments::of(connection, On::Rma(loaded.keys.id))?.into_iter();
    let meant = kept.filter(|file| file.withdrawn.is_none() && named.contains(&file.id));
    Ok(meant.map(|file| (file.kind, FileRef { id: file.id, sha256: file.sha256 })).collect())
}

/// The dock of a code: any site of ours, whose receipt is the vendor's (RCV-3); a customer's is none.
pub(super) fn dock(connection: &mut AnyConnection, code: &str) -> Result<rows::Site, AppError> {
    let site = rows::site_of_code(connection, code)?
        .ok_or_else(|| AppError::NoSuch { what: "site", name: code.to_owned() })?;
    if site.kind == SiteKind::Customer.as_str() {
        let reason =
            format!("{code} is a customer's site; a box comes in at a depot or a repair centre");
        return Err(AppError::Invalid { field: "site", reason });
    }
    Ok(site)
}

fn stock(unit: Unit) -> StockUnit {
    StockUnit {
        manufacturer: unit.manufacturer,
        serial_number: unit.serial_number,
        part_number: unit.part_number,
        status: unit.status,
    }
}

/// T3: entitlement with its evidence, price, ship-to, and where the unit goes back to.
fn issue_facts(
    app: &App,
    connection: &mut AnyConnection,
    loaded: &Loaded,
    at: DateTime<Utc>,
    programme: &Programme,
    facts: &mut Facts,
) -> Result<(), AppError> {
    let rma = &loaded.rma;
    let Some(unit) = rows::unit(connection, &rma.manufacturer, &rma.serial_number)? else {
        return Ok(());
    };
    let Some(site) = rows::site(connection, loaded.keys.site_id)? else { return Ok(()) };
    let ship_to = app.place(&site)?;
    facts.depot =
        rows::depot(connection, &site.region)?.map(|site| app.place(&site)).transpose()?;
    // The failure's day is the request's, on the installed site's own calendar page: entitlement is
    // read for it, not for the day somebody found time to issue.
    let failed_on = ship_to.local_date(rma.requested_at.min(at));
    facts.ship_to = Some(ship_to);
    let Some(account) = account(connection, loaded.keys.organization_id)? else { return Ok(()) };
    let account_currency = currency(&account.currency).map_err(|error| AppError::Invalid {
        field: "account",
        reason: format!("{}: {error}", account.name),
    })?;
    let product = rows::product(connection, &rma.manufacturer, &rma.part_number, account_currency)?;
    if let Some(product) = &product {
        facts.return_site =
            rows::return_site(connection, &product.contract_manufacturer, &site.region)?
                .map(|site| app.place(&site))
                .transpose()?;
    }
    let knows = |holder| holder == loaded.keys.organization_id;
    let covers = unit_care::covers_of(connection, unit.id, knows)?;
    facts.issue = Some(IssueFacts {
        verdict: covers.verdict(&unit, (failed_on, programme))?,
        list_price: product.and_then(|product| product.list_price),
        currency: account_currency,
        bill_to: account.bill_to,
    });
    Ok(())
}

fn account(
    connection: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Option<rows::Account>, AppError> {
    Ok(rows::account(connection, id)?)
}

/// The defective unit's last covered day as it stands.
pub(super) fn remaining_cover(
    connection: &mut AnyConnection,
    rma: &Rma,
    programme: &Programme,
) -> Result<Option<NaiveDate>, AppError> {
    let unit = rows::unit(connection, &rma.manufacturer, &rma.serial_number)?;
    let warranty = unit.map(|unit| Warranty::of(&unit.sale, programme)).transpose()?;
    Ok(warranty.map(|warranty| warranty.last_covered_on))
}
