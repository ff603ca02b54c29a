//! The queue of a region's logistics (SYS-4): the open RMAs that wait for it, and what for.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use serde_json::json;

use super::{Ask, ListError, Page, Seek, by, page};
use crate::db::attachments::{Attachment, proofs_of};
use crate::db::connection::AnyConnection;
use crate::db::error::{DbError, During, stored};
use crate::db::schema::{cases, rmas, sites};
use crate::db::scope::{Scope, within};
use crate::db::times::{from_naive, to_naive};
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::LogisticsTask;
use crate::domain::rma::tracks::Mode;
use crate::domain::rma::visit::VisitState;
use crate::words;

words! {
    /// What the queue is sorted by.
    QueueSort("column to sort the queue by") {
        CreatedAt = "created_at",
        Number = "number",
    }
}

/// Which of the RMAs that wait; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    pub region: Option<String>,
    /// The first thing an RMA waits for, or what its visit waits for.
    pub task: Option<LogisticsTask>,
}

/// An RMA that waits for logistics.
#[derive(Debug, Clone)]
pub struct QueueItem {
    pub id: i64,
    pub number: String,
    pub number_value: i64,
    pub version: i64,
    pub region: String,
    /// The first thing it waits for.
    pub task: LogisticsTask,
    /// What the engineer's visit waits for, beside or as the first thing.
    pub visit: Option<LogisticsTask>,
    /// Of a hold.
    pub reason: Option<String>,
    pub account: String,
    pub site: String,
    pub country: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub requested_at: NaiveDateTime,
    /// What was promised at issue; of a repair, the day it is due to leave (WAR-5).
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
    mode: String,
    task: Option<String>,
    visit: String,
    visit_wanted_at: Option<NaiveDateTime>,
    reason: Option<String>,
    account: String,
    site: String,
    country: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    requested_at: NaiveDateTime,
    ship_due: Option<String>,
    repair_due_on: Option<NaiveDate>,
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
    now: DateTime<Utc>,
) -> Result<Page<QueueItem>, ListError> {
    const OPERATION: &str = "listing a queue of logistics";
    let now = to_naive(now);
    let planned = rmas::visit.eq(VisitState::Planned.as_str());
    let owed = rmas::visit.eq(VisitState::Owed.as_str());
    let wanted = rmas::visit_wanted_at.le(now);
    let query = rmas::table
        .inner_join(cases::table)
        .inner_join(sites::table.on(sites::id.eq(rmas::site_id)))
        // Said as the partial indexes say it.
        .filter(rmas::next_task.is_not_null())
        // A visit that is planned waits for nobody before its day.
        .filter(rmas::next_task.ne(LogisticsTask::VisitToday.as_str()).or(wanted))
        .into_boxed();
    let mut query = within!(query, scope);
    if let Some(region) = &filter.region {
        query = query.filter(sites::region.eq(region.clone()));
    }
    // As `visit_task` has it.
    query = match filter.task {
        None => query,
        Some(LogisticsTask::VisitToday) => query.filter(planned.and(wanted)),
        Some(LogisticsTask::VisitOverdue) => query.filter(owed.and(wanted)),
        Some(LogisticsTask::PlanVisit) => query
            .filter(owed.and(rmas::visit_wanted_at.is_null().or(rmas::visit_wanted_at.gt(now)))),
        Some(other) => query.filter(rmas::next_task.eq(other.as_str())),
    };
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
            rmas::mode,
            rmas::next_task,
            rmas::visit,
            rmas::visit_wanted_at,
            rmas::reason,
            rmas::account,
            rmas::site,
            rmas::country,
            rmas::manufacturer,
            rmas::serial_number,
            rmas::part_number,
            rmas::requested_at,
            rmas::ship_due,
            rmas::repair_due_on,
            rmas::return_label,
        ))
        .limit(ask.rows())
        .load(connection)
        .during(OPERATION)?;
    let items: Result<Vec<QueueItem>, ListError> =
        rows.into_iter().map(|row| item(row, now)).collect();
    let mut page = page(ask, items?, |item| item.seek(ask.sort));
    let claimed = page.items.iter_mut().filter(|item| item.task == LogisticsTask::DecideClaim);
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

const READING: &str = "reading an RMA that waits";

/// What the engineer's visit waits for as of `now`.
fn visit_task(
    visit: VisitState,
    wanted: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> Option<LogisticsTask> {
    let wanted = wanted.is_some_and(|at| at <= now);
    match visit {
        VisitState::Planned if wanted => Some(LogisticsTask::VisitToday),
        VisitState::Owed if wanted => Some(LogisticsTask::VisitOverdue),
        VisitState::Owed => Some(LogisticsTask::PlanVisit),
        _ => None,
    }
}

fn item(row: Row, now: NaiveDateTime) -> Result<QueueItem, ListError> {
    let visit = visit_task(stored(READING, &row.visit)?, row.visit_wanted_at, now);
    let first: LogisticsTask = stored(READING, row.task.as_deref().unwrap_or_default())?;
    let task = match first {
        // What it comes to depends on the time.
        LogisticsTask::PlanVisit | LogisticsTask::VisitToday => visit.unwrap_or(first),
        first => first,
    };
    let promised = promised(&row)?;
    Ok(QueueItem {
        id: row.id,
        number: row.number,
        number_value: row.number_value,
        version: row.version,
        region: row.region,
        task,
        visit,
        reason: row.reason.filter(|_| task == LogisticsTask::Hold),
        account: row.account,
        site: row.site,
        country: row.country,
        manufacturer: row.manufacturer,
        serial_number: row.serial_number,
        part_number: row.part_number,
        requested_at: row.requested_at,
        promised,
        return_label: row.return_label,
        proofs: Vec::new(),
    })
}

fn promised(row: &Row) -> Result<Option<ReplacementDue>, DbError> {
    let replacement = row.ship_due.as_deref().map(serde_json::from_str).transpose();
    let replacement = replacement.map_err(|error| DbError::Corrupt {
        operation: READING,
        detail: format!("RMA {}: what was promised: {error}", row.number),
    })?;
    let is_repair = row.mode == Mode::ReturnToFactory.as_str();
    let repair = row.repair_due_on.filter(|_| is_repair).map(|on| ReplacementDue::ShipOn { on });
    Ok(replacement.or(repair))
}
