//! Files kept with an RMA, a case or a box: `attach`, `attachments` and `withdraw-attachment` of `homeward rma`,
//! `case` and `box`, and `homeward rma attachment`, which fetches one of any; and the photos of `homeward dock`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::CliError;
use super::files::write_whole;
use super::house::{self, Acting};
use super::text::instant;
use crate::app::attachments::{self, By, NewFile, Thing};
use crate::app::rmas;
use crate::config::Config;
use crate::db::attachments::Attachment;
use crate::db::scope::Scope;
use crate::domain::attachment::{AttachmentKind, FileName};
use crate::domain::ids::AttachmentId;
use crate::domain::media::FILE_LIMIT;

/// Reads a file to be kept; no more of it than may be kept is read.
pub(super) fn read(
    path: &Path,
    kind: AttachmentKind,
    name: Option<FileName>,
) -> Result<NewFile, CliError> {
    let named = |source| CliError::File { path: path.to_owned(), source };
    let name = match name {
        Some(name) => name,
        None => {
            let own = path.file_name().unwrap_or_default().to_string_lossy();
            let name = own.parse::<FileName>();
            name.map_err(|error| CliError::Command(format!("{error}; give another with --name")))?
        }
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(FILE_LIMIT).unwrap_or(u64::MAX) + 1;
    File::open(path).map_err(named)?.take(most).read_to_end(&mut bytes).map_err(named)?;
    NewFile::read(kind, name, bytes, None)
        .map_err(|error| CliError::Attachment { path: path.to_owned(), source: error })
}

impl Acting {
    /// Whoever sits at the house itself sees all of it.
    pub(super) fn by(&self) -> By<'_> {
        By { actor: &self.actor, scope: &Scope::All, source: &self.source }
    }
}

/// A file on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct FileArguments {
    /// The file: PDF, JPEG or PNG, at most 10 MiB, a carrier_label 5
    file: PathBuf,
    /// The name it is kept under; the file's own if left out
    #[arg(long)]
    name: Option<FileName>,
    #[command(flatten)]
    acting: Acting,
}

/// Keeps a file and prints its number.
pub(super) fn attach(
    config: &Config,
    thing: Thing,
    kind: AttachmentKind,
    arguments: FileArguments,
) -> Result<(), CliError> {
    let FileArguments { file, name, acting } = arguments;
    let file = read(&file, kind, name)?;
    let app = house::open(config)?;
    let (kept, is_new) = rmas::retrying(|| {
        app.db.write(|c| attachments::attach(&app, c, thing, &file, acting.by(), house::now()))
    })?;
    say!("{}", kept.id.0);
    if !is_new {
        eprintln!("the same file was kept before");
    }
    Ok(())
}

/// Prints the files of a thing, a line each.
pub(super) fn list(config: &Config, thing: Thing) -> Result<(), CliError> {
    let app = house::open(config)?;
    let files = app.db.read(|c| attachments::list(c, thing, &Scope::All))?;
    let mut out = std::io::stdout().lock();
    for file in files {
        line(&mut out, &file)?;
    }
    Ok(())
}

fn line(out: &mut impl Write, file: &Attachment) -> std::io::Result<()> {
    let Attachment { id, kind, name, media_type, size, sha256, actor, .. } = file;
    let at = instant(file.recorded_at);
    write!(out, "{}\t{kind}\t{name}\t{media_type}\t{size}\t{sha256}\t{actor}\t{at}", id.0)?;
    match &file.withdrawn {
        None => writeln!(out),
        Some(withdrawn) => writeln!(
            out,
            "\twithdrawn by {} at {}: {}",
            withdrawn.by,
            instant(withdrawn.at),
            withdrawn.because.replace(['\n', '\r', '\t'], " ")
        ),
    }
}

/// Writes a file's bytes.
pub(super) fn fetch(config: &Config, id: i64, out: &Path) -> Result<(), CliError> {
    let app = house::open(config)?;
    let (_, bytes) = app.db.read(|c| attachments::by_number(c, AttachmentId(id)))?;
    write_whole(out, |to| Ok(to.write_all(&bytes)?))
}

/// Takes a wrong file back.
pub(super) fn withdraw(
    config: &Config,
    thing: Thing,
    id: i64,
    reason: &str,
    acting: &Acting,
) -> Result<(), CliError> {
    let app = house::open(config)?;
    let which = (thing, AttachmentId(id));
    let taken = rmas::retrying(|| {
        app.db.write(|c| {
            let now = house::now();
            attachments::withdraw(&app, c, which, reason, acting.by(), now)
        })
    })?;
    say!("{} withdrawn; its hash stays: {}", taken.id.0, taken.sha256);
    Ok(())
}
