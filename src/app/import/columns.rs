//! The columns a file may have, and finding them in its first line.

use std::fmt::Write;

/// A column of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    /// Whether the file must have it. Whether a value may be empty, `meaning` says.
    pub required: bool,
    pub meaning: &'static str,
}

/// Declares the columns of a file as an enum, so that a row's value is found by its place.
macro_rules! columns {
    ($name:ident { $($variant:ident $column:literal $required:ident $meaning:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($variant),+ }

        impl $name {
            pub(super) const ALL: &'static [$crate::app::import::columns::Column] = &[
                $($crate::app::import::columns::Column {
                    name: $column,
                    required: columns!(@ $required),
                    meaning: $meaning,
                }),+
            ];
        }
        impl From<$name> for usize {
            fn from(column: $name) -> usize {
                column as usize
            }
        }
    };
    (@ required) => { true };
    (@ optional) => { false };
}
pub(super) use columns;

/// Where each column stands in the file; what is wrong with the first line otherwise.
pub(super) fn locate(
    columns: &'static [Column],
    header: &csv::StringRecord,
) -> Result<Vec<Option<usize>>, Vec<String>> {
    let mut places = vec![None; columns.len()];
    let mut wrong = Vec::new();
    for (place, name) in header.iter().enumerate() {
        match columns.iter().position(|c| c.name == name) {
            Some(column) if places[column].is_some() => {
                wrong.push(format!("the column `{name}` is there twice"));
            }
            Some(column) => places[column] = Some(place),
            None => wrong.push(unknown(columns, name, header.len())),
        }
    }
    for (column, place) in columns.iter().zip(&places) {
        if column.required && place.is_none() {
            wrong.push(format!("the column `{}` is missing", column.name));
        }
    }
    if wrong.is_empty() { Ok(places) } else { Err(wrong) }
}

fn unknown(columns: &'static [Column], name: &str, width: usize) -> String {
    let shown: String = name.chars().take(80).collect();
    if width == 1 && name.contains([';', '\t']) {
        return format!("{shown:?} is one column: separate the columns by commas");
    }
    let near = columns
        .iter()
        .map(|c| (strsim::osa_distance(c.name, &shown.trim().to_lowercase()), c.name))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    match near {
        Some((_, near)) => format!("the column {shown:?} is not known; did you mean `{near}`?"),
        None => {
            let known: Vec<&str> = columns.iter().map(|c| c.name).collect();
            format!("the column {shown:?} is not known; known are {}", known.join(", "))
        }
    }
}

/// The columns as a table for a help text.
pub(super) fn help(columns: &[Column]) -> String {
    let width = columns.iter().map(|c| c.name.len()).max().unwrap_or_default() + 1;
    let mut text = String::from("Columns, in any order (? = may be left out):\n");
    for column in columns {
        let name = format!("{}{}", column.name, if column.required { "" } else { "?" });
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<width$}  {}", column.meaning);
    }
    text
}
