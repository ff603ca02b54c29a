//! The reports there are: those that come with the program, and those of the operator's own folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::definition::{Dataset, DefinitionError, ReportDefinition};

/// The definitions that come with the program, by the name of their file.
const SHIPPED: &[(&str, &str)] = &[
    ("non-returns", include_str!("../../reports/non-returns.toml")),
    ("open-rmas", include_str!("../../reports/open-rmas.toml")),
    ("product-life", include_str!("../../reports/product-life.toml")),
];

/// Names that schedules of Homeward's own have, and so no report.
pub const TAKEN: [&str; 3] = ["clock", "outbox", "housekeeping"];

/// Reports by their names. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Library(Arc<BTreeMap<String, ReportDefinition>>);

impl Library {
    /// Those that come with the program, and those of `folder`, which may take the place of one that
    /// comes with it.
    ///
    /// # Errors
    /// The first file that cannot be read or used.
    pub fn open(folder: Option<&Path>) -> Result<Self, DefinitionError> {
        let (library, mut wrong) = read(folder);
        if wrong.is_empty() { Ok(library) } else { Err(wrong.remove(0)) }
    }

    /// A report by its name.
    ///
    /// # Errors
    /// `Unknown`, which says what is known.
    pub fn get(&self, name: &str) -> Result<&ReportDefinition, DefinitionError> {
        self.0.get(name).ok_or_else(|| DefinitionError::Unknown {
            name: name.chars().take(80).collect(),
            known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The report of an account's installed units: the operator's own, as long as it is about that.
    ///
    /// # Errors
    /// That the one which comes with the program cannot be used.
    pub fn product_life(&self) -> Result<ReportDefinition, DefinitionError> {
        const NAME: &str = "product-life";
        match self.0.get(NAME) {
            Some(report) if report.dataset == Dataset::ProductLife => Ok(report.clone()),
            _ => shipped(NAME),
        }
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ReportDefinition)> {
        self.0.iter().map(|(name, report)| (name.as_str(), report))
    }
}

impl FromIterator<(String, ReportDefinition)> for Library {
    fn from_iter<I: IntoIterator<Item = (String, ReportDefinition)>>(reports: I) -> Self {
        Self(Arc::new(reports.into_iter().collect()))
    }
}

/// Everything that is wrong with the definitions of a folder; empty where they can be used.
pub fn check(folder: Option<&Path>) -> Vec<DefinitionError> {
    read(folder).1
}

/// A report that comes with the program.
///
/// # Errors
/// `Unknown`, which says what is known.
pub fn shipped(name: &str) -> Result<ReportDefinition, DefinitionError> {
    Library::open(None)?.get(name).cloned()
}

fn read(folder: Option<&Path>) -> (Library, Vec<DefinitionError>) {
    let (mut found, mut wrong) = (BTreeMap::new(), Vec::new());
    for (name, text) in SHIPPED {
        match ReportDefinition::parse(&format!("reports/{name}.toml"), text) {
            Ok(report) => drop(found.insert((*name).to_owned(), report)),
            Err(error) => wrong.push(error),
        }
    }
    let files = folder.map_or_else(|| Ok(Vec::new()), files);
    match files {
        Err(error) => wrong.push(error),
        Ok(files) => {
            for path in files {
                match of_file(&path) {
                    Ok((name, report)) => drop(found.insert(name, report)),
                    Err(error) => wrong.push(error),
                }
            }
        }
    }
    (Library(Arc::new(found)), wrong)
}

/// The TOML files of a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, DefinitionError> {
    let failed = |source| DefinitionError::File { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn of_file(path: &Path) -> Result<(String, ReportDefinition), DefinitionError> {
    let file = path.display().to_string();
    let bad = |reason: String| Err(DefinitionError::Name { file: file.clone(), reason });
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if TAKEN.contains(&name.as_str()) {
        return bad(format!("a schedule of Homeward's own is called {name}; give another name"));
    }
    // It becomes part of file names, paths and headers.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.len() > 60 || name.is_empty() || !name.chars().all(plain) {
        return bad("a report's file is named with 1 to 60 of a-z, 0-9, - and _".to_owned());
    }
    let failed = |source| DefinitionError::File { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok((name, ReportDefinition::parse(&file, &text)?))
}
