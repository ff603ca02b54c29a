//! Files kept with an RMA, a case or a box judged at a dock: proofs of delivery (T13), photos of the dock
//! (AMB-14), the carrier's label of a return we pay (AMB-26), and others.
//!
//! The bytes are kept in the database, so that a backup and a restore are whole; they say themselves what
//! they are. A file is given once: the same bytes of the same kind on the same thing are the same attachment.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::caller::Capability;
use super::context::App;
use super::error::AppError;
use super::{rmas, visible};
use crate::db::attachments::{self as rows, Attachment, NewAttachment, On, Withdrawal};
use crate::db::dialect::next_counter;
use crate::db::lists;
use crate::db::rmas as store;
use crate::db::scope::Scope;
use crate::db::{AnyConnection, DbError, cases};
use crate::domain::attachment::{AttachmentKind, FileName, Kept};
use crate::domain::hex::hex;
use crate::domain::ids::{AttachmentId, BoxId, CaseNumber, RmaNumber};
use crate::domain::media::{BadFile, MediaType};
use crate::domain::rma::{Actor, Command, Order, Refusal, Rma};

/// What a file is kept with, as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Rma(RmaNumber),
    Case(CaseNumber),
    Box(BoxId),
}

impl Thing {
    fn kept(self) -> Kept {
        match self {
            Self::Rma(_) => Kept::Rma,
            Self::Case(_) => Kept::Case,
            Self::Box(_) => Kept::Box,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Rma(number) => format!("RMA {number}"),
            Self::Case(number) => format!("case {number}"),
            Self::Box(id) => format!("box {}", id.0),
        }
    }
}

/// A file that was read and may be kept.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub kind: AttachmentKind,
    pub name: FileName,
    media_type: MediaType,
    sha256: String,
    bytes: Vec<u8>,
}

impl NewFile {
    /// Looks at the bytes; `said` is what the sender calls them, if anything.
    ///
    /// # Errors
    /// As [`MediaType::of`].
    pub fn read(
        kind: AttachmentKind,
        name: FileName,
        bytes: Vec<u8>,
        said: Option<&str>,
    ) -> Result<Self, BadFile> {
        let media_type = MediaType::of(&bytes, said)?;
        Ok(Self { kind, name, media_type, sha256: sha256(&bytes), bytes })
    }
}

/// The hash of a file, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Who gives or withdraws a file, and where that is known from.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub actor: &'a Actor,
    pub scope: &'a Scope,
    pub source: &'a str,
}

/// Keeps a file. `true`: it is new; `false`: the same was kept before.
///
/// # Errors
/// The thing is absent or foreign; the kind does not belong to it, is not the actor's to give, or may not be as
/// large; as many
/// files as the setting allows are kept already; or it is a label of a return that takes none (AMB-26).
pub fn attach(
    app: &App,
    connection: &mut AnyConnection,
    thing: Thing,
    file: &NewFile,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<(Attachment, bool), AppError> {
    let on = found(connection, thing, by.scope)?;
    let (kind, role) = (file.kind, by.actor.role);
    if !kind.belongs_to(thing.kept()) {
        let reason = format!("a {kind} is not kept with a {}", thing.kept());
        return Err(AppError::Invalid { field: "kind", reason });
    }
    if let Some(limit) = kind.limit().filter(|limit| file.bytes.len() > *limit) {
        return Err(BadFile::TooHeavy { kind: kind.as_str(), limit }.into());
    }
    if !kind.permits(role) {
        return Err(Refusal::new(kind.rule(), format!("{role} may not give a {kind}")).into());
    }
    let mut kept = same(standing(connection, on)?, file);
    let mut is_new = false;
    if kept.is_none() {
        // Taken before the others are counted: whoever gives one at the same time waits here.
        let id = AttachmentId(next_counter(connection, "attachment")?);
        let others = standing(connection, on)?;
        let count = others.len();
        kept = same(others, file);
        if kept.is_none() {
            room(app, thing, count)?;
            add(connection, id, on, file, by.actor, now)?;
            is_new = true;
            kept = rows::find(connection, id)?;
        }
    }
    let missing = DbError::Missing { operation: "keeping a file" };
    let kept = kept.ok_or(missing)?;
    if let (Thing::Rma(number), AttachmentKind::CarrierLabel) = (thing, kind) {
        enclose(app, connection, number, kept.id, by, now)?;
    }
    Ok((kept, is_new))
}

/// The files of a row that are not withdrawn.
fn standing(connection: &mut AnyConnection, on: On) -> Result<Vec<Attachment>, DbError> {
    let mut kept = rows::of(connection, on)?;
    kept.retain(|file| file.withdrawn.is_none());
    Ok(kept)
}

/// The same bytes of the same kind among them.
fn same(standing: Vec<Attachment>, file: &NewFile) -> Option<Attachment> {
    let is_same = |kept: &Attachment| kept.sha256 == file.sha256 && kept.kind == file.kind;
    standing.into_iter().find(is_same)
}

/// Whether one more than `kept` may be.
fn room(app: &App, thing: Thing, kept: usize) -> Result<(), AppError> {
    let limit = app.files_each.get();
    if kept < usize::try_from(limit).unwrap_or(usize::MAX) {
        return Ok(());
    }
    Err(AppError::NoRoom { thing: thing.name(), limit })
}

fn add(
    connection: &mut AnyConnection,
    id: AttachmentId,
    on: On,
    file: &NewFile,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let actor = actor.to_string();
    let row = NewAttachment {
        id,
        on,
        kind: file.kind,
        name: file.name.as_str(),
        media_type: file.media_type,
        bytes: &file.bytes,
        sha256: &file.sha256,
        actor: &actor,
        recorded_at: now,
    };
    rows::insert(connection, &row)?;
    if let On::Case(id) = on {
        cases::touch(connection, id, now)?;
    }
    Ok(())
}

/// AMB-26: the RMA's history says that the label is there, once for each.
fn enclose(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    attachment: AttachmentId,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let loaded = store::load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    if loaded.rma.return_label.is_some_and(|label| label.id == attachment) {
        return Ok(());
    }
    command(app, connection, number, Command::EncloseLabel { attachment }, by, now)
}

fn command(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    command: Command,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (actor, source) = (by.actor.clone(), by.source.to_owned());
    let order = Order { command, actor, occurred_at: now, source };
    rmas::execute(app, connection, number, &order, None, now).map(drop)
}

/// The row a thing is, as far as the caller may know of it.
fn found(connection: &mut AnyConnection, thing: Thing, scope: &Scope) -> Result<On, AppError> {
    match thing {
        Thing::Rma(number) => {
            visible::rma(connection, scope, number)?;
            let id = store::id_of(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
            Ok(On::Rma(id))
        }
        Thing::Case(number) => {
            visible::case(connection, scope, number)?;
            let case = cases::find(connection, number)?.ok_or(AppError::NoSuchCase(number))?;
            Ok(On::Case(case.id))
        }
        Thing::Box(id) => {
            if lists::one_box(connection, scope, id)?.is_none() {
                return Err(AppError::NotThere { what: "box", name: id.0.to_string() });
            }
            Ok(On::Box(id))
        }
    }
}

/// The files of a thing, the first first; withdrawn ones say so. With an RMA come the photos of the boxes
/// that were judged to be its: a customer is not shown those of a box marked with another number, which
/// another may have sent.
pub fn list(
    connection: &mut AnyConnection,
    thing: Thing,
    scope: &Scope,
) -> Result<Vec<Attachment>, AppError> {
    let on = found(connection, thing, scope)?;
    let mut files = rows::of(connection, on)?;
    if let (Thing::Rma(number), On::Rma(id)) = (thing, on) {
        let boxes = rows::of_boxes_for(connection, id)?;
        let told = |marked: &Option<String>| {
            let as_number = |text: &String| text.parse() == Ok(number);
            *scope == Scope::All || marked.as_ref().is_none_or(as_number)
        };
        files.extend(boxes.into_iter().filter(|(_, marked)| told(marked)).map(|(file, _)| file));
        files.sort_by_key(|file| file.id);
    }
    Ok(files)
}

/// A file of a thing.
///
/// # Errors
/// Absent, foreign, or kept with something else: alike. [`AppError::Withdrawn`] where it was taken back.
pub fn look(
    connection: &mut AnyConnection,
    thing: Thing,
    id: AttachmentId,
    scope: &Scope,
) -> Result<Attachment, AppError> {
    let files = list(connection, thing, scope)?;
    let absent = || AppError::NotThere { what: "attachment", name: id.0.to_string() };
    let file = files.into_iter().find(|file| file.id == id).ok_or_else(absent)?;
    match &file.withdrawn {
        None => Ok(file),
        Some(withdrawn) => Err(withdrawn_error(id, withdrawn)),
    }
}

fn withdrawn_error(id: AttachmentId, withdrawn: &Withdrawal) -> AppError {
    let Withdrawal { by, at, because } = withdrawn.clone();
    AppError::Withdrawn { id: id.0, by, on: at.date_naive(), because }
}

/// The bytes of a file that [`look`] found.
pub fn bytes(connection: &mut AnyConnection, file: &Attachment) -> Result<Vec<u8>, AppError> {
    let absent = || AppError::NotThere { what: "attachment", name: file.id.0.to_string() };
    rows::bytes(connection, file.id)?.ok_or_else(absent)
}

/// A file by its number alone, for whoever sits at the house itself.
pub fn by_number(
    connection: &mut AnyConnection,
    id: AttachmentId,
) -> Result<(Attachment, Vec<u8>), AppError> {
    let absent = || AppError::NotThere { what: "attachment", name: id.0.to_string() };
    let file = rows::find(connection, id)?.ok_or_else(absent)?;
    if let Some(withdrawn) = &file.withdrawn {
        return Err(withdrawn_error(id, withdrawn));
    }
    let bytes = bytes(connection, &file)?;
    Ok((file, bytes))
}

/// Takes a wrong file back: its bytes go, and its hash, with who did it, when and why, stays.
///
/// # Errors
/// Not logistics' act, no reason, or withdrawn before.
pub fn withdraw(
    app: &App,
    connection: &mut AnyConnection,
    (thing, id): (Thing, AttachmentId),
    reason: &str,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<Attachment, AppError> {
    let file = look(connection, thing, id, by.scope)?;
    let role = by.actor.role;
    if !Capability::WithdrawFiles.belongs_to(role) {
        let reason = format!("{role} may not withdraw a file; logistics does");
        return Err(Refusal::new(file.kind.rule(), reason).into());
    }
    let because = super::tasks::text("reason", reason)?.to_owned();
    if let (Thing::Rma(number), AttachmentKind::CarrierLabel) = (thing, file.kind) {
        // Held, so that nobody encloses it meanwhile.
        let loaded =
            store::load_to_change(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
        if is_enclosed(&loaded.rma, id) {
            let taken = Command::WithdrawLabel { reason: because.clone() };
            command(app, connection, number, taken, by, now)?;
        }
    }
    let withdrawal = Withdrawal { by: by.actor.to_string(), at: now, because };
    if !rows::withdraw(connection, id, &withdrawal)? {
        let found = rows::find(connection, id)?.and_then(|file| file.withdrawn);
        return Err(withdrawn_error(id, &found.unwrap_or(withdrawal)));
    }
    Ok(Attachment { withdrawn: Some(withdrawal), ..file })
}

fn is_enclosed(rma: &Rma, id: AttachmentId) -> bool {
    rma.return_label.as_ref().is_some_and(|label| label.id == id)
}
