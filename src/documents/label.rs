//! The RMA return label, 4 x 6 in (RMA-9, RMA-10).
//!
//! From top to bottom: what this is, where the box goes, the RMA number for the eye and for the
//! scanner, what is in the box, who sends it. The black band and the missing service line keep it
//! from being taken for a carrier's label.

use chrono::NaiveDate;

use super::DocumentError;
use super::barcode::{Bars, Matrix};
use super::data::{LabelData, PostalAddress};
use super::fonts::{Fonts, Weight};
use super::glyphs::{shape, width};
use super::page::{BLACK, DOT, Document, WHITE};
use super::text::{Region, clean, clean_required};
use super::wrap::{Fitted, Frame, Item, fit};

/// The sheet and its margin, in points.
const WIDTH: f32 = 288.0;
const HEIGHT: f32 = 432.0;
const MARGIN: f32 = 12.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// Statement on every label and on the instructions: it is no airbill.
pub(super) const NOTICE: &str =
    "RMA label: put it on the outside of the box. Not a carrier's airbill.";

/// A label's texts, cleaned and turned into glyphs: all that can be refused about them is.
pub(super) struct Label<'f> {
    fonts: &'f Fonts,
    sender_region: Region,
    return_region: Region,
    pub rma_number: String,
    pub rma_bars: Bars,
    pub serial_bars: Option<Bars>,
    pub status_link: String,
    pub status_matrix: Matrix,
    pub return_address: Vec<Item>,
    pub sender: Vec<Item>,
    /// Caption and value: case, part, serial, due date.
    pub facts: Vec<(&'static str, Item)>,
}

impl<'f> Label<'f> {
    /// Cleans and encodes the data.
    pub fn new(fonts: &'f Fonts, data: &LabelData) -> Result<Self, DocumentError> {
        let rma_number = clean_required("RMA number", &data.rma_number)?;
        let rma_bars = Bars::encode_required("RMA number", &rma_number)?;
        let status_link = clean_required("status link", &data.status_link)?;
        let status_matrix = Matrix::encode("status link", &status_link)?;
        let serial = clean_required("serial number", &data.serial_number)?;
        let mut label = Self {
            fonts,
            sender_region: region(&data.sender, None),
            return_region: region(&data.return_address, data.attention.as_deref()),
            rma_number,
            rma_bars,
            serial_bars: Bars::encode(&serial),
            status_link,
            status_matrix,
            return_address: Vec::new(),
            sender: Vec::new(),
            facts: Vec::new(),
        };
        let attention = data.attention.as_deref();
        label.return_address = label.address(
            "return address",
            &data.return_address,
            attention,
            label.return_region,
        )?;
        label.sender = label.address("sender", &data.sender, None, label.sender_region)?;
        let case = clean_required("case number", &data.case_number)?;
        let part = clean_required("part number", &data.part_number)?;
        label.fact("CASE", "case number", &case)?;
        label.fact("PART", "part number", &part)?;
        label.fact("SERIAL", "serial number", &serial)?;
        if let Some(due) = data.due_on {
            label.fact("RETURN BY", "due date", &long_date(due))?;
        }
        Ok(label)
    }

    fn fact(
        &mut self,
        caption: &'static str,
        field: &str,
        text: &str,
    ) -> Result<(), DocumentError> {
        let item = self.item(field, text, Weight::Bold, self.sender_region)?;
        self.facts.push((caption, item));
        Ok(())
    }

    fn item(
        &self,
        field: &str,
        text: &str,
        weight: Weight,
        region: Region,
    ) -> Result<Item, DocumentError> {
        let glyphs = shape(self.fonts, field, text, weight, region)?;
        Ok(Item { field: field.to_owned(), glyphs })
    }

    fn address(
        &self,
        what: &str,
        address: &PostalAddress,
        attention: Option<&str>,
        region: Region,
    ) -> Result<Vec<Item>, DocumentError> {
        let field = format!("{what}, name");
        let name = clean_required(&field, &address.name)?;
        let mut items = vec![self.item(&field, &name, Weight::Bold, region)?];
        if let Some(attention) = attention {
            let attention = clean("attention", attention)?;
            if !attention.is_empty() {
                let text = format!("Attn: {attention}");
                items.push(self.item("attention", &text, Weight::Regular, region)?);
            }
        }
        for (number, line) in (1..).zip(&address.lines) {
            let field = format!("{what}, line {number}");
            let line = clean(&field, line)?;
            if !line.is_empty() {
                items.push(self.item(&field, &line, Weight::Regular, region)?);
            }
        }
        let field = format!("{what}, country");
        let country = clean(&field, &address.country)?;
        if !country.is_empty() {
            items.push(self.item(&field, &country, Weight::Bold, region)?);
        }
        Ok(items)
    }

    /// The region whose forms the customer reads.
    pub fn sender_region(&self) -> Region {
        self.sender_region
    }

    /// Draws the label on a page of its own.
    pub fn draw(&self, document: &mut Document<'f>) -> Result<(), DocumentError> {
        let page = document.add_page(WIDTH, HEIGHT);
        let mut sheet = Sheet { fonts: self.fonts, document, page };
        self.draw_head(&mut sheet)?;
        self.draw_rma(&mut sheet)?;
        self.draw_contents(&mut sheet)?;
        self.draw_foot(&mut sheet)
    }

    fn draw_head(&self, sheet: &mut Sheet<'_, '_>) -> Result<(), DocumentError> {
        sheet.document.rectangle(sheet.page, (MARGIN, 9.0), (INNER, 21.0), BLACK);
        sheet.words(MARGIN + 6.0, 24.0, 12.5, WHITE, Weight::Bold, "RMA RETURN")?;
        let right = WIDTH - MARGIN - 6.0;
        sheet.words_ending_at(right, 23.0, 8.0, WHITE, "Not a carrier's airbill")?;
        sheet.words(MARGIN, 41.0, 7.5, BLACK, Weight::Bold, "RETURN TO")?;
        let frame = Frame { width: INNER, height: 102.0, sizes: (17.0, 7.0), leading: 1.22 };
        let block = fit(&self.return_address, frame)?;
        sheet.block(MARGIN, 45.0, frame, &block);
        sheet.rule(154.0, 1.5);
        Ok(())
    }

    fn draw_rma(&self, sheet: &mut Sheet<'_, '_>) -> Result<(), DocumentError> {
        sheet.words(MARGIN, 165.0, 7.5, BLACK, Weight::Bold, "RMA NUMBER")?;
        let number = self.item("RMA number", &self.rma_number, Weight::Bold, Region::China)?;
        let frame = Frame { width: INNER, height: 42.0, sizes: (42.0, 12.0), leading: 1.1 };
        let items = [number];
        let block = fit(&items, frame)?;
        let left = MARGIN + (INNER - widest(&block)).max(0.0) / 2.0;
        sheet.block(left, 163.0, frame, &block);
        // The wider the module, the farther off it is read; two dots are the least a worn print
        // head keeps apart.
        let module = self.rma_bars.fitting_module(&[5, 4, 3, 2], dots(WIDTH));
        let Some(module) = module else {
            return Err(DocumentError::TooLong { field: "RMA number".to_owned() });
        };
        let left = (dots(WIDTH) - self.rma_bars.width(module)) / 2;
        let bars = self.rma_bars.draw(left, dots(HEIGHT - 249.0), module, dots(40.0));
        sheet.document.dots(sheet.page, &bars);
        sheet.rule(256.0, 0.75);
        Ok(())
    }

    fn draw_contents(&self, sheet: &mut Sheet<'_, '_>) -> Result<(), DocumentError> {
        const SIDE: f32 = 86.0;
        let space = dots(SIDE);
        let Some(module) = self.status_matrix.fitting_module(space) else {
            return Err(DocumentError::TooLong { field: "status link".to_owned() });
        };
        let spare = (space - self.status_matrix.width(module)) / 2;
        let corner = (dots(WIDTH - MARGIN - SIDE) + spare, dots(HEIGHT - 258.0 - SIDE) + spare);
        let matrix = self.status_matrix.draw(corner.0, corner.1, module);
        sheet.document.dots(sheet.page, &matrix);
        let at = (WIDTH - MARGIN - SIDE, 258.0);
        sheet.document.link(sheet.page, at, (SIDE, SIDE), &self.status_link);
        let middle = WIDTH - MARGIN - SIDE / 2.0;
        sheet.words_centred(middle, 349.0, 6.5, Weight::Regular, "Scan for the status")?;
        let mut y = 259.0;
        for (caption, value) in &self.facts {
            sheet.words(MARGIN, y + 12.0, 6.0, BLACK, Weight::Regular, caption)?;
            let width = INNER - SIDE - 50.0;
            let frame = Frame { width, height: 17.0, sizes: (12.5, 6.0), leading: 1.15 };
            let block = fit(std::slice::from_ref(value), frame)?;
            // One line shares the caption's baseline; two are spread around it.
            let top = if block.lines.len() == 1 { y + 12.0 - block.size * 0.95 } else { y };
            sheet.block(MARGIN + 44.0, top, frame, &block);
            y += 22.5;
        }
        self.draw_serial_bars(sheet)
    }

    /// The serial's bar code, left out where Code 128 cannot hold the serial or the label is too
    /// narrow for it: the text above it remains.
    fn draw_serial_bars(&self, sheet: &mut Sheet<'_, '_>) -> Result<(), DocumentError> {
        let Some(bars) = &self.serial_bars else { return Ok(()) };
        let left = dots(MARGIN + 44.0) - 20;
        let module = bars.fitting_module(&[3, 2], dots(WIDTH) - left);
        let (left, module) = match module {
            Some(module) => (left, module),
            None if bars.width(2) <= dots(WIDTH) => ((dots(WIDTH) - bars.width(2)) / 2, 2),
            None => return Ok(()),
        };
        if left >= dots(MARGIN + 24.0) {
            sheet.words(MARGIN, 367.0, 6.0, BLACK, Weight::Regular, "SERIAL")?;
        }
        let bars = bars.draw(left, dots(HEIGHT - 376.0), module, dots(22.0));
        sheet.document.dots(sheet.page, &bars);
        Ok(())
    }

    fn draw_foot(&self, sheet: &mut Sheet<'_, '_>) -> Result<(), DocumentError> {
        sheet.rule(380.0, 0.75);
        sheet.words(MARGIN, 389.5, 6.0, BLACK, Weight::Regular, "FROM")?;
        let mut glyphs = Vec::new();
        let comma = shape(self.fonts, "sender", ", ", Weight::Regular, self.sender_region)?;
        for item in &self.sender {
            if !glyphs.is_empty() {
                glyphs.extend_from_slice(&comma);
            }
            glyphs.extend_from_slice(&item.glyphs);
        }
        let sender = [Item { field: "sender".to_owned(), glyphs }];
        let width = INNER - 24.0;
        let frame = Frame { width, height: 30.0, sizes: (8.5, 5.0), leading: 1.2 };
        let block = fit(&sender, frame)?;
        sheet.block(MARGIN + 24.0, 382.0, frame, &block);
        sheet.words_centred(WIDTH / 2.0, 423.0, 7.0, Weight::Bold, NOTICE)
    }
}

/// A page being drawn, with the words of the form itself.
struct Sheet<'a, 'f> {
    fonts: &'f Fonts,
    document: &'a mut Document<'f>,
    page: usize,
}

impl Sheet<'_, '_> {
    fn words(
        &mut self,
        x: f32,
        y: f32,
        size: f32,
        shade: f32,
        weight: Weight,
        text: &str,
    ) -> Result<(), DocumentError> {
        let line = shape(self.fonts, "form", text, weight, Region::China)?;
        self.document.text(self.page, x, y, size, shade, &line);
        Ok(())
    }

    fn words_ending_at(
        &mut self,
        right: f32,
        y: f32,
        size: f32,
        shade: f32,
        text: &str,
    ) -> Result<(), DocumentError> {
        let line = shape(self.fonts, "form", text, Weight::Regular, Region::China)?;
        let x = right - width(&line) as f32 * size / 1000.0;
        self.document.text(self.page, x, y, size, shade, &line);
        Ok(())
    }

    fn words_centred(
        &mut self,
        middle: f32,
        y: f32,
        size: f32,
        weight: Weight,
        text: &str,
    ) -> Result<(), DocumentError> {
        let line = shape(self.fonts, "form", text, weight, Region::China)?;
        let x = middle - width(&line) as f32 * size / 2000.0;
        self.document.text(self.page, x, y, size, BLACK, &line);
        Ok(())
    }

    fn rule(&mut self, y: f32, height: f32) {
        self.document.rectangle(self.page, (MARGIN, y), (INNER, height), BLACK);
    }

    fn block(&mut self, x: f32, top: f32, frame: Frame, block: &Fitted<'_>) {
        let mut y = top + block.size * 0.95;
        for line in &block.lines {
            self.document.text(self.page, x, y, block.size, BLACK, line);
            y += block.size * frame.leading;
        }
    }
}

fn widest(block: &Fitted<'_>) -> f32 {
    let widest = block.lines.iter().map(|line| width(line)).max().unwrap_or(0);
    widest as f32 * block.size / 1000.0
}

fn region(address: &PostalAddress, attention: Option<&str>) -> Region {
    let texts = address.lines.iter().map(String::as_str).chain([address.name.as_str()]);
    Region::of(&address.country_code, texts.chain(attention))
}

/// Points as whole printer dots.
pub(super) fn dots(points: f32) -> u32 {
    (points / DOT).round() as u32
}

/// A date that is read alike on both sides of the Atlantic.
pub(super) fn long_date(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}
