//! Report definitions: the TOML files of `reports/`, which come with the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use toml::Spanned;

use super::{non_returns, open_rmas};
use crate::domain::recurrence::Cron;
use crate::domain::words::UnknownWord;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What a report's rows are.
    Dataset("dataset of a report") {
        /// Units owed past their return window.
        NonReturns = "non_returns",
        /// RMAs not closed yet.
        OpenRmas = "open_rmas",
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
const SHIPPED: &[(&str, &str)] = &[
    ("non-returns", include_str!("../../reports/non-returns.toml")),
    ("open-rmas", include_str!("../../reports/open-rmas.toml")),
];

/// The columns of a report, in their order, by its dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    NonReturns(Vec<non_returns::Column>),
    OpenRmas(Vec<open_rmas::Column>),
}

impl Columns {
    /// The headings.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::NonReturns(columns) => columns.iter().map(|column| column.as_str()).collect(),
            Self::OpenRmas(columns) => columns.iter().map(|column| column.as_str()).collect(),
        }
    }
}

/// A report: what its rows are, which columns in which order, where its days end, and when it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDefinition {
    pub title: String,
    pub dataset: Dataset,
    /// A report as of a day sees what was recorded before that day's end here.
    pub zone: Zone,
    pub columns: Columns,
    /// When it runs, in `zone`: five fields of cron. None: only when asked for.
    pub schedule: Option<Cron>,
    /// What becomes of runs that were missed.
    pub catch_up: CatchUp,
    /// Who is sent each run's file.
    pub recipients: Vec<Recipient>,
}

/// A definition as its file has it: the dataset says what the columns may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    dataset: Dataset,
    zone: Zone,
    columns: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    schedule: Option<Cron>,
    #[serde(default = "every")]
    catch_up: CatchUp,
    #[serde(default)]
    recipients: Vec<Recipient>,
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
    #[error("reports/{name}.toml: line {line}, `columns`: {problem}")]
    Columns { name: String, line: usize, problem: String },
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
    ///
    /// # Errors
    /// Names the file, the line and what is wrong there.
    pub fn parse(name: &str, text: &str) -> Result<Self, DefinitionError> {
        let raw: Raw = toml::from_str(text).map_err(|source| DefinitionError::Toml {
            name: name.to_owned(),
            source: Box::new(source),
        })?;
        let reading = Reading { name, text };
        let columns = match raw.dataset {
            Dataset::NonReturns => Columns::NonReturns(reading.columns(&raw.columns)?),
            Dataset::OpenRmas => Columns::OpenRmas(reading.columns(&raw.columns)?),
        };
        let Raw { title, dataset, zone, schedule, catch_up, recipients, .. } = raw;
        Ok(Self { title, dataset, zone, columns, schedule, catch_up, recipients })
    }
}

/// A file being read.
struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn columns<C>(&self, given: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<C>, DefinitionError>
    where
        C: FromStr<Err = UnknownWord> + PartialEq,
    {
        if given.get_ref().is_empty() {
            return Err(self.bad(given.span().start, "there is none".to_owned()));
        }
        let mut columns = Vec::new();
        for word in given.get_ref() {
            let at = word.span().start;
            let column: C = word
                .get_ref()
                .parse()
                .map_err(|error: UnknownWord| self.bad(at, error.to_string()))?;
            if columns.contains(&column) {
                return Err(self.bad(at, format!("{} stands there twice", word.get_ref())));
            }
            columns.push(column);
        }
        Ok(columns)
    }

    fn bad(&self, at: usize, problem: String) -> DefinitionError {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        DefinitionError::Columns { name: self.name.to_owned(), line, problem }
    }
}
