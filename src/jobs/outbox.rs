//! The outbox: messages leave at least once, under the same Message-ID at every attempt.
//!
//! A message is sent twice only where nobody can know whether the first was taken: the connection broke
//! or this program died between the server's answer and the mark. A copy of what was said goes to the
//! case in the write that marks the message as sent, not with the event: the note says what the customer
//! was told, to whom and when, and what never left is never noted as said. One message has one note, also
//! where it was sent twice. A message laid aside is noted too, so that somebody can call.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::stop::Stop;
use crate::app::backup::hold;
use crate::app::notices::{Contents, EnclosedLabel, Links, contents};
use crate::app::rmas::retrying;
use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::outbox::{self as rows, CaseNote, Leased};
use crate::documents::{DocumentError, Paper, Typesetter};
use crate::mail::{
    Attachment, Letter, LetterError, Rendered, SendError, Sender, SettingsError, Transport,
    message_id, render,
};

/// Longer than any attempt can take: a server is waited for 120 s at most at each of its answers, of
/// which a message has about eight.
const LEASE: TimeDelta = TimeDelta::minutes(20);

/// How many messages are looked for at once.
const PAGE: i64 = 50;

/// The longest wait before the next attempt.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(4);

/// Everything it takes to send mail.
#[derive(Clone)]
pub struct Mailer {
    pub transport: Arc<dyn Transport>,
    pub sender: Sender,
    pub links: Links,
    pub typesetter: Arc<Typesetter>,
    /// Attempts after which a message is laid aside.
    pub attempts: u32,
}

/// Why there can be no mail.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("mail.from or mail.reply_to: {0}")]
    Sender(#[from] LetterError),
    #[error(transparent)]
    Fonts(#[from] DocumentError),
}

impl Mailer {
    /// As the settings say; `status_url` is where links to an RMA's status begin.
    ///
    /// # Errors
    /// Names the setting.
    pub fn open(config: &Config, status_url: &str) -> Result<Self, MailerError> {
        let mail = &config.mail;
        let fonts: Option<&Path> = config.fonts_folder.as_deref();
        Ok(Self {
            transport: Arc::from(crate::mail::open(mail)?),
            sender: Sender::parse(&mail.from, mail.reply_to.as_deref())?,
            links: Links { status_url: status_url.to_owned(), survey_url: mail.survey_url.clone() },
            typesetter: Arc::new(Typesetter::new(fonts)?),
            attempts: mail.attempts.max(1),
        })
    }
}

/// What one run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxReport {
    pub sent: u64,
    /// To be tried again later.
    pub put_off: u64,
    /// Laid aside for a person to look at.
    pub laid_aside: u64,
    /// Sent under a lease that had run out: another instance has them.
    pub lost: u64,
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Now(String),
    #[error("{0}")]
    ForGood(String),
}

/// Sends what is due, one message after the other, until nothing is due or the stop is asked.
///
/// # Errors
/// The database's. A message's own failure is kept with the message.
pub fn run(
    app: &App,
    mailer: &Mailer,
    clock: &dyn Clock,
    stop: &Stop,
) -> Result<OutboxReport, AppError> {
    let mut report = OutboxReport::default();
    loop {
        let due = app.db.read(|c| {
            hold::refuse_held(c)?;
            Ok::<_, AppError>(rows::due(c, clock.now(), PAGE)?)
        })?;
        if due.is_empty() {
            return Ok(report);
        }
        for id in due {
            if stop.is_asked() {
                return Ok(report);
            }
            let now = clock.now();
            let leased =
                retrying(|| Ok(app.db.write(|c| rows::lease(c, id, now, now + LEASE))?))?;
            if let Some(leased) = leased {
                one(app, mailer, clock, &leased, &mut report)?;
            }
        }
    }
}

/// One leased message: written, sent, marked.
fn one(
    app: &App,
    mailer: &Mailer,
    clock: &dyn Clock,
    leased: &Leased,
    report: &mut OutboxReport,
) -> Result<(), AppError> {
    let outcome = send(app, mailer, leased, clock.now());
    let now = clock.now();
    let held = match &outcome {
        Ok(said) => retrying(|| sent(app, leased, said, now))?,
        Err(failure) => {
            let next_at = next_attempt(mailer, leased, failure, now);
            if next_at.is_some() {
                report.put_off += 1;
            } else {
                report.laid_aside += 1;
                tracing::error!(message = leased.id, kind = %leased.kind, reason = %failure,
                    "a message was laid aside");
            }
            retrying(|| failed(app, leased, next_at, &failure.to_string(), now))?
        }
    };
    match (outcome.is_ok(), held) {
        (true, true) => report.sent += 1,
        (_, false) => {
            report.lost += 1;
            tracing::warn!(message = leased.id, "a message's lease ran out before it was marked");
        }
        (false, true) => {}
    }
    Ok(())
}

fn send(
    app: &App,
    mailer: &Mailer,
    leased: &Leased,
    now: DateTime<Utc>,
) -> Result<Rendered, Failure> {
    // A message that takes the program down at every attempt must not do so for ever.
    if leased.attempt > attempts(mailer) {
        return Err(Failure::ForGood(
            "it was leased too often without ever being marked".to_owned(),
        ));
    }
    let outgoing = match &leased.rma {
        Some(_) => notice(app, mailer, leased)?,
        None => super::report_mail::outgoing(leased, mailer.sender.domain())?,
    };
    let letter = Letter::write(
        &mailer.sender,
        (&leased.recipient, &outgoing.name),
        (&outgoing.message_id, outgoing.thread.as_deref()),
        &outgoing.rendered,
        &outgoing.attachments,
        now,
    )
    .map_err(|error| Failure::ForGood(error.to_string()))?;
    mailer.transport.send(&letter).map_err(|error| match error {
        SendError::Permanent(_) => Failure::ForGood(error.to_string()),
        SendError::Temporary(_) => Failure::Now(error.to_string()),
    })?;
    Ok(outgoing.rendered)
}

/// A message about to be written down.
pub(super) struct Outgoing {
    pub rendered: Rendered,
    pub attachments: Vec<Attachment>,
    pub message_id: String,
    /// What all messages of one RMA refer to.
    pub thread: Option<String>,
    pub name: String,
}

/// A notice about an RMA (NTF-1 to NTF-3).
fn notice(app: &App, mailer: &Mailer, leased: &Leased) -> Result<Outgoing, Failure> {
    let mut contents = app
        .db
        .read(|c| contents(app, c, leased, &mailer.links))
        .map_err(|error| Failure::Now(error.to_string()))?;
    let rendered = render(&contents.notice).map_err(|error| Failure::ForGood(error.to_string()))?;
    // A font that is missing can be had: the message waits for it.
    let mut attachments =
        papers(mailer, &contents).map_err(|error| Failure::Now(error.to_string()))?;
    let number = &contents.notice.rma_number;
    attachments.extend(contents.label.take().map(|file| label(number, file)));
    let domain = mailer.sender.domain();
    Ok(Outgoing {
        rendered,
        attachments,
        message_id: message_id(number, leased.sequence, &leased.kind, domain),
        thread: Some(format!("<{number}@{domain}>")),
        name: contents.notice.contact_name,
    })
}

/// NTF-1's label and instructions.
fn papers(mailer: &Mailer, contents: &Contents) -> Result<Vec<Attachment>, DocumentError> {
    let Some(data) = &contents.papers else { return Ok(Vec::new()) };
    let number = &contents.notice.rma_number;
    // Letter is the paper of the Americas' north; A4 that of everybody else.
    let country = data.label.sender.country_code.as_str();
    let paper = if matches!(country, "US" | "CA" | "MX") { Paper::Letter } else { Paper::A4 };
    let pdf = |name: String, bytes| Attachment { name, media_type: "application/pdf", bytes };
    Ok(vec![
        pdf(format!("{number}-label.pdf"), mailer.typesetter.label(&data.label)?),
        pdf(format!("{number}-instructions.pdf"), mailer.typesetter.instructions(data, paper)?),
    ])
}

/// AMB-26: the carrier's label, under a name of ours.
fn label(number: &str, file: EnclosedLabel) -> Attachment {
    Attachment {
        name: format!("{number}-prepaid-label{}", file.media_type.ending()),
        media_type: file.media_type.as_str(),
        bytes: file.bytes,
    }
}

fn attempts(mailer: &Mailer) -> i32 {
    i32::try_from(mailer.attempts).unwrap_or(i32::MAX)
}

/// When to try again: after one minute, then twice as long each time, up to four hours; none for what
/// will never be taken, or was tried often enough.
fn next_attempt(
    mailer: &Mailer,
    leased: &Leased,
    failure: &Failure,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if matches!(failure, Failure::ForGood(_)) || leased.attempt >= attempts(mailer) {
        return None;
    }
    let doublings = u32::try_from(leased.attempt - 1).unwrap_or(0).min(10);
    Some(now + TimeDelta::minutes(1 << doublings).min(LONGEST_WAIT))
}

fn sent(app: &App, leased: &Leased, said: &Rendered, now: DateTime<Utc>) -> Result<bool, AppError> {
    app.db.write(|c| {
        let held = rows::mark_sent(c, leased, now)?;
        if held && let Some(rma) = &leased.rma {
            let body = format!("To {}:\n\n{}", crate::mail::one_line(&leased.recipient), said.text);
            rows::add_note(
                c,
                &CaseNote {
                    case_id: rma.case_id,
                    rma_id: Some(rma.id),
                    outbox_id: Some(leased.id),
                    author: "homeward",
                    subject: &said.subject,
                    body: &body,
                    noted_at: now,
                },
            )?;
        }
        Ok(held)
    })
}

fn failed(
    app: &App,
    leased: &Leased,
    next_at: Option<DateTime<Utc>>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    app.db.write(|c| {
        let held = rows::mark_failed(c, leased, next_at, reason)?;
        if held
            && next_at.is_none()
            && let Some(rma) = &leased.rma
        {
            let subject =
                format!("RMA {}: the message {:?} could not be sent", rma.number, leased.kind);
            let body = format!("To {}: {reason}", crate::mail::one_line(&leased.recipient));
            rows::add_note(
                c,
                &CaseNote {
                    case_id: rma.case_id,
                    rma_id: Some(rma.id),
                    // Should it be sent after all, that note is the message's own.
                    outbox_id: None,
                    author: "homeward",
                    subject: &subject,
                    body: &body,
                    noted_at: now,
                },
            )?;
        }
        Ok(held)
    })
}
