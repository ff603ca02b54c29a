//! Report definitions: the TOML files of `reports/`, which come with the program.

use serde::Deserialize;

use super::non_returns::Column;
use crate::domain::zone::Zone;
use crate::words;

words! {
    /// What a report's rows are.
    Dataset("dataset of a report") {
        /// Units owed past their return window.
        NonReturns = "non_returns",
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
