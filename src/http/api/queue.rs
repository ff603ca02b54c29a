//! The queues of logistics (SYS-4).

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::attachments::AttachmentView;
use super::rmas::ask;
use super::shown::{Reader, Shown};
use crate::app::attachments::Thing;
use crate::db::lists::{self, Ask, ListError, QueueFilter, QueueItem, QueueSort};
use crate::domain::replacement_due::ReplacementDue;
use crate::http::auth::Known;
use crate::http::cursor;
use crate::http::extract::{Query, value};
use crate::http::house::House;
use crate::http::openapi::Problems;
use crate::http::problem::{Code, Problem};

/// Which RMAs that wait for logistics.
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct QueueQuery {
    /// The region of the unit's site; every region, if left out
    #[param(example = "AMER")]
    region: Option<String>,
    /// hold, issue, decide_claim, send_again, allocate, ship, await_stock, send_label, visit_today,
    /// visit_overdue or plan_visit
    task: Option<String>,
    /// created_at or number; a minus before it turns the order round
    #[param(example = "created_at")]
    sort: Option<String>,
    /// The zone to show times in, such as America/Los_Angeles; UTC if left out
    #[serde(skip_serializing)]
    zone: Option<String>,
    /// Rows a page, 1 to 500; 50 if left out
    #[serde(skip_serializing)]
    limit: Option<usize>,
    /// `next` or `previous` of another page of the same list
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

/// An RMA that waits for logistics.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueRow {
    #[schema(example = "R0021056835")]
    number: String,
    #[schema(example = "AMER")]
    region: String,
    /// What it waits for next
    #[schema(example = "allocate")]
    task: String,
    /// What the engineer's visit waits for, where one is owed: visit_today (planned for today at the site,
    /// or earlier), visit_overdue (its time is over, none is planned) or plan_visit
    visit: Option<String>,
    /// Of a hold
    reason: Option<String>,
    account: String,
    site: String,
    /// ISO 3166-1 alpha-2
    country: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Shown,
    /// The local day the replacement is promised to leave or to arrive on, or the repaired unit to leave
    promised_on: Option<NaiveDate>,
    /// The instant it is promised to arrive by
    #[schema(value_type = Option<String>, format = DateTime)]
    promised_at: Option<Shown>,
    /// Of a return that we pay, whether the carrier's prepaid label is there: there or missing (AMB-26)
    #[schema(example = "missing")]
    return_label: Option<String>,
    /// Of a claim to decide: the proofs of delivery kept with the RMA (T13)
    proofs: Vec<AttachmentView>,
    version: i64,
}

impl QueueRow {
    fn of(item: QueueItem, reader: Reader) -> Self {
        let (promised_on, promised_at) =
            item.promised.map_or((None, None), ReplacementDue::day_or_instant);
        // A number of the register is one.
        let thing = item.number.parse().map(Thing::Rma);
        let shown = |file| thing.as_ref().ok().map(|thing| AttachmentView::of(file, *thing));
        let proofs = item.proofs.iter().cloned().filter_map(shown).collect();
        Self {
            created_at: reader.show(item.created_at()),
            number: item.number,
            region: item.region,
            task: item.task.to_string(),
            visit: item.visit.map(|visit| visit.to_string()),
            reason: item.reason,
            account: item.account,
            site: item.site,
            country: item.country,
            manufacturer: item.manufacturer,
            serial_number: item.serial_number,
            part_number: item.part_number,
            promised_on,
            promised_at: promised_at.map(|at| reader.show(at)),
            return_label: item.return_label,
            proofs,
            version: item.version,
        }
    }
}

/// A page of a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueuePage {
    items: Vec<QueueRow>,
    /// The zone the times are shown in
    #[schema(example = "UTC")]
    zone: String,
    /// The cursor of the page after this one
    next: Option<String>,
    /// The cursor of the page before this one
    previous: Option<String>,
}

/// List what waits for logistics
///
/// The open RMAs of a region with what is to be done next: the longest waiting first.
#[utoipa::path(
    tag = "rmas",
    params(QueueQuery),
    responses((status = 200, description = "A page", body = QueuePage), Problems)
)]
#[get("/api/v1/logistics/queue")]
pub(super) async fn logistics_queue(
    house: web::Data<House>,
    Known(caller): Known,
    Query(query): Query<QueueQuery>,
) -> Result<web::Json<QueuePage>, Problem> {
    let reader = Reader::of(query.zone.as_deref())?;
    let print = cursor::print(&("queue", &query));
    let sort = query.sort.as_deref().unwrap_or("created_at");
    let ask: Ask<QueueSort> = ask(&print, (sort, query.limit, query.cursor.as_deref()))?;
    let task = value("task", query.task.as_deref())?;
    let filter = QueueFilter { region: query.region, task };
    let now = house.clock.now();
    let page = house
        .block(move |house| {
            house.app.db.read(|connection| {
                let region = filter.region.as_deref();
                if let Some(region) = region
                    && !lists::has_region(connection, region)?
                {
                    return Ok::<_, ListError>(None);
                }
                lists::queue(connection, &caller.scope, &filter, &ask, now).map(Some)
            })
        })
        .await?;
    let Some(page) = page else {
        return Err(Problem::field(Code::Invalid, "region", "no site is in it"));
    };
    Ok(web::Json(QueuePage {
        zone: reader.label(),
        next: page.next.map(|seek| cursor::write(&print, false, seek)),
        previous: page.previous.map(|seek| cursor::write(&print, true, seek)),
        items: page.items.into_iter().map(|item| QueueRow::of(item, reader)).collect(),
    }))
}
