//! The return window, answered so that a million of them take no memory of their own.

use chrono::{DateTime, Utc};

use super::batch::push_cell;
use super::given::{Asked, Given};
use super::memory::Memory;
use super::questions::{Cells, Unanswered};
use super::reading::{instant, word};
use crate::domain::calendar::CalendarError;
use crate::domain::explain::{Explanation, WindowAnswer, WindowQuestion, push_iso};
use crate::domain::programme::{AnchorRule, Programme};
use crate::domain::return_window::AnchorKind;
use crate::domain::rma::tracks::Mode;

/// A question as it was read; the calendar by its place.
struct Read {
    asked: Asked,
    at: DateTime<Utc>,
    calendar: usize,
}

fn read(
    memory: &mut Memory<'_>,
    [kind, anchor, at, calendar, zone, programme, ..]: Cells<'_>,
) -> Result<Read, Unanswered> {
    let mode = match kind {
        "" => Mode::AdvanceReplacement,
        text => word("kind", text, "")?,
    };
    let zone = memory.zone(zone)?;
    let at = instant("at", at, Some(zone))?;
    let calendar = memory.find_calendar("calendar", calendar)?;
    let programme = memory.find_programme(programme)?;
    let anchor = anchor_of(anchor, mode, memory.programme(programme))?;
    Ok(Read { asked: Asked { mode, anchor, zone, programme }, at, calendar })
}

fn question<'m>(memory: &'m Memory<'_>, read: &Read) -> WindowQuestion<'m> {
    let (known, asked) = (memory.calendar(read.calendar), &read.asked);
    WindowQuestion {
        mode: asked.mode,
        anchor: asked.anchor,
        at: read.at,
        calendar: &known.calendar,
        place: &known.place,
        zone: asked.zone,
        programme: memory.programme(asked.programme),
    }
}

/// What is counted from; where nothing is said, what the policy counts from, and a return to factory
/// from its issue (AMB-1).
fn anchor_of(text: &str, mode: Mode, programme: &Programme) -> Result<AnchorKind, Unanswered> {
    let anchor = match text {
        "" if mode == Mode::ReturnToFactory => AnchorRule::Issued,
        "" => programme.return_anchor,
        text => word("anchor", text, "")?,
    };
    Ok(match anchor {
        AnchorRule::Issued => AnchorKind::Issued,
        AnchorRule::Shipped => AnchorKind::Shipped,
        AnchorRule::Delivered => AnchorKind::Delivered,
    })
}

/// One question in full.
pub(super) fn explain(
    memory: &mut Memory<'_>,
    cells: Cells<'_>,
) -> Result<Explanation, Unanswered> {
    let read = read(memory, cells)?;
    question(memory, &read).explain().map_err(unanswered)
}

/// One row of many: the answer's cells, added to `row`. `text` is room to write in.
pub(super) fn answer(
    memory: &mut Memory<'_>,
    given: &mut Given,
    cells: Cells<'_>,
    text: &mut String,
    row: &mut Vec<u8>,
) -> Result<(), Unanswered> {
    let read = read(memory, cells)?;
    let anchor_on = read.asked.zone.local_date(read.at);
    if let Some(cells) = given.find(read.calendar, &read.asked, anchor_on) {
        row.extend_from_slice(cells);
        return Ok(());
    }
    let question = question(memory, &read);
    let answer = question.answer().map_err(unanswered)?;
    let start = row.len();
    push_answer(&question, &answer, text, row);
    let calendar = (read.calendar, question.calendar.known());
    given.keep(calendar, &read.asked, anchor_on, &row[start..]);
    Ok(())
}

fn unanswered(error: CalendarError) -> Unanswered {
    Unanswered::new("at", error.to_string())
}

fn push_answer(
    question: &WindowQuestion<'_>,
    answer: &WindowAnswer,
    text: &mut String,
    row: &mut Vec<u8>,
) {
    // A date and a rule's id need no quotes.
    text.clear();
    text.push(',');
    push_iso(text, answer.due_on);
    text.push(',');
    text.push_str(WindowQuestion::RULE);
    text.push(',');
    push_iso(text, answer.anchor_on);
    row.extend_from_slice(text.as_bytes());
    push_cell(row, question.calendar.code().as_str().as_bytes());
    push_cell(row, question.zone.name().as_bytes());
    push_cell(row, question.programme.version.as_bytes());
    text.clear();
    question.because(answer, text);
    push_cell(row, text.as_bytes());
}
