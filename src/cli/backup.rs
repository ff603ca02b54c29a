//! `homeward backup`, `homeward restore` and `homeward release`.

use std::path::PathBuf;

use clap::Args;

use super::progress::Shown;
use super::{CliError, files, house};
use crate::app::backup::{self, BackupError, Summary, hold};
use crate::config::Config;

const AFTER_BACKUP: &str = "\
The house may be at work meanwhile: the file holds one moment of it. It goes into either kind of \
database. It holds everything, hashes of tokens included, and no settings.";

const AFTER_RESTORE: &str = "\
The database must be empty: a new SQLite file, or a new PostgreSQL database. The house it was taken from \
may still be at work, so the restored one sends no message, runs no schedule and takes no charge, credit, \
waiver or purchase until `homeward release`.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_BACKUP)]
pub struct BackupArguments {
    /// Where to; what is there is replaced once the new one is whole
    file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = AFTER_RESTORE)]
pub struct RestoreArguments {
    /// A file `homeward backup` wrote
    file: PathBuf,
    /// Check the file and say what is in it, without restoring
    #[arg(long)]
    check: bool,
}

pub(super) fn backup(arguments: &BackupArguments, config: &Config) -> Result<(), CliError> {
    let path = &arguments.file;
    let named = |source| CliError::Backup { path: path.clone(), source };
    if path == std::path::Path::new("-") {
        let reason = "a backup is read back once it is written: name a file".to_owned();
        return Err(CliError::Command(reason));
    }
    let app = house::open(config)?;
    let mut progress = Shown::on_stderr();
    let written = files::write_whole(path, |out| {
        backup::write(&app, out, house::now(), &mut progress).map_err(named)
    })?;
    let read = backup::check(path).map_err(named)?;
    if read != written {
        let reason = "what was read back is not what was written".to_owned();
        return Err(named(BackupError::Damaged(reason)));
    }
    tell(&read);
    Ok(())
}

pub(super) fn restore(arguments: &RestoreArguments, config: &Config) -> Result<(), CliError> {
    let path = &arguments.file;
    let named = |source| CliError::Backup { path: path.clone(), source };
    if arguments.check {
        tell(&backup::check(path).map_err(named)?);
        return Ok(());
    }
    let mut progress = Shown::on_stderr();
    let restored = backup::restore(path, &config.database_url, house::now(), &mut progress);
    tell(&restored.map_err(named)?);
    say!("held: nothing is sent and nothing charged until `homeward release`");
    Ok(())
}

fn tell(summary: &Summary) {
    let header = &summary.header;
    let made = header.made_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    say!("made at {made} on {}, schema {}", header.from, header.schema);
    for (table, rows) in summary.tables.iter().filter(|(_, rows)| **rows > 0) {
        say!("{rows:>10}  {table}");
    }
    say!("SHA-256 {}", summary.sha256);
}

pub(super) fn release(config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    match hold::release(&app, house::now())? {
        Some(released) => say!(
            "released: {} messages wait to be sent, {} RMAs have something due",
            released.messages,
            released.due
        ),
        None => say!("the house is not held"),
    }
    Ok(())
}
