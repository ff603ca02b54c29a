//! What an RMA's events mean for the register: stock, installed units and their cover. In the same
//! write as the events.

use chrono::{Days, NaiveDate};

use super::error::AppError;
use super::facts::remaining_cover;
use crate::db::facts::{self, Unit};
use crate::db::rmas::Loaded;
use crate::db::times::to_naive;
use crate::db::unit_care::{self, Care, UnitCareRow};
use crate::db::{AnyConnection, moves, placements};
use crate::domain::ids::{SerialNumber, SiteId};
use crate::domain::programme::Programme;
use crate::domain::rma::tracks::{Outbound, ReplacementCondition};
use crate::domain::rma::{Actor, Decision, Event, Refusal};
use crate::domain::site::UnitStatus;

/// Carries a decision's events over to the register.
pub(super) fn apply(
    connection: &mut AnyConnection,
    before: &Loaded,
    decision: &Decision,
    programme: &Programme,
) -> Result<(), AppError> {
    let moves = Moves { before, decision, programme };
    for event in &decision.events {
        match event {
            Event::Allocated { serial_number, .. } => moves.allocate(connection, serial_number)?,
            Event::Backordered { .. } | Event::Denied { .. } | Event::Cancelled { .. } => {
                moves.give_back_allocation(connection)?;
            }
            Event::Shipped { serial_number, shipped_on, .. } => {
                moves.ship(connection, serial_number, *shipped_on)?;
            }
            Event::ReplacementReturned {
                serial_number,
                condition: ReplacementCondition::Unopened,
            } => moves.take_back(connection, serial_number)?,
            Event::RepairFinished { cover_through_on: Some(on), .. } => {
                moves.grant_cover(connection, *on)?;
            }
            _ => {}
        }
    }
    Ok(())
}

struct Moves<'a> {
    before: &'a Loaded,
    decision: &'a Decision,
    programme: &'a Programme,
}

impl Moves<'_> {
    fn unit(
        &self,
        connection: &mut AnyConnection,
        serial: &SerialNumber,
    ) -> Result<Unit, AppError> {
        facts::unit(connection, &self.before.rma.manufacturer, serial)?
            .ok_or_else(|| AppError::NoSuch { what: "unit with serial", name: serial.to_string() })
    }

    fn allocate(
        &self,
        connection: &mut AnyConnection,
        serial: &SerialNumber,
    ) -> Result<(), AppError> {
        let unit = self.unit(connection, serial)?;
        if moves::change_status(connection, unit.id, UnitStatus::Stock, UnitStatus::Allocated)? {
            return Ok(());
        }
        // Two RMAs reached for one unit; the other was faster.
        let reason = format!("serial {serial} has just been given to another RMA; take another");
        Err(Refusal::new("T5", reason).into())
    }

    /// What was promised and has not shipped goes back to the shelf.
    fn give_back_allocation(&self, connection: &mut AnyConnection) -> Result<(), AppError> {
        let rma = &self.before.rma;
        let (Outbound::Allocated, Some(unit)) = (rma.outbound, &rma.replacement) else {
            return Ok(());
        };
        let unit = self.unit(connection, &unit.serial_number)?;
        moves::change_status(connection, unit.id, UnitStatus::Allocated, UnitStatus::Stock)?;
        Ok(())
    }

    /// T5: the entitlement moves to the new serial, and so do its place in a chassis, or what stands in it
    /// (ID-5), and the remainder of the warranty. Where a
    /// replacement sent before was lost on its way, it is that one's entitlement that moves on.
    fn ship(
        &self,
        connection: &mut AnyConnection,
        serial: &SerialNumber,
        shipped_on: NaiveDate,
    ) -> Result<(), AppError> {
        let rma = &self.decision.after;
        if *serial == rma.serial_number {
            return Ok(());
        }
        let new = self.unit(connection, serial)?;
        if new.status == UnitStatus::Installed {
            // The same unit is sent once more.
            return Ok(());
        }
        let old = self.unit(connection, &rma.serial_number)?;
        let lost = moves::standing_for(connection, old.id)?;
        let remainder = remaining_cover(connection, rma, self.programme)?;
        let fresh =
            shipped_on.checked_add_days(Days::new(u64::from(self.programme.repair_cover_days)));
        let installed = moves::Installed {
            replaces: old.id,
            organization: self.before.keys.organization_id,
            site: self.before.keys.site_id,
            shipped_on,
            registered_on: old.sale.registered_on,
            cover_through_on: fresh.max(remainder),
        };
        moves::install(connection, new.id, &installed)?;
        for gone in lost.into_iter().chain([old.id]) {
            moves::change_status(connection, gone, UnitStatus::Installed, UnitStatus::Retired)?;
            moves::move_cover(connection, gone, new.id, shipped_on)?;
            placements::take_over(connection, gone, new.id, shipped_on)?;
        }
        Ok(())
    }

    /// T9b: restocked, and the entitlement returns to the unit the customer keeps.
    fn take_back(
        &self,
        connection: &mut AnyConnection,
        serial: &SerialNumber,
    ) -> Result<(), AppError> {
        let rma = &self.before.rma;
        let lost =
            rma.lost.iter().rfind(|lost| rma.has_lost(serial) && lost.serial_number == *serial);
        let shipped_on = lost.map_or(rma.shipment.shipped_on, |lost| lost.shipped_on);
        let (Some(terms), Some(shipped_on)) = (&rma.terms, shipped_on) else {
            return Ok(());
        };
        let new = self.unit(connection, serial)?;
        // Where another was sent for it, the entitlement is with that one already.
        if lost.is_none() || new.status == UnitStatus::Installed {
            let old = self.unit(connection, &rma.serial_number)?;
            moves::move_cover(connection, new.id, old.id, shipped_on)?;
            placements::take_over(connection, new.id, old.id, shipped_on)?;
            moves::change_status(connection, old.id, UnitStatus::Retired, UnitStatus::Installed)?;
        }
        let shelf = self.depot(connection, terms.return_site.id)?;
        moves::restock(connection, new.id, shelf)?;
        self.part_from_owner(connection, &new, shelf)
    }

    /// What is ours again is of the grey market no longer (ENT-6), and what was done with it until now is
    /// not the next customer's to know (ENT-7).
    fn part_from_owner(
        &self,
        connection: &mut AnyConnection,
        unit: &Unit,
        shelf: SiteId,
    ) -> Result<(), AppError> {
        if unit_care::of_unit(connection, unit.id)?.is_empty() {
            return Ok(());
        }
        let is_marked = unit_care::is_marked(connection, unit.id)?;
        let kind = if is_marked { Care::Reinstated } else { Care::Transferred };
        let owner = match unit.organization_id {
            Some(id) => facts::account(connection, id)?.map(|account| account.name),
            None => None,
        };
        let row = UnitCareRow {
            unit_id: unit.id.0,
            kind: kind.as_str().to_owned(),
            recorded_at: to_naive(self.decision.after.last_event_at),
            actor: Actor::clock().to_string(),
            source: self.before.rma.number.to_string(),
            reason: "came back to our stock".to_owned(),
            account_was: owner,
            account: None,
            site_was: code_of(connection, unit.site_id)?,
            site: code_of(connection, shelf)?,
            account_was_id: unit.organization_id.map(|id| id.0),
            account_id: None,
        };
        Ok(unit_care::add(connection, &row)?)
    }

    /// The shelf the unit goes back to: the depot of the return site's region, else that site itself.
    fn depot(
        &self,
        connection: &mut AnyConnection,
        return_site: SiteId,
    ) -> Result<SiteId, AppError> {
        let Some(site) = facts::site(connection, return_site)? else { return Ok(return_site) };
        Ok(facts::depot(connection, &site.region)?.map_or(return_site, |depot| depot.id))
    }

    fn grant_cover(
        &self,
        connection: &mut AnyConnection,
        through_on: NaiveDate,
    ) -> Result<(), AppError> {
        let unit = self.unit(connection, &self.before.rma.serial_number)?;
        Ok(moves::grant_cover(connection, unit.id, through_on)?)
    }
}

fn code_of(connection: &mut AnyConnection, site: SiteId) -> Result<Option<String>, AppError> {
    Ok(facts::site(connection, site)?.map(|site| site.code))
}
