//! The state that an RMA's events fold to, kept in its row and written with them: a command, or a look,
//! reads one row and not a history. The events stay the truth. What cannot be read as of this program is
//! folded from them, and `verify` compares the two.

use serde::{Deserialize, Serialize};

use super::connection::AnyConnection;
use super::error::DbError;
use super::history::{EventRow, history};
use crate::domain::ids::RmaId;
use crate::domain::rma::event::Terms;
use crate::domain::rma::{Recorded, Rma, fold};

/// To be raised whenever [`Rma`] comes to hold something else, or the same for another reason: states
/// kept by older programs are folded anew then.
const FORMAT: u32 = 5;

/// The kind of the event that holds the terms.
pub const ISSUED: &str = "issued";

/// The document in the column, read and written.
#[derive(Serialize, Deserialize)]
struct Kept<'a, R> {
    format: u32,
    last_hash: &'a str,
    /// Terms belong to it, which are read from their event.
    has_terms: bool,
    rma: R,
}

/// The event of issue, read for its terms: an event that is still to be told apart is gathered whole before
/// anything of it is understood.
#[derive(Deserialize)]
struct Issue<'a> {
    kind: &'a str,
    terms: Box<Terms>,
}

/// A state as it is read: with the end of its chain of hashes, and the event its terms stand in.
pub(super) struct Folded {
    pub rma: Rma,
    pub last_hash: String,
    pub terms_sequence: Option<i64>,
}

/// The text to keep of a state and the end of its chain of hashes. The terms are not in it: they stand
/// in the event of issue.
pub fn kept(rma: &Rma, last_hash: &str) -> Result<String, DbError> {
    let kept = Kept { format: FORMAT, last_hash, has_terms: rma.terms.is_some(), rma };
    serde_json::to_string(&kept).map_err(|error| DbError::Corrupt {
        operation: "writing an RMA's state",
        detail: error.to_string(),
    })
}

/// Whether a text was kept in another program's format, so that its events alone are looked at.
pub fn is_another_programs(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    serde_json::from_str::<Format>(text).is_ok_and(|kept| kept.format != FORMAT)
}

/// Reads a state back, with the payload of its event of issue. None where the text is of another
/// program, or of another version of the row.
pub fn read(text: &str, version: i64, issue: Option<&str>) -> Option<(Rma, String)> {
    let kept: Kept<'_, Rma> = serde_json::from_str(text).ok()?;
    let whole = kept.has_terms == issue.is_some();
    if kept.format != FORMAT || kept.rma.version != version || !whole {
        return None;
    }
    let mut rma = kept.rma;
    if let Some(payload) = issue {
        let issue: Issue<'_> = serde_json::from_str(payload).ok()?;
        rma.terms = (issue.kind == ISSUED).then_some(issue.terms);
        rma.terms.as_ref()?;
    }
    Some((rma, kept.last_hash.to_owned()))
}

/// Folds a row's events into its state.
pub(super) fn folded(connection: &mut AnyConnection, id: RmaId) -> Result<Folded, DbError> {
    let rows = history(connection, id)?;
    let events = rows.iter().map(EventRow::recorded);
    let events = events.collect::<Result<Vec<Recorded>, DbError>>()?;
    let rma = fold(&events).map_err(|error| DbError::Corrupt {
        operation: "folding an RMA's events",
        detail: format!("RMA row {}: {error}", id.0),
    })?;
    let issued = rows.iter().rfind(|row| row.kind == ISSUED);
    Ok(Folded {
        rma,
        terms_sequence: issued.map(|row| row.sequence),
        last_hash: rows.last().map_or_else(String::new, |row| row.hash.clone()),
    })
}
