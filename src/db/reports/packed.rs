//! One row of the non-return report with all its texts in one buffer: a `String` a field would cost
//! more than everything else about the row.

use chrono::{NaiveDate, NaiveDateTime};

use super::OPERATION;
use crate::db::error::DbError;
use crate::reports::non_returns::Row;

/// Texts of a row: nine of the RMA, four of the position, and the currency, empty where there is none.
pub(super) const TEXTS: usize = 14;

/// The fields, texts apart, as the database gave them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values {
    pub issued_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    pub due_on: NaiveDate,
    pub list_price_minor: Option<i64>,
    pub charged_minor: i64,
    pub reminders_sent: i32,
    pub last_event_at: NaiveDateTime,
    pub site_id: i64,
}

/// A row, its texts one after the other.
#[derive(Debug, Default)]
pub(super) struct Packed {
    texts: String,
    ends: [usize; TEXTS],
    count: usize,
    pub values: Values,
}

impl Packed {
    /// Room for a row of the usual length.
    pub fn with_room() -> Self {
        Self { texts: String::with_capacity(320), ..Self::default() }
    }

    /// Adds the next text, in the order of the query.
    pub fn push(&mut self, text: &str) {
        self.texts.push_str(text);
        if let Some(end) = self.ends.get_mut(self.count) {
            *end = self.texts.len();
            self.count += 1;
        }
    }

    /// The row, borrowed.
    pub fn row(&self) -> Result<Row<'_>, DbError> {
        let mut at = 0;
        let mut starts = [""; TEXTS];
        for (text, end) in starts.iter_mut().zip(&self.ends[..self.count]) {
            *text = self.texts.get(at..*end).ok_or_else(|| damaged("a text"))?;
            at = *end;
        }
        let [number, status, account, bill_to, site, country, case, serial, part, rest @ ..] =
            starts;
        let [anchor, rule, calendar, exposure, currency] = rest;
        let values = self.values;
        Ok(Row {
            rma_number: number,
            status,
            account,
            bill_to,
            site,
            country,
            case_number: case,
            serial_number: serial,
            part_number: part,
            issued_on: values.issued_on,
            delivered_on: values.delivered_on,
            anchor,
            due_on: values.due_on,
            rule,
            calendar,
            exposure,
            list_price_minor: values.list_price_minor,
            currency: Some(currency).filter(|code| !code.is_empty()),
            charged_minor: values.charged_minor,
            reminders_sent: values.reminders_sent,
            last_event_at: values.last_event_at,
            site_id: values.site_id,
        })
    }
}

/// What no version of this program wrote.
pub(super) fn damaged(what: &str) -> DbError {
    DbError::Corrupt { operation: OPERATION, detail: format!("{what} cannot be read") }
}
