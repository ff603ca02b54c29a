//! The queue of a region's logistics (SYS-4): the open RMAs that wait for it, and what for.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, select, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use serde_json::json;

use super::{Ask, ListError, Page, Seek, by, page};
use crate::db::attachments::{Attachment, proofs_of};
use crate::db::connection::AnyConnection;
use crate::db::error::{During, stored};
use crate::db::schema::{cases, rmas, sites};
use crate::db::scope::{Scope, within};
use crate::db::times::from_naive;
use crate::domain::replacement_due::ReplacementDue;
use crate::words;

words! {
    /// What logistics has to do next on an RMA.
    Task("task of logistics") {
        /// T4: somebody's answer is waited for, or a check.
        Hold = "hold",
        /// T3.
        Issue = "issue",
        /// T13.
        DecideClaim = "decide_claim",
        /// T6: the delivery failed.
        SendAgain = "send_again",
        /// T5.
        Allocate = "allocate",
        /// T5.
        Ship = "ship",
        /// T5: backordered.
        AwaitStock = "await_stock",
        /// AMB-26: the replacement left without the prepaid label of the return.
        SendLabel = "send_label",
    }
}

words! {
    /// What the queue is sorted by.
    QueueSort("column to sort the queue by") {
        CreatedAt = "created_at",
        Number = "number",
    }
}

/// The first thing an RMA waits for; null where that is nothing of logistics'.
const TASK: &str = "(CASE \
    WHEN rmas.authorisation = 'on_hold' THEN 'hold' \
    WHEN rmas.authorisation = 'created' THEN 'issue' \
    WHEN rmas.inbound = 'delivery_claimed' THEN 'decide_claim' \
    WHEN rmas.outbound = 'failed' THEN 'send_again' \
    WHEN rmas.outbound = 'backordered' THEN 'await_stock' \
    WHEN rmas.outbound = 'allocated' THEN 'ship' \
    WHEN rmas.authorisation = 'issued' AND rmas.outbound = 'none' \
        AND (rmas.mode = 'advance_replacement' OR rmas.repair = 'replaced') THEN 'allocate' \
    WHEN rmas.return_label = 'missing' AND rmas.inbound = 'awaiting' \
        AND rmas.outbound IN ('shipped', 'delivered') THEN 'send_label' \
    END)";

fn task() -> SqlLiteral<Nullable<Text>> {
    sql(TASK)
}

/// Which of the RMAs that wait; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    pub region: Option<String>,
    pub task: Option<Task>,
}

/// An RMA that waits for logistics.
#[derive(Debug, Clone)]
pub struct QueueItem {
    pub id: i64,
    pub number: String,
    pub number_value: i64,
    pub version: i64,
    pub region: String,
    pub task: Task,
    /// Of a hold.
    pub reason: Option<String>,
    pub account: String,
    pub site: String,
    pub country: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub requested_at: NaiveDateTime,
    /// What was promised at issue.
    pub promised: Option<ReplacementDue>,
    /// Of a return that we pay: there, or missing (AMB-26).
    pub return_label: Option<String>,
    /// Of a claim to decide (T13).
    pub proofs: Vec<Attachment>,
}

impl QueueItem {
    pub fn created_at(&self) -> DateTime<Utc> {
        from_naive(self.requested_at)
    }

    fn seek(&self, sort: QueueSort) -> Seek {
        let value = match sort {
            QueueSort::CreatedAt => json!(self.requested_at),
            QueueSort::Number => json!(self.number_value),
        };
        Seek { value, id: self.id }
    }
}

#[derive(Queryable)]
struct Row {
    id: i64,
    number: String,
    number_value: i64,
    version: i64,
    region: String,
    task: Option<String>,
    reason: Option<String>,
    account: String,
    site: String,
    country: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    requested_at: NaiveDateTime,
    ship_due: Option<String>,
    return_label: Option<String>,
}

/// Whether any site is in a region: one that is mistyped is no empty queue.
pub fn has_region(connection: &mut AnyConnection, region: &str) -> Result<bool, ListError> {
    let there = select(exists(sites::table.filter(sites::region.eq(region))));
    Ok(there.get_result(connection).during("looking for a region")?)
}

/// A page of the RMAs a caller may see that wait for logistics, by the region of the unit's site.
pub fn queue(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &QueueFilter,
    ask: &Ask<QueueSort>,
) -> Result<Page<QueueItem>, ListError> {
    const OPERATION: &str = "listing a queue of logistics";
    let query = rmas::table
        .inner_join(cases::table)
        .inner_join(sites::table.on(sites::id.eq(rmas::site_id)))
        // Said as the partial index says it.
        .filter(rmas::is_open)
        .filter(task().is_not_null())
        .into_boxed();
    let mut query = within!(query, scope);
    if let Some(region) = &filter.region {
        query = query.filter(sites::region.eq(region.clone()));
    }
    if let Some(wanted) = filter.task {
        query = query.filter(task().eq(wanted.as_str()));
    }
    let query = match ask.sort {
        QueueSort::CreatedAt => by!(query, ask, rmas::id, rmas::requested_at, NaiveDateTime),
        QueueSort::Number => by!(query, ask, rmas::id, rmas::number_value, i64),
    };
    let rows: Vec<Row> = query
        .select((
            rmas::id,
            rmas::number,
            rmas::number_value,
            rmas::version,
            sites::region,
            task(),
            rmas::reason,
            rmas::account,
            rmas::site,
            rmas::country,
            rmas::manufacturer,
            rmas::serial_number,
            rmas::part_number,
            rmas::requested_at,
            rmas::ship_due,
            rmas::return_label,
        ))
        .limit(ask.rows())
        .load(connection)
        .during(OPERATION)?;
    let items: Result<Vec<QueueItem>, ListError> = rows.into_iter().map(item).collect();
    let mut page = page(ask, items?, |item| item.seek(ask.sort));
    let claimed = page.items.iter_mut().filter(|item| item.task == Task::DecideClaim);
    let mut claimed: BTreeMap<i64, &mut QueueItem> = claimed.map(|item| (item.id, item)).collect();
    if !claimed.is_empty() {
        let ids: Vec<i64> = claimed.keys().copied().collect();
        for (rma, proof) in proofs_of(connection, &ids)? {
            if let Some(item) = claimed.get_mut(&rma) {
                item.proofs.push(proof);
            }
        }
    }
    Ok(page)
}

fn item(row: Row) -> Result<QueueItem, ListError> {
    let task: Task = stored("reading a task", row.task.as_deref().unwrap_or_default())?;
    Ok(QueueItem {
        id: row.id,
        number: row.number,
        number_value: row.number_value,
        version: row.version,
        region: row.region,
        task,
        reason: row.reason.filter(|_| task == Task::Hold),
        account: row.account,
        site: row.site,
        country: row.country,
        manufacturer: row.manufacturer,
        serial_number: row.serial_number,
        part_number: row.part_number,
        requested_at: row.requested_at,
        promised: row.ship_due.and_then(|text| serde_json::from_str(&text).ok()),
        return_label: row.return_label,
        proofs: Vec::new(),
    })
}
