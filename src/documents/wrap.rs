//! Lines: where a text is broken, and how large a block of text may be to fit its box.

use super::DocumentError;
use super::glyphs::{Cluster, Glyph, width};

/// A text of a block with the name by which a refusal calls it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub field: String,
    pub glyphs: Vec<Glyph>,
}

/// A box for a block of text, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub width: f32,
    pub height: f32,
    /// The size tried first and the smallest one.
    pub sizes: (f32, f32),
    /// Distance of baselines, in font sizes.
    pub leading: f32,
}

/// A block of text that fits.
#[derive(Debug)]
pub(super) struct Fitted<'a> {
    pub size: f32,
    pub lines: Vec<&'a [Glyph]>,
}

/// Where lines may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaking {
    Never,
    BetweenWords,
    Anywhere,
}

/// One line of a wrapped text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub glyphs: &'a [Glyph],
    /// The line ends within a word.
    parts_word: bool,
}

/// Breaks a text into lines of at most `limit` thousandths of an em. A word that is longer than a
/// line is broken within.
pub(super) fn wrap(glyphs: &[Glyph], limit: i32) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut rest = trim(glyphs);
    while !rest.is_empty() {
        let (line, next) = split(rest, limit);
        let parts_word = !next.is_empty() && !line.last().is_some_and(|last| last.may_break);
        lines.push(Line { glyphs: trim(line), parts_word });
        rest = trim_start(next);
    }
    lines
}

/// The first line and what remains; the line holds at least one glyph.
fn split(glyphs: &[Glyph], limit: i32) -> (&[Glyph], &[Glyph]) {
    let mut used = 0;
    let mut at_break = None;
    let mut at_glyph = 0;
    for (at, glyph) in glyphs.iter().enumerate() {
        // A space may hang over the edge.
        if used + glyph.advance > limit && !glyph.is_space() && at > 0 {
            return glyphs.split_at(at_break.unwrap_or(at_glyph.max(1)));
        }
        used += glyph.advance;
        if glyph.may_break {
            at_break = Some(at + 1);
        }
        // Never part a mark from its base.
        if glyphs.get(at + 1).is_none_or(|next| next.cluster != Cluster::Within) {
            at_glyph = at + 1;
        }
    }
    (glyphs, &[])
}

fn trim_start(glyphs: &[Glyph]) -> &[Glyph] {
    let spaces = glyphs.iter().take_while(|glyph| glyph.is_space()).count();
    &glyphs[spaces..]
}

fn trim(glyphs: &[Glyph]) -> &[Glyph] {
    let glyphs = trim_start(glyphs);
    let spaces = glyphs.iter().rev().take_while(|glyph| glyph.is_space()).count();
    &glyphs[..glyphs.len() - spaces]
}

/// Thousandths of an em that a width in points holds at a size.
pub(super) fn limit(width: f32, size: f32) -> i32 {
    (width * 1000.0 / size) as i32
}

/// Finds the largest size at which the block fits: first unbroken, down to seven tenths of the
/// size wanted; then broken between words; then, at small sizes, within a word.
///
/// # Errors
/// Names the field that is longest at the smallest size.
pub(super) fn fit<'a>(items: &'a [Item], frame: Frame) -> Result<Fitted<'a>, DocumentError> {
    let (largest, smallest) = frame.sizes;
    let passes = [
        (Breaking::Never, largest, (largest * 0.7).max(smallest)),
        (Breaking::BetweenWords, largest, smallest),
        (Breaking::Anywhere, (largest * 0.7).max(smallest), smallest),
    ];
    for (breaking, from, to) in passes {
        let mut size = from;
        while size >= to - 0.01 {
            if let Some(lines) = lines(items, frame, size, breaking) {
                return Ok(Fitted { size, lines });
            }
            size -= 0.5;
        }
    }
    let widest = items.iter().max_by_key(|item| width(&item.glyphs));
    Err(DocumentError::TooLong { field: widest.map_or_else(String::new, |i| i.field.clone()) })
}

fn lines(items: &[Item], frame: Frame, size: f32, breaking: Breaking) -> Option<Vec<&[Glyph]>> {
    let limit = limit(frame.width, size);
    let mut lines = Vec::new();
    for item in items {
        let broken = wrap(&item.glyphs, limit);
        let allowed = match breaking {
            Breaking::Never => broken.len() <= 1,
            Breaking::BetweenWords => broken.iter().all(|line| !line.parts_word),
            Breaking::Anywhere => true,
        };
        if !allowed {
            return None;
        }
        lines.extend(broken.iter().map(|line| line.glyphs));
    }
    let height = (lines.len().max(1) - 1) as f32 * frame.leading * size + size;
    (height <= frame.height).then_some(lines)
}
