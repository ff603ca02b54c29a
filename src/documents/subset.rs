//! The part of a face that a document needs, ready for embedding.

use std::borrow::Cow;
use std::collections::BTreeMap;

use allsorts::error::ParseError;
use allsorts::subset::{CmapTarget, SubsetProfile};
use allsorts::tables::FontTableProvider;
use allsorts::tag;
use printpdf::{FontMetrics, FontType, ParsedFont, PdfFont, PdfFontMetricsStub};
use sha2::{Digest, Sha256};

use super::DocumentError;
use super::face::Face;

/// The tables a PDF viewer reads from an embedded TrueType font (ISO 32000-1, 9.9); `glyf` and
/// `loca`, or `CFF `, come with them.
const TABLES: [u32; 7] =
    [tag::HEAD, tag::HHEA, tag::HMTX, tag::MAXP, tag::CVT, tag::FPGM, tag::PREP];

/// A character map of Unicode (3, 1) in format 6 without entries.
const EMPTY_CMAP: [u8; 22] = [0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 6, 0, 10, 0, 0, 0, 0, 0, 0];

/// The glyphs `ids` of the face, renumbered by their position; the first must be 0.
///
/// printpdf subsets nothing without its layout engine, so it is given the subset as the font.
pub(super) fn subset(face: &Face, ids: &[u16]) -> Result<PdfFont, DocumentError> {
    let tables = face.tables().ok_or_else(|| face.unusable("it cannot be opened"))?;
    let provider = WithoutCmap(face.provider().map_err(|e| face.unusable(e))?);
    let profile = SubsetProfile::Custom(TABLES.to_vec());
    let bytes = allsorts::subset::subset(&provider, ids, &profile, CmapTarget::Unicode)
        .map_err(|e| face.unusable(e))?;
    let em = i32::from(tables.units_per_em);
    // All in thousandths of an em, so that no rounding of printpdf's moves a glyph.
    let scale = |units: i16| (i32::from(units) * 1000 / em) as i16;
    let mut widths = BTreeMap::new();
    for (new, &old) in (0u16..).zip(ids) {
        widths.insert(new, u16::try_from(tables.advance(old)).unwrap_or(u16::MAX));
    }
    let metrics = FontMetrics { ascent: scale(tables.ascent), descent: scale(tables.descent) };
    let name = format!("{}+{}", prefix(&bytes), face.name);
    let mut font =
        ParsedFont::with_glyph_data(bytes, 0, Some(name), BTreeMap::new(), widths, 1000, metrics);
    font.font_type = if tables.is_cff { FontType::OpenTypeCFF(()) } else { FontType::TrueType };
    let [x_min, y_min, x_max, y_max] = tables.bounds.map(scale);
    font.pdf_font_metrics = PdfFontMetricsStub {
        units_per_em: 1000,
        x_min,
        y_min,
        x_max,
        y_max,
        us_weight_class: tables.weight,
        ..PdfFontMetricsStub::default()
    };
    Ok(PdfFont::new(font))
}

/// The six capitals that mark a subset; other glyphs, other letters, so that a program that joins
/// documents does not take two subsets for one font.
fn prefix(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

/// A face whose character map looks empty. The PDF addresses glyphs by number; subsetting the map
/// of a Chinese font (45,000 entries) would cost more than all the rest.
struct WithoutCmap<P>(P);

impl<P: FontTableProvider> FontTableProvider for WithoutCmap<P> {
    fn table_data(&self, tag: u32) -> Result<Option<Cow<'_, [u8]>>, ParseError> {
        if tag == tag::CMAP {
            return Ok(Some(Cow::Borrowed(&EMPTY_CMAP)));
        }
        self.0.table_data(tag)
    }

    fn has_table(&self, tag: u32) -> bool {
        self.0.has_table(tag)
    }

    fn table_tags(&self) -> Option<Vec<u32>> {
        self.0.table_tags()
    }
}
