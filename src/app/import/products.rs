//! `homeward import products`.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::columns::columns;
use super::facts::Met;
use super::fields::{Fields, date, list};
use super::{Counts, ImportError, Importer, Progress};
use crate::db::products::{Prices, ProductRecord, insert_product, products, update_product};
use crate::db::{AnyConnection, DbError};
use crate::domain::ids::{Family, Manufacturer, PartNumber};
use crate::domain::money::{Money, currency};
use crate::domain::product_life::{LifeDates, Milestone};
use crate::domain::rma::Stamp;

columns!(Col {
    Manufacturer "manufacturer" required "the manufacturer's name, which chooses the programme",
    PartNumber "part_number" required "the manufacturer's part number, with it the product's key",
    Description "description" required "one line of text",
    ListPrices "list_prices" required "such as USD 149.00;EUR 139.00, one a currency; may be empty",
    ContractManufacturer "contract_manufacturer" required "who repairs it: chooses the return site",
    FrsOn "frs_on" optional "first revenue ship, YYYY-MM-DD; may be empty",
    EolOn "eol_on" optional "end of life; may be empty",
    EoeOn "eoe_on" optional "end of engineering, between eol_on and eos_on; may be empty",
    EosOn "eos_on" optional "end of support; may be empty",
    ReplacementPart "replacement_part" optional "the part the manufacturer names in its place; may be empty",
    Family "family" optional "the family, which chooses the questionnaire; may be empty",
});

#[derive(Default)]
pub(super) struct Products {
    met: Met<(String, String)>,
    rows: Vec<(ProductRecord, Prices)>,
}

impl Products {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let manufacturer = fields.parsed::<Manufacturer>(Col::Manufacturer);
        let part_number = fields.parsed::<PartNumber>(Col::PartNumber);
        let description = fields.line_of_text(Col::Description);
        let prices = fields.read(Col::ListPrices, prices);
        let contract_manufacturer = fields.line_of_text(Col::ContractManufacturer);
        let frs_on = fields.optional(Col::FrsOn, date);
        let eol_on = fields.optional(Col::EolOn, date);
        let eoe_on = fields.optional(Col::EoeOn, date);
        let eos_on = fields.optional(Col::EosOn, date);
        let replacement_part = fields.optional(Col::ReplacementPart, |v| v.parse::<PartNumber>());
        let family = fields.optional(Col::Family, |v| v.parse::<Family>());
        let dates = LifeDates {
            frs_on: frs_on.flatten(),
            eol_on: eol_on.flatten(),
            eoe_on: eoe_on.flatten(),
            eos_on: eos_on.flatten(),
        };
        if let Some((milestone, later, earlier)) = dates.out_of_order() {
            let order = "frs_on, eol_on, eoe_on and eos_on follow each other";
            fields.refuse(column_of(milestone), format!("{later} is before {earlier}: {order}"));
        }
        let key = (String::from(manufacturer?), String::from(part_number?));
        if let Err(reason) = self.met.note(key.clone(), fields.line) {
            fields.refuse(Col::PartNumber, reason);
        }
        let replacement_part = replacement_part?.map(String::from);
        if replacement_part.as_ref() == Some(&key.1) {
            let reason = "a product does not replace itself; name another part, or none";
            fields.refuse(Col::ReplacementPart, reason.to_owned());
        }
        let record = ProductRecord {
            manufacturer: key.0,
            part_number: key.1,
            description: description?.to_owned(),
            contract_manufacturer: contract_manufacturer?.to_owned(),
            frs_on: frs_on?,
            eol_on: eol_on?,
            eoe_on: eoe_on?,
            eos_on: eos_on?,
            replacement_part,
            family: family?.map(String::from),
        };
        let prices = prices?;
        if !fields.is_refused() {
            self.rows.push((record, prices));
        }
        Some(())
    }
}

fn column_of(milestone: Milestone) -> Col {
    match milestone {
        Milestone::Frs => Col::FrsOn,
        Milestone::Eol => Col::EolOn,
        Milestone::Eoe => Col::EoeOn,
        Milestone::Eos => Col::EosOn,
    }
}

/// `USD 149.00;EUR 139.00`.
fn prices(value: &str) -> Result<Prices, String> {
    let mut prices = Prices::new();
    for part in list(value) {
        let (code, amount) = part.split_once(' ').ok_or_else(|| {
            let shown: String = part.chars().take(40).collect();
            format!("{shown:?} is not a price; write it as USD 149.00, several separated by ;")
        })?;
        let currency = currency(code).map_err(|e| e.to_string())?;
        let price = Money::parse(amount.trim(), currency).map_err(|e| e.to_string())?;
        if prices.insert(currency.code().to_owned(), price.minor).is_some() {
            return Err(format!("there are two prices in {code}"));
        }
    }
    Ok(prices)
}

impl Importer for Products {
    fn load(_: &mut AnyConnection, _: NaiveDate) -> Result<Self, ImportError> {
        Ok(Self::default())
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
        let stored = products(connection)?;
        let stored: HashMap<(&str, &str), &(i64, ProductRecord, Prices)> = stored
            .iter()
            .map(|row| ((row.1.manufacturer.as_str(), row.1.part_number.as_str()), row))
            .collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.rows.len() as u64);
        for (record, prices) in &self.rows {
            match stored.get(&(record.manufacturer.as_str(), record.part_number.as_str())) {
                None => {
                    insert_product(connection, record, prices)?;
                    counts.added += 1;
                }
                Some((_, was, had)) if was == record && had == prices => counts.unchanged += 1,
                Some((id, ..)) => {
                    update_product(connection, *id, record, prices)?;
                    counts.changed += 1;
                }
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}
