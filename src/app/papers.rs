//! The papers of an RMA: its return label, and the instructions with the non-return notice.

use super::context::App;
use super::error::AppError;
use super::look::window_because;
use crate::db::AnyConnection;
use crate::db::facts::{self as rows, Site};
use crate::db::rmas::{Loaded, load};
use crate::documents::{
    InstructionsData, LabelData, NonReturn, PostalAddress, Replacement, ReturnMode,
};
use crate::domain::explain;
use crate::domain::ids::RmaNumber;
use crate::domain::rma::event::Terms;
use crate::domain::rma::tracks::{Exposure, Mode};
use crate::domain::rma::{Refusal, Rma};

/// The label of an RMA whose unit is to come back (RMA-9 to RMA-11). `status_url` is where links to an
/// RMA's status begin.
pub fn label(
    connection: &mut AnyConnection,
    number: RmaNumber,
    status_url: &str,
) -> Result<LabelData, AppError> {
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let terms = asked_back(&loaded.rma)?;
    label_of(connection, &loaded, terms, status_url)
}

/// Whether an RMA has a label and instructions: its unit is to be sent back.
pub fn are_to_be_had(rma: &Rma) -> bool {
    asked_back(rma).is_ok()
}

/// What an RMA's customer is to send back, and under which terms; refused where nothing is asked back.
fn asked_back(rma: &Rma) -> Result<&Terms, AppError> {
    let Some(terms) = rma.terms.as_deref() else {
        let reason =
            format!("{} is {}, not issued: there is no label yet", rma.number, rma.authorisation);
        return Err(Refusal::new("RMA-9", reason).into());
    };
    if !rma.inbound.is_owed() || rma.exposure == Exposure::Purchased {
        let reason =
            format!("{} asks for nothing to be sent: its unit is {}", rma.number, rma.inbound);
        return Err(Refusal::new("RMA-9", reason).into());
    }
    Ok(terms)
}

fn label_of(
    connection: &mut AnyConnection,
    loaded: &Loaded,
    terms: &Terms,
    status_url: &str,
) -> Result<LabelData, AppError> {
    let rma = &loaded.rma;
    let of = |site: Option<Site>, code: &str| {
        site.ok_or_else(|| AppError::NoSuch { what: "site", name: code.to_owned() })
    };
    let to = of(rows::site(connection, terms.return_site.id)?, &terms.return_site.code)?;
    let from = of(rows::site(connection, terms.ship_to.id)?, &terms.ship_to.code)?;
    Ok(LabelData {
        rma_number: rma.number.to_string(),
        return_address: address(&to),
        sender: address(&from),
        status_link: format!("{}/{}", status_url.trim_end_matches('/'), rma.number),
        case_number: rma.case_number.to_string(),
        part_number: rma.part_number.to_string(),
        serial_number: rma.serial_number.to_string(),
        due_on: rma.due.as_ref().map(|due| due.due_on),
        attention: to.contact_name,
        // The terms' own instant, so that the same RMA prints the same bytes.
        created_at: rma.issued_at.unwrap_or(rma.requested_at),
    })
}

fn address(site: &Site) -> PostalAddress {
    PostalAddress {
        name: site.name.clone(),
        lines: site.address.lines().map(str::to_owned).collect(),
        country: explain::country_name(&site.country),
        country_code: site.country.clone(),
    }
}

/// The instructions of an RMA whose unit is to come back (RMA-5, RMA-7).
pub fn instructions(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    status_url: &str,
) -> Result<InstructionsData, AppError> {
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let terms = asked_back(&loaded.rma)?;
    let label = label_of(connection, &loaded, terms, status_url)?;
    let rma = &loaded.rma;
    let contact = rows::site(connection, terms.return_site.id)?
        .and_then(|site| site.contact_email.or(site.contact_phone))
        .unwrap_or_else(|| terms.return_site.name.clone());
    Ok(InstructionsData {
        label,
        mode: match terms.mode {
            Mode::AdvanceReplacement => ReturnMode::AdvanceReplacement,
            Mode::ReturnToFactory => ReturnMode::ReturnToFactory,
        },
        replacement: rma.replacement.as_ref().map(|unit| Replacement {
            part_number: unit.part_number.to_string(),
            serial_number: unit.serial_number.to_string(),
        }),
        non_return: match terms.mode {
            Mode::AdvanceReplacement => Some(notice(app, connection, rma, terms)?),
            Mode::ReturnToFactory => None,
        },
        carriage: terms.carriage.as_ref().map(|carriage| {
            let is_there = rma.return_label.is_some();
            carriage.inbound_sentence(is_there).to_owned()
        }),
        what_to_send: vec![
            format!("the defective unit, part {}, serial {}", rma.part_number, rma.serial_number),
            "every component it came with: nothing removed, nothing added".to_owned(),
        ],
        contact,
    })
}

/// RET-1, RET-2: the due date with its reason, and what may be charged.
fn notice(
    app: &App,
    connection: &mut AnyConnection,
    rma: &Rma,
    terms: &Terms,
) -> Result<NonReturn, AppError> {
    let programme = app.programme_version(connection, &rma.manufacturer, &terms.programme)?;
    let due_sentence = match window_because(app, connection, rma)? {
        Some(sentence) => sentence,
        None => explain::return_window_to_come(programme.return_days, programme.return_count),
    };
    Ok(NonReturn {
        due_on: rma.due.as_ref().map(|due| due.due_on),
        due_sentence,
        business_days: programme.return_days,
        list_price: terms.list_price.to_string(),
    })
}
