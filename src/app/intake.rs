//! Letting cases and requests in: what needs a contract, and an agent's word against it.

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::unit_care;
use crate::db::AnyConnection;
use crate::db::case_overrides::{self, NewOverride};
use crate::db::facts::{self, Unit};
use crate::domain::ids::{CaseId, RmaId, checked_text};
use crate::domain::intake::{CaseKind, Channel, Way, obstacle};
use crate::domain::rma::{Actor, Refusal, Role};

/// A rule that an agent set aside, with the reason.
#[derive(Debug, Clone)]
pub(super) struct SetAside {
    rule: &'static str,
    reason: String,
}

/// Judges how a case or request on a unit came in, on the local date of the unit's site.
///
/// # Errors
/// `Refused` (AMB-9, AMB-10) unless an agent gives a reason; `Invalid` for a reason where nothing
/// stands in the way.
pub(super) fn admit(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    (kind, way): (CaseKind, &Way),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<SetAside>, AppError> {
    // What every unit may do asks for no facts.
    let open_to_all = kind == CaseKind::Rma && way.channel == Channel::Online;
    let refusal = match open_to_all {
        true => None,
        false => obstacle(kind, way.channel, under_contract(app, connection, unit, now)?),
    };
    match (refusal, &way.override_reason) {
        (None, None) => Ok(None),
        (None, Some(_)) => {
            let reason = "no rule stands in the way; leave it out".to_owned();
            Err(AppError::Invalid { field: "override_reason", reason })
        }
        (Some(refusal), None) => Err(refusal.into()),
        (Some(refusal), Some(reason)) => {
            if !matches!(actor.role, Role::Engineer | Role::CustomerCare | Role::Administrator) {
                let said = format!("{}; {} may not set that aside", refusal.reason, actor.role);
                return Err(Refusal::new(refusal.rule, said).into());
            }
            checked_text(reason, 500).map_err(|error| AppError::Invalid {
                field: "override_reason",
                reason: error.to_string(),
            })?;
            Ok(Some(SetAside { rule: refusal.rule, reason: reason.clone() }))
        }
    }
}

/// Whether a contract that serves the unit's owner is in force today, at the unit's site.
fn under_contract(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let knows = |holder| unit.organization_id == Some(holder);
    let covers = unit_care::covers_of(connection, unit.id, knows)?;
    let name = unit.serial_number.to_string();
    let site = facts::site(connection, unit.site_id)?;
    let site = site.ok_or(AppError::NoSuch { what: "site of the unit", name })?;
    Ok(covers.serve_on(app.place(&site)?.local_date(now)))
}

/// Keeps who set a rule aside, when and why, with the case.
pub(super) fn keep(
    connection: &mut AnyConnection,
    set_aside: &SetAside,
    (case_id, rma_id): (CaseId, Option<RmaId>),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let new = NewOverride {
        case_id,
        rma_id,
        rule: set_aside.rule,
        reason: &set_aside.reason,
        actor: actor.to_string(),
        recorded_at: now,
    };
    Ok(case_overrides::add(connection, &new)?)
}
