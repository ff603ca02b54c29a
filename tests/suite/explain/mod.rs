//! `homeward explain`, at its doors: the rulebook's examples, bad input, files of questions, every date
//! of an RMA and a unit.

mod bad_input;
mod batch;
mod doors;
mod examples;
mod properties;
pub mod stored;

use serde_json::Value;

use crate::support::command::{Ran, homeward};

/// A folder without a database, for questions that need none.
struct Bare(tempfile::TempDir);

impl Bare {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Runs the program where there is no database, and sees that it makes none.
    fn run(&self, arguments: &[&str]) -> Ran {
        let url = format!("sqlite://{}", self.path("homeward.db").display());
        let mut command = homeward(self.0.path(), &url);
        let ran = command.args(arguments).output().expect("running homeward").into();
        assert!(!self.path("homeward.db").exists(), "a question made a database");
        ran
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// The answer in JSON to a question written as on the command line.
    fn ask(&self, question: &str) -> Value {
        let arguments: Vec<&str> = ["explain"].into_iter().chain(words(question)).collect();
        let ran = self.run(&[&arguments[..], &["--json"]].concat());
        assert_eq!(ran.code, 0, "{question}: {}", ran.err);
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.out))
    }

    /// What is said of a question that cannot be answered.
    fn refused(&self, question: &str) -> String {
        let arguments: Vec<&str> = ["explain"].into_iter().chain(words(question)).collect();
        let ran = self.run(&arguments);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{question}");
        ran.err
    }
}

fn words(question: &str) -> impl Iterator<Item = &str> {
    question.split_whitespace()
}
