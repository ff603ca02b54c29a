//! Files kept with an RMA, a case or a box. What is listed is read without the bytes.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::kept::ExecuteKept;
use super::schema::{attachments, dock_receipts, rmas};
use super::times::{from_naive, to_naive};
use crate::domain::attachment::AttachmentKind;
use crate::domain::ids::{AttachmentId, BoxId, CaseId, RmaId};
use crate::domain::media::MediaType;

/// The row a file hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Rma(RmaId),
    Case(CaseId),
    Box(BoxId),
}

/// Who took a file back, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    pub by: String,
    pub at: DateTime<Utc>,
    pub because: String,
}

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub on: On,
    pub kind: AttachmentKind,
    /// As it was given.
    pub name: String,
    pub media_type: MediaType,
    pub size: u64,
    pub sha256: String,
    pub actor: String,
    pub recorded_at: DateTime<Utc>,
    pub withdrawn: Option<Withdrawal>,
}

/// A file to keep.
#[derive(Debug)]
pub struct NewAttachment<'a> {
    pub id: AttachmentId,
    pub on: On,
    pub kind: AttachmentKind,
    pub name: &'a str,
    pub media_type: MediaType,
    pub bytes: &'a [u8],
    pub sha256: &'a str,
    pub actor: &'a str,
    pub recorded_at: DateTime<Utc>,
}

pub fn insert(connection: &mut AnyConnection, file: &NewAttachment<'_>) -> Result<(), DbError> {
    let (rma, case, receipt) = match file.on {
        On::Rma(id) => (Some(id.0), None, None),
        On::Case(id) => (None, Some(id.0), None),
        On::Box(id) => (None, None, Some(id.0)),
    };
    diesel::insert_into(attachments::table)
        .values((
            attachments::id.eq(file.id.0),
            attachments::rma_id.eq(rma),
            attachments::case_id.eq(case),
            attachments::receipt_id.eq(receipt),
            attachments::kind.eq(file.kind.as_str()),
            attachments::name.eq(file.name),
            attachments::media_type.eq(file.media_type.as_str()),
            attachments::size.eq(i64::try_from(file.bytes.len()).unwrap_or(i64::MAX)),
            attachments::sha256.eq(file.sha256),
            attachments::actor.eq(file.actor),
            attachments::recorded_at.eq(to_naive(file.recorded_at)),
            attachments::bytes.eq(Some(file.bytes)),
        ))
        .execute(connection)
        .map(drop)
        .during("keeping a file")
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments)]
struct Row {
    id: i64,
    rma_id: Option<i64>,
    case_id: Option<i64>,
    receipt_id: Option<i64>,
    kind: String,
    name: String,
    media_type: String,
    size: i64,
    sha256: String,
    actor: String,
    recorded_at: NaiveDateTime,
    withdrawn_by: Option<String>,
    withdrawn_at: Option<NaiveDateTime>,
    withdrawn_because: Option<String>,
}

impl Row {
    fn read(self) -> Result<Attachment, DbError> {
        const OPERATION: &str = "reading a file's row";
        let on = match (self.rma_id, self.case_id, self.receipt_id) {
            (Some(id), None, None) => On::Rma(RmaId(id)),
            (None, Some(id), None) => On::Case(CaseId(id)),
            (None, None, Some(id)) => On::Box(BoxId(id)),
            _ => {
                let detail = format!("attachment {} is kept with nothing, or with two", self.id);
                return Err(DbError::Corrupt { operation: OPERATION, detail });
            }
        };
        let withdrawn = self.withdrawn_at.map(|at| Withdrawal {
            by: self.withdrawn_by.unwrap_or_default(),
            at: from_naive(at),
            because: self.withdrawn_because.unwrap_or_default(),
        });
        Ok(Attachment {
            id: AttachmentId(self.id),
            on,
            kind: stored(OPERATION, &self.kind)?,
            name: self.name,
            media_type: stored(OPERATION, &self.media_type)?,
            size: self.size.unsigned_abs(),
            sha256: self.sha256,
            actor: self.actor,
            recorded_at: from_naive(self.recorded_at),
            withdrawn,
        })
    }
}

/// Narrows to what hangs on a row itself: a macro, since each column gives a type of its own.
macro_rules! on {
    ($query:expr, $on:expr) => {
        match $on {
            On::Rma(id) => $query.filter(attachments::rma_id.eq(id.0)),
            On::Case(id) => $query.filter(attachments::case_id.eq(id.0)),
            On::Box(id) => $query.filter(attachments::receipt_id.eq(id.0)),
        }
    };
}

/// Every file of a row, withdrawn ones too, the first first.
pub fn of(connection: &mut AnyConnection, on: On) -> Result<Vec<Attachment>, DbError> {
    let query = attachments::table.select(Row::as_select()).order(attachments::id).into_boxed();
    let rows: Vec<Row> = on!(query, on).load(connection).during("listing files")?;
    rows.into_iter().map(Row::read).collect()
}

/// A file of the boxes that went to an RMA, beside what that box was marked with.
pub type FromBox = (Attachment, Option<String>);

/// The files of the boxes that went to an RMA, the first first.
pub fn of_boxes_for(connection: &mut AnyConnection, rma: RmaId) -> Result<Vec<FromBox>, DbError> {
    let rows: Vec<(Row, Option<String>)> = attachments::table
        .inner_join(dock_receipts::table)
        .filter(dock_receipts::rma_id.eq(rma.0))
        .order(attachments::id)
        .select((Row::as_select(), dock_receipts::marked_number))
        .load(connection)
        .during("listing the files of an RMA's boxes")?;
    rows.into_iter().map(|(row, marked)| Ok((row.read()?, marked))).collect()
}

pub fn find(
    connection: &mut AnyConnection,
    id: AttachmentId,
) -> Result<Option<Attachment>, DbError> {
    let row: Option<Row> = attachments::table
        .filter(attachments::id.eq(id.0))
        .select(Row::as_select())
        .first(connection)
        .optional()
        .during("looking for a file")?;
    row.map(Row::read).transpose()
}

/// The bytes; none where there is no such file, or it is withdrawn.
pub fn bytes(connection: &mut AnyConnection, id: AttachmentId) -> Result<Option<Vec<u8>>, DbError> {
    let found: Option<Option<Vec<u8>>> = attachments::table
        .filter(attachments::id.eq(id.0))
        .select(attachments::bytes)
        .first(connection)
        .optional()
        .during("reading a file")?;
    Ok(found.flatten())
}

/// The proofs of delivery that are kept with some RMAs, each by its RMA's key.
pub fn proofs_of(
    connection: &mut AnyConnection,
    rma_ids: &[i64],
) -> Result<Vec<(i64, Attachment)>, DbError> {
    let rows: Vec<Row> = attachments::table
        .filter(attachments::rma_id.eq_any(rma_ids))
        .filter(attachments::kind.eq(AttachmentKind::DeliveryProof.as_str()))
        .filter(attachments::withdrawn_at.is_null())
        .order(attachments::id)
        .select(Row::as_select())
        .load(connection)
        .during("listing proofs of delivery")?;
    rows.into_iter().map(|row| Ok((row.rma_id.unwrap_or_default(), row.read()?))).collect()
}

/// Takes the bytes away and says who, when and why; `false` where that was done before.
pub fn withdraw(
    connection: &mut AnyConnection,
    id: AttachmentId,
    withdrawal: &Withdrawal,
) -> Result<bool, DbError> {
    let changed = diesel::update(attachments::table)
        .filter(attachments::id.eq(id.0).and(attachments::withdrawn_at.is_null()))
        .set((
            attachments::withdrawn_by.eq(Some(&withdrawal.by)),
            attachments::withdrawn_at.eq(Some(to_naive(withdrawal.at))),
            attachments::withdrawn_because.eq(Some(&withdrawal.because)),
            attachments::bytes.eq(None::<Vec<u8>>),
        ))
        .returning(attachments::id)
        .execute_kept(connection)
        .during("withdrawing a file")?;
    Ok(changed > 0)
}

/// A file as `verify` reads it: its number, its RMA's where it hangs on one, its hash and size, and its
/// bytes unless it is withdrawn.
#[derive(Debug, Queryable)]
pub struct WithBytes {
    pub id: i64,
    pub rma: Option<String>,
    pub sha256: String,
    pub size: i64,
    pub bytes: Option<Vec<u8>>,
    pub withdrawn_at: Option<NaiveDateTime>,
}

/// The next file after `after`, one at a time: each may be large.
pub fn next_after(
    connection: &mut AnyConnection,
    after: AttachmentId,
) -> Result<Option<WithBytes>, DbError> {
    attachments::table
        .left_join(rmas::table)
        .filter(attachments::id.gt(after.0))
        .order(attachments::id)
        .select((
            attachments::id,
            rmas::number.nullable(),
            attachments::sha256,
            attachments::size,
            attachments::bytes,
            attachments::withdrawn_at,
        ))
        .first(connection)
        .optional()
        .during("reading a file to verify")
}
