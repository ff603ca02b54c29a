//! A file that names another account for a known unit changes its owner (ENT-7): judged and kept as
//! customer care's own transfer is.

use super::facts::{Accounts, Places};
use crate::app::unit_care::{Owner, hand_over};
use crate::db::unit_care;
use crate::db::units::{UnitChange, UnitRow};
use crate::db::{AnyConnection, DbError, facts, stored};
use crate::domain::ids::{OrganizationId, SiteId, UnitId};
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
        // The day where it stood, as customer care has it.
        let on = self.places.zone_of(was.site_id)?.local_date(self.stamp.recorded_at);
        let key = (UnitId(was.id), &manufacturer, &serial);
        let from = Owner {
            account: Some(OrganizationId(before)),
            name: self.accounts.name_of(before).map(str::to_owned),
            site: SiteId(was.site_id),
            site_code: self.places.code_of(was.site_id).map(str::to_owned),
        };
        let to = Owner {
            account: OrganizationId(after),
            name: self.accounts.name_of(after).map(str::to_owned),
            site: SiteId(change.site_id),
            site_code: self.places.code_of(change.site_id).map(str::to_owned),
        };
        let why = ("another account in a file of units", self.stamp);
        Ok(hand_over(connection, key, (from, to), on, why)?.is_none())
    }
}
