//! One font face: where its bytes are, and the few tables that setting text needs.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use allsorts::binary::read::ReadScope;
use allsorts::font_data::{DynamicFontTableProvider, FontData};
use allsorts::tables::cmap::Cmap;
use allsorts::tables::os2::Os2;
use allsorts::tables::{FontTableProvider, HeadTable, HheaTable, HmtxTable, MaxpTable};
use allsorts::tag;

use super::DocumentError;

/// A font file that is read once, when the first character needs it. The faces of a collection
/// share it: a Chinese, Japanese and Korean collection is some 20 MB.
#[derive(Debug)]
pub(super) struct FontFile {
    path: PathBuf,
    data: OnceLock<Option<Vec<u8>>>,
}

impl FontFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, data: OnceLock::new() }
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.data
            .get_or_init(|| match std::fs::read(&self.path) {
                Ok(bytes) => Some(bytes),
                Err(error) => {
                    tracing::warn!(font = %self.path.display(), %error, "a font cannot be read");
                    None
                }
            })
            .as_deref()
    }
}

#[derive(Debug)]
enum Source {
    Embedded(&'static [u8]),
    File(Arc<FontFile>, u32),
}

/// A face, opened when first used.
#[derive(Debug)]
pub(super) struct Face {
    /// The PostScript name.
    pub name: String,
    source: Source,
    tables: OnceLock<Option<Tables>>,
}

/// What is kept of an opened face; distances are in font units unless said otherwise.
#[derive(Debug)]
pub(super) struct Tables {
    /// Sorted by character.
    glyphs: Vec<(u32, u16)>,
    /// In thousandths of an em and whole, exactly as the PDF's width table states them.
    pub advances: Vec<u16>,
    pub units_per_em: u16,
    pub ascent: i16,
    pub descent: i16,
    /// x and y minimum, x and y maximum.
    pub bounds: [i16; 4],
    pub weight: u16,
    /// Outlines are in a `CFF ` table rather than in `glyf`.
    pub is_cff: bool,
}

impl Tables {
    pub fn glyph(&self, character: char) -> Option<u16> {
        let code = character as u32;
        let at = self.glyphs.binary_search_by_key(&code, |entry| entry.0).ok()?;
        Some(self.glyphs[at].1)
    }

    /// Thousandths of an em.
    pub fn advance(&self, glyph: u16) -> i32 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or(0).into()
    }
}

impl Face {
    pub fn embedded(name: &str, bytes: &'static [u8]) -> Self {
        Self::new(name.to_owned(), Source::Embedded(bytes))
    }

    pub fn in_file(name: String, file: Arc<FontFile>, index: u32) -> Self {
        Self::new(name, Source::File(file, index))
    }

    fn new(name: String, source: Source) -> Self {
        Self { name, source, tables: OnceLock::new() }
    }

    /// The face's tables; none where the font cannot be used, which is logged once.
    pub fn tables(&self) -> Option<&Tables> {
        self.tables
            .get_or_init(|| match self.provider().and_then(|provider| read(&provider)) {
                Ok(tables) => Some(tables),
                Err(reason) => {
                    tracing::warn!(font = %self.name, %reason, "a font cannot be used");
                    None
                }
            })
            .as_ref()
    }

    /// The raw tables, for subsetting and shaping.
    pub fn provider(&self) -> Result<DynamicFontTableProvider<'_>, String> {
        let (bytes, index) = match &self.source {
            Source::Embedded(bytes) => (*bytes, 0),
            Source::File(file, index) => (file.bytes().ok_or("the file cannot be read")?, *index),
        };
        open(bytes, index)
    }

    pub fn unusable(&self, reason: impl ToString) -> DocumentError {
        DocumentError::Font { font: self.name.clone(), reason: reason.to_string() }
    }
}

/// Whether the font is variable. Its default weight may be anything (in the Noto CJK fonts it is
/// Thin), so such fonts are passed over.
pub(super) fn is_variable(bytes: &[u8], index: u32) -> bool {
    open(bytes, index).is_ok_and(|provider| provider.has_table(tag::FVAR))
}

fn open(bytes: &[u8], index: u32) -> Result<DynamicFontTableProvider<'_>, String> {
    let data = ReadScope::new(bytes).read::<FontData<'_>>().map_err(|e| e.to_string())?;
    data.table_provider(index as usize).map_err(|e| e.to_string())
}

fn read(provider: &impl FontTableProvider) -> Result<Tables, String> {
    let table = |tag| provider.read_table_data(tag).map_err(|e| e.to_string());
    let head = ReadScope::new(&table(tag::HEAD)?).read::<HeadTable>().map_err(|e| e.to_string())?;
    let hhea = ReadScope::new(&table(tag::HHEA)?).read::<HheaTable>().map_err(|e| e.to_string())?;
    let maxp = ReadScope::new(&table(tag::MAXP)?).read::<MaxpTable>().map_err(|e| e.to_string())?;
    if head.units_per_em == 0 {
        return Err("it states no units per em".to_owned());
    }
    let weight = match provider.table_data(tag::OS_2) {
        Ok(Some(data)) => {
            ReadScope::new(&data).read_dep::<Os2>(data.len()).map_or(400, |os2| os2.us_weight_class)
        }
        _ => 400,
    };
    Ok(Tables {
        glyphs: glyphs(&table(tag::CMAP)?)?,
        advances: advances(&table(tag::HMTX)?, &maxp, &hhea, head.units_per_em)?,
        units_per_em: head.units_per_em,
        ascent: hhea.ascender,
        descent: hhea.descender,
        bounds: [head.x_min, head.y_min, head.x_max, head.y_max],
        weight,
        is_cff: provider.has_table(tag::CFF),
    })
}

fn glyphs(cmap: &[u8]) -> Result<Vec<(u32, u16)>, String> {
    let cmap = ReadScope::new(cmap).read::<Cmap<'_>>().map_err(|e| e.to_string())?;
    let (_, table) = allsorts::font::read_cmap_subtable(&cmap)
        .map_err(|e| e.to_string())?
        .ok_or("it maps no Unicode characters")?;
    let mut glyphs = Vec::new();
    table
        .mappings_fn(|character, glyph| {
            if glyph != 0 {
                glyphs.push((character, glyph));
            }
        })
        .map_err(|e| e.to_string())?;
    glyphs.sort_unstable();
    glyphs.dedup_by_key(|entry| entry.0);
    Ok(glyphs)
}

fn advances(hmtx: &[u8], maxp: &MaxpTable, hhea: &HheaTable, em: u16) -> Result<Vec<u16>, String> {
    let table = ReadScope::new(hmtx)
        .read_dep::<HmtxTable<'_>>((usize::from(maxp.num_glyphs), usize::from(hhea.num_h_metrics)))
        .map_err(|e| e.to_string())?;
    (0..maxp.num_glyphs)
        .map(|glyph| {
            let units = u32::from(table.horizontal_advance(glyph).map_err(|e| e.to_string())?);
            Ok(u16::try_from(units * 1000 / u32::from(em)).unwrap_or(u16::MAX))
        })
        .collect()
}
