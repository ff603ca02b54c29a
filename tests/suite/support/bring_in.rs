//! CSV text brought into the register by the importers' use case.

use chrono::{DateTime, Utc};
use homeward::app::import::{By, Import, ImportError, Progress, Subject, Summary};

use super::databases::TestDatabase;

struct Unseen;

impl Progress for Unseen {
    fn begin(&mut self, _what: &'static str, _total: u64) {}
    fn reach(&mut self, _done: u64) {}
    fn end(&mut self) {}
}

/// Takes in a CSV file of `subject`, as `homeward import` does.
#[track_caller]
pub fn bring_in(db: &TestDatabase, subject: Subject, text: &str) {
    if let Err(error) = try_bring_in(db, subject, &subject.to_string(), text) {
        panic!("importing {subject}: {error:?}");
    }
}

/// The same, from a file of that name, with what came of it.
pub fn try_bring_in(
    db: &TestDatabase,
    subject: Subject,
    name: &str,
    text: &str,
) -> Result<Summary, ImportError> {
    try_bring_in_at(db, subject, (name, text), Utc::now())
}

/// The same at some instant.
pub fn try_bring_in_at(
    db: &TestDatabase,
    subject: Subject,
    (name, text): (&str, &str),
    at: DateTime<Utc>,
) -> Result<Summary, ImportError> {
    let path = db.folder().join(format!("{name}.csv"));
    std::fs::write(&path, text).expect("writing a CSV file");
    let import = Import::open(subject, &path).expect("opening a CSV file");
    let by = By { actor: "administrator:test".parse().expect("an actor"), at };
    import.run(db, false, &by, &mut Unseen)
}
