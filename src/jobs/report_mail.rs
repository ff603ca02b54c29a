//! The message that brings a report to its recipients.

use std::path::Path;

use chrono::NaiveDate;
use serde::Deserialize;

use super::outbox::{Failure, Outgoing};
use crate::db::outbox::{Leased, REPORT};
use crate::domain::explain::long;
use crate::mail::{Attachment, Content, message_id, one_line, render_content};

/// A larger file is named, not attached: mail servers refuse it.
const LARGEST: u64 = 8 * 1024 * 1024;

/// What the run kept with the message.
#[derive(Debug, Deserialize)]
struct Payload {
    report: String,
    title: String,
    as_of: NaiveDate,
    rows: u64,
    sha256: String,
    file: String,
}

pub(super) fn outgoing(leased: &Leased, domain: &str) -> Result<Outgoing, Failure> {
    let payload: Payload = serde_json::from_str(&leased.payload)
        .map_err(|error| Failure::ForGood(format!("the message cannot be read: {error}")))?;
    let attachment = attachment(&payload)?;
    let subject = format!("{} as of {}", one_line(&payload.title), long(payload.as_of));
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let content = Content {
        subject: subject.clone(),
        greeting: "Hello,".to_owned(),
        headline: subject,
        paragraphs: vec![match &attachment {
            Some(file) => format!("The report is attached as {}.", file.name),
            None => {
                "The report is too large for a message; it waits where it was written.".to_owned()
            }
        }],
        facts: vec![
            fact("Report", payload.report.clone()),
            fact("Rows", payload.rows.to_string()),
            fact("File", payload.file.clone()),
            fact("SHA-256", payload.sha256.clone()),
        ],
        ..Content::default()
    };
    let rendered = render_content(&content).map_err(|error| Failure::ForGood(error.to_string()))?;
    Ok(Outgoing {
        rendered,
        attachments: attachment.into_iter().collect(),
        message_id: message_id(&payload.report, leased.sequence, REPORT, domain),
        thread: None,
        name: String::new(),
    })
}

/// The file, unless it is too large. One that is not there may be on a disk that is not.
fn attachment(payload: &Payload) -> Result<Option<Attachment>, Failure> {
    let path = Path::new(&payload.file);
    let failed = |error| Failure::Now(format!("the report's file {}: {error}", payload.file));
    if std::fs::metadata(path).map_err(failed)?.len() > LARGEST {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let name = format!("{}-{}.csv", payload.report, payload.as_of);
    Ok(Some(Attachment { name, media_type: "text/csv; charset=utf-8", bytes }))
}
