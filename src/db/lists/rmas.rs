//! The list of RMAs (TRK-4, AMB-18).

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::json;

use super::{Ask, Found, ListError, Page, Seek, by, by_nullable, page};
use crate::db::connection::AnyConnection;
use crate::db::error::During;
use crate::db::schema::{cases, rmas};
use crate::db::scope::{Scope, within};
use crate::db::times::{from_naive, to_naive};
use crate::words;

words! {
    /// A column RMAs are sorted by.
    RmaSort("column to sort RMAs by") {
        Number = "number",
        Status = "status",
        Account = "account",
        CaseNumber = "case_number",
        SerialNumber = "serial_number",
        PartNumber = "part_number",
        CreatedAt = "created_at",
        DueOn = "due_on",
        Stage = "stage",
    }
}

/// What a customer reads of the six tracks, in one word (AMB-18).
const STAGE: &str = "(CASE \
    WHEN rmas.authorisation IN ('requested', 'created', 'on_hold', 'denied', 'cancelled') THEN rmas.authorisation \
    WHEN NOT rmas.is_open THEN 'closed' \
    WHEN rmas.exposure IN ('in_review', 'credit_review') THEN rmas.exposure \
    WHEN rmas.inbound IN ('discrepant', 'delivery_claimed') THEN rmas.inbound \
    WHEN rmas.inbound = 'received' THEN 'inspection' \
    WHEN rmas.outbound IN ('backordered', 'shipped', 'failed') THEN rmas.outbound \
    WHEN rmas.mode = 'return_to_factory' AND rmas.inbound IN ('awaiting', 'in_transit', 'refused') THEN rmas.inbound \
    WHEN rmas.mode = 'return_to_factory' AND rmas.outbound IN ('none', 'allocated') THEN 'repair' \
    WHEN rmas.outbound IN ('none', 'allocated') THEN 'preparing' \
    WHEN rmas.inbound IN ('awaiting', 'in_transit', 'refused') THEN rmas.inbound \
    ELSE 'settling' \
    END)";

fn stage() -> SqlLiteral<Text> {
    sql(STAGE)
}

/// Which RMAs; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct RmaFilter {
    /// What a search led to.
    pub found: Option<Found>,
    pub number_value: Option<i64>,
    pub is_open: Option<bool>,
    pub account: Option<String>,
    pub case_number: Option<String>,
    pub serial_number: Option<String>,
    pub part_number: Option<String>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_before: Option<DateTime<Utc>>,
    pub due_from: Option<NaiveDate>,
    pub due_to: Option<NaiveDate>,
    pub stage: Option<String>,
}

/// A row of the list.
#[derive(Debug, Clone, Queryable)]
pub struct RmaItem {
    pub id: i64,
    pub number: String,
    pub number_value: i64,
    pub version: i64,
    pub is_open: bool,
    pub account: String,
    pub case_number: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub site: String,
    pub requested_at: NaiveDateTime,
    pub due_on: Option<NaiveDate>,
    pub stage: String,
    pub last_event_at: NaiveDateTime,
}

impl RmaItem {
    pub fn created_at(&self) -> DateTime<Utc> {
        from_naive(self.requested_at)
    }

    pub fn modified_at(&self) -> DateTime<Utc> {
        from_naive(self.last_event_at)
    }

    fn seek(&self, sort: RmaSort) -> Seek {
        let value = match sort {
            RmaSort::Number => json!(self.number_value),
            RmaSort::Status => json!(self.is_open),
            RmaSort::Account => json!(self.account),
            RmaSort::CaseNumber => json!(self.case_number),
            RmaSort::SerialNumber => json!(self.serial_number),
            RmaSort::PartNumber => json!(self.part_number),
            RmaSort::CreatedAt => json!(self.requested_at),
            RmaSort::DueOn => json!(self.due_on),
            RmaSort::Stage => json!(self.stage),
        };
        Seek { value, id: self.id }
    }
}

/// A page of the RMAs a caller may see.
pub fn rmas(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &RmaFilter,
    ask: &Ask<RmaSort>,
) -> Result<Page<RmaItem>, ListError> {
    let query = rmas::table.inner_join(cases::table).into_boxed();
    let mut query = within!(query, scope);
    // An empty list beside another one would make SQLite read every RMA.
    if let Some(found) = &filter.found {
        let (of_rmas, of_cases) = (found.rmas.clone(), found.cases.clone());
        query = match (of_rmas.is_empty(), of_cases.is_empty()) {
            (_, true) => query.filter(rmas::id.eq_any(of_rmas)),
            (true, false) => query.filter(rmas::case_id.eq_any(of_cases)),
            (false, false) => {
                query.filter(rmas::id.eq_any(of_rmas).or(rmas::case_id.eq_any(of_cases)))
            }
        };
    }
    macro_rules! narrow {
        ($($field:ident => $column:expr),* $(,)?) => { $(
            if let Some(value) = &filter.$field {
                query = query.filter($column.eq(value.clone()));
            }
        )* };
    }
    narrow!(
        number_value => rmas::number_value, is_open => rmas::is_open, account => rmas::account,
        case_number => rmas::case_number, serial_number => rmas::serial_number,
        part_number => rmas::part_number, stage => stage(),
    );
    if let Some(from) = filter.created_from {
        query = query.filter(rmas::requested_at.ge(to_naive(from)));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(rmas::requested_at.lt(to_naive(before)));
    }
    if let Some(from) = filter.due_from {
        query = query.filter(rmas::due_on.ge(from));
    }
    if let Some(to) = filter.due_to {
        query = query.filter(rmas::due_on.le(to));
    }
    let query = match ask.sort {
        RmaSort::Number => by!(query, ask, rmas::id, rmas::number_value, i64),
        RmaSort::Status => by!(query, ask, rmas::id, rmas::is_open, bool),
        RmaSort::Account => by!(query, ask, rmas::id, rmas::account, String),
        RmaSort::CaseNumber => by!(query, ask, rmas::id, rmas::case_number, String),
        RmaSort::SerialNumber => by!(query, ask, rmas::id, rmas::serial_number, String),
        RmaSort::PartNumber => by!(query, ask, rmas::id, rmas::part_number, String),
        RmaSort::CreatedAt => by!(query, ask, rmas::id, rmas::requested_at, NaiveDateTime),
        RmaSort::DueOn => by_nullable!(query, ask, rmas::id, rmas::due_on, NaiveDate),
        RmaSort::Stage => by!(query, ask, rmas::id, stage(), String),
    };
    let items: Vec<RmaItem> = query
        .select((
            rmas::id,
            rmas::number,
            rmas::number_value,
            rmas::version,
            rmas::is_open,
            rmas::account,
            rmas::case_number,
            rmas::manufacturer,
            rmas::serial_number,
            rmas::part_number,
            rmas::site,
            rmas::requested_at,
            rmas::due_on,
            stage(),
            rmas::last_event_at,
        ))
        .limit(ask.rows())
        .load(connection)
        .during("listing RMAs")?;
    Ok(page(ask, items, |item| item.seek(ask.sort)))
}
