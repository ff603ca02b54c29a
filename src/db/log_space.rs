//! Room for SQLite's write-ahead log, written before it is needed. A commit into bytes that are there already
//! waits for the disk for them alone; one that makes the file longer waits for the file system's own books
//! too, which takes it half as long again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::connection::LOG_PAGES;

/// What the log takes until its pages go home, and a little more for the commit that comes upon that.
const WANTED: u64 = (LOG_PAGES as u64 + 1_000) * FRAME;
/// A page of the log, with its header, in bytes.
const FRAME: u64 = 4096 + 24;
/// How much is written at once, in bytes; others' writes wait for it.
const STEP: u64 = 4 << 20;
/// What has to be free, in bytes: a disk that is nearly full has better uses for the rest.
const FREE: u64 = 8 * WANTED;

/// Makes the log of the database at `path` one step longer, with zeros, which SQLite takes for no page of it.
/// Says whether there is more to be done. To be called by who holds the database's write lock: nobody else
/// then writes the log, nor cuts it.
///
/// # Errors
/// The system's, or `StorageFull` where little is free.
pub(super) fn lay_out(path: &Path) -> io::Result<bool> {
    let path = log_of(path)?;
    // At its end, wherever that is: what is there is never written over.
    let mut log = OpenOptions::new().append(true).open(&path)?;
    let length = log.metadata()?.len();
    if length >= WANTED {
        return Ok(false);
    }
    if free_beside(&log)? < FREE {
        let why = format!("less than {FREE} bytes are free");
        return Err(io::Error::new(io::ErrorKind::StorageFull, why));
    }
    let step = STEP.min(WANTED - length);
    io::copy(&mut io::repeat(0).take(step), &mut log)?;
    log.sync_all()?;
    Ok(length + step < WANTED)
}

#[cfg(unix)]
fn free_beside(file: &File) -> io::Result<u64> {
    let system = rustix::fs::fstatvfs(file)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

/// Nothing tells.
#[cfg(not(unix))]
fn free_beside(_: &File) -> io::Result<u64> {
    Ok(u64::MAX)
}

/// SQLite follows links too, and keeps the log beside the file itself.
fn log_of(path: &Path) -> io::Result<PathBuf> {
    let mut name = std::fs::canonicalize(path)?.into_os_string();
    name.push("-wal");
    Ok(name.into())
}
