//! The return window, answered so that a million of them take no memory of their own.

use super::batch::push_cell;
use super::memory::Memory;
use super::questions::{Cells, Unanswered};
use super::reading::{instant, word};
use crate::domain::explain::{Explanation, WindowAnswer, WindowQuestion, push_iso};
use crate::domain::programme::{AnchorRule, Programme};
use crate::domain::return_window::AnchorKind;
use crate::domain::rma::tracks::Mode;

/// Reads the question and hands it to `answer`.
fn with_question<T>(
    memory: &mut Memory<'_>,
    [kind, anchor, at, calendar, zone, programme, ..]: Cells<'_>,
    answer: impl FnOnce(&WindowQuestion<'_>) -> Result<T, Unanswered>,
) -> Result<T, Unanswered> {
    let mode = match kind {
        "" => Mode::AdvanceReplacement,
        text => word("kind", text, "")?,
    };
    let zone = memory.zone(zone)?;
    let at = instant("at", at, Some(zone))?;
    let calendar = memory.find_calendar("calendar", calendar)?;
    let programme = memory.find_programme(programme)?;
    let (known, programme) = (memory.calendar(calendar), memory.programme(programme));
    let anchor = anchor_of(anchor, mode, programme)?;
    let (calendar, place) = (&*known.calendar, known.place.as_str());
    answer(&WindowQuestion { mode, anchor, at, calendar, place, zone, programme })
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
    with_question(memory, cells, |question| {
        question.explain().map_err(|error| Unanswered::new("at", error.to_string()))
    })
}

/// One row of many: the answer's cells, added to `row`. `text` is room to write in.
pub(super) fn answer(
    memory: &mut Memory<'_>,
    cells: Cells<'_>,
    text: &mut String,
    row: &mut Vec<u8>,
) -> Result<(), Unanswered> {
    with_question(memory, cells, |question| {
        let answer = question.answer().map_err(|error| Unanswered::new("at", error.to_string()))?;
        push_answer(question, &answer, text, row);
        Ok(())
    })
}

fn push_answer(
    question: &WindowQuestion<'_>,
    answer: &WindowAnswer,
    text: &mut String,
    row: &mut Vec<u8>,
) {
    text.clear();
    push_iso(text, answer.due_on);
    push_cell(row, text.as_bytes());
    push_cell(row, WindowQuestion::RULE.as_bytes());
    text.clear();
    push_iso(text, answer.anchor_on);
    push_cell(row, text.as_bytes());
    push_cell(row, question.calendar.code().as_str().as_bytes());
    push_cell(row, question.zone.name().as_bytes());
    push_cell(row, question.programme.version.as_bytes());
    text.clear();
    question.because(answer, text);
    push_cell(row, text.as_bytes());
}
