//! Report definitions: the TOML files of `reports/`, which come with the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::non_returns::Column;
use crate::domain::recurrence::Cron;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What a report's rows are.
    Dataset("dataset of a report") {
        /// Units owed past their return window.
        NonReturns = "non_returns",
    }
}

words! {
    /// What becomes of slots that were missed.
    CatchUp("policy of catching up") {
        /// Each is made up: reports about money.
        Every = "every",
        /// The latest stands for all.
        Latest = "latest",
    }
}

/// A mail address that a report goes to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Recipient(String);

impl Recipient {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if email_address::EmailAddress::is_valid(&text) {
            return Ok(Self(text));
        }
        Err(format!("{text:?} is no mail address; give one such as finance@vendor.example"))
    }
}

/// The definitions that come with the program, by the name of their file.
const SHIPPED: &[(&str, &str)] = &[("non-returns", include_str!("../../reports/non-returns.toml"))];

/// A report: what its rows are, which columns in which order, and where its days end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportDefinition {
    pub title: String,
    pub dataset: Dataset,
    /// A report as of a day sees what was recorded before that day's end here.
    pub zone: Zone,
    pub columns: Vec<Column>,
    /// When it runs, in `zone`: five fields of cron. None: only when asked for.
    #[serde(default)]
    pub schedule: Option<Cron>,
    /// What becomes of runs that were missed.
    #[serde(default = "every")]
    pub catch_up: CatchUp,
    /// Who is sent each run's file.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
}

fn every() -> CatchUp {
    CatchUp::Every
}

/// Why a definition cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    #[error("there is no report {name:?}; known are: {known}")]
    Unknown { name: String, known: String },
    #[error("reports/{name}.toml: {source}")]
    Toml {
        name: String,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("reports/{name}.toml: `columns` {problem}")]
    Columns { name: String, problem: String },
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// The names of the reports that come with the program.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// A report that comes with the program.
pub fn shipped(name: &str) -> Result<ReportDefinition, DefinitionError> {
    match SHIPPED.iter().find(|(known, _)| *known == name) {
        Some((name, text)) => ReportDefinition::parse(name, text),
        None => Err(DefinitionError::Unknown {
            name: name.chars().take(80).collect(),
            known: shipped_names().collect::<Vec<_>>().join(", "),
        }),
    }
}

/// Every report by its name: those that come with the program, and those of `folder`, which may take
/// the place of one that comes with it.
///
/// # Errors
/// The first file that cannot be read or used, by its name.
pub fn library(folder: Option<&Path>) -> Result<Vec<(String, ReportDefinition)>, DefinitionError> {
    let mut found = BTreeMap::new();
    for (name, text) in SHIPPED {
        found.insert((*name).to_owned(), ReportDefinition::parse(name, text)?);
    }
    if let Some(folder) = folder {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| DefinitionError::File { path, source }
        };
        for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.insert(name.clone(), ReportDefinition::parse(&name, &text)?);
        }
    }
    Ok(found.into_iter().collect())
}

impl ReportDefinition {
    /// Reads a definition; `name` is its file's, for messages.
    pub fn parse(name: &str, text: &str) -> Result<Self, DefinitionError> {
        let definition: Self = toml::from_str(text).map_err(|source| DefinitionError::Toml {
            name: name.to_owned(),
            source: Box::new(source),
        })?;
        let bad =
            |problem: String| Err(DefinitionError::Columns { name: name.to_owned(), problem });
        if definition.columns.is_empty() {
            return bad("is empty".to_owned());
        }
        for (at, column) in definition.columns.iter().enumerate() {
            if definition.columns[..at].contains(column) {
                return bad(format!("names {column} twice"));
            }
        }
        Ok(definition)
    }
}
