//! The ways a message leaves the house.

use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport as _};

use super::letter::Letter;
use super::settings::{MailSettings, Security, SettingsError, SmtpSettings, TransportKind, read};

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It will never be taken: no such mailbox, too large…
    #[error("refused for good: {0}")]
    Permanent(String),
    /// It may be taken later. After a break of the connection it may also have been taken already.
    #[error("not taken now: {0}")]
    Temporary(String),
}

/// Takes messages away. Blocks until the message is taken, refused, or given up on.
pub trait Transport: Send + Sync {
    /// # Errors
    /// [`SendError`] says whether to try again.
    fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// The transport of the settings.
///
/// # Errors
/// Names the setting.
pub fn open(settings: &MailSettings) -> Result<Box<dyn Transport>, SettingsError> {
    match (settings.transport, &settings.smtp) {
        (TransportKind::Folder, _) => Ok(Box::new(FolderTransport::new(&settings.folder)?)),
        (TransportKind::Smtp, Some(smtp)) => Ok(Box::new(SmtpMail::new(smtp)?)),
        (TransportKind::Smtp, None) => Err(SettingsError::Wrong {
            key: "smtp",
            reason: "the transport is smtp: say at least mail.smtp.host".to_owned(),
        }),
    }
}

/// Mail by SMTP, a connection a message.
pub struct SmtpMail(SmtpTransport);

impl SmtpMail {
    /// # Errors
    /// A password or certificate that cannot be read; no protection on the way to another machine.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SettingsError> {
        let mut builder = SmtpTransport::builder_dangerous(&settings.host)
            .tls(tls(settings)?)
            .port(settings.port.unwrap_or(match settings.security {
                Security::Tls => 465,
                Security::StartTls => 587,
                Security::None => 25,
            }))
            .timeout(Some(Duration::from_secs(settings.timeout_seconds.clamp(1, 120))));
        if let Some(user) = &settings.user {
            let password = settings.password()?.ok_or_else(|| SettingsError::Wrong {
                key: "smtp.user",
                reason: "a user needs a password or a password_file".to_owned(),
            })?;
            let secret = password.reveal().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), secret));
        }
        Ok(Self(builder.build()))
    }

    /// Speaks to the server as for a message, with the protection and the login of the settings, and
    /// leaves again without one.
    ///
    /// # Errors
    /// What the server, its certificate or the way there refuses, and what to do about it.
    pub fn greet(&self) -> Result<(), String> {
        match self.0.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server broke off after the greeting".to_owned()),
            Err(error) => Err(told(&error)),
        }
    }
}

fn tls(settings: &SmtpSettings) -> Result<Tls, SettingsError> {
    if settings.security == Security::None {
        return if is_loopback(&settings.host) {
            Ok(Tls::None)
        } else {
            let reason = format!(
                "{} is another machine: mail and password would travel in the clear; use tls or \
                 starttls",
                settings.host
            );
            Err(SettingsError::Wrong { key: "smtp.security", reason })
        };
    }
    let mut parameters = TlsParameters::builder(settings.host.clone());
    let wrong = |key: &'static str, reason: String| SettingsError::Wrong { key, reason };
    if let Some(path) = &settings.ca_file {
        let pem = read("smtp.ca_file", path)?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            let reason = format!("{} holds no certificate in PEM", path.display());
            return Err(wrong("smtp.ca_file", reason));
        }
        let certificate = Certificate::from_pem(pem.as_bytes())
            .map_err(|error| wrong("smtp.ca_file", format!("{}: {error}", path.display())))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters =
        parameters.build().map_err(|error| wrong("smtp.security", error.to_string()))?;
    Ok(match settings.security {
        Security::Tls => Tls::Wrapper(parameters),
        _ => Tls::Required(parameters),
    })
}

/// Whether every address of a host is this machine's own.
fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let found: Vec<_> = (host, 0).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
    !found.is_empty() && found.iter().all(|address| address.ip().is_loopback())
}

/// RFC 4954: a login is wanted, too weak, or wrong.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

impl Transport for SmtpMail {
    fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let Err(error) = self.0.send_raw(&letter.envelope, &letter.bytes) else { return Ok(()) };
        let detail = told(&error);
        if !error.is_permanent() && !error.is_client() {
            return Err(SendError::Temporary(detail));
        }
        // A refusal of the login or of ourselves looks like one of the message, but says nothing
        // about it: a password that ran out must not lay all mail aside.
        let about_us = error.status().is_some_and(|code| ABOUT_US.contains(&u16::from(code)));
        match self.0.test_connection() {
            Ok(true) if !about_us => Err(SendError::Permanent(detail)),
            _ => Err(SendError::Temporary(format!("the server refuses us: {detail}"))),
        }
    }
}

/// The error with its causes, and what to do about it.
fn told(error: &lettre::transport::smtp::Error) -> String {
    let detail = with_sources(error);
    match hint(error, &detail) {
        Some(hint) => format!("{detail}; {hint}"),
        None => detail,
    }
}

/// What to do about what went wrong before a message was even spoken of.
fn hint(error: &lettre::transport::smtp::Error, detail: &str) -> Option<&'static str> {
    if detail.contains("certificate") {
        return Some(
            "the server's certificate is not trusted for mail.smtp.host: name the host as the \
             certificate does, or say in mail.smtp.ca_file whose certificates are good",
        );
    }
    if error.status().is_some_and(|code| ABOUT_US.contains(&u16::from(code))) {
        return Some("look at mail.smtp.user and mail.smtp.password");
    }
    // What rustls says of a greeting in plain text.
    if detail.contains("InvalidContentType") {
        return Some(
            "the server does not begin with TLS there: set mail.smtp.security to starttls, or its \
             other port",
        );
    }
    (error.is_client() && detail.contains("STARTTLS")).then_some(
        "the server offers no STARTTLS: set mail.smtp.security to tls, or its other port",
    )
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    super::clean::one_line(&text)
}

/// Messages as files; a double takes the place of the first.
pub struct FolderTransport(PathBuf);

impl FolderTransport {
    /// # Errors
    /// The folder cannot be made.
    pub fn new(folder: &Path) -> Result<Self, SettingsError> {
        std::fs::create_dir_all(folder).map_err(|source| SettingsError::File {
            key: "folder",
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self(folder.to_owned()))
    }

    fn keep(&self, letter: &Letter) -> std::io::Result<()> {
        // The Message-ID's local part: numbers and words of our own, kept to what any file system takes.
        let name: String = letter
            .message_id
            .trim_start_matches('<')
            .chars()
            .take_while(|c| *c != '@')
            .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
            .collect();
        let beside = self.0.join(format!(".{name}.{}.part", std::process::id()));
        let mut file = File::create(&beside)?;
        file.write_all(&letter.bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, self.0.join(format!("{name}.eml")))
    }
}

impl Transport for FolderTransport {
    fn send(&self, letter: &Letter) -> Result<(), SendError> {
        self.keep(letter)
            .map_err(|error| SendError::Temporary(format!("{}: {error}", self.0.display())))
    }
}

/// Keeps messages in memory, for tests.
#[derive(Default)]
pub struct MemoryTransport(Mutex<Vec<Letter>>);

impl MemoryTransport {
    pub fn letters(&self) -> Vec<Letter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for MemoryTransport {
    fn send(&self, letter: &Letter) -> Result<(), SendError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
        Ok(())
    }
}
