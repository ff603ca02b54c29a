//! The non-return report: every unit owed past its window as of a day.

use std::io::Write;

use chrono::{NaiveDate, NaiveDateTime};

use super::csv::CsvOut;
use super::definition::Filter;
use crate::words;

words! {
    /// A column of the report, by its heading.
    Column("column of the dataset non_returns") {
        RmaNumber = "rma_number",
        /// Open or Closed (AMB-28).
        Status = "status",
        Account = "account",
        BillTo = "bill_to",
        Site = "site",
        Country = "country",
        CaseNumber = "case_number",
        SerialNumber = "serial_number",
        PartNumber = "part_number",
        IssuedOn = "issued_on",
        DeliveredOn = "delivered_on",
        /// What the window counts from.
        Anchor = "anchor",
        DueOn = "due_on",
        Rule = "rule",
        Calendar = "calendar",
        /// Business days of the calendar after the due date through the report's day.
        BusinessDaysLate = "business_days_late",
        Exposure = "exposure",
        /// The list price kept at issue, in minor units.
        ListPriceMinor = "list_price_minor",
        Currency = "currency",
        /// Charged and not credited, in minor units.
        ChargedMinor = "charged_minor",
        RemindersSent = "reminders_sent",
        /// When the last event that the report knows of was recorded, UTC.
        LastEventAt = "last_event_at",
    }
}

/// One owed unit as of the report's day, its texts lent by whoever read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    pub rma_number: &'a str,
    pub status: &'a str,
    pub account: &'a str,
    pub bill_to: &'a str,
    pub site: &'a str,
    pub country: &'a str,
    pub case_number: &'a str,
    pub serial_number: &'a str,
    pub part_number: &'a str,
    pub issued_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    pub anchor: &'a str,
    pub due_on: NaiveDate,
    pub rule: &'a str,
    pub calendar: &'a str,
    pub exposure: &'a str,
    pub list_price_minor: Option<i64>,
    pub currency: Option<&'a str>,
    pub charged_minor: i64,
    pub reminders_sent: i32,
    pub last_event_at: NaiveDateTime,
    /// Whose own days, on top of the calendar, count.
    pub site_id: i64,
}

impl Column {
    /// Those that hold instants.
    pub const INSTANTS: &'static [Self] = &[Self::LastEventAt];
    /// The columns that rows can be filtered by.
    pub const FILTERS: &'static [Self] = &[
        Self::Status,
        Self::Account,
        Self::BillTo,
        Self::Site,
        Self::Country,
        Self::PartNumber,
        Self::Exposure,
        Self::Currency,
    ];
}

/// Whether a report of this filter has the row.
pub fn keeps(filter: &Filter<Column>, row: &Row<'_>) -> bool {
    filter.iter().all(|(column, wanted)| {
        let text = match column {
            Column::Status => row.status,
            Column::Account => row.account,
            Column::BillTo => row.bill_to,
            Column::Site => row.site,
            Column::Country => row.country,
            Column::PartNumber => row.part_number,
            Column::Exposure => row.exposure,
            Column::Currency => row.currency.unwrap_or_default(),
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
    row: &Row<'_>,
    business_days_late: i64,
) -> std::io::Result<()> {
    for column in columns {
        match column {
            Column::RmaNumber => out.plain(row.rma_number)?,
            Column::Status => out.plain(row.status)?,
            Column::Account => out.text(row.account)?,
            Column::BillTo => out.text(row.bill_to)?,
            Column::Site => out.text(row.site)?,
            Column::Country => out.plain(row.country)?,
            Column::CaseNumber => out.plain(row.case_number)?,
            Column::SerialNumber => out.text(row.serial_number)?,
            Column::PartNumber => out.text(row.part_number)?,
            Column::IssuedOn => out.date(row.issued_on)?,
            Column::DeliveredOn => out.date(row.delivered_on)?,
            Column::Anchor => out.plain(row.anchor)?,
            Column::DueOn => out.date(Some(row.due_on))?,
            Column::Rule => out.plain(row.rule)?,
            Column::Calendar => out.plain(row.calendar)?,
            Column::BusinessDaysLate => out.number(business_days_late)?,
            Column::Exposure => out.plain(row.exposure)?,
            Column::ListPriceMinor => match row.list_price_minor {
                Some(minor) => out.number(minor)?,
                None => out.plain("")?,
            },
            Column::Currency => out.plain(row.currency.unwrap_or_default())?,
            Column::ChargedMinor => out.number(row.charged_minor)?,
            Column::RemindersSent => out.number(i64::from(row.reminders_sent))?,
            Column::LastEventAt => out.instant(row.last_event_at)?,
        }
    }
    out.end_row()
}
