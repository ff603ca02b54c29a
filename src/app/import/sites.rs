//! `homeward import sites`.

use std::collections::HashMap;

use celes::Country;
use chrono::NaiveDate;

use super::columns::columns;
use super::facts::{Accounts, Met};
use super::fields::{Fields, date, email, lines, list, one_line, time_of_day};
use super::{Counts, ImportError, Importer, Progress};
use crate::app::register;
use crate::db::sites::{SiteDays, SiteRecord, insert_site, sites, update_site};
use crate::db::{AnyConnection, DbError};
use crate::domain::calendar::{CalendarCode, Calendars};
use crate::domain::rma::Stamp;
use crate::domain::site::SiteKind;
use crate::domain::zone::Zone;

columns!(Col {
    Code "code" required "the site's code, its key",
    Name "name" required "one line of text",
    Kind "kind" required "customer, depot or repair_centre",
    Organization "organization" optional "whose site it is; a customer site must have one",
    ContractManufacturer "contract_manufacturer" optional "whose dock it is; a repair centre must have one",
    Region "region" required "the region it serves or is served by",
    Address "address" required "lines separated by | or line breaks, as they stand on a label",
    Country "country" required "ISO 3166-1 alpha-2, such as DE",
    Zone "zone" required "IANA time zone, such as Europe/Amsterdam",
    Calendar "calendar" required "a known calendar, such as NL or US-KY",
    ContactName "contact_name" optional "may be empty",
    ContactEmail "contact_email" optional "may be empty",
    ContactPhone "contact_phone" optional "may be empty",
    CutOff "cut_off" optional "a depot's latest local time that still counts as that day, such as 14:00; empty: the programme's",
    ClosedDays "closed_days" optional "such as 2026-12-24 Christmas Eve;2026-12-31 Stocktaking; may be empty",
    WorkingDays "working_days" optional "days worked against the calendar, such as 2026-12-19;2026-12-20; may be empty",
});

pub(super) struct Sites {
    accounts: Accounts,
    calendars: Calendars,
    met: Met<String>,
    rows: Vec<(SiteRecord, SiteDays)>,
}

impl Sites {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let code = fields.line_of_text(Col::Code);
        let name = fields.line_of_text(Col::Name);
        let kind = fields.parsed::<SiteKind>(Col::Kind);
        let organization = fields.optional(Col::Organization, |v| self.accounts.get(v));
        let contract_manufacturer = fields.optional(Col::ContractManufacturer, one_line);
        let region = fields.line_of_text(Col::Region);
        let address = fields.read(Col::Address, |v| lines(v, 8));
        let country = fields.read(Col::Country, country);
        let zone = fields.parsed::<Zone>(Col::Zone);
        let calendar = fields.read(Col::Calendar, |v| self.calendar(v));
        let contact_name = fields.optional(Col::ContactName, one_line);
        let contact_email = fields.optional(Col::ContactEmail, email);
        let contact_phone = fields.optional(Col::ContactPhone, one_line);
        let cut_off = fields.optional(Col::CutOff, time_of_day);
        let days = days(fields);
        if kind.is_some_and(|kind| kind != SiteKind::Depot) && matches!(cut_off, Some(Some(_))) {
            fields.refuse(Col::CutOff, "only a depot has a cut-off (AMB-6)");
        }
        if kind == Some(SiteKind::Customer) && organization == Some(None) {
            fields.refuse(Col::Organization, "a customer site must have an organization");
        }
        if kind == Some(SiteKind::RepairCentre) && contract_manufacturer == Some(None) {
            fields.refuse(Col::ContractManufacturer, "a repair centre must have a contract manufacturer: it chooses where units return to (RMA-11)");
        }
        let code = code?.to_owned();
        if let Err(reason) = self.met.note(code.clone(), fields.line) {
            fields.refuse(Col::Code, reason);
        }
        let record = SiteRecord {
            code,
            name: name?.to_owned(),
            kind: kind?.as_str().to_owned(),
            organization_id: organization?,
            contract_manufacturer: contract_manufacturer?.map(str::to_owned),
            region: region?.to_owned(),
            address: address?,
            country: country?,
            zone: zone?.name().to_owned(),
            calendar: String::from(calendar?),
            contact_name: contact_name?.map(str::to_owned),
            contact_email: contact_email?.map(str::to_owned),
            contact_phone: contact_phone?.map(str::to_owned),
            cut_off: cut_off?.map(|time| time.format("%H:%M:%S").to_string()),
        };
        let days = days?;
        if !fields.is_refused() {
            self.rows.push((record, days));
        }
        Some(())
    }

    /// A calendar that there is.
    fn calendar(&self, value: &str) -> Result<CalendarCode, String> {
        let code = CalendarCode::parse(value).map_err(|e| e.to_string())?;
        self.calendars.get(&code).map(|_| code).map_err(|e| e.to_string())
    }
}

fn country(value: &str) -> Result<String, String> {
    // The crate takes any case; a label wants the code as ISO writes it.
    let upper = value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase());
    if upper && Country::from_alpha2(value).is_ok() {
        return Ok(value.to_owned());
    }
    let shown: String = value.chars().take(40).collect();
    let hint = match value {
        "UK" => "; did you mean GB?",
        "EL" => "; did you mean GR?",
        _ => "",
    };
    Err(format!("{shown:?} is not an ISO 3166-1 alpha-2 country code such as DE{hint}"))
}

/// The site's own closings and working days.
fn days(fields: &mut Fields<'_>) -> Option<SiteDays> {
    let closed = fields.read(Col::ClosedDays, |v| days_of(v, true));
    let worked = fields.read(Col::WorkingDays, |v| days_of(v, false));
    let mut days = closed?;
    for (day, value) in worked? {
        if days.insert(day, value).is_some() {
            fields.refuse(Col::WorkingDays, format!("{day} is a closed day as well; keep one"));
        }
    }
    Some(days)
}

/// `2026-12-24 Christmas Eve;2026-12-31 Stocktaking`; only closings need a name.
fn days_of(value: &str, closed: bool) -> Result<SiteDays, String> {
    let mut days = SiteDays::new();
    for part in list(value) {
        let (day, name) = part.split_once(' ').unwrap_or((part, ""));
        let day = date(day)?;
        let name = name.trim();
        if closed || !name.is_empty() {
            one_line(name).map_err(|_| {
                format!("the closed day {day} needs a name of one line, such as {day} Stocktaking")
            })?;
        }
        if days.insert(day, (!closed, name.to_owned())).is_some() {
            return Err(format!("{day} is there twice"));
        }
    }
    Ok(days)
}

impl Importer for Sites {
    fn load(connection: &mut AnyConnection, _: NaiveDate) -> Result<Self, ImportError> {
        Ok(Self {
            accounts: Accounts::load(connection)?,
            calendars: register::calendars(connection)?,
            met: Met::default(),
            rows: Vec::new(),
        })
    }

    fn row(&mut self, fields: &mut Fields<'_>) {
        // What is refused is noted; there is nothing more to do with it.
        let _ = self.take(fields);
    }

    fn store(
        &self,
        connection: &mut AnyConnection,
        _: &Stamp,
        progress: &mut dyn Progress,
    ) -> Result<Counts, DbError> {
        let stored = sites(connection)?;
        let stored: HashMap<&str, &(i64, SiteRecord, SiteDays)> =
            stored.iter().map(|row| (row.1.code.as_str(), row)).collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.rows.len() as u64);
        for (record, days) in &self.rows {
            match stored.get(record.code.as_str()) {
                None => {
                    insert_site(connection, record, days)?;
                    counts.added += 1;
                }
                Some((_, was, had)) if was == record && had == days => counts.unchanged += 1,
                Some((id, ..)) => {
                    update_site(connection, *id, record, days)?;
                    counts.changed += 1;
                }
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}
