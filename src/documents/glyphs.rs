//! Text as glyphs: a face for each character, combining marks put in their place, and the
//! places where a line may break.

use allsorts::Font;
use allsorts::font::MatchingPresentation;
use allsorts::glyph_position::{GlyphLayout, TextDirection};
use allsorts::gsub::{FeatureMask, FeatureMaskExt};
use allsorts::tag;
use unicode_linebreak::linebreaks;
use unicode_script::{Script, UnicodeScript};

use super::DocumentError;
use super::fonts::{FaceId, Fonts, Weight};
use super::text::{Region, is_cjk, is_mark};

/// One glyph of a text; distances are thousandths of an em.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub face: FaceId,
    pub id: u16,
    /// What the glyph stands for when text is copied out of the PDF.
    pub text: String,
    pub advance: i32,
    /// Displacement from the pen, for marks.
    pub offset: (i32, i32),
    pub cluster: Cluster,
    /// A line may end after this glyph.
    pub may_break: bool,
}

/// A base and its marks belong together: no line break parts them, and they are copied as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cluster {
    /// The glyph stands alone.
    None,
    /// The first glyph, with the text of the whole.
    Start(String),
    Within,
}

impl Glyph {
    pub fn is_space(&self) -> bool {
        self.text == " "
    }
}

/// Sum of advances, in thousandths of an em.
pub(super) fn width(glyphs: &[Glyph]) -> i32 {
    glyphs.iter().map(|glyph| glyph.advance).sum()
}

/// Turns clean text into glyphs.
///
/// # Errors
/// A character that no face holds; the error names `field`.
pub(super) fn shape(
    fonts: &Fonts,
    field: &str,
    text: &str,
    weight: Weight,
    region: Region,
) -> Result<Vec<Glyph>, DocumentError> {
    let breaks: Vec<usize> = linebreaks(text).map(|(at, _)| at).collect();
    let mut glyphs = Vec::with_capacity(text.len());
    let mut rest = text.char_indices().peekable();
    while let Some((start, base)) = rest.next() {
        let mut end = start + base.len_utf8();
        while let Some((at, mark)) = rest.next_if(|&(_, character)| is_mark(character)) {
            end = at + mark.len_utf8();
        }
        let cluster = &text[start..end];
        if cluster.chars().nth(1).is_some() {
            glyphs.extend(marked(fonts, field, cluster, weight, region)?);
        } else {
            glyphs.push(single(fonts, field, base, weight, region)?);
        }
        if let Some(last) = glyphs.last_mut() {
            last.may_break = breaks.binary_search(&end).is_ok();
        }
    }
    Ok(glyphs)
}

fn single(
    fonts: &Fonts,
    field: &str,
    character: char,
    weight: Weight,
    region: Region,
) -> Result<Glyph, DocumentError> {
    // The breaks are known already, so every space may be set, and copied out, as a plain one.
    let character = match character {
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => ' ',
        other => other,
    };
    let (face, id, tables) =
        fonts.lookup(character, weight, region).ok_or_else(|| missing(fonts, field, character))?;
    Ok(Glyph {
        face,
        id,
        text: character.to_string(),
        advance: tables.advance(id),
        offset: (0, 0),
        cluster: Cluster::None,
        may_break: false,
    })
}

fn missing(fonts: &Fonts, field: &str, character: char) -> DocumentError {
    let field = field.to_owned();
    if is_cjk(character) && !fonts.has_cjk() {
        DocumentError::NoCjkFont { field, character }
    } else {
        DocumentError::NoGlyph { field, character }
    }
}

/// A base and marks that have no composed form (Lithuanian `ė́`, Yoruba `ẹ́`, Guarani `g̃`): the
/// font's own positioning tables place the marks.
fn marked(
    fonts: &Fonts,
    field: &str,
    cluster: &str,
    weight: Weight,
    region: Region,
) -> Result<Vec<Glyph>, DocumentError> {
    let characters = || cluster.chars();
    let mut singles = Vec::new();
    for character in characters() {
        singles.push(single(fonts, field, character, weight, region)?);
    }
    let face_id = singles[0].face;
    if singles.iter().any(|glyph| glyph.face != face_id) {
        // Marks of another face would not meet the base: better refuse than print a wrong name.
        let stray = characters().zip(&singles).find(|(_, glyph)| glyph.face != face_id);
        let character = stray.map_or('\u{FFFD}', |(character, _)| character);
        return Err(DocumentError::NoGlyph { field: field.to_owned(), character });
    }
    let face = fonts.face(face_id);
    let Some(tables) = face.tables() else { return Ok(singles) };
    let script = match characters().next().map(|character| character.script()) {
        Some(Script::Cyrillic) => tag::CYRL,
        Some(Script::Greek) => tag::GREK,
        _ => tag::LATN,
    };
    let provider = face.provider().map_err(|e| face.unusable(e))?;
    let mut font = Font::new(provider).map_err(|e| face.unusable(e))?;
    let raw = font.map_glyphs(cluster, script, MatchingPresentation::NotRequired);
    let mask = FeatureMask::default_mask();
    let infos =
        font.shape(raw, script, None, mask, &[], None, false).map_err(|(e, _)| face.unusable(e))?;
    let positions = GlyphLayout::new(&mut font, &infos, TextDirection::LeftToRight, false)
        .glyph_positions()
        .map_err(|e| face.unusable(e))?;
    let em = i32::from(tables.units_per_em);
    let glyphs = infos.iter().zip(positions).enumerate().map(|(number, (info, position))| Glyph {
        face: face_id,
        cluster: if number == 0 { Cluster::Start(cluster.to_owned()) } else { Cluster::Within },
        id: info.glyph.glyph_index,
        text: info.glyph.unicodes.iter().collect(),
        advance: tables.advance(info.glyph.glyph_index),
        offset: (position.x_offset * 1000 / em, position.y_offset * 1000 / em),
        may_break: false,
    });
    Ok(glyphs.collect())
}
