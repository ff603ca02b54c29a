//! The questionnaire of a product family (SYS-5): questions whose answers lead to a verdict, as data.
//!
//! A version is one document. It begins with its first question; every answer names the question or
//! the verdict that follows. [`Questionnaire::check`] looks at a document as a whole before it is taken
//! in, so that [`Questionnaire::walk`] always ends.

mod builtin;
mod check;
mod walk;

use serde::{Deserialize, Serialize};

pub use builtin::{builtin, builtin_families};
pub use check::{Fault, Faults};
pub use walk::{Given, Step, WrongAnswer};

use super::ids::Family;

/// One version of a family's questionnaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    pub family: Family,
    /// Kept with every set of answers given to it; what it names never changes.
    pub version: String,
    /// The first one is asked first.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    #[serde(rename = "verdict")]
    pub verdicts: Vec<Verdict>,
}

/// A question and what follows each of its answers: the id of a question or of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// One of several answers.
    Choice {
        id: String,
        text: String,
        choices: Vec<Choice>,
    },
    YesNo {
        id: String,
        text: String,
        yes: String,
        no: String,
    },
    /// A whole number from `least` through `most`, in the unit that the text names.
    Number {
        id: String,
        text: String,
        least: i64,
        most: i64,
        ranges: Vec<Range>,
    },
}

/// An answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The word that is given as the answer.
    pub answer: String,
    /// What a person reads beside it.
    pub text: String,
    pub next: String,
}

/// The numbers after the range before, through this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub through: i64,
    pub next: String,
}

/// Where answers lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verdict {
    /// The unit has failed: an RMA is requested and created with this diagnosis (T1, T2).
    Rma { id: String, diagnosis: String },
    /// No RMA: what to do instead, step by step.
    Remedy { id: String, steps: Vec<String> },
    /// An engineer has to look, for this reason.
    Engineer { id: String, reason: String },
}

impl Question {
    pub fn id(&self) -> &str {
        match self {
            Self::Choice { id, .. } | Self::YesNo { id, .. } | Self::Number { id, .. } => id,
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Choice { text, .. } | Self::YesNo { text, .. } | Self::Number { text, .. } => {
                text
            }
        }
    }

    /// Each answer as a person names it, and the id it leads to.
    fn answers(&self) -> Vec<(String, &str)> {
        match self {
            Self::Choice { choices, .. } => {
                choices.iter().map(|choice| (choice.answer.clone(), choice.next.as_str())).collect()
            }
            Self::YesNo { yes, no, .. } => vec![("yes".to_owned(), yes), ("no".to_owned(), no)],
            Self::Number { ranges, .. } => ranges
                .iter()
                .map(|range| (format!("through {}", range.through), range.next.as_str()))
                .collect(),
        }
    }
}

impl Verdict {
    pub fn id(&self) -> &str {
        match self {
            Self::Rma { id, .. } | Self::Remedy { id, .. } | Self::Engineer { id, .. } => id,
        }
    }
}
