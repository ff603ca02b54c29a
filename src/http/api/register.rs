//! Accounts, sites, units and what they are entitled to.

use actix_web::{get, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::unit_care::CareView;
use crate::app::{AppError, visible};
use crate::db::lists::Seek;
use crate::db::organizations::PartnerRecord;
use crate::db::register::{self, AccountRow, SiteRow, Which};
use crate::db::unit_history::UnitHistoryRow;
use crate::domain::entitlement::Verdict;
use crate::domain::ids::{Manufacturer, SerialNumber, checked};
use crate::domain::site::OrganizationKind;
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Query, part};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::{Code, Problem};

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// The exact name (of a site: its code)
    name: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    limit: Option<usize>,
    /// `next` of the page before
    cursor: Option<String>,
}

impl PageQuery {
    /// The rows to load: one more than the page, to know whether another follows.
    fn which(&self, list: &str) -> Result<(Which, String, usize), Problem> {
        let print = cursor::print(&(list, &self.name));
        let (after, limit) = from(&print, self.limit, self.cursor.as_deref())?;
        let rows = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
        Ok((Which { id: None, name: self.name.clone(), after, limit: rows }, print, limit))
    }
}

/// The key after which a page of a list in the order of its keys begins, and its rows.
pub(super) fn from(
    print: &str,
    limit: Option<usize>,
    at: Option<&str>,
) -> Result<(i64, usize), Problem> {
    let limit = cursor::limit(limit)?;
    let after = match at {
        Some(text) => cursor::read(print, text)?.0.id,
        None => 0,
    };
    Ok((after, limit))
}

/// Takes the row too many off a page, and gives the cursor of the page after it.
pub(super) fn cut<T>(
    rows: &mut Vec<T>,
    limit: usize,
    print: &str,
    id: impl Fn(&T) -> i64,
) -> Option<String> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more)?;
    let seek = Seek { value: serde_json::Value::Null, id: id(last) };
    Some(cursor::write(print, false, seek))
}

/// An account, a partner or a distributor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountView {
    id: i64,
    name: String,
    #[schema(example = "customer")]
    kind: String,
    /// ISO 4217
    #[schema(example = "USD")]
    currency: String,
    bill_to: String,
    email: Option<String>,
    /// What a partner may use support by (ENT-1); none for other organizations
    partner: Option<PartnerView>,
}

/// A partner's qualification and its own contract, with the days they hold
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartnerView {
    /// qualified or operate_specialist; none on record
    #[schema(example = "qualified")]
    qualification: Option<String>,
    qualified_from: Option<NaiveDate>,
    /// The last day; none until further notice
    qualified_until: Option<NaiveDate>,
    /// Its number; none on record
    contract: Option<String>,
    contract_from: Option<NaiveDate>,
    /// The last day; none until further notice
    contract_until: Option<NaiveDate>,
}

impl From<PartnerRecord> for PartnerView {
    fn from(record: PartnerRecord) -> Self {
        Self {
            qualification: record.qualification,
            qualified_from: record.qualified_from,
            qualified_until: record.qualified_until,
            contract: record.partner_contract,
            contract_from: record.partner_contract_from,
            contract_until: record.partner_contract_until,
        }
    }
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        let AccountRow { id, name, kind, currency, bill_to, email, partner } = row;
        let is_partner = kind == OrganizationKind::Partner.as_str();
        let partner = is_partner.then(|| partner.into());
        Self { id, name, kind, currency, bill_to, email, partner }
    }
}

/// A page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountPage {
    items: Vec<AccountView>,
    next: Option<String>,
}

/// List accounts
#[utoipa::path(
    tag = "register",
    params(PageQuery),
    responses((status = 200, description = "A page", body = AccountPage), Problems)
)]
#[get("/api/v1/accounts")]
pub(super) async fn list_accounts(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<AccountPage>, Problem> {
    let (which, print, limit) = query.which("accounts")?;
    let mut rows = house
        .read(move |_, connection| Ok(register::accounts(connection, &caller.scope, &which)?))
        .await?;
    let next = cut(&mut rows, limit, &print, |row| row.id);
    Ok(web::Json(AccountPage { items: rows.into_iter().map(Into::into).collect(), next }))
}

/// Look at an account
#[utoipa::path(
    tag = "register",
    params(("id" = i64, Path, description = "The account's id", example = 1)),
    responses((status = 200, description = "The account", body = AccountView), Problems)
)]
#[get("/api/v1/accounts/{id}")]
pub(super) async fn show_account(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<AccountView>, Problem> {
    let id: i64 = part("id", &path)?;
    let which = Which { id: Some(id), limit: 1, ..Which::default() };
    let rows = house
        .read(move |_, connection| Ok(register::accounts(connection, &caller.scope, &which)?))
        .await?;
    rows.into_iter().next().map(|row| web::Json(row.into())).ok_or_else(Problem::not_found)
}

/// A customer site, a depot or a repair centre.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SiteView {
    code: String,
    name: String,
    #[schema(example = "customer")]
    kind: String,
    account: Option<String>,
    region: String,
    /// The lines of the address
    address: Vec<String>,
    /// ISO 3166-1 alpha-2
    #[schema(example = "US")]
    country: String,
    /// IANA
    #[schema(example = "America/Chicago")]
    zone: String,
    #[schema(example = "US")]
    calendar: String,
    /// A depot's own latest local time that still counts as that day; the programme's if none
    #[schema(example = "14:00:00")]
    cut_off: Option<String>,
}

impl From<SiteRow> for SiteView {
    fn from(row: SiteRow) -> Self {
        Self {
            code: row.code,
            name: row.name,
            kind: row.kind,
            account: row.account,
            region: row.region,
            address: row.address.lines().map(str::to_owned).collect(),
            country: row.country,
            zone: row.zone,
            calendar: row.calendar,
            cut_off: row.cut_off,
        }
    }
}

/// A page of sites.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SitePage {
    items: Vec<SiteView>,
    next: Option<String>,
}

/// List sites
#[utoipa::path(
    tag = "register",
    params(PageQuery),
    responses((status = 200, description = "A page", body = SitePage), Problems)
)]
#[get("/api/v1/sites")]
pub(super) async fn list_sites(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<SitePage>, Problem> {
    let (which, print, limit) = query.which("sites")?;
    let mut rows = house
        .read(move |_, connection| Ok(register::sites(connection, &caller.scope, &which)?))
        .await?;
    let next = cut(&mut rows, limit, &print, |row| row.id);
    Ok(web::Json(SitePage { items: rows.into_iter().map(Into::into).collect(), next }))
}

/// Look at a site
#[utoipa::path(
    tag = "register",
    params(("code" = String, Path, description = "The site's code", example = "NW-1")),
    responses((status = 200, description = "The site", body = SiteView), Problems)
)]
#[get("/api/v1/sites/{code}")]
pub(super) async fn show_site(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<String>,
) -> Result<web::Json<SiteView>, Problem> {
    let code = path.into_inner();
    checked("the code", &code, 120)
        .map_err(|error| Problem::field(Code::Malformed, "code", error.to_string()))?;
    let which = Which { name: Some(code), limit: 1, ..Which::default() };
    let rows = house
        .read(move |_, connection| Ok(register::sites(connection, &caller.scope, &which)?))
        .await?;
    rows.into_iter().next().map(|row| web::Json(row.into())).ok_or_else(Problem::not_found)
}

/// A warranty's term (WAR-1 to WAR-4).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WarrantyView {
    start_on: NaiveDate,
    last_covered_on: NaiveDate,
    /// The resale date is not known yet: the start may still move earlier (AMB-2)
    provisional: bool,
    registered: bool,
    #[schema(example = "WAR-1")]
    rule: String,
    terms_version: String,
}

/// A contract's cover of the unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoverView {
    number: String,
    #[schema(example = "next_day_delivery")]
    level: String,
    from_on: NaiveDate,
    through_on: NaiveDate,
    media_retention: bool,
    /// The serial of the chassis it covers, where it reaches the unit through that
    through_chassis: Option<String>,
}

/// What the unit is entitled to on a day, with the evidence it was read from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntitlementView {
    /// The day, at the unit's site
    on: NaiveDate,
    /// entitled, not_registered, not_entitled, grey_market, or unknown where the unit's dates contradict each other
    #[schema(example = "entitled")]
    verdict: String,
    /// The rule that gave it
    #[schema(example = "ENT-3")]
    rule: Option<String>,
    /// What is promised
    promise: Option<String>,
    onsite: bool,
    media_retention: bool,
    /// The programme version it was read by
    programme: String,
    warranty: Option<WarrantyView>,
    /// Why there is no warranty to show
    warranty_problem: Option<String>,
    /// Every contract that ever covered it; a former owner's is staff's to see
    contracts: Vec<CoverView>,
}

/// What a later file said differently of the unit's sale.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SaleChangeView {
    /// When it was recorded
    recorded_at: DateTime<Utc>,
    /// Who brought it in
    #[schema(example = "administrator:cli")]
    actor: String,
    /// The file's name
    #[schema(example = "units.csv")]
    source: String,
    shipped_was: NaiveDate,
    shipped_on: NaiveDate,
    distributor_was: Option<String>,
    distributor: Option<String>,
    resold_was: Option<NaiveDate>,
    resold_on: Option<NaiveDate>,
    registered_was: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
    /// The warranty's start before
    start_was: Option<NaiveDate>,
    /// The warranty's start since
    start_on: Option<NaiveDate>,
    /// The rule that gives it
    #[schema(example = "WAR-2")]
    rule: Option<String>,
}

impl From<UnitHistoryRow> for SaleChangeView {
    fn from(row: UnitHistoryRow) -> Self {
        Self {
            recorded_at: row.recorded_at.and_utc(),
            actor: row.actor,
            source: row.source,
            shipped_was: row.shipped_was,
            shipped_on: row.shipped_on,
            distributor_was: row.distributor_was,
            distributor: row.distributor,
            resold_was: row.resold_was,
            resold_on: row.resold_on,
            registered_was: row.registered_was,
            registered_on: row.registered_on,
            start_was: row.start_was,
            start_on: row.start_on,
            rule: row.rule,
        }
    }
}

/// A unit of the register.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitView {
    manufacturer: String,
    serial_number: String,
    part_number: String,
    #[schema(example = "installed")]
    status: String,
    account: Option<String>,
    site_code: String,
    site: String,
    shipped_on: NaiveDate,
    resold_on: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
    entitlement: EntitlementView,
    /// The serial of the chassis it stands in
    chassis: Option<String>,
    /// The serials of the modules that stand in it
    modules: Vec<String>,
    /// What was learned of its sale since it was first imported, the oldest first
    history: Vec<SaleChangeView>,
    /// Its changes of owner, grey-market marks and reinstatements, the oldest first
    care: Vec<CareView>,
}

impl From<visible::UnitView> for UnitView {
    fn from(view: visible::UnitView) -> Self {
        let (warranty, warranty_problem) = match view.warranty {
            Ok(warranty) => (
                Some(WarrantyView {
                    start_on: warranty.start_on,
                    last_covered_on: warranty.last_covered_on,
                    provisional: warranty.provisional,
                    registered: warranty.registered,
                    rule: warranty.rule,
                    terms_version: warranty.terms_version,
                }),
                None,
            ),
            Err(problem) => (None, Some(problem)),
        };
        let entitled = match &view.verdict {
            Some(Verdict::Entitled(entitled)) => Some(entitled),
            _ => None,
        };
        let entitlement = EntitlementView {
            on: view.on,
            verdict: match &view.verdict {
                Some(Verdict::Entitled(_)) => "entitled",
                Some(Verdict::NotRegistered(_)) => "not_registered",
                Some(Verdict::NotEntitled(_)) => "not_entitled",
                Some(Verdict::GreyMarket(_)) => "grey_market",
                None => "unknown",
            }
            .to_owned(),
            rule: entitled.map(|entitled| entitled.rule.clone()),
            promise: entitled.map(|entitled| entitled.promise.as_str().to_owned()),
            onsite: entitled.is_some_and(|entitled| entitled.onsite),
            media_retention: entitled.is_some_and(|entitled| entitled.media_retention),
            programme: view.programme,
            warranty,
            warranty_problem,
            contracts: view
                .contracts
                .into_iter()
                .map(|cover| CoverView {
                    number: cover.number,
                    level: cover.level.to_string(),
                    from_on: cover.from_on,
                    through_on: cover.through_on,
                    media_retention: cover.media_retention,
                    through_chassis: cover.through_chassis.map(String::from),
                })
                .collect(),
        };
        Self {
            manufacturer: view.unit.manufacturer.to_string(),
            serial_number: view.unit.serial_number.to_string(),
            part_number: view.unit.part_number.to_string(),
            status: view.unit.status.to_string(),
            account: view.account,
            site_code: view.site_code,
            site: view.site,
            shipped_on: view.unit.sale.shipped_on,
            resold_on: view.unit.sale.resold_on,
            registered_on: view.unit.sale.registered_on,
            entitlement,
            chassis: view.chassis,
            modules: view.modules,
            history: view.history.into_iter().map(Into::into).collect(),
            care: view.care.into_iter().map(Into::into).collect(),
        }
    }
}

/// Look at a unit and its entitlement
#[utoipa::path(
    tag = "register",
    params(
        ("manufacturer" = String, Path, description = "The manufacturer", example = "ACME"),
        ("serial_number" = String, Path, description = "The serial number", example = "SN001")
    ),
    responses((status = 200, description = "The unit, its warranty, its contracts", body = UnitView), Problems)
)]
#[get("/api/v1/units/{manufacturer}/{serial_number}")]
pub(super) async fn show_unit(
    house: web::Data<House>,
    Known(caller): Known,
    path: web::Path<(String, String)>,
) -> Result<web::Json<UnitView>, Problem> {
    let manufacturer: Manufacturer = part("manufacturer", &path.0)?;
    let serial: SerialNumber = part("serial_number", &path.1)?;
    let now = house.clock.now();
    let found = house
        .read(move |app, connection| {
            let which = (&manufacturer, &serial);
            match visible::unit(app, connection, &caller.scope, which, now) {
                Ok(view) => Ok(Some(view)),
                Err(AppError::NoSuch { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await?;
    found.map(|view| web::Json(view.into())).ok_or_else(Problem::not_found)
}
