//! Where an agent let a case or a request in against a rule: appended only.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{case_overrides, cases, rmas};
use super::times::to_naive;
use crate::domain::ids::{CaseId, CaseNumber, RmaId};

/// An override to keep.
#[derive(Debug, Clone)]
pub struct NewOverride<'a> {
    pub case_id: CaseId,
    /// None where it was the case itself.
    pub rma_id: Option<RmaId>,
    pub rule: &'a str,
    pub reason: &'a str,
    pub actor: String,
    pub recorded_at: DateTime<Utc>,
}

pub fn add(connection: &mut AnyConnection, new: &NewOverride<'_>) -> Result<(), DbError> {
    diesel::insert_into(case_overrides::table)
        .values((
            case_overrides::case_id.eq(new.case_id.0),
            case_overrides::rma_id.eq(new.rma_id.map(|id| id.0)),
            case_overrides::rule.eq(new.rule),
            case_overrides::reason.eq(new.reason),
            case_overrides::actor.eq(&new.actor),
            case_overrides::recorded_at.eq(to_naive(new.recorded_at)),
        ))
        .execute(connection)
        .map(drop)
        .during("keeping an override")
}

/// An override as it was kept.
#[derive(Debug, Clone, Queryable)]
pub struct OverrideRow {
    pub rule: String,
    pub reason: String,
    pub actor: String,
    /// Naive UTC.
    pub recorded_at: NaiveDateTime,
    pub rma_number: Option<String>,
}

/// Every override of a case, the oldest first.
pub fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Vec<OverrideRow>, DbError> {
    case_overrides::table
        .inner_join(cases::table)
        .left_join(rmas::table.on(case_overrides::rma_id.eq(rmas::id.nullable())))
        .filter(cases::number.eq(number.to_string()))
        .order(case_overrides::id)
        .select((
            case_overrides::rule,
            case_overrides::reason,
            case_overrides::actor,
            case_overrides::recorded_at,
            rmas::number.nullable(),
        ))
        .load(connection)
        .during("loading a case's overrides")
}
