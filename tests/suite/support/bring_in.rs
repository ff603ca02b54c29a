//! CSV text brought into the register by the importers' use case.

use homeward::app::import::{By, Import, Progress, Subject};

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
    let path = db.folder().join(format!("{subject}.csv"));
    std::fs::write(&path, text).expect("writing a CSV file");
    let import = Import::open(subject, &path).expect("opening a CSV file");
    let by = By { actor: "administrator:test".parse().expect("an actor"), at: chrono::Utc::now() };
    if let Err(error) = import.run(db, false, &by, &mut Unseen) {
        panic!("importing {subject}: {error:?}");
    }
}
