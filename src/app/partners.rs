//! ENT-1: a partner that brings in a case or a request, with what is recorded of it.

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::unit_care;
use crate::db::AnyConnection;
use crate::db::facts::Unit;
use crate::db::{organizations, tokens};
use crate::domain::ids::OrganizationId;
use crate::domain::partner::UnitCover;
use crate::domain::rma::{Actor, Refusal, Role};
use crate::domain::site::{OrganizationKind, UnitStatus};
use crate::domain::warranty::Warranty;

/// Judges what a partner brings in on a unit: `partner` is the one that a caller from outside belongs to; on
/// the command line the actor's name says it. Everybody else is none of this rule's matter.
///
/// # Errors
/// `Refused` (ENT-1), with what is missing and what to do.
pub(super) fn admit(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    (partner, actor): (Option<OrganizationId>, &Actor),
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if actor.role != Role::Partner && partner.is_none() {
        return Ok(());
    }
    let id = match partner {
        Some(id) => id,
        None => named(connection, actor)?,
    };
    let absent = || AppError::NoSuch { what: "partner", name: actor.name.clone() };
    let partner = organizations::partner(connection, id)?.ok_or_else(absent)?;
    let on = unit_care::local_date(app, connection, unit, now)?;
    Ok(partner.admit(cover(app, connection, unit, on)?, on)?)
}

/// What serves the unit's owner on a day; a unit marked as of the grey market has no cover that does (ENT-6).
fn cover(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    on: chrono::NaiveDate,
) -> Result<UnitCover, AppError> {
    let covers = unit_care::covers_of_owner(connection, unit)?;
    if covers.is_marked {
        return Ok(UnitCover { under_contract: false, in_warranty: false });
    }
    let programme = app.programme_on(connection, &unit.manufacturer, on)?;
    // Dates that contradict each other give no warranty; the check at issue names them.
    let in_warranty = unit.status != UnitStatus::Software
        && Warranty::of(&unit.sale, &programme)
            .is_ok_and(|warranty| warranty.covers(on, unit.sale.shipped_on));
    Ok(UnitCover { under_contract: covers.serve_on(on), in_warranty })
}

fn named(connection: &mut AnyConnection, actor: &Actor) -> Result<OrganizationId, AppError> {
    let found = tokens::organization_of_name(connection, &actor.name)?;
    match found.filter(|(_, kind)| kind == OrganizationKind::Partner.as_str()) {
        Some((id, _)) => Ok(id),
        None => {
            let name = &actor.name;
            let reason = format!("no partner is called {name:?}; write partner: and its name");
            Err(Refusal::new("ENT-1", reason).into())
        }
    }
}
