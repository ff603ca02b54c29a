//! Letting cases and requests in: what needs a contract, and an agent's word against it.

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::{partners, unit_care};
use crate::db::AnyConnection;
use crate::db::case_overrides::{self, NewOverride};
use crate::db::facts::Unit;
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
/// `Refused` by ENT-1 for a partner; by AMB-9 and AMB-10 for what needs a contract and has none, unless an agent
/// who may gives a reason; `Invalid` for a reason that is none, or where nothing stands in the way.
pub(super) fn admit(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    (kind, way): (CaseKind, &Way),
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<SetAside>, AppError> {
    partners::admit(app, connection, unit, (way.partner, actor), now)?;
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
            // Of customer care's it is cases alone: it requests no RMAs (T1).
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
    let covers = unit_care::covers_of_owner(connection, unit)?;
    Ok(covers.serve_on(unit_care::local_date(app, connection, unit, now)?))
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
