//! The header of a SQLite file's WAL index: a few bytes that every commit, of any process, makes others. The
//! format is a documented one (sqlite.org/walformat.html): two copies of 48 bytes, written one after the other,
//! with a counter of commits, the log's length, and its salts and checksums.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// One copy of the header.
pub(super) const COPY: usize = 48;

/// A header as it stood at some moment.
pub(super) type Header = [u8; COPY];

/// The open index of a database that is itself held open: it is neither cut nor made anew meanwhile.
#[derive(Debug, Clone, Copy)]
pub(super) struct WalIndex(&'static File);

/// Files by device and number. They stay open until the process ends: closing one would let go every lock
/// that SQLite holds on it in this process, as POSIX has it.
static OPENED: Mutex<Option<HashMap<(u64, u64), &'static File>>> = Mutex::new(None);

impl WalIndex {
    /// The index of the database at `path`; none where this system gives no way to read it in place.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        // SQLite follows links too, and keeps the index beside the file itself.
        let mut name = std::fs::canonicalize(path).ok()?.into_os_string();
        name.push("-shm");
        let metadata = std::fs::metadata(&name).ok()?;
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.get_or_insert_default();
        let key = (metadata.dev(), metadata.ino());
        if let Some(file) = opened.get(&key) {
            return Some(Self(file));
        }
        let file: &'static File = Box::leak(Box::new(File::open(&name).ok()?));
        opened.insert(key, file);
        Some(Self(file))
    }

    #[cfg(not(unix))]
    pub fn of(_: &Path) -> Option<Self> {
        None
    }

    /// The header, unless a commit is being noted in it at this moment.
    #[cfg(unix)]
    pub fn header(self) -> std::io::Result<Option<Header>> {
        use std::os::unix::fs::FileExt;
        let mut both = [0; 2 * COPY];
        self.0.read_exact_at(&mut both, 0)?;
        let mut first = [0; COPY];
        first.copy_from_slice(&both[..COPY]);
        Ok((both[COPY..] == first).then_some(first))
    }

    #[cfg(not(unix))]
    pub fn header(self) -> std::io::Result<Option<Header>> {
        Ok(None)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    use super::*;

    /// Commits of any connection change it and nothing else does, through links, checkpoints and a new log.
    #[test]
    fn every_commit_makes_it_another_and_nothing_else_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("real.db");
        let link = folder.path().join("linked.db");
        let open = || SqliteConnection::establish(path.to_str().expect("a path")).expect("SQLite");
        let (mut one, mut other) = (open(), open());
        one.batch_execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1);",
        )
        .expect("a table");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let index = WalIndex::of(&link).expect("the index");
        assert!(std::ptr::eq(index.0, WalIndex::of(&path).expect("the index").0), "opened once");
        let header = || index.header().expect("bytes").expect("no commit at this moment");
        let mut seen = vec![header()];
        for sql in [
            "INSERT INTO t VALUES (2)",
            "UPDATE t SET n = n + 1",
            "BEGIN; DELETE FROM t; COMMIT",
            "PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (3)",
            "DELETE FROM t; INSERT INTO t VALUES (3)",
        ] {
            for connection in [&mut one, &mut other] {
                connection.batch_execute(sql).expect(sql);
                assert!(!seen.contains(&header()), "{sql}");
                seen.push(header());
            }
        }
        for sql in ["SELECT * FROM t", "BEGIN IMMEDIATE; INSERT INTO t VALUES (4); ROLLBACK"] {
            other.batch_execute(sql).expect(sql);
            assert_eq!(seen.last(), Some(&header()), "{sql}");
        }
    }
}
