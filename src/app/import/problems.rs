//! The rows of a file that cannot be taken, each with its line, column and reason.

use std::fmt;

/// How many problems are kept to be shown; all are counted.
pub const SHOWN: usize = 200;

/// One reason why a row is bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, from 1, on which the row begins (or on which a bad byte is).
    pub line: u64,
    pub column: Option<&'static str>,
    pub reason: String,
}

/// All that is wrong with the rows of one file.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    file: String,
    kept: Vec<Problem>,
    total: u64,
    rows: u64,
}

impl Problems {
    pub(super) fn new(file: String) -> Self {
        Self { file, ..Self::default() }
    }

    pub(super) fn add(&mut self, problem: Problem) {
        self.total += 1;
        if self.kept.len() < SHOWN {
            self.kept.push(problem);
        }
    }

    /// Counts one row as refused, however many problems it has.
    pub(super) fn refuse_row(&mut self) {
        self.rows += 1;
    }

    /// How many rows are refused.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many problems there are in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether every row is good.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The first [`SHOWN`] problems met, in order of their lines.
    pub fn shown(&self) -> Vec<&Problem> {
        let mut shown: Vec<&Problem> = self.kept.iter().collect();
        shown.sort_by_key(|p| p.line);
        shown
    }
}

/// One problem a line, `FILE:LINE: column `x`: reason`, and how many are not shown.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.shown() {
            write!(f, "{}:{}: ", self.file, problem.line)?;
            if let Some(column) = problem.column {
                write!(f, "column `{column}`: ")?;
            }
            writeln!(f, "{}", problem.reason)?;
        }
        let more = self.total - self.kept.len() as u64;
        if more > 0 {
            writeln!(f, "… and {more} more problems (the first {SHOWN} are shown)")?;
        }
        Ok(())
    }
}
