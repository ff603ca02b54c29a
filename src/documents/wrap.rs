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
/// Names the text that is too long, or the block if it has too many lines.
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
    Err(DocumentError::TooLong { field: culprit(items, limit(frame.width, smallest)) })
}

/// The widest text if it needs more than a line; else the lines are too many and the block is
/// named: `sender` for `sender, line 3`.
fn culprit(items: &[Item], limit: i32) -> String {
    let widest = items.iter().max_by_key(|item| width(&item.glyphs));
    let Some(item) = widest else { return String::new() };
    if width(&item.glyphs) > limit {
        return item.field.clone();
    }
    item.field.split(',').next().unwrap_or_default().to_owned()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Frame, Item, fit, wrap};
    use crate::documents::glyphs::{Cluster, Glyph, width};

    /// Glyphs half an em wide; a line may end after a space.
    fn glyphs(text: &str) -> Vec<Glyph> {
        let glyph = |character: char| Glyph {
            face: 0,
            id: 1,
            text: character.to_string(),
            advance: 500,
            offset: (0, 0),
            cluster: Cluster::None,
            may_break: character == ' ',
        };
        text.chars().map(glyph).collect()
    }

    fn read(glyphs: &[Glyph]) -> String {
        glyphs.iter().map(|glyph| glyph.text.as_str()).collect()
    }

    #[test]
    fn lines_end_between_words_and_within_them_only_when_they_must() {
        for (text, limit, expected) in [
            ("one two three", 3500, vec!["one two", "three"]),
            ("one two three", 2500, vec!["one", "two", "three"]),
            ("incomprehensible", 2500, vec!["incom", "prehe", "nsibl", "e"]),
            ("a  b", 500, vec!["a", "b"]),
            ("", 500, vec![]),
            ("   ", 500, vec![]),
            ("ab", 1, vec!["a", "b"]),
        ] {
            let text = glyphs(text);
            let lines: Vec<String> = wrap(&text, limit).iter().map(|l| read(l.glyphs)).collect();
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn a_block_shrinks_before_it_wraps_and_wraps_before_it_parts_words() {
        let frame = Frame { width: 100.0, height: 24.0, sizes: (20.0, 5.0), leading: 1.2 };
        for (text, size, lines) in [
            ("short", 20.0, 1),
            ("a bit longer", 16.5, 1),
            ("two rather long words of text", 10.5, 2),
            ("aVeryLongWordThatHasNoPlaceToBreakAtAll", 5.0, 1),
            ("aVeryLongWordThatHasNoPlaceToBreakAtAllAndGoesOnForAWhileYet", 7.0, 3),
        ] {
            let items = [Item { field: "name".to_owned(), glyphs: glyphs(text) }];
            let block = fit(&items, frame).unwrap();
            assert_eq!((block.size, block.lines.len()), (size, lines), "{text}");
        }
        let items = [Item { field: "name".to_owned(), glyphs: glyphs(&"x".repeat(500)) }];
        assert!(fit(&items, frame).unwrap_err().to_string().starts_with("name is too long"));
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing_but_spaces_and_keeps_the_measure(
            text in "[ab ]{0,60}",
            limit in 1i32..8000,
        ) {
            let text = glyphs(&text);
            let lines = wrap(&text, limit);
            let kept: String = lines.iter().map(|line| read(line.glyphs)).collect();
            prop_assert_eq!(kept.replace(' ', ""), read(&text).replace(' ', ""));
            for line in lines {
                prop_assert!(width(line.glyphs) <= limit || line.glyphs.len() == 1);
            }
        }
    }
}
