//! Writing a result to a file that is either whole or not there, or to standard output.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::CliError;

/// Writes through `write` into a file beside `path` and puts it in place once it is whole and on the
/// disk; `-` is standard output. A failure leaves what was there before.
pub(super) fn write_whole<T>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, CliError>,
) -> Result<T, CliError> {
    if path == Path::new("-") {
        let mut out = BufWriter::new(io::stdout());
        let done = write(&mut out)?;
        out.flush()?;
        return Ok(done);
    }
    let named = |source: io::Error| CliError::File { path: path.to_owned(), source };
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return write_through(path, write).map_err(|error| with_name(error, path));
    }
    let beside = beside(path);
    let file = File::create(&beside).map_err(named)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let result = write(&mut out).and_then(|done| {
        let file = out.into_inner().map_err(|error| named(error.into_error()))?;
        file.sync_all().map_err(named)?;
        std::fs::rename(&beside, path).map_err(named)?;
        Ok(done)
    });
    if result.is_err() {
        // The error that led here says more than a failure to clean up after it.
        let _ = std::fs::remove_file(&beside);
    }
    result.map_err(|error| with_name(error, path))
}

/// A pipe or a device is written to as it is: nothing may be put in its place.
fn write_through<T>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let mut out = BufWriter::new(File::options().write(true).open(path)?);
    let done = write(&mut out)?;
    out.flush()?;
    Ok(done)
}

/// A failure to write says where.
fn with_name(error: CliError, path: &Path) -> CliError {
    let named = |source| CliError::File { path: path.to_owned(), source };
    match error {
        CliError::Output(source) => named(source),
        CliError::Report(crate::app::reports::ReportError::Io(source)) => named(source),
        other => other,
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
