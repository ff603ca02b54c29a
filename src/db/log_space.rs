//! Room for SQLite's write-ahead log, written before it is needed. A commit into bytes that are there already
//! waits for the disk for them alone; one that makes the file longer waits for the file system's own books
//! too, which takes it half as long again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::connection::LOG_PAGES;

/// What the log takes until its pages go home, and a little more for the commit that comes upon that.
const WANTED: u64 = (LOG_PAGES as u64 + 1_000) * FRAME;
/// A page of the log, with its header, in bytes.
const FRAME: u64 = 4096 + 24;
/// How much is written at once, in bytes: some milliseconds, for which others' writes wait.
const STEP: u64 = 4 << 20;

/// Makes the log of the database at `path` one step longer, with zeros, which SQLite takes for no page of it.
/// Says whether there is more to be done. To be called by who holds the database's write lock: nobody else
/// then writes the log, nor cuts it.
pub(super) fn lay_out(path: &Path) -> io::Result<bool> {
    let mut log = OpenOptions::new().write(true).open(log_of(path)?)?;
    let length = log.seek(SeekFrom::End(0))?;
    if length >= WANTED {
        return Ok(false);
    }
    let step = STEP.min(WANTED - length);
    if let Err(error) = write_zeros(&mut log, step) {
        // A disk that is full now may have room for what is really to be written.
        log.set_len(length)?;
        return Err(error);
    }
    Ok(length + step < WANTED)
}

fn write_zeros(log: &mut File, count: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(count), log)?;
    log.sync_all()
}

/// SQLite follows links too, and keeps the log beside the file itself.
fn log_of(path: &Path) -> io::Result<PathBuf> {
    let mut name = std::fs::canonicalize(path)?.into_os_string();
    name.push("-wal");
    Ok(name.into())
}
