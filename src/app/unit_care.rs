//! Customer care for units: changes of owner (ENT-7), the grey-market mark and reinstatement (ENT-6).

use chrono::{DateTime, NaiveDate, Utc};

use super::context::App;
use super::error::AppError;
use crate::db::facts::{self, Unit};
use crate::db::scope::Scope;
use crate::db::times::to_naive;
use crate::db::tokens::organization_of_name;
use crate::db::unit_care::{self as rows, Care, UnitCareRow};
use crate::db::{AnyConnection, DbError, placements};
use crate::domain::entitlement::{ContractCover, Verdict, resolve_marked};
use crate::domain::ids::{
    Manufacturer, OrganizationId, SerialNumber, SiteId, UnitId, checked_text,
};
use crate::domain::programme::Programme;
use crate::domain::rma::{Actor, Refusal, Role, Stamp};
use crate::domain::site::{OrganizationKind, UnitStatus};
use crate::domain::warranty::WarrantyError;

/// What is to be done with a unit.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// To the account of this name, at the site of this code.
    Transfer {
        account: String,
        site: String,
    },
    MarkGreyMarket,
    Reinstate,
}

impl Wanted {
    fn rule(&self) -> &'static str {
        match self {
            Self::Transfer { .. } => "ENT-7",
            Self::MarkGreyMarket | Self::Reinstate => "ENT-6",
        }
    }
}

/// Something customer care did with a unit.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CareLine {
    /// transferred, grey_market or reinstated.
    pub kind: String,
    pub recorded_at: DateTime<Utc>,
    /// This and the next two: none where they are of a former owner's time and not the caller's to know.
    pub actor: Option<String>,
    pub source: Option<String>,
    pub reason: Option<String>,
    pub account_was: Option<String>,
    pub account: Option<String>,
    pub site_was: Option<String>,
    pub site: Option<String>,
}

impl From<UnitCareRow> for CareLine {
    fn from(row: UnitCareRow) -> Self {
        Self {
            kind: row.kind,
            recorded_at: row.recorded_at.and_utc(),
            actor: Some(row.actor),
            source: Some(row.source),
            reason: Some(row.reason),
            account_was: row.account_was,
            account: row.account,
            site_was: row.site_was,
            site: row.site,
        }
    }
}

/// Does it, with the reason and its actor, time and source in the unit's history.
///
/// # Errors
/// `NotThere` for an unknown unit, `Refused` where a rule forbids it, `Invalid` for a reason, account
/// or site that cannot be taken.
pub fn care(
    app: &App,
    connection: &mut AnyConnection,
    (manufacturer, serial): (&Manufacturer, &SerialNumber),
    (wanted, reason): (&Wanted, &str),
    stamp: &Stamp,
) -> Result<(), AppError> {
    let rule = wanted.rule();
    let refuse = |reason: String| Err(AppError::from(Refusal::new(rule, reason)));
    if !matches!(stamp.actor.role, Role::CustomerCare | Role::Administrator) {
        return refuse(format!("{} may not; it is customer care's", stamp.actor.role));
    }
    checked_text(reason, 500)
        .map_err(|error| AppError::Invalid { field: "reason", reason: error.to_string() })?;
    let absent = || AppError::NotThere { what: "unit with serial", name: serial.to_string() };
    facts::hold_units(connection, serial)?;
    let unit = facts::unit(connection, manufacturer, serial)?.ok_or_else(absent)?;
    if unit.status != UnitStatus::Installed {
        return refuse(format!("serial {serial} is {}, no customer's unit", unit.status));
    }
    let marked = rows::is_marked(connection, unit.id)?;
    match wanted {
        Wanted::Transfer { account, site } => {
            return transfer(app, connection, &unit, (account, site), (reason, stamp));
        }
        Wanted::MarkGreyMarket if marked => {
            return refuse(format!("serial {serial} is marked already"));
        }
        Wanted::Reinstate if !marked => {
            return refuse(format!("serial {serial} is not marked as of the grey market"));
        }
        Wanted::MarkGreyMarket | Wanted::Reinstate => {}
    }
    let kind = if marked { Care::Reinstated } else { Care::GreyMarket };
    Ok(rows::add(connection, &row(unit.id, kind, reason, stamp))?)
}

fn row(unit: UnitId, kind: Care, reason: &str, stamp: &Stamp) -> UnitCareRow {
    UnitCareRow {
        unit_id: unit.0,
        kind: kind.as_str().to_owned(),
        recorded_at: to_naive(stamp.recorded_at),
        actor: stamp.actor.to_string(),
        source: stamp.source.clone(),
        reason: reason.to_owned(),
        account_was: None,
        account: None,
        site_was: None,
        site: None,
        account_was_id: None,
        account_id: None,
    }
}

/// One side of a change of owner, with the words for it that are kept.
#[derive(Debug)]
pub(super) struct Owner<A> {
    pub account: A,
    pub name: Option<String>,
    pub site: SiteId,
    pub site_code: Option<String>,
}

/// ENT-7: a unit that was held goes from one owner to another, and from one site to another, on a day. Its
/// warranty goes with it; the former owner's contracts cover it no longer. Where an RMA is open on it nothing
/// is done and its number given: its terms are the owner's who asked for it. A chassis that stays is the
/// caller's to part it from, once all that moves has moved.
pub(super) fn hand_over(
    connection: &mut AnyConnection,
    (unit, manufacturer, serial): (UnitId, &Manufacturer, &SerialNumber),
    (was, to): (Owner<Option<OrganizationId>>, Owner<OrganizationId>),
    on: NaiveDate,
    (reason, stamp): (&str, &Stamp),
) -> Result<Option<String>, DbError> {
    let open = rows::open_rma(connection, manufacturer, serial)?;
    if open.is_some() {
        return Ok(open);
    }
    // What covers it meanwhile is ended with the rest.
    rows::hold_alone(connection, unit)?;
    rows::give(connection, unit, (to.account, to.site))?;
    rows::end_cover_of_others(connection, unit, to.account, on)?;
    let moved = UnitCareRow {
        account_was_id: was.account.map(|id| id.0),
        account_was: was.name,
        site_was: was.site_code,
        account_id: Some(to.account.0),
        account: to.name,
        site: to.site_code,
        ..row(unit, Care::Transferred, reason, stamp)
    };
    rows::add(connection, &moved)?;
    Ok(None)
}

/// A change of owner by customer care's word.
fn transfer(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    (account, site): (&str, &str),
    (reason, stamp): (&str, &Stamp),
) -> Result<(), AppError> {
    let refuse = |reason: String| Err(AppError::from(Refusal::new("ENT-7", reason)));
    let serial = &unit.serial_number;
    let no_account = || AppError::NoSuch { what: "customer", name: account.to_owned() };
    let (to, kind) = organization_of_name(connection, account)?.ok_or_else(no_account)?;
    if kind != OrganizationKind::Customer.as_str() {
        return refuse(format!("{account} is a {kind}; an owner is a customer"));
    }
    if unit.organization_id == Some(to) {
        return refuse(format!("serial {serial} is {account}'s already"));
    }
    let place = facts::site_of_code(connection, site)?;
    let place = place.filter(|found| found.organization_id == Some(to));
    let no_site = || {
        let reason = format!("{account} has no site {site:?}; import it first");
        AppError::Invalid { field: "site", reason }
    };
    let place = place.ok_or_else(no_site)?;
    let before = site_of(connection, unit.site_id, serial)?;
    let on = app.place(&before)?.local_date(stamp.recorded_at);
    let account_was = match unit.organization_id {
        Some(id) => facts::account(connection, id)?.map(|found| found.name),
        None => None,
    };
    let was = Owner {
        account: unit.organization_id,
        name: account_was,
        site: unit.site_id,
        site_code: Some(before.code),
    };
    let is = Owner {
        account: to,
        name: Some(account.to_owned()),
        site: place.id,
        site_code: Some(place.code),
    };
    let key = (unit.id, &unit.manufacturer, serial);
    if let Some(number) = hand_over(connection, key, (was, is), on, (reason, stamp))? {
        return refuse(format!(
            "{number} is open on serial {serial}; it ends with its owner first"
        ));
    }
    Ok(placements::part_strangers(connection, &[unit.id.0], on)?)
}

/// The local date of an instant where a unit stands.
///
/// # Errors
/// `NoSuch` where its site is missing, `Invalid` where that has no place on the map of zones.
pub(super) fn local_date(
    app: &App,
    connection: &mut AnyConnection,
    unit: &Unit,
    at: DateTime<Utc>,
) -> Result<NaiveDate, AppError> {
    let site = site_of(connection, unit.site_id, &unit.serial_number)?;
    Ok(app.place(&site)?.local_date(at))
}

fn site_of(
    connection: &mut AnyConnection,
    id: SiteId,
    serial: &SerialNumber,
) -> Result<facts::Site, AppError> {
    let absent = || AppError::NoSuch { what: "site of the unit", name: serial.to_string() };
    facts::site(connection, id)?.ok_or_else(absent)
}

/// ENT-7: an RMA is of the account whose unit it is on. A write holds the unit first, so that it stays so
/// until it ends. A unit the register does not have is nobody else's.
///
/// # Errors
/// `Refused` where the unit has another owner since, or is no customer's.
pub(super) fn still_owned(
    connection: &mut AnyConnection,
    (manufacturer, serial): (&Manufacturer, &SerialNumber),
    account: OrganizationId,
) -> Result<(), AppError> {
    let unit = facts::unit(connection, manufacturer, serial)?;
    if unit.is_none_or(|unit| unit.organization_id == Some(account)) {
        return Ok(());
    }
    let reason = format!(
        "serial {serial} is no longer the unit of this RMA's account; its owner opens one of its own"
    );
    Err(Refusal::new("ENT-7", reason).into())
}

/// The contracts that serve a unit, and whether it is marked as of the grey market.
#[derive(Debug, Clone)]
pub(super) struct Covers {
    pub contracts: Vec<ContractCover>,
    pub is_marked: bool,
}

/// A unit's covers that those who know these accounts may be told and served by: a former owner's ended
/// when the unit was given away, and is nobody else's (ENT-7).
pub(super) fn covers_of(
    connection: &mut AnyConnection,
    unit: UnitId,
    knows: impl Fn(OrganizationId) -> bool,
) -> Result<Covers, AppError> {
    let mut covers = facts::covers(connection, unit)?;
    covers.retain(|row| !row.former || knows(row.organization_id));
    let contracts = covers.into_iter().map(|row| row.cover).collect();
    Ok(Covers { contracts, is_marked: rows::is_marked(connection, unit)? })
}

/// The covers that serve whoever owns a unit now.
pub(super) fn covers_of_owner(
    connection: &mut AnyConnection,
    unit: &Unit,
) -> Result<Covers, AppError> {
    covers_of(connection, unit.id, |holder| unit.organization_id == Some(holder))
}

impl Covers {
    /// Whether a contract is in force on a day; for a unit of the grey market none is (ENT-6).
    pub fn serve_on(&self, on: NaiveDate) -> bool {
        let in_force = |cover: &ContractCover| (cover.from_on..=cover.through_on).contains(&on);
        !self.is_marked && self.contracts.iter().any(in_force)
    }

    /// What the unit is entitled to on a day, its grey-market mark looked at: the one way to the verdict.
    pub fn verdict(
        &self,
        unit: &Unit,
        (on, programme): (NaiveDate, &Programme),
    ) -> Result<Verdict, WarrantyError> {
        resolve_marked(self.is_marked, &unit.sale, &self.contracts, on, programme)
    }
}

/// What customer care did with a unit of the caller's, the oldest first. Who owned it before, where, and
/// what was done and said in that owner's time is not told to those who do not know the account.
pub(super) fn told(
    connection: &mut AnyConnection,
    scope: &Scope,
    unit: UnitId,
) -> Result<Vec<CareLine>, AppError> {
    let rows = rows::of_unit(connection, unit)?;
    let knows = |id: Option<i64>, name: &Option<String>| match id {
        Some(id) => scope.knows_account(OrganizationId(id)),
        // None was named; or one whose key nobody kept, which is for staff alone.
        None => name.is_none() || *scope == Scope::All,
    };
    let mut owner_known = true;
    let mut lines: Vec<CareLine> = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        let mut told = owner_known;
        // To another owner, or back to our stock.
        let changes = row.kind == Care::Transferred.as_str() || row.account_was_id.is_some();
        let (was_known, is_known) =
            (knows(row.account_was_id, &row.account_was), knows(row.account_id, &row.account));
        let mut line = CareLine::from(row);
        if changes {
            owner_known = was_known;
            if !was_known {
                (line.account_was, line.site_was) = (None, None);
            }
            // Our own stock is where the owner before left it.
            if !is_known || (line.account.is_none() && !was_known) {
                (line.account, line.site) = (None, None);
            }
            told = was_known && is_known;
        }
        if !told {
            (line.actor, line.source, line.reason) = (None, None, None);
        }
        lines.push(line);
    }
    lines.reverse();
    Ok(lines)
}

/// Who acts, now, and where it is known from.
pub fn stamp(actor: &Actor, source: &str, now: DateTime<Utc>) -> Stamp {
    Stamp { occurred_at: now, recorded_at: now, actor: actor.clone(), source: source.to_owned() }
}
