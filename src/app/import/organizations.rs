//! `homeward import organizations`.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::columns::columns;
use super::facts::Met;
use super::fields::{Fields, email, lines};
use super::{Counts, ImportError, Importer, Progress};
use crate::db::organizations::{
    OrganizationRecord, insert_organization, organizations, update_organization,
};
use crate::db::{AnyConnection, DbError};
use crate::domain::money::currency;
use crate::domain::rma::Stamp;
use crate::domain::site::OrganizationKind;

columns!(Col {
    Name "name" required "the organization's name, its key",
    Kind "kind" required "customer, partner or distributor",
    Currency "currency" required "ISO 4217, such as EUR: what it is charged in",
    BillTo "bill_to" required "what an invoice would say; lines separated by | or line breaks",
    Email "email" optional "where to write to; may be empty",
});

#[derive(Default)]
pub(super) struct Organizations {
    met: Met<String>,
    rows: Vec<OrganizationRecord>,
}

impl Organizations {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let name = fields.line_of_text(Col::Name);
        let kind = fields.parsed::<OrganizationKind>(Col::Kind);
        let charged_in = fields.read(Col::Currency, currency);
        let bill_to = fields.read(Col::BillTo, |v| lines(v, 10));
        let email = fields.optional(Col::Email, email);
        let name = name?.to_owned();
        if let Err(reason) = self.met.note(name.clone(), fields.line) {
            fields.refuse(Col::Name, reason);
        }
        let record = OrganizationRecord {
            name,
            kind: kind?.as_str().to_owned(),
            currency: charged_in?.code().to_owned(),
            bill_to: bill_to?,
            email: email?.map(str::to_owned),
        };
        if !fields.is_refused() {
            self.rows.push(record);
        }
        Some(())
    }
}

impl Importer for Organizations {
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
        let stored = organizations(connection)?;
        let stored: HashMap<&str, &(i64, OrganizationRecord)> =
            stored.iter().map(|row| (row.1.name.as_str(), row)).collect();
        let mut counts = Counts::default();
        progress.begin("storing", self.rows.len() as u64);
        for record in &self.rows {
            match stored.get(record.name.as_str()) {
                None => {
                    insert_organization(connection, record)?;
                    counts.added += 1;
                }
                Some((_, was)) if was == record => counts.unchanged += 1,
                Some((id, _)) => {
                    update_organization(connection, *id, record)?;
                    counts.changed += 1;
                }
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}
