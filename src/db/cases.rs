//! Support cases, and the boxes judged at docks.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::kept::ExecuteKept;
use super::schema::{cases, dock_receipts, rmas};
use super::times::{from_naive, to_naive};
use crate::domain::dock::DockVerdict;
use crate::domain::ids::{
    BoxId, CaseId, CaseNumber, OrganizationId, RmaId, RmaNumber, SerialNumber, SiteId, UnitId,
};
use crate::domain::intake::{CaseKind, Channel};

/// A case as opened.
#[derive(Debug, Clone)]
pub struct NewCase {
    pub number: CaseNumber,
    pub organization_id: OrganizationId,
    pub site_id: SiteId,
    pub unit_id: UnitId,
    /// 1 (network down) to 4.
    pub priority: i16,
    pub summary: String,
    pub customer_reference: Option<String>,
    pub contact_name: String,
    pub contact_email: String,
    pub opened_by: String,
    pub opened_at: DateTime<Utc>,
    pub kind: CaseKind,
    pub channel: Channel,
}

pub fn insert(connection: &mut AnyConnection, case: &NewCase) -> Result<CaseId, DbError> {
    diesel::insert_into(cases::table)
        .values((
            cases::number.eq(case.number.to_string()),
            cases::organization_id.eq(case.organization_id.0),
            cases::site_id.eq(case.site_id.0),
            cases::unit_id.eq(case.unit_id.0),
            cases::priority.eq(case.priority),
            cases::summary.eq(&case.summary),
            cases::customer_reference.eq(&case.customer_reference),
            cases::contact_name.eq(&case.contact_name),
            cases::contact_email.eq(&case.contact_email),
            cases::opened_by.eq(&case.opened_by),
            cases::opened_at.eq(to_naive(case.opened_at)),
            cases::modified_at.eq(to_naive(case.opened_at)),
            cases::kind.eq(case.kind.as_str()),
            cases::channel.eq(case.channel.as_str()),
        ))
        .returning(cases::id)
        .get_result(connection)
        .map(CaseId)
        .during("storing a case")
}

/// A case, as far as an RMA on it needs it.
#[derive(Debug, Clone)]
pub struct CaseFacts {
    pub id: CaseId,
    pub organization_id: OrganizationId,
    pub site_id: SiteId,
    pub unit_id: UnitId,
    pub contact_name: String,
    pub contact_email: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

type FactsRow = (i64, i64, i64, i64, String, String, NaiveDateTime, Option<NaiveDateTime>);

pub fn find(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<CaseFacts>, DbError> {
    let row: Option<FactsRow> = cases::table
        .filter(cases::number.eq(number.to_string()))
        .select((
            cases::id,
            cases::organization_id,
            cases::site_id,
            cases::unit_id,
            cases::contact_name,
            cases::contact_email,
            cases::opened_at,
            cases::closed_at,
        ))
        .first(connection)
        .optional()
        .during("loading a case")?;
    Ok(row.map(|(id, organization, site, unit, contact_name, contact_email, opened, closed)| {
        CaseFacts {
            id: CaseId(id),
            organization_id: OrganizationId(organization),
            site_id: SiteId(site),
            unit_id: UnitId(unit),
            contact_name,
            contact_email,
            opened_at: from_naive(opened),
            closed_at: closed.map(from_naive),
        }
    }))
}

/// The open RMAs of a case, in the order they were opened.
pub fn open_rmas(connection: &mut AnyConnection, id: CaseId) -> Result<Vec<RmaNumber>, DbError> {
    const OPERATION: &str = "looking for open RMAs of a case";
    let numbers: Vec<String> = rmas::table
        .filter(rmas::case_id.eq(id.0).and(rmas::is_open))
        .order(rmas::number_value)
        .select(rmas::number)
        .load(connection)
        .during(OPERATION)?;
    numbers.iter().map(|number| stored(OPERATION, number)).collect()
}

/// Something happened to the case or one of its RMAs.
pub fn touch(
    connection: &mut AnyConnection,
    id: CaseId,
    recorded_at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(cases::table.filter(cases::id.eq(id.0)))
        .set(cases::modified_at.eq(to_naive(recorded_at)))
        .returning(cases::id)
        .execute_kept(connection)
        .map(drop)
        .during("noting a case's change")
}

/// A box judged at a dock.
#[derive(Debug, Clone)]
pub struct DockReceipt<'a> {
    pub site_id: SiteId,
    pub box_id: Option<&'a str>,
    pub marked: Option<&'a str>,
    pub serial: Option<&'a str>,
    pub verdict: DockVerdict,
    pub reason: &'a str,
    pub rma_id: Option<RmaId>,
    pub actor: String,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
}

/// Puts a box on record and gives its key.
pub fn record_receipt(
    connection: &mut AnyConnection,
    receipt: &DockReceipt<'_>,
) -> Result<BoxId, DbError> {
    diesel::insert_into(dock_receipts::table)
        .values((
            dock_receipts::site_id.eq(receipt.site_id.0),
            dock_receipts::box_label.eq(receipt.box_id),
            dock_receipts::marked_number.eq(receipt.marked),
            dock_receipts::serial_number.eq(receipt.serial),
            dock_receipts::verdict.eq(receipt.verdict.as_str()),
            dock_receipts::reason.eq(receipt.reason),
            dock_receipts::rma_id.eq(receipt.rma_id.map(|id| id.0)),
            dock_receipts::actor.eq(&receipt.actor),
            dock_receipts::occurred_at.eq(to_naive(receipt.occurred_at)),
            dock_receipts::recorded_at.eq(to_naive(receipt.recorded_at)),
        ))
        .returning(dock_receipts::id)
        .get_result(connection)
        .map(BoxId)
        .during("recording a box")
}

/// The verdicts by which a unit was taken in.
const RECEIVED: [DockVerdict; 2] = [DockVerdict::Receive, DockVerdict::ReceiveAtCentre];

/// Whether a box of this identity with this serial was received before.
pub fn box_seen(
    connection: &mut AnyConnection,
    box_id: &str,
    serial: Option<&str>,
) -> Result<bool, DbError> {
    let mut query = dock_receipts::table
        .filter(dock_receipts::box_label.eq(box_id))
        .filter(dock_receipts::verdict.eq_any(RECEIVED.map(DockVerdict::as_str)))
        .into_boxed();
    if let Some(serial) = serial {
        query = query.filter(dock_receipts::serial_number.eq(serial));
    }
    let count: i64 =
        query.count().get_result(connection).during("looking for an earlier receipt")?;
    Ok(count > 0)
}

/// A box on record, and the RMA it went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxOnRecord {
    pub verdict: DockVerdict,
    pub reason: String,
    pub rma: Option<RmaNumber>,
    pub occurred_at: DateTime<Utc>,
}

/// Every box that held a serial, in the order they were recorded.
pub fn receipts_of_serial(
    connection: &mut AnyConnection,
    serial: &SerialNumber,
) -> Result<Vec<BoxOnRecord>, DbError> {
    let rows: Vec<(String, String, Option<String>, NaiveDateTime)> = dock_receipts::table
        .left_join(rmas::table)
        .filter(dock_receipts::serial_number.eq(serial.as_str()))
        .order(dock_receipts::id)
        .select((
            dock_receipts::verdict,
            dock_receipts::reason,
            rmas::number.nullable(),
            dock_receipts::occurred_at,
        ))
        .load(connection)
        .during("loading a serial's boxes")?;
    let reading = "reading a box";
    rows.into_iter()
        .map(|(verdict, reason, number, occurred_at)| {
            Ok(BoxOnRecord {
                verdict: stored(reading, &verdict)?,
                reason,
                rma: number.map(|number| stored(reading, &number)).transpose()?,
                occurred_at: from_naive(occurred_at),
            })
        })
        .collect()
}

/// The RMAs on the cases a customer calls by this number of its own (ID-4), in the order they were opened.
pub fn rmas_of_reference(
    connection: &mut AnyConnection,
    reference: &str,
) -> Result<Vec<RmaNumber>, DbError> {
    const OPERATION: &str = "looking for a customer's number";
    let numbers: Vec<String> = rmas::table
        .inner_join(cases::table)
        .filter(cases::customer_reference.eq(reference))
        .order(rmas::number_value)
        .select(rmas::number)
        .load(connection)
        .during(OPERATION)?;
    numbers.iter().map(|number| stored(OPERATION, number)).collect()
}
