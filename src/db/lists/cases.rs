//! The list of cases (TRK-3).

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::{Ask, Found, ListError, Page, Seek, by, page};
use crate::db::connection::AnyConnection;
use crate::db::error::During;
use crate::db::schema::{cases, organizations, sites, units};
use crate::db::scope::{Scope, within};
use crate::db::times::{from_naive, to_naive};
use crate::words;

words! {
    /// A column cases are sorted by.
    CaseSort("column to sort cases by") {
        Number = "number",
        Status = "status",
        Site = "site",
        SiteCode = "site_code",
        Contact = "contact",
        ModifiedAt = "modified_at",
        Platform = "platform",
        Priority = "priority",
    }
}

/// Which cases; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// What a search led to.
    pub found: Option<Found>,
    pub number: Option<String>,
    pub is_open: Option<bool>,
    pub account: Option<String>,
    pub site: Option<String>,
    pub site_code: Option<String>,
    pub contact: Option<String>,
    pub modified_from: Option<DateTime<Utc>>,
    pub modified_before: Option<DateTime<Utc>>,
    pub platform: Option<String>,
    pub priority: Option<i16>,
}

/// A row of the list.
#[derive(Debug, Clone, Queryable)]
pub struct CaseItem {
    pub id: i64,
    pub number: String,
    pub closed_at: Option<NaiveDateTime>,
    pub account: String,
    pub site: String,
    pub site_code: String,
    pub contact: String,
    pub contact_email: String,
    pub opened_at: NaiveDateTime,
    pub modified_at: NaiveDateTime,
    /// The part number of the unit the case was opened on.
    pub platform: String,
    pub serial_number: String,
    /// A `UnitStatus`'s word.
    pub unit_status: String,
    pub priority: i16,
    pub summary: String,
    pub customer_reference: Option<String>,
    pub kind: String,
    pub channel: String,
}

impl CaseItem {
    pub fn opened_at(&self) -> DateTime<Utc> {
        from_naive(self.opened_at)
    }

    pub fn modified_at(&self) -> DateTime<Utc> {
        from_naive(self.modified_at)
    }

    fn seek(&self, sort: CaseSort) -> Seek {
        let value = match sort {
            CaseSort::Number => json!(self.number),
            CaseSort::Status => json!(self.closed_at.is_none()),
            CaseSort::Site => json!(self.site),
            CaseSort::SiteCode => json!(self.site_code),
            CaseSort::Contact => json!(self.contact),
            CaseSort::ModifiedAt => json!(self.modified_at),
            CaseSort::Platform => json!(self.platform),
            CaseSort::Priority => json!(self.priority),
        };
        Seek { value, id: self.id }
    }
}

/// A page of the cases a caller may see.
pub fn cases(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &CaseFilter,
    ask: &Ask<CaseSort>,
) -> Result<Page<CaseItem>, ListError> {
    let joined = cases::table
        .inner_join(sites::table)
        .inner_join(units::table)
        .inner_join(organizations::table);
    let mut query = within!(joined.into_boxed(), scope);
    if let Some(found) = &filter.found {
        query = query.filter(cases::id.eq_any(found.cases.clone()));
    }
    macro_rules! narrow {
        ($($field:ident => $column:expr),* $(,)?) => { $(
            if let Some(value) = &filter.$field {
                query = query.filter($column.eq(value.clone()));
            }
        )* };
    }
    narrow!(
        number => cases::number, account => organizations::name, site => sites::name,
        site_code => sites::code, contact => cases::contact_name, platform => units::part_number,
        priority => cases::priority, is_open => cases::closed_at.is_null(),
    );
    if let Some(from) = filter.modified_from {
        query = query.filter(cases::modified_at.ge(to_naive(from)));
    }
    if let Some(before) = filter.modified_before {
        query = query.filter(cases::modified_at.lt(to_naive(before)));
    }
    let query = match ask.sort {
        CaseSort::Number => by!(query, ask, cases::id, cases::number, String),
        CaseSort::Status => by!(query, ask, cases::id, cases::closed_at.is_null(), bool),
        CaseSort::Site => by!(query, ask, cases::id, sites::name, String),
        CaseSort::SiteCode => by!(query, ask, cases::id, sites::code, String),
        CaseSort::Contact => by!(query, ask, cases::id, cases::contact_name, String),
        CaseSort::ModifiedAt => by!(query, ask, cases::id, cases::modified_at, NaiveDateTime),
        CaseSort::Platform => by!(query, ask, cases::id, units::part_number, String),
        CaseSort::Priority => by!(query, ask, cases::id, cases::priority, i16),
    };
    let items: Vec<CaseItem> = query
        .select((
            cases::id,
            cases::number,
            cases::closed_at,
            organizations::name,
            sites::name,
            sites::code,
            cases::contact_name,
            cases::contact_email,
            cases::opened_at,
            cases::modified_at,
            units::part_number,
            units::serial_number,
            units::status,
            cases::priority,
            cases::summary,
            cases::customer_reference,
            cases::kind,
            cases::channel,
        ))
        .limit(ask.rows())
        .load(connection)
        .during("listing cases")?;
    Ok(page(ask, items, |item| item.seek(ask.sort)))
}
