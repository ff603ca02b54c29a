//! Pages as they are drawn, and the PDF made of them.
//!
//! Text is measured from the top left corner in points. Bar codes are drawn in the dots of a
//! 203 dpi label printer, so that every bar is a whole number of dots wide.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use lopdf::{Dictionary, Object, StringFormat};
use printpdf::{
    Actions, BorderArray, Codepoint, Color, CurTransMat, DictItem, FontId, Greyscale, LinePoint,
    LinkAnnotation, OffsetDateTime, Op, PaintMode, PdfDocument, PdfFontHandle, PdfPage,
    PdfSaveOptions, Point, Polygon, PolygonRing, Pt, Rect, TextItem, WindingOrder,
};
use sha2::{Digest, Sha256};

use super::DocumentError;
use super::fonts::{FaceId, Fonts};
use super::glyphs::{Cluster, Glyph};
use super::subset::subset;

/// Dots an inch of the common label printer.
const DOTS_PER_INCH: f32 = 203.0;

/// One printer dot in points.
pub(super) const DOT: f32 = 72.0 / DOTS_PER_INCH;

/// Bars are drawn in parts of a dot and one part narrower on each side than they are meant to be:
/// a printer blackens every dot that is touched at all, and rounding would make it touch the next.
const PARTS: u32 = 32;

/// A black rectangle in dots, from the bottom left corner of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DotRect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// The level streams are compressed at, and the length from which it is worth it.
const COMPRESSION: flate2::Compression = flate2::Compression::new(1);
const WORTH_COMPRESSING: usize = 200;

/// Shades used: paper 1, ink 0.
pub(super) const BLACK: f32 = 0.0;
pub(super) const WHITE: f32 = 1.0;

/// A document being drawn.
pub(super) struct Document<'f> {
    fonts: &'f Fonts,
    used: Vec<Used>,
    pages: Vec<Page>,
}

/// A font resource: the glyphs used of a face. A face gets a second one where one glyph stands
/// for two characters (Latin A and Cyrillic А may share it), or else copied text would be wrong.
struct Used {
    face: FaceId,
    ids: Vec<u16>,
    slots: HashMap<u16, (u16, String)>,
}

/// A page's size in points and what is drawn on it.
struct Page {
    width: f32,
    height: f32,
    ops: Vec<Op>,
    shade: Option<f32>,
}

impl<'f> Document<'f> {
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, used: Vec::new(), pages: Vec::new() }
    }

    /// Starts a page; all drawing goes to it. Returns its index.
    pub fn add_page(&mut self, width: f32, height: f32) -> usize {
        self.pages.push(Page { width, height, ops: Vec::new(), shade: None });
        self.pages.len() - 1
    }

    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Sets one line with its baseline `y` points below the top of the page.
    pub fn text(&mut self, page: usize, x: f32, y: f32, size: f32, shade: f32, line: &[Glyph]) {
        if line.is_empty() {
            return;
        }
        let slots: Vec<(usize, u16)> = line.iter().map(|glyph| self.slot(glyph)).collect();
        let page = &mut self.pages[page];
        page.shade(shade);
        page.ops.push(Op::StartTextSection);
        page.ops.push(Op::SetTextCursor { pos: point(x, page.height - y) });
        let mut items = Vec::new();
        let mut current = None;
        let mut open = false;
        for (glyph, (font, id)) in line.iter().zip(slots) {
            if current != Some(font) || glyph.cluster != Cluster::None || open {
                page.show(&mut items);
            }
            if open && glyph.cluster != Cluster::Within {
                page.ops.push(Op::EndMarkedContent);
                open = false;
            }
            if let Cluster::Start(text) = &glyph.cluster {
                page.ops.push(actual_text(text));
                open = true;
            }
            if current != Some(font) {
                let handle = PdfFontHandle::External(FontId(format!("H{font}")));
                page.ops.push(Op::SetFont { font: handle, size: Pt(size) });
                current = Some(font);
            }
            page.glyph(&mut items, glyph, id, size);
        }
        page.show(&mut items);
        if open {
            page.ops.push(Op::EndMarkedContent);
        }
        page.ops.push(Op::EndTextSection);
    }

    fn slot(&mut self, glyph: &Glyph) -> (usize, u16) {
        for (font, used) in self.used.iter_mut().enumerate() {
            if used.face != glyph.face {
                continue;
            }
            match used.slots.get(&glyph.id) {
                Some((id, text)) if *text == glyph.text => return (font, *id),
                Some(_) => {}
                None => return (font, used.add(glyph)),
            }
        }
        let mut used = Used { face: glyph.face, ids: vec![0], slots: HashMap::new() };
        let id = used.add(glyph);
        self.used.push(used);
        (self.used.len() - 1, id)
    }

    /// Fills a rectangle; `y` is its top edge.
    pub fn rectangle(&mut self, page: usize, at: (f32, f32), size: (f32, f32), shade: f32) {
        let page = &mut self.pages[page];
        page.shade(shade);
        let (x, bottom) = (at.0, page.height - at.1 - size.1);
        page.ops.push(fill(vec![ring(x, bottom, size.0, size.1)]));
    }

    /// Fills black rectangles given in dots; each is at least a dot wide and high.
    pub fn dots(&mut self, page: usize, rectangles: &[DotRect]) {
        if rectangles.is_empty() {
            return;
        }
        let page = &mut self.pages[page];
        page.shade(BLACK);
        let start = |dots: u32| DictItem::Int(i64::from(dots) * i64::from(PARTS) + 1);
        let length = |dots: u32| DictItem::Int(i64::from(dots) * i64::from(PARTS) - 2);
        let scale = DOT / PARTS as f32;
        page.ops.push(Op::SaveGraphicsState);
        page.ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Scale(scale, scale) });
        // Whole numbers in the operators of PDF itself: printpdf would write each rectangle as a
        // polygon of eight fractions, and a label has hundreds.
        let operator = |key: &str, value| Op::Unknown { key: key.to_owned(), value };
        page.ops.extend(rectangles.iter().map(|r| {
            operator("re", vec![start(r.x), start(r.y), length(r.width), length(r.height)])
        }));
        page.ops.push(operator("f", Vec::new()));
        page.ops.push(Op::RestoreGraphicsState);
    }

    /// Makes a rectangle open `uri` when it is clicked; `y` is its top edge.
    pub fn link(&mut self, page: usize, at: (f32, f32), size: (f32, f32), uri: &str) {
        let page = &mut self.pages[page];
        // An annotation's rectangle is given by two corners, unlike a filled one.
        let (top, right) = (page.height - at.1, at.0 + size.0);
        let rect = Rect::from_xywh(Pt(at.0), Pt(top - size.1), Pt(right), Pt(top));
        let border = BorderArray::Solid([0.0, 0.0, 0.0]);
        let action = Actions::Uri(uri.to_owned());
        let link = LinkAnnotation::new(rect, action, Some(border), None, None);
        page.ops.push(Op::LinkAnnotation { link });
    }

    /// The finished PDF. The same drawing, title and instant give the same bytes.
    ///
    /// # Errors
    /// A font that cannot be subset, or a failure of the PDF library.
    pub fn finish(self, title: &str, created_at: DateTime<Utc>) -> Result<Vec<u8>, DocumentError> {
        let mut pdf = PdfDocument::new(title);
        for (number, used) in self.used.iter().enumerate() {
            let font = subset(self.fonts.face(used.face), &used.ids)?;
            pdf.resources.fonts.map.insert(FontId(format!("H{number}")), font);
        }
        pdf.pages = self.pages.into_iter().map(Page::finish).collect();
        let date = OffsetDateTime::from_unix_timestamp(created_at.timestamp())
            .map_err(|reason| DocumentError::Write(reason.to_owned()))?;
        let info = &mut pdf.metadata.info;
        info.creation_date = date;
        info.modification_date = date;
        info.metadata_date = date;
        info.creator = "Homeward".to_owned();
        info.producer = "Homeward".to_owned();
        write(&pdf, created_at)
    }
}

impl Used {
    fn add(&mut self, glyph: &Glyph) -> u16 {
        // A face has at most 65,535 glyphs, so that its subset's count fits.
        let id = self.ids.len() as u16;
        self.ids.push(glyph.id);
        self.slots.insert(glyph.id, (id, glyph.text.clone()));
        id
    }
}

impl Page {
    fn shade(&mut self, shade: f32) {
        if self.shade != Some(shade) {
            self.ops.push(Op::SetFillColor { col: Color::Greyscale(Greyscale::new(shade, None)) });
            self.shade = Some(shade);
        }
    }

    /// Adds a glyph to the string being shown; one that is off the pen is shown by itself.
    fn glyph(&mut self, items: &mut Vec<TextItem>, glyph: &Glyph, id: u16, size: f32) {
        let code = Codepoint::with_cid(id, 0.0, glyph.text.clone());
        let (dx, dy) = glyph.offset;
        if (dx, dy) == (0, 0) {
            match items.last_mut() {
                Some(TextItem::GlyphIds(codes)) => codes.push(code),
                _ => items.push(TextItem::GlyphIds(vec![code])),
            }
            return;
        }
        self.show(items);
        let rise = |dy: i32| Op::SetLineOffset { multiplier: dy as f32 * size / 1000.0 };
        self.ops.push(rise(dy));
        items.push(TextItem::Offset(-dx as f32));
        items.push(TextItem::GlyphIds(vec![code]));
        items.push(TextItem::Offset(dx as f32));
        self.show(items);
        self.ops.push(rise(0));
    }

    fn show(&mut self, items: &mut Vec<TextItem>) {
        if !items.is_empty() {
            self.ops.push(Op::ShowText { items: std::mem::take(items) });
        }
    }

    fn finish(self) -> PdfPage {
        let sheet = Rect::from_wh(Pt(self.width), Pt(self.height));
        let (trim_box, crop_box) = (sheet.clone(), sheet.clone());
        PdfPage { media_box: sheet, trim_box, crop_box, ops: self.ops }
    }
}

/// Begins glyphs that are copied as `text`: a reader that judges by distance would see a gap
/// beside each mark.
fn actual_text(text: &str) -> Op {
    let mut utf16 = vec![0xFE, 0xFF];
    utf16.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    let map = BTreeMap::from([("ActualText".to_owned(), DictItem::Bytes(utf16))]);
    let properties = DictItem::Dict { map };
    Op::BeginMarkedContentWithProperties { tag: "Span".to_owned(), properties }
}

fn point(x: f32, y: f32) -> Point {
    Point { x: Pt(x), y: Pt(y) }
}

fn ring(x: f32, y: f32, width: f32, height: f32) -> PolygonRing {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
    let points = corners.map(|(x, y)| LinePoint { p: point(x, y), bezier: false });
    PolygonRing { points: points.to_vec() }
}

fn fill(rings: Vec<PolygonRing>) -> Op {
    let (mode, winding_order) = (PaintMode::Fill, WindingOrder::NonZero);
    Op::DrawPolygon { polygon: Polygon { rings, mode, winding_order } }
}

fn write(pdf: &PdfDocument, created_at: DateTime<Utc>) -> Result<Vec<u8>, DocumentError> {
    let failed = |error: lopdf::Error| DocumentError::Write(error.to_string());
    let mut warnings = Vec::new();
    // Not "secure" means that operators printpdf does not know are kept: they are `dots`' own.
    let options = PdfSaveOptions { secure: false, ..PdfSaveOptions::default() };
    let mut document = pdf.to_lopdf_document(&options, &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(DocumentError::Write(warning.msg.clone()));
    }
    document.version = "1.7".to_owned();
    // A label that the viewer scales to fit loses the alignment of its bars.
    let preferences =
        Dictionary::from_iter([("PrintScaling", "None".into()), ("DisplayDocTitle", true.into())]);
    let catalog = document.catalog_mut().map_err(failed)?;
    catalog.set("ViewerPreferences", preferences);
    catalog.set("Lang", Object::string_literal("en"));
    // printpdf claims conformance to a printing standard, and makes up a random identifier.
    let info = document.trailer.get(b"Info").and_then(Object::as_reference).map_err(failed)?;
    let info = document.get_object_mut(info).and_then(Object::as_dict_mut).map_err(failed)?;
    info.remove(b"GTS_PDFXVersion");
    info.remove(b"Identifier");
    let mut hash = Sha256::new();
    hash.update(created_at.timestamp().to_be_bytes());
    for object in document.objects.values() {
        if let Ok(stream) = object.as_stream() {
            hash.update(&stream.content);
        }
    }
    let id = Object::String(hash.finalize()[..16].to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    compress(&mut document).map_err(|error| DocumentError::Write(error.to_string()))?;
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|error| DocumentError::Write(error.to_string()))?;
    Ok(bytes)
}

/// Compresses every stream. lopdf's own way takes the slowest level, which costs more than the rest
/// of the document, for a hundredth of its size.
fn compress(document: &mut lopdf::Document) -> std::io::Result<()> {
    use std::io::Write;
    for object in document.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        let small = stream.content.len() < WORTH_COMPRESSING;
        if small || !stream.allows_compression || stream.dict.has(b"Filter") {
            continue;
        }
        let room = Vec::with_capacity(stream.content.len() / 2 + 64);
        let mut encoder = flate2::write::ZlibEncoder::new(room, COMPRESSION);
        encoder.write_all(&stream.content)?;
        let compressed = encoder.finish()?;
        if compressed.len() < stream.content.len() {
            stream.dict.set("Filter", "FlateDecode");
            stream.set_content(compressed);
        }
    }
    Ok(())
}
