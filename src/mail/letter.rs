//! A message ready to go, as RFC 5322 writes it.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Mailbox, Message, MultiPart, SinglePart};

use super::clean::one_line;
use super::render::Rendered;

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Why a message cannot be written down. It will not be better at another attempt.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("{what} {text:?} is no mail address: {reason}")]
    Address { what: &'static str, text: String, reason: String },
    #[error("the message cannot be written: {0}")]
    Message(String),
}

/// One message on its way to one recipient.
#[derive(Debug, Clone)]
pub struct Letter {
    pub message_id: String,
    pub envelope: Envelope,
    /// Headers, texts and files, as sent after DATA.
    pub bytes: Vec<u8>,
}

/// What does not differ from message to message.
#[derive(Debug, Clone)]
pub struct Sender {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
}

impl Sender {
    /// # Errors
    /// Names the address that is none.
    pub fn parse(from: &str, reply_to: Option<&str>) -> Result<Self, LetterError> {
        Ok(Self {
            from: mailbox("the sender", from)?,
            reply_to: reply_to.map(|text| mailbox("the address for answers", text)).transpose()?,
        })
    }

    /// The domain that Message-IDs end with.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }
}

/// The Message-ID of an RMA's message: the same at every attempt, so that a double is known as one.
pub fn message_id(rma: &str, sequence: i64, kind: &str, domain: &str) -> String {
    format!("<{rma}.{sequence}.{kind}@{domain}>")
}

#[derive(Clone)]
struct AutoSubmitted(String);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

impl Letter {
    /// Writes a message down. `to` is the bare address, `name` the recipient's, `date` goes into the
    /// header, `thread` is a Message-ID-like word that all messages of one RMA refer to.
    ///
    /// # Errors
    /// An address that is none.
    pub fn write(
        sender: &Sender,
        (to, name): (&str, &str),
        (message_id, thread): (&str, Option<&str>),
        rendered: &Rendered,
        attachments: &[Attachment],
        date: DateTime<Utc>,
    ) -> Result<Self, LetterError> {
        let mut recipient = mailbox("the recipient", to)?;
        recipient.name = Some(one_line(name)).filter(|name| !name.is_empty());
        let mut builder = Message::builder()
            .from(sender.from.clone())
            .to(recipient)
            .date(SystemTime::from(date))
            .message_id(Some(message_id.to_owned()))
            .subject(one_line(&rendered.subject))
            // RFC 3834: no out-of-office answers to what a machine wrote.
            .header(AutoSubmitted("auto-generated".to_owned()));
        if let Some(reply_to) = &sender.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(thread) = thread {
            builder = builder.references(thread.to_owned());
        }
        let body = MultiPart::alternative_plain_html(rendered.text.clone(), rendered.html.clone());
        let message = if attachments.is_empty() {
            builder.multipart(body)
        } else {
            let mut mixed = MultiPart::mixed().multipart(body);
            for attachment in attachments {
                mixed = mixed.singlepart(part(attachment)?);
            }
            builder.multipart(mixed)
        }
        .map_err(|error| LetterError::Message(error.to_string()))?;
        Ok(Self {
            message_id: message_id.to_owned(),
            envelope: message.envelope().clone(),
            bytes: message.formatted(),
        })
    }
}

fn part(attachment: &Attachment) -> Result<SinglePart, LetterError> {
    let media_type = ContentType::parse(attachment.media_type)
        .map_err(|error| LetterError::Message(error.to_string()))?;
    Ok(Part::new(one_line(&attachment.name)).body(attachment.bytes.clone(), media_type))
}

fn mailbox(what: &'static str, text: &str) -> Result<Mailbox, LetterError> {
    text.parse().map_err(|error: lettre::address::AddressError| LetterError::Address {
        what,
        text: text.chars().take(80).collect(),
        reason: error.to_string(),
    })
}
