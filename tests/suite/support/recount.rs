//! The non-return report counted again, slowly: every RMA's events folded up to the day's end, business
//! days counted one by one. Shares nothing with the report but the events and the calendars.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use homeward::app::App;
use homeward::db::audit;
use homeward::db::facts;
use homeward::domain::calendar::Calendar;
use homeward::domain::ids::{RmaId, SiteId};
use homeward::domain::rma::tracks::{Exposure, Inbound};
use homeward::domain::rma::{Recorded, Rma, fold};

/// Every RMA's events, loaded once.
pub struct Histories {
    rmas: Vec<Vec<Recorded>>,
    /// By the ship-to site.
    calendars: HashMap<SiteId, Arc<Calendar>>,
}

impl Histories {
    pub fn load(app: &App) -> Self {
        let mut all = Self { rmas: Vec::new(), calendars: HashMap::new() };
        let mut after = RmaId(0);
        loop {
            let (page, last) =
                app.db.read(|c| audit::page(c, after, 1000)).expect("a page of RMAs");
            if page.rmas.is_empty() {
                return all;
            }
            after = last;
            for events in page.events.chunk_by(|a, b| a.rma_id == b.rma_id) {
                let recorded = events.iter().map(|row| row.recorded().expect("a readable event"));
                all.rmas.push(recorded.collect());
            }
            for (identity, ..) in &page.rmas {
                all.calendars.entry(SiteId(identity.site_id)).or_insert_with(|| {
                    let site = app.db.read(|c| facts::site(c, SiteId(identity.site_id)));
                    let site = site.expect("reading a site").expect("the ship-to site");
                    app.place(&site).expect("a place").calendar
                });
            }
        }
    }

    /// The rows of the report as of `as_of`, whose day ends at `end`, by RMA.
    pub fn non_returns(&self, as_of: NaiveDate, end: DateTime<Utc>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for events in &self.rmas {
            let known: Vec<&Recorded> =
                events.iter().filter(|event| event.stamp.recorded_at < end).collect();
            if !known.is_empty() {
                let rma = fold(known).expect("a history");
                rows.extend(self.row(&rma, as_of));
            }
        }
        rows
    }

    fn row(&self, rma: &Rma, as_of: NaiveDate) -> Option<Vec<String>> {
        let still_out = matches!(
            rma.inbound,
            Inbound::Awaiting | Inbound::InTransit | Inbound::Refused | Inbound::Discrepant
        );
        let money_open = matches!(
            rma.exposure,
            Exposure::Exposed | Exposure::InReview | Exposure::Charged | Exposure::CreditReview
        );
        let due = rma.due.as_ref().filter(|due| still_out && money_open && due.due_on < as_of)?;
        let terms = rma.terms.as_deref().expect("a window has terms");
        let calendar = &self.calendars[&terms.ship_to.id];
        let day = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        Some(vec![
            rma.number.to_string(),
            if rma.is_open { "Open" } else { "Closed" }.to_owned(),
            rma.account.clone(),
            terms.bill_to.clone(),
            terms.ship_to.name.clone(),
            terms.ship_to.country.clone(),
            rma.case_number.to_string(),
            rma.serial_number.to_string(),
            rma.part_number.to_string(),
            day(Some(terms.issued_on)),
            day(rma.shipment.delivered_on),
            due.anchor.kind.to_string(),
            day(Some(due.due_on)),
            due.rule.clone(),
            due.calendar.to_string(),
            days_late(calendar, due.due_on, as_of).to_string(),
            rma.exposure.to_string(),
            terms.list_price.minor.to_string(),
            terms.list_price.currency.code().to_owned(),
            (rma.charged_minor - rma.credited_minor).to_string(),
            rma.reminders_sent.to_string(),
            rma.last_event_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        ])
    }
}

fn days_late(calendar: &Calendar, due_on: NaiveDate, as_of: NaiveDate) -> usize {
    due_on
        .iter_days()
        .skip(1)
        .take_while(|day| *day <= as_of)
        .filter(|day| calendar.is_business_day(*day).expect("a known day"))
        .count()
}

/// A report's rows, its header left out, with the escape of formulas taken back.
pub fn parse(csv_text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv_text);
    let unescape = |field: &str| match field.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => field.to_owned(),
    };
    reader.records().map(|record| record.expect("a row").iter().map(unescape).collect()).collect()
}
