//! The settings of mail.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A text that is not shown: not in logs, not in errors.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Which way mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    Smtp,
    /// Files in a folder: nothing leaves the machine until somebody has said where to.
    #[default]
    Folder,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// From the first byte; port 465.
    #[default]
    Tls,
    /// Asked for, and refused without; port 587.
    StartTls,
    /// Not at all: for a server on this machine only.
    None,
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    pub host: String,
    /// 465 with TLS, 587 with STARTTLS, 25 with neither, if left out.
    pub port: Option<u16>,
    #[serde(default)]
    pub security: Security,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// A file that holds the password alone.
    pub password_file: Option<PathBuf>,
    /// Certificates to trust beside the public ones, as PEM.
    pub ca_file: Option<PathBuf>,
    /// How long to wait for each answer of the server.
    #[serde(default = "thirty")]
    pub timeout_seconds: u64,
}

fn thirty() -> u64 {
    30
}

/// `[mail]` of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The sender: `Homeward <rma@vendor.example>`. Its domain also ends the Message-IDs.
    pub from: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    pub transport: TransportKind,
    /// Where the files go with the transport `folder`.
    pub folder: PathBuf,
    pub smtp: Option<SmtpSettings>,
    /// Where the survey of a delivery or closing begins; `/RMA number` is added. None: no survey.
    pub survey_url: Option<String>,
    /// How often a message is tried before it is laid aside.
    pub attempts: u32,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            from: "Homeward <homeward@localhost>".to_owned(),
            reply_to: None,
            transport: TransportKind::default(),
            folder: PathBuf::from("data/mail"),
            smtp: None,
            survey_url: None,
            attempts: 12,
        }
    }
}

/// Why mail cannot be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("mail.{key}: {reason}")]
    Wrong { key: &'static str, reason: String },
    #[error("mail.{key}: {}: {source}", .path.display())]
    File {
        key: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl SmtpSettings {
    /// The password, from the setting or its file.
    pub(super) fn password(&self) -> Result<Option<Secret>, SettingsError> {
        match (&self.password, &self.password_file) {
            (Some(_), Some(_)) => Err(SettingsError::Wrong {
                key: "smtp.password",
                reason: "give either password or password_file, not both".to_owned(),
            }),
            (Some(password), None) => Ok(Some(password.clone())),
            (None, Some(path)) => {
                let text = read("smtp.password_file", path)?;
                Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
            }
            (None, None) => Ok(None),
        }
    }
}

pub(super) fn read(key: &'static str, path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::File {
        key,
        path: path.to_owned(),
        source,
    })
}
