//! The open RMAs as of a day: what is still to be done, and by whom.

use std::io::Write;

use chrono::{NaiveDate, NaiveDateTime};

use super::csv::CsvOut;
use super::definition::Filter;
use crate::words;

words! {
    /// A column of the report, by its heading.
    Column("column of the dataset open_rmas") {
        RmaNumber = "rma_number",
        Account = "account",
        Site = "site",
        Country = "country",
        CaseNumber = "case_number",
        SerialNumber = "serial_number",
        PartNumber = "part_number",
        Mode = "mode",
        Authorisation = "authorisation",
        Outbound = "outbound",
        Inbound = "inbound",
        Repair = "repair",
        Exposure = "exposure",
        /// When the RMA was requested, UTC.
        RequestedAt = "requested_at",
        IssuedOn = "issued_on",
        DeliveredOn = "delivered_on",
        DueOn = "due_on",
        RepairDueOn = "repair_due_on",
        /// When the last event that the report knows of was recorded, UTC.
        LastEventAt = "last_event_at",
    }
}

/// One open RMA as of the report's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub rma_number: String,
    pub account: String,
    pub site: String,
    pub country: String,
    pub case_number: String,
    pub serial_number: String,
    pub part_number: String,
    pub mode: String,
    pub authorisation: String,
    pub outbound: String,
    pub inbound: String,
    pub repair: String,
    pub exposure: String,
    pub requested_at: NaiveDateTime,
    pub issued_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub repair_due_on: Option<NaiveDate>,
    pub last_event_at: NaiveDateTime,
}

impl Column {
    /// Those that hold instants.
    pub const INSTANTS: &'static [Self] = &[Self::RequestedAt, Self::LastEventAt];
    /// The columns that rows can be filtered by.
    pub const FILTERS: &'static [Self] = &[
        Self::Account,
        Self::Site,
        Self::Country,
        Self::PartNumber,
        Self::Mode,
        Self::Authorisation,
        Self::Outbound,
        Self::Inbound,
        Self::Repair,
        Self::Exposure,
    ];
}

/// Whether a report of this filter has the row.
pub fn keeps(filter: &Filter<Column>, row: &Row) -> bool {
    filter.iter().all(|(column, wanted)| {
        let text = match column {
            Column::Account => &row.account,
            Column::Site => &row.site,
            Column::Country => &row.country,
            Column::PartNumber => &row.part_number,
            Column::Mode => &row.mode,
            Column::Authorisation => &row.authorisation,
            Column::Outbound => &row.outbound,
            Column::Inbound => &row.inbound,
            Column::Repair => &row.repair,
            Column::Exposure => &row.exposure,
            // No definition is read that filters by another column.
            _ => return false,
        };
        wanted.iter().any(|one| one == text)
    })
}

/// Writes one row in the order of `columns`.
pub fn write_row<W: Write>(
    out: &mut CsvOut<W>,
    columns: &[Column],
    row: &Row,
) -> std::io::Result<()> {
    for column in columns {
        match column {
            Column::RmaNumber => out.plain(&row.rma_number)?,
            Column::Account => out.text(&row.account)?,
            Column::Site => out.text(&row.site)?,
            Column::Country => out.plain(&row.country)?,
            Column::CaseNumber => out.plain(&row.case_number)?,
            Column::SerialNumber => out.text(&row.serial_number)?,
            Column::PartNumber => out.text(&row.part_number)?,
            Column::Mode => out.plain(&row.mode)?,
            Column::Authorisation => out.plain(&row.authorisation)?,
            Column::Outbound => out.plain(&row.outbound)?,
            Column::Inbound => out.plain(&row.inbound)?,
            Column::Repair => out.plain(&row.repair)?,
            Column::Exposure => out.plain(&row.exposure)?,
            Column::RequestedAt => out.instant(row.requested_at)?,
            Column::IssuedOn => out.date(row.issued_on)?,
            Column::DeliveredOn => out.date(row.delivered_on)?,
            Column::DueOn => out.date(row.due_on)?,
            Column::RepairDueOn => out.date(row.repair_due_on)?,
            Column::LastEventAt => out.instant(row.last_event_at)?,
        }
    }
    out.end_row()
}
