//! A report definition: a TOML file, read strictly.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use toml::Spanned;

use super::csv::Heading;
use super::{non_returns, open_rmas, product_life};
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
        /// Installed units and the milestones of their products' lives.
        ProductLife = "product_life",
    }
}

impl Dataset {
    /// Whether its rows tell of amounts: who may see it follows from that.
    pub fn tells_of_money(self) -> bool {
        match self {
            Self::NonReturns => true,
            Self::OpenRmas | Self::ProductLife => false,
        }
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

/// Which rows a report keeps: in each of these columns one of these texts. Empty: all.
pub type Filter<C> = Vec<(C, Vec<String>)>;

/// The columns of a report, in their order, and which rows it keeps, by its dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    NonReturns(Vec<non_returns::Column>, Filter<non_returns::Column>),
    OpenRmas(Vec<open_rmas::Column>, Filter<open_rmas::Column>),
    ProductLife(Vec<product_life::Column>, Filter<product_life::Column>),
}

impl Columns {
    /// The headings.
    pub fn headings(&self) -> Vec<Heading> {
        match self {
            Self::NonReturns(columns, _) => headings(columns),
            Self::OpenRmas(columns, _) => headings(columns),
            Self::ProductLife(columns, _) => headings(columns),
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
    filter: BTreeMap<String, Spanned<Vec<String>>>,
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
    #[error("{file}: line {line}, `{key}`: {reason}")]
    Wrong { file: String, line: usize, key: String, reason: String },
    #[error("{file}: {reason}")]
    Name { file: String, reason: String },
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
}

/// A column that rows can be filtered by.
fn headings<C: Filtered>(columns: &[C]) -> Vec<Heading> {
    columns.iter().map(|column| column.heading()).collect()
}

trait Filtered: Copy + PartialEq + FromStr<Err = UnknownWord> {
    fn heading(self) -> Heading;
    /// What it can be filtered by, for messages.
    fn known() -> String;
    fn can_filter(self) -> bool;
}

macro_rules! filtered {
    ($($column:ty),*) => { $(
        impl Filtered for $column {
            fn heading(self) -> Heading {
                Heading { name: self.as_str(), is_instant: <$column>::INSTANTS.contains(&self) }
            }
            fn known() -> String {
                let all = <$column>::ALL.iter().filter(|column| column.can_filter());
                all.map(|column| column.as_str()).collect::<Vec<_>>().join(", ")
            }
            fn can_filter(self) -> bool {
                <$column>::FILTERS.contains(&self)
            }
        }
    )* };
}
filtered!(non_returns::Column, open_rmas::Column, product_life::Column);

impl ReportDefinition {
    /// Reads a definition; `file` is its name, for messages.
    ///
    /// # Errors
    /// Names the file, the line, the key, and what is wrong there.
    pub fn parse(file: &str, text: &str) -> Result<Self, DefinitionError> {
        let reading = Reading { file, text };
        let raw: Raw = toml::from_str(text).map_err(|error| reading.not_read(&error))?;
        let columns = match raw.dataset {
            Dataset::NonReturns => Columns::NonReturns(
                reading.columns(&raw.columns)?,
                reading.filter(raw.dataset, &raw.filter)?,
            ),
            Dataset::OpenRmas => Columns::OpenRmas(
                reading.columns(&raw.columns)?,
                reading.filter(raw.dataset, &raw.filter)?,
            ),
            Dataset::ProductLife => Columns::ProductLife(
                reading.columns(&raw.columns)?,
                reading.filter(raw.dataset, &raw.filter)?,
            ),
        };
        let Raw { title, dataset, zone, schedule, catch_up, recipients, .. } = raw;
        Ok(Self { title, dataset, zone, columns, schedule, catch_up, recipients })
    }
}

/// A file being read.
struct Reading<'a> {
    file: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn columns<C: Filtered>(
        &self,
        given: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<Vec<C>, DefinitionError> {
        if given.get_ref().is_empty() {
            return Err(self.bad(given.span().start, "columns", "there is none"));
        }
        let mut columns = Vec::new();
        for word in given.get_ref() {
            let at = word.span().start;
            let column: C = word
                .get_ref()
                .parse()
                .map_err(|error: UnknownWord| self.bad(at, "columns", error))?;
            if columns.contains(&column) {
                let reason = format!("{} stands there twice", word.get_ref());
                return Err(self.bad(at, "columns", reason));
            }
            columns.push(column);
        }
        Ok(columns)
    }

    fn filter<C: Filtered>(
        &self,
        dataset: Dataset,
        given: &BTreeMap<String, Spanned<Vec<String>>>,
    ) -> Result<Filter<C>, DefinitionError> {
        let mut filter = Vec::new();
        for (word, texts) in given {
            let (at, key) = (texts.span().start, format!("filter.{word}"));
            let column = word.parse().ok().filter(|column: &C| column.can_filter());
            let column = column.ok_or_else(|| {
                let known = C::known();
                let reason = format!("rows of {dataset} are filtered by {known} alone");
                self.bad(at, &key, reason)
            })?;
            if texts.get_ref().is_empty() {
                return Err(self.bad(at, &key, "no text is named: no row would be kept"));
            }
            filter.push((column, texts.get_ref().clone()));
        }
        Ok(filter)
    }

    /// The TOML itself, a key that is not known, or a value of the wrong kind.
    fn not_read(&self, error: &toml::de::Error) -> DefinitionError {
        let reason = error.message();
        let at = error.span().map_or(0, |span| span.start);
        // A missing or unknown key is named in the message alone.
        let named = ["missing field `", "unknown field `"]
            .iter()
            .find_map(|begin| reason.strip_prefix(begin)?.split('`').next());
        let key = named.map_or_else(|| self.key_at(at), str::to_owned);
        self.bad(at, &key, reason)
    }

    /// The key whose value a place in the text belongs to: the nearest before it.
    fn key_at(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default().len();
        let end = self.text[before..].find('\n').map_or(self.text.len(), |more| before + more);
        let key = |line: &str| {
            let name = line.split_once('=')?.0.trim().trim_matches(['"', '\'']);
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
        };
        self.text[..end].lines().rev().find_map(key).unwrap_or_else(|| "file".to_owned())
    }

    fn bad(&self, at: usize, key: &str, reason: impl ToString) -> DefinitionError {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        let (file, key, reason) = (self.file.to_owned(), key.to_owned(), reason.to_string());
        DefinitionError::Wrong { file, line, key, reason }
    }
}
