//! Installed units and how their products stand in their lives: what ends when, and what replaces it.

use std::io::Write;

use chrono::NaiveDate;

use super::csv::CsvOut;
use super::definition::Filter;
use crate::domain::product_life::{LifeDates, Standing};
use crate::words;

words! {
    /// A column of the report, by its heading.
    Column("column of the dataset product_life") {
        Account = "account",
        Site = "site",
        Country = "country",
        Manufacturer = "manufacturer",
        SerialNumber = "serial_number",
        PartNumber = "part_number",
        Description = "description",
        ShippedOn = "shipped_on",
        FrsOn = "frs_on",
        EolOn = "eol_on",
        EoeOn = "eoe_on",
        EosOn = "eos_on",
        Stage = "stage",
        /// Which ending comes next: eol, eoe or eos.
        NextMilestone = "next_milestone",
        NextOn = "next_on",
        /// Calendar days until then.
        DaysLeft = "days_left",
        /// Whether that is within the programme's days of notice: yes or no.
        Approaching = "approaching",
        ReplacementPart = "replacement_part",
        /// The version of the programme the days of notice were read from.
        Programme = "programme",
    }
}

/// One installed unit, its product, and how that stands on the report's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub account: String,
    pub site: String,
    pub country: String,
    pub manufacturer: String,
    pub serial_number: String,
    pub part_number: String,
    pub description: String,
    pub shipped_on: NaiveDate,
    pub dates: LifeDates,
    pub replacement_part: Option<String>,
}

impl Column {
    /// Those that hold instants.
    pub const INSTANTS: &'static [Self] = &[];
    /// The columns that rows can be filtered by.
    pub const FILTERS: &'static [Self] = &[
        Self::Account,
        Self::Site,
        Self::Country,
        Self::Manufacturer,
        Self::PartNumber,
        Self::Stage,
        Self::Approaching,
    ];
}

fn yes_or_no(truth: bool) -> &'static str {
    if truth { "yes" } else { "no" }
}

/// Whether a report of this filter has the row.
pub fn keeps(filter: &Filter<Column>, row: &Row, standing: &Standing) -> bool {
    filter.iter().all(|(column, wanted)| {
        let text = match column {
            Column::Account => &row.account,
            Column::Site => &row.site,
            Column::Country => &row.country,
            Column::Manufacturer => &row.manufacturer,
            Column::PartNumber => &row.part_number,
            Column::Stage => standing.stage.as_str(),
            Column::Approaching => yes_or_no(standing.approaching),
            // No definition is read that filters by another column.
            _ => return false,
        };
        wanted.iter().any(|one| one == text)
    })
}

/// Writes one row in the order of `columns`; `programme` is the version that judged it.
pub fn write_row<W: Write>(
    out: &mut CsvOut<W>,
    columns: &[Column],
    row: &Row,
    standing: &Standing,
    programme: &str,
) -> std::io::Result<()> {
    for column in columns {
        match column {
            Column::Account => out.text(&row.account)?,
            Column::Site => out.text(&row.site)?,
            Column::Country => out.plain(&row.country)?,
            Column::Manufacturer => out.text(&row.manufacturer)?,
            Column::SerialNumber => out.text(&row.serial_number)?,
            Column::PartNumber => out.text(&row.part_number)?,
            Column::Description => out.text(&row.description)?,
            Column::ShippedOn => out.date(Some(row.shipped_on))?,
            Column::FrsOn => out.date(row.dates.frs_on)?,
            Column::EolOn => out.date(row.dates.eol_on)?,
            Column::EoeOn => out.date(row.dates.eoe_on)?,
            Column::EosOn => out.date(row.dates.eos_on)?,
            Column::Stage => out.plain(standing.stage.as_str())?,
            Column::NextMilestone => {
                out.plain(standing.next.map_or("", |(next, ..)| next.as_str()))?;
            }
            Column::NextOn => out.date(standing.next.map(|(_, on, _)| on))?,
            Column::DaysLeft => match standing.next {
                Some((.., days)) => out.number(days)?,
                None => out.plain("")?,
            },
            Column::Approaching => out.plain(yes_or_no(standing.approaching))?,
            Column::ReplacementPart => out.text(row.replacement_part.as_deref().unwrap_or(""))?,
            Column::Programme => out.text(programme)?,
        }
    }
    out.end_row()
}
