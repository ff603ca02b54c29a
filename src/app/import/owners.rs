//! A file that names another account for a known unit changes its owner (ENT-7): judged and kept as
//! customer care's own transfer is.

use super::facts::{Accounts, Places};
use crate::db::times::to_naive;
use crate::db::unit_care::{self, Care, UnitCareRow};
use crate::db::units::{UnitChange, UnitRow};
use crate::db::{AnyConnection, DbError, facts, stored};
use crate::domain::ids::{OrganizationId, UnitId};
use crate::domain::rma::Stamp;

/// The names of what a file's rows refer to, and who brings the file in.
pub(super) struct Owners<'a> {
    pub accounts: &'a Accounts,
    pub places: &'a Places,
    pub stamp: &'a Stamp,
}

impl Owners<'_> {
    /// Keeps a change of owner with the unit; `false` where an open RMA forbids it.
    ///
    /// # Errors
    /// `Busy` when its owner changed meanwhile: judge it again.
    pub fn change(
        &self,
        connection: &mut AnyConnection,
        was: &UnitRow,
        change: &UnitChange<'_>,
    ) -> Result<bool, DbError> {
        let (Some(before), Some(after)) = (was.organization_id, change.organization_id) else {
            return Ok(true);
        };
        if before == after {
            return Ok(true);
        }
        const READING: &str = "reading a unit";
        let manufacturer = stored(READING, &was.manufacturer)?;
        let serial = stored(READING, &was.serial_number)?;
        facts::hold_units(connection, &serial)?;
        if unit_care::owner(connection, UnitId(was.id))? != Some(OrganizationId(before)) {
            let detail = format!("unit {serial} was given to another owner by another write");
            return Err(DbError::Busy { operation: READING, detail });
        }
        if unit_care::open_rma(connection, &manufacturer, &serial)?.is_some() {
            return Ok(false);
        }
        // The day of the import (UTC), as for the warranty's start.
        let on = self.stamp.recorded_at.date_naive();
        let to = OrganizationId(after);
        unit_care::end_cover_of_others(connection, UnitId(was.id), to, on)?;
        let row = UnitCareRow {
            unit_id: was.id,
            kind: Care::Transferred.as_str().to_owned(),
            recorded_at: to_naive(self.stamp.recorded_at),
            actor: self.stamp.actor.to_string(),
            source: self.stamp.source.clone(),
            reason: "another account in a file of units".to_owned(),
            account_was: self.accounts.name_of(Some(before)).map(str::to_owned),
            account: self.accounts.name_of(Some(after)).map(str::to_owned),
            site_was: self.places.code_of(was.site_id).map(str::to_owned),
            site: self.places.code_of(change.site_id).map(str::to_owned),
            account_was_id: Some(before),
            account_id: Some(after),
        };
        unit_care::add(connection, &row)?;
        Ok(true)
    }
}
