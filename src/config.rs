//! The settings: one struct a concern, from a file, then the environment, then the flags.
//!
//! `homeward.toml` says `database_url = "…"` and `[operator] zone = "…"`; in the environment the same
//! are `HOMEWARD_DATABASE_URL` and `HOMEWARD_OPERATOR__ZONE`. What is not known is an error, wherever
//! it stands.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use figment::providers::{Env, Format, Serialized, Toml};
use figment::{Figment, Source};
use serde::{Deserialize, Serialize};

use crate::db::DatabaseUrl;
use crate::domain::zone::Zone;
use crate::http::PublicUrl;

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "homeward.toml";

/// Where the database is when nothing says otherwise.
const DEFAULT_DATABASE: &str = "sqlite://data/homeward.db";

/// Requests a token has a minute when nothing else is set.
const DEFAULT_RATE: NonZeroU32 = match NonZeroU32::new(600) {
    Some(rate) => rate,
    None => NonZeroU32::MIN,
};

/// Requests without a valid token that an address has a minute when nothing else is set.
const DEFAULT_ANONYMOUS_RATE: NonZeroU32 = match NonZeroU32::new(60) {
    Some(rate) => rate,
    None => NonZeroU32::MIN,
};

/// Tries to sign in that an address has a minute, and a user an hour, when nothing else is set.
const DEFAULT_SIGN_INS: NonZeroU32 = match NonZeroU32::new(20) {
    Some(rate) => rate,
    None => NonZeroU32::MIN,
};

/// Variables of the prefix that are no settings.
const NOT_SETTINGS: &[&str] = &["config", "log", "log_format", "require_all"];

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite://PATH` or `postgres://…`.
    pub database_url: DatabaseUrl,
    /// A file that holds the database's URL alone, in place of `database_url`.
    #[serde(default)]
    pub database_url_file: Option<PathBuf>,
    /// Where the links to an RMA's status in messages begin.
    #[serde(default)]
    pub status_url: Option<String>,
    /// Where fonts are looked for beside the system's own folders.
    #[serde(default)]
    pub fonts_folder: Option<PathBuf>,
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub service: Service,
    #[serde(default)]
    pub mail: crate::mail::MailSettings,
    #[serde(default)]
    pub jobs: JobsSettings,
    #[serde(default)]
    pub reports: ReportsSettings,
    #[serde(default)]
    pub attachments: AttachmentsSettings,
}

/// How the service listens and how much a token may ask of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Address and port; port 0 takes any that is free.
    pub bind: String,
    /// Requests a token has a minute; 0 is refused by its type.
    pub requests_a_minute: NonZeroU32,
    /// Requests without a valid token that an address has a minute.
    pub anonymous_requests_a_minute: NonZeroU32,
    /// Tries to sign in that an address has a minute; a user has as many an hour,
    /// and as many again from each address where they signed in before.
    pub sign_ins_a_minute: NonZeroU32,
    /// Where people reach the service, `https://rma.example`: set it wherever TLS is in front.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Seconds it still answers after SIGTERM while it already says that it is not ready.
    pub not_ready_seconds: u64,
    /// Seconds running requests may take to finish after that.
    pub drain_seconds: u64,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8080".to_owned(),
            requests_a_minute: DEFAULT_RATE,
            anonymous_requests_a_minute: DEFAULT_ANONYMOUS_RATE,
            sign_ins_a_minute: DEFAULT_SIGN_INS,
            public_url: None,
            trusted_proxies: Vec::new(),
            not_ready_seconds: 3,
            drain_seconds: 30,
        }
    }
}

/// What runs by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobsSettings {
    /// Whether `serve` runs the schedules; `work` always does.
    pub enabled: bool,
    /// Minutes after which a slot that is not done counts as late at `/readyz`.
    pub late_after_minutes: u32,
    /// Where the files of report runs go; instances on several machines share it.
    pub runs_folder: PathBuf,
    /// Report definitions beside those that come with the program, or in their place.
    pub reports_folder: Option<PathBuf>,
}

impl Default for JobsSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            late_after_minutes: 15,
            runs_folder: PathBuf::from("data/runs"),
            reports_folder: None,
        }
    }
}

/// What becomes of reports that ran.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportsSettings {
    /// Days after which a run's file is removed; its run stays on record. None: files are kept.
    pub keep_days: Option<NonZeroU32>,
}

/// Files that are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentsSettings {
    /// How many an RMA, a case or a box may have; 0 is refused by its type.
    pub each: NonZeroU32,
}

impl Default for AttachmentsSettings {
    fn default() -> Self {
        Self { each: crate::app::FILES_EACH }
    }
}

/// Who runs this Homeward.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// The zone whose date stands in case numbers (ID-1).
    pub zone: Zone,
}

impl Default for Operator {
    fn default() -> Self {
        Self { zone: Zone::UTC }
    }
}

/// Settings given as flags, which go before all others.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
}

/// Why there are no settings to work with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {0} is not there")]
    Missing(PathBuf),
    #[error("a setting is wrong: {0}")]
    Wrong(Box<figment::Error>),
    #[error("database_url_file: {}: {source}", .path.display())]
    SecretFile { path: PathBuf, source: std::io::Error },
    #[error(
        "database_url and database_url_file are both set; leave one of them out (HOMEWARD_DATABASE_URL, \
         HOMEWARD_DATABASE_URL_FILE)"
    )]
    Both,
}

impl Config {
    /// Reads the settings. A file that is named must be there.
    ///
    /// # Errors
    /// Names the setting, what is wrong with it and where it was read.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
        Ok(Settings::read(file, flags)?.config)
    }
}

/// The settings with where each of them was read.
#[derive(Debug, Clone)]
pub struct Settings {
    pub config: Config,
    layers: Figment,
}

impl Settings {
    /// As [`Config::load`].
    pub fn read(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        if file.is_some() && !path.is_file() {
            return Err(ConfigError::Missing(path.to_owned()));
        }
        let environment = Env::prefixed("HOMEWARD_")
            .filter(|key| {
                let key = key.as_str().to_ascii_lowercase();
                !NOT_SETTINGS.contains(&key.as_str()) && !key.starts_with("test_")
            })
            .split("__");
        let mut given = Figment::new();
        if path.is_file() {
            given = given.merge(Toml::file_exact(path));
        }
        given = given.merge(environment);
        if flags.database_url.is_none() {
            given = with_database_of_file(given)?;
        }
        let layers = Figment::from(Serialized::default("database_url", DEFAULT_DATABASE))
            .merge(given)
            .merge(Serialized::defaults(flags));
        let config = layers.extract().map_err(|error| ConfigError::Wrong(Box::new(error)))?;
        Ok(Self { config, layers })
    }

    /// Where a setting was read: a file, a variable, a flag, or nowhere.
    pub fn origin(&self, key: &str) -> String {
        let found = self.layers.find_metadata(key);
        let Some(found) = found else { return "default".to_owned() };
        match &found.source {
            Some(Source::File(path)) => path.display().to_string(),
            _ if found.name.contains("environment") => "environment".to_owned(),
            _ if key == "database_url" => self.database_origin(),
            _ => "default".to_owned(),
        }
    }

    fn database_origin(&self) -> String {
        if let Some(file) = &self.config.database_url_file {
            return format!("database_url_file {}", file.display());
        }
        let given = self.config.database_url.to_string();
        if given == DEFAULT_DATABASE { "default".to_owned() } else { "flag".to_owned() }
    }
}

/// The URL of the file that `database_url_file` names, as if it stood in its place. A line break at its end
/// is not part of it.
fn with_database_of_file(given: Figment) -> Result<Figment, ConfigError> {
    let Ok(path) = given.extract_inner::<PathBuf>("database_url_file") else { return Ok(given) };
    if given.contains("database_url") {
        return Err(ConfigError::Both);
    }
    match std::fs::read_to_string(&path) {
        Ok(url) => {
            let url = url.trim_end_matches(['\r', '\n']);
            Ok(given.merge(Serialized::default("database_url", url)))
        }
        Err(source) => Err(ConfigError::SecretFile { path, source }),
    }
}
