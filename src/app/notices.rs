//! What a message about an RMA speaks of: the RMA as it stands when the message is sent, and what its
//! event said.

use serde_json::Value;

use super::context::App;
use super::error::AppError;
use super::look::window_because;
use super::papers;
use crate::db::attachments;
use crate::db::cases;
use crate::db::outbox::Leased;
use crate::db::rmas::load;
use crate::db::{AnyConnection, DbError, stored};
use crate::documents::InstructionsData;
use crate::domain::explain;
use crate::domain::ids::RmaNumber;
use crate::domain::media::MediaType;
use crate::domain::notice::NoticeKind;
use crate::domain::rma::Rma;
use crate::mail::{Due, Notice};

/// Where the links in messages lead.
#[derive(Debug, Clone)]
pub struct Links {
    pub status_url: String,
    pub survey_url: Option<String>,
}

/// A message's contents: the notice, and what its papers are printed from where papers go with it.
#[derive(Debug, Clone)]
pub struct Contents {
    pub notice: Notice,
    pub papers: Option<InstructionsData>,
    /// AMB-26: the carrier's label of the return, where it is there and goes with this message.
    pub label: Option<EnclosedLabel>,
}

/// A carrier's label as it is sent.
#[derive(Debug, Clone)]
pub struct EnclosedLabel {
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

/// The contents of an RMA's message.
///
/// # Errors
/// `NoSuch` for a message of no RMA; what cannot be read is `Corrupt`.
pub fn contents(
    app: &App,
    connection: &mut AnyConnection,
    message: &Leased,
    links: &Links,
) -> Result<Contents, AppError> {
    let missing =
        || AppError::NoSuch { what: "message about an RMA", name: message.id.to_string() };
    let keys = message.rma.as_ref().ok_or_else(missing)?;
    let number: RmaNumber = stored("reading a message's RMA", &keys.number)?;
    let kind: NoticeKind = stored("reading a message's kind", &message.kind)?;
    let said: Value = serde_json::from_str(&message.payload).map_err(|error| DbError::Corrupt {
        operation: "reading a message",
        detail: format!("message {}: {error}", message.id),
    })?;
    let loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let rma = &loaded.rma;
    let case =
        cases::find(connection, rma.case_number)?.ok_or(AppError::NoSuchCase(rma.case_number))?;
    let site = crate::db::facts::site(connection, loaded.keys.site_id)?;
    let asked_back = rma.is_to_be_sent();
    // The papers of NTF-1. A repeat of them later would only raise the question which ones count.
    let papers = if kind == NoticeKind::Issued && asked_back {
        Some(papers::instructions(app, connection, number, &links.status_url)?)
    } else {
        None
    };
    let label = if takes_label(kind) && asked_back { label(connection, rma)? } else { None };
    let terms = rma.terms.as_deref();
    let because = window_because(app, connection, rma)?;
    let notice = Notice {
        kind,
        rma_number: rma.number.to_string(),
        case_number: rma.case_number.to_string(),
        part_number: rma.part_number.to_string(),
        serial_number: rma.serial_number.to_string(),
        contact_name: case.contact_name,
        site: site.map(|site| site.name).unwrap_or_default(),
        zone: terms.map_or(app.operator_zone, |terms| terms.ship_to.zone),
        mode: rma.mode(),
        asked_back,
        return_site: terms.map(|terms| terms.return_site.name.clone()),
        due: rma.due.as_ref().zip(because).map(|(due, because)| Due { on: due.due_on, because }),
        window_to_come: window_to_come(app, connection, rma)?,
        list_price: terms.map(|terms| terms.list_price.to_string()),
        carriage: terms.and_then(|terms| terms.carriage.clone()),
        papers_attached: papers.is_some(),
        label_there: rma.return_label.is_some(),
        label_attached: label.is_some(),
        still_owed: rma.inbound.is_owed() && asked_back,
        status_link: under(&links.status_url, &rma.number),
        survey_link: links.survey_url.as_ref().map(|base| under(base, &rma.number)),
        said,
    };
    Ok(Contents { notice, papers, label })
}

/// The messages that the prepaid label goes with, once it is there.
fn takes_label(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Issued | NoticeKind::Shipped | NoticeKind::ReturnLabel)
}

fn label(connection: &mut AnyConnection, rma: &Rma) -> Result<Option<EnclosedLabel>, AppError> {
    let Some(label) = &rma.return_label else { return Ok(None) };
    let Some(file) = attachments::find(connection, label.id)? else { return Ok(None) };
    let bytes = attachments::bytes(connection, label.id)?;
    Ok(bytes.map(|bytes| EnclosedLabel { media_type: file.media_type, bytes }))
}

fn window_to_come(
    app: &App,
    connection: &mut AnyConnection,
    rma: &Rma,
) -> Result<Option<String>, AppError> {
    let Some(terms) = rma.terms.as_deref() else { return Ok(None) };
    let programme = app.programme_version(connection, &rma.manufacturer, &terms.programme)?;
    Ok(Some(explain::return_window_to_come(programme.return_days, programme.return_count)))
}

fn under(base: &str, number: &RmaNumber) -> String {
    format!("{}/{number}", base.trim_end_matches('/'))
}
