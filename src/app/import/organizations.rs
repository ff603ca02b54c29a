//! `homeward import organizations`.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::columns::columns;
use super::facts::Met;
use super::fields::{Fields, date, email, lines, one_line};
use super::{Counts, ImportError, Importer, Progress};
use crate::db::organizations::{
    OrganizationRecord, PartnerRecord, insert_organization, organizations, update_organization,
};
use crate::db::{AnyConnection, DbError};
use crate::domain::money::currency;
use crate::domain::partner::Qualification;
use crate::domain::rma::Stamp;
use crate::domain::site::OrganizationKind;

columns!(Col {
    Name "name" required "the organization's name, its key",
    Kind "kind" required "customer, partner or distributor",
    Currency "currency" required "ISO 4217, such as EUR: what it is charged in",
    BillTo "bill_to" required "what an invoice would say; lines separated by | or line breaks",
    Email "email" optional "where to write to; may be empty",
    Qualification "qualification" optional "of a partner: qualified or operate_specialist; a file without the column leaves it as it is (ENT-1)",
    QualifiedFrom "qualified_from" optional "the first day of the qualification, YYYY-MM-DD",
    QualifiedUntil "qualified_until" optional "its last day; empty until further notice",
    PartnerContract "partner_contract" optional "the number of a partner's own contract; a file without the column leaves it as it is (ENT-1)",
    PartnerContractFrom "partner_contract_from" optional "the first day of that contract",
    PartnerContractUntil "partner_contract_until" optional "its last day; empty until further notice",
});

#[derive(Default)]
pub(super) struct Organizations {
    met: Met<String>,
    rows: Vec<OrganizationRecord>,
    /// Whether the file speaks of qualifications, and of partners' contracts.
    tells: (bool, bool),
}

impl Organizations {
    fn take(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let name = fields.line_of_text(Col::Name);
        let kind = fields.parsed::<OrganizationKind>(Col::Kind);
        let charged_in = fields.read(Col::Currency, currency);
        let bill_to = fields.read(Col::BillTo, |v| lines(v, 10));
        let email = fields.optional(Col::Email, email);
        let partner = partner(fields, kind);
        self.tells = (fields.has(Col::Qualification), fields.has(Col::PartnerContract));
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
            partner: partner?,
        };
        if !fields.is_refused() {
            self.rows.push(record);
        }
        Some(())
    }
}

/// ENT-1.
fn partner(fields: &mut Fields<'_>, kind: Option<OrganizationKind>) -> Option<PartnerRecord> {
    let qualification = fields.optional(Col::Qualification, str::parse::<Qualification>);
    let contract = fields.optional(Col::PartnerContract, one_line);
    let qualified = (Col::Qualification, Col::QualifiedFrom, Col::QualifiedUntil);
    let qualified = days(fields, qualified, kind);
    let held = (Col::PartnerContract, Col::PartnerContractFrom, Col::PartnerContractUntil);
    let held = days(fields, held, kind);
    let (qualified_from, qualified_until) = qualified?;
    let (partner_contract_from, partner_contract_until) = held?;
    Some(PartnerRecord {
        qualification: qualification?.map(|word| word.as_str().to_owned()),
        qualified_from,
        qualified_until,
        partner_contract: contract?.map(str::to_owned),
        partner_contract_from,
        partner_contract_until,
    })
}

/// The first and the last day of something only a partner has: a first day with it, none without it.
fn days(
    fields: &mut Fields<'_>,
    (what, from, until): (Col, Col, Col),
    kind: Option<OrganizationKind>,
) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
    let name = Col::ALL[usize::from(what)].name;
    let given = !fields.raw(what).is_empty();
    let (first, last) = (fields.optional(from, date)?, fields.optional(until, date)?);
    if given && kind.is_some_and(|kind| kind != OrganizationKind::Partner) {
        fields.refuse(what, "only a partner has one (ENT-1)");
    }
    match (given, first, last) {
        (true, None, _) => fields.refuse(from, format!("the first day of `{name}` is missing")),
        (false, Some(_), _) => fields.refuse(from, format!("a day without `{name}`")),
        (false, _, Some(_)) => fields.refuse(until, format!("a day without `{name}`")),
        (true, Some(first), Some(last)) if last < first => {
            fields.refuse(until, format!("{last} is before {first}"));
        }
        _ => {}
    }
    Some((first, last))
}

impl Organizations {
    /// A row as it is to be stored: what the file does not speak of stays as it was.
    fn beside(&self, record: &OrganizationRecord, was: &OrganizationRecord) -> OrganizationRecord {
        let mut record = record.clone();
        // Who is no partner any more keeps nothing of one.
        if record.kind != OrganizationKind::Partner.as_str() {
            return record;
        }
        let (told, kept) = (&mut record.partner, &was.partner);
        if !self.tells.0 {
            told.qualification.clone_from(&kept.qualification);
            (told.qualified_from, told.qualified_until) =
                (kept.qualified_from, kept.qualified_until);
        }
        if !self.tells.1 {
            told.partner_contract.clone_from(&kept.partner_contract);
            told.partner_contract_from = kept.partner_contract_from;
            told.partner_contract_until = kept.partner_contract_until;
        }
        record
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
                Some((id, was)) => {
                    let record = self.beside(record, was);
                    if *was == record {
                        counts.unchanged += 1;
                    } else {
                        update_organization(connection, *id, &record)?;
                        counts.changed += 1;
                    }
                }
            }
            progress.reach(counts.added + counts.changed + counts.unchanged);
        }
        progress.end();
        Ok(counts)
    }
}
