//! Files of report runs that were kept long enough: removed, their runs kept.

use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::Path;

use chrono::TimeDelta;

use super::run::Jobs;
use crate::app::AppError;
use crate::db::slots::{self, OldFile};

/// Runs looked at in one read, and noted in one write.
const BATCH: i64 = 500;

/// Removes the files of runs that ended more than `days` days ago; gives how many there were. One that
/// cannot be removed is said in the log and tried again with the next housekeeping.
pub(super) fn remove_old(jobs: &Jobs, days: NonZeroU32) -> Result<usize, AppError> {
    let before = jobs.clock.now() - TimeDelta::days(i64::from(days.get()));
    let (mut after, mut count) = (0, 0);
    // With its separator at the end.
    let folder = jobs.runs_folder.join("");
    let folder = folder.to_string_lossy();
    loop {
        let old = jobs.app.db.read(|c| slots::old_files(c, (before, &folder), after, BATCH))?;
        let Some(last) = old.last() else { return Ok(count) };
        after = last.run;
        let gone: Vec<i64> =
            old.iter().filter(|file| is_gone(jobs, file)).map(|file| file.run).collect();
        if gone.is_empty() {
            continue;
        }
        // The files first: a run of which it is said that its file was removed has none.
        let now = jobs.clock.now();
        jobs.app.db.write(|c| slots::note_removed(c, &gone, now))?;
        count += gone.len();
    }
}

/// Removes one file. What was written to another folder, before the setting was changed or by the house
/// that this one was restored from, is not this house's to remove.
fn is_gone(jobs: &Jobs, file: &OldFile) -> bool {
    let (run, path) = (file.run, Path::new(&file.path));
    if path.parent() != Some(jobs.runs_folder.as_path()) {
        return false;
    }
    match std::fs::remove_file(path) {
        Ok(()) => true,
        // It may be on another machine's disk, or on one that is not there just now.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            machine(&file.instance) == machine(&jobs.instance) && jobs.runs_folder.is_dir()
        }
        Err(error) => {
            let path = path.display();
            tracing::warn!(run, %path, %error, "a run's old file cannot be removed");
            false
        }
    }
}

/// The machine an instance runs on, of its name `HOST process PID`.
fn machine(instance: &str) -> &str {
    instance.rsplit_once(" process ").map_or(instance, |(host, _)| host)
}
