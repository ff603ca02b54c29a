//! Text that flows down pages: paragraphs, headings, marked passages, tables, page breaks.

use super::DocumentError;
use super::data::Paper;
use super::fonts::{Fonts, Weight};
use super::glyphs::{Glyph, shape, width};
use super::page::{BLACK, Document};
use super::text::Region;
use super::wrap::{Line, limit, wrap};

/// Margins left and right, above and below, in points.
pub(super) const MARGIN: f32 = 56.0;
const TOP: f32 = 50.0;
const BOTTOM: f32 = 62.0;

/// Shade of what is said in passing, and of fine lines.
pub(super) const GREY: f32 = 0.38;
const HAIRLINE: f32 = 0.78;

/// How a passage is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub size: f32,
    pub weight: Weight,
    pub shade: f32,
    /// Distance from the left margin in points.
    pub indent: f32,
    /// Width of a bar drawn beside the passage; 0 for none.
    pub bar: f32,
}

impl Style {
    pub const BODY: Style =
        Style { size: 10.5, weight: Weight::Regular, shade: BLACK, indent: 0.0, bar: 0.0 };

    pub fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub fn size(self, size: f32) -> Self {
        Self { size, ..self }
    }

    pub fn shade(self, shade: f32) -> Self {
        Self { shade, ..self }
    }

    pub fn indent(self, indent: f32) -> Self {
        Self { indent, ..self }
    }

    pub fn bar(self, bar: f32) -> Self {
        Self { bar, ..self }
    }

    fn leading(self) -> f32 {
        self.size * 1.38
    }
}

/// Pages being filled from top to bottom.
pub(super) struct Flow<'f> {
    pub fonts: &'f Fonts,
    pub document: Document<'f>,
    /// Size of the paper in points.
    width: f32,
    height: f32,
    page: usize,
    /// Room kept free at the right for something else.
    narrowed: f32,
    /// Where the next line begins, from the top.
    pub y: f32,
}

impl<'f> Flow<'f> {
    pub fn new(fonts: &'f Fonts, paper: Paper) -> Self {
        let (width, height) = match paper {
            Paper::A4 => (595.276, 841.89),
            Paper::Letter => (612.0, 792.0),
        };
        let mut document = Document::new(fonts);
        let page = document.add_page(width, height);
        Self { fonts, document, width, height, page, narrowed: 0.0, y: TOP }
    }

    pub fn page(&self) -> usize {
        self.page
    }

    pub fn height(&self) -> f32 {
        self.height
    }

    /// The right edge of the text, from the left of the paper.
    pub fn right(&self) -> f32 {
        self.width - MARGIN - self.narrowed
    }

    /// Keeps room free at the right of all that follows.
    pub fn narrow_by(&mut self, points: f32) {
        self.narrowed = points;
    }

    /// Leaves some room, unless at the top of a page.
    pub fn space(&mut self, points: f32) {
        if self.y > TOP {
            self.y += points;
        }
    }

    /// Goes to the next page unless `points` of height remain on this one.
    pub fn keep(&mut self, points: f32) {
        if self.y + points > self.height - BOTTOM && self.y > TOP {
            self.page = self.document.add_page(self.width, self.height);
            self.y = TOP;
        }
    }

    /// A thin line across the text.
    pub fn hairline(&mut self) {
        let size = (self.right() - MARGIN, 0.6);
        self.document.rectangle(self.page, (MARGIN, self.y), size, HAIRLINE);
    }

    /// The form's own words as glyphs.
    pub fn words(&self, text: &str, weight: Weight) -> Result<Vec<Glyph>, DocumentError> {
        shape(self.fonts, "form", text, weight, Region::China)
    }

    /// A paragraph of the form's own words.
    pub fn say(&mut self, text: &str, style: Style) -> Result<(), DocumentError> {
        let glyphs = self.words(text, style.weight)?;
        self.paragraph(&glyphs, style);
        Ok(())
    }

    /// Sets a paragraph over as many lines and pages as it takes. `style.weight` is that of the
    /// glyphs already.
    pub fn paragraph(&mut self, glyphs: &[Glyph], style: Style) {
        let room = self.right() - MARGIN - style.indent;
        let lines = wrap(glyphs, limit(room, style.size));
        for (number, line) in lines.iter().enumerate() {
            // The first two lines stay together, so that none is left alone at the foot.
            let wanted = if number == 0 { lines.len().min(2) } else { 1 };
            self.keep(style.leading() * wanted as f32);
            self.line(line, style);
        }
    }

    fn line(&mut self, line: &Line<'_>, style: Style) {
        if style.bar > 0.0 {
            let at = (MARGIN + style.indent - style.bar - 9.0, self.y);
            let height = style.leading() + 0.4;
            self.document.rectangle(self.page, at, (style.bar, height), BLACK);
        }
        let x = MARGIN + style.indent;
        let baseline = self.y + style.size * 1.08;
        self.document.text(self.page, x, baseline, style.size, style.shade, line.glyphs);
        self.y += style.leading();
    }

    /// Sets one line at a place of its own, ending at `right`.
    pub fn line_ending_at(&mut self, right: f32, baseline: f32, style: Style, glyphs: &[Glyph]) {
        let x = right - width(glyphs) as f32 * style.size / 1000.0;
        self.document.text(self.page, x, baseline, style.size, style.shade, glyphs);
    }

    /// A row of a table: a caption and, beside it, a text that may take several lines.
    pub fn row(
        &mut self,
        caption: &str,
        value: &[Glyph],
        style: Style,
    ) -> Result<(), DocumentError> {
        let style = style.indent(112.0);
        self.keep(style.leading() + 6.0);
        self.y += 3.0;
        let caption = self.words(caption, Weight::Regular)?;
        let baseline = self.y + style.size * 1.08;
        self.document.text(self.page, MARGIN, baseline, 9.5, GREY, &caption);
        self.paragraph(value, style);
        self.y += 3.0;
        self.hairline();
        Ok(())
    }

    /// A numbered heading.
    pub fn step(&mut self, number: u32, text: &str) -> Result<(), DocumentError> {
        self.space(13.0);
        self.keep(70.0);
        let side = 17.0;
        self.document.rectangle(self.page, (MARGIN, self.y), (side, side), BLACK);
        let figure = self.words(&number.to_string(), Weight::Bold)?;
        let x = MARGIN + (side - width(&figure) as f32 * 11.0 / 1000.0) / 2.0;
        self.document.text(self.page, x, self.y + 12.6, 11.0, super::page::WHITE, &figure);
        self.y -= 1.0;
        self.say(text, Style::BODY.bold().size(13.0).indent(STEP_INDENT))?;
        self.y += 2.0;
        Ok(())
    }

    /// Puts the same line, with the page's number, at the foot of every page.
    pub fn foot(&mut self, text: &str) -> Result<(), DocumentError> {
        let count = self.document.page_count();
        let style = Style::BODY.size(8.0).shade(GREY);
        let baseline = self.height - 34.0;
        let left = self.words(text, Weight::Regular)?;
        for page in 0..count {
            self.page = page;
            self.document.text(page, MARGIN, baseline, style.size, style.shade, &left);
            let right = self.words(&format!("Page {} of {count}", page + 1), Weight::Regular)?;
            self.line_ending_at(self.right(), baseline, style, &right);
        }
        Ok(())
    }
}

/// Where the text under a numbered heading begins.
pub(super) const STEP_INDENT: f32 = 27.0;
