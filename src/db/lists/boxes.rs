//! The boxes judged at docks (AMB-14): what came, what became of it, and why.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::{Ask, ListError, Page, Seek, by, page};
use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::{dock_receipts, rmas, sites};
use crate::db::scope::Scope;
use crate::db::times::from_naive;
use crate::domain::dock::DockVerdict;
use crate::domain::ids::{BoxId, RmaNumber};
use crate::words;

words! {
    /// What boxes are sorted by.
    BoxSort("column to sort boxes by") {
        RecordedAt = "recorded_at",
    }
}

/// Which boxes; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct BoxFilter {
    pub verdict: Option<DockVerdict>,
    /// The dock's site code.
    pub site: Option<String>,
    /// The number on the outside, in any of its spellings, the serial inside or the box's own number, as read.
    pub read: Option<String>,
}

/// A box as it was judged.
#[derive(Debug, Clone, Queryable)]
pub struct BoxItem {
    pub id: i64,
    pub site: String,
    pub box_id: Option<String>,
    pub marked: Option<String>,
    pub serial_number: Option<String>,
    verdict: String,
    pub reason: String,
    pub rma: Option<String>,
    pub actor: String,
    occurred_at: NaiveDateTime,
    recorded_at: NaiveDateTime,
}

impl BoxItem {
    pub fn verdict(&self) -> Result<DockVerdict, DbError> {
        stored("reading a box", &self.verdict)
    }

    pub fn occurred_at(&self) -> DateTime<Utc> {
        from_naive(self.occurred_at)
    }

    pub fn recorded_at(&self) -> DateTime<Utc> {
        from_naive(self.recorded_at)
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        dock_receipts::id,
        sites::code,
        dock_receipts::box_label,
        dock_receipts::marked_number,
        dock_receipts::serial_number,
        dock_receipts::verdict,
        dock_receipts::reason,
        rmas::number.nullable(),
        dock_receipts::actor,
        dock_receipts::occurred_at,
        dock_receipts::recorded_at,
    )
}

/// A page of the boxes of every dock. They are judged for whoever sends them, so that only staff see
/// any as such.
pub fn boxes(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &BoxFilter,
    ask: &Ask<BoxSort>,
) -> Result<Page<BoxItem>, ListError> {
    let seek = |item: &BoxItem| Seek { value: json!(item.recorded_at), id: item.id };
    if *scope != Scope::All {
        return Ok(page(ask, Vec::new(), seek));
    }
    let mut query =
        dock_receipts::table.inner_join(sites::table).left_join(rmas::table).into_boxed();
    if let Some(verdict) = filter.verdict {
        query = query.filter(dock_receipts::verdict.eq(verdict.as_str()));
    }
    if let Some(site) = &filter.site {
        query = query.filter(sites::code.eq(site.clone()));
    }
    if let Some(read) = &filter.read {
        // A number stands there as it was written, in any of its spellings (AMB-7).
        let number = read.parse::<RmaNumber>().map(RmaNumber::spellings).unwrap_or_default();
        let marked: Vec<String> = number.into_iter().chain([read.clone()]).collect();
        query = query.filter(
            dock_receipts::box_label
                .eq(read.clone())
                .or(dock_receipts::marked_number.eq_any(marked))
                .or(dock_receipts::serial_number.eq(read.clone()))
                .assume_not_null(),
        );
    }
    let query = match ask.sort {
        BoxSort::RecordedAt => {
            by!(query, ask, dock_receipts::id, dock_receipts::recorded_at, NaiveDateTime)
        }
    };
    let items: Vec<BoxItem> =
        query.select(columns()).limit(ask.rows()).load(connection).during("listing boxes")?;
    Ok(page(ask, items, seek))
}

/// One box; none too for those who see none.
pub fn one_box(
    connection: &mut AnyConnection,
    scope: &Scope,
    id: BoxId,
) -> Result<Option<BoxItem>, DbError> {
    if *scope != Scope::All {
        return Ok(None);
    }
    dock_receipts::table
        .inner_join(sites::table)
        .left_join(rmas::table)
        .filter(dock_receipts::id.eq(id.0))
        .select(columns())
        .first(connection)
        .optional()
        .during("looking for a box")
}
