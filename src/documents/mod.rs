//! Documents: the RMA return label and the return instructions as PDF.
//!
//! Pure functions of plain structs: nothing is read but fonts, and no clock. A text that cannot be
//! printed as it is meant is refused with the field's name; nothing is replaced by a placeholder.
//!
//! - [`Typesetter`] is the way in; `data` what goes onto the paper, `error` what may be wrong;
//! - `text` cleans and refuses, `face` and `fonts` find a face for a character, `glyphs` sets it,
//!   `wrap` breaks lines and finds the size at which a block fits;
//! - `page` draws and writes the PDF with the parts of the faces that `subset` cuts out, `barcode`
//!   makes Code 128 and QR codes;
//! - `label` and `instructions` are the documents, the latter upon the pages of `flow`.

mod barcode;
mod data;
mod error;
mod face;
mod flow;
mod fonts;
mod glyphs;
mod instructions;
mod label;
mod page;
mod subset;
mod text;
mod wrap;

use std::path::Path;

pub use data::{
    InstructionsData, LabelData, NonReturn, Paper, PostalAddress, Replacement, ReturnMode,
};
pub use error::DocumentError;

use fonts::Fonts;
use instructions::Instructions;
use label::Label;
use page::Document;

/// Makes documents. Load it once and share it: it holds the fonts and is not changed by use.
#[derive(Debug)]
pub struct Typesetter {
    fonts: Fonts,
}

impl Typesetter {
    /// Finds the fonts: Noto Sans is part of the program; faces for Chinese, Japanese and Korean
    /// are looked for in `fonts_folder` or, where none is configured, on the system. Their absence
    /// is no error until a text needs them.
    ///
    /// # Errors
    /// The configured folder cannot be read.
    pub fn new(fonts_folder: Option<&Path>) -> Result<Self, DocumentError> {
        Ok(Self { fonts: Fonts::find(fonts_folder)? })
    }

    /// One RMA return label, 4 x 6 in (288 x 432 pt).
    ///
    /// # Errors
    /// A text that cannot be printed or does not fit; the error names the field.
    pub fn label(&self, data: &LabelData) -> Result<Vec<u8>, DocumentError> {
        let mut document = Document::new(&self.fonts);
        let label = Label::new(&self.fonts, data)?;
        label.draw(&mut document)?;
        document.finish(&format!("RMA label {}", label.rma_number), data.created_at)
    }

    /// Many labels in one PDF, a page each in the order given, with each font in it once. The
    /// document carries the latest of their dates.
    ///
    /// # Errors
    /// No label at all, or the first label that cannot be printed, with its number.
    pub fn labels(&self, data: &[LabelData]) -> Result<Vec<u8>, DocumentError> {
        let created_at =
            data.iter().map(|label| label.created_at).max().ok_or(DocumentError::NoLabels)?;
        let mut document = Document::new(&self.fonts);
        for (number, label) in (1..).zip(data) {
            Label::new(&self.fonts, label).and_then(|label| label.draw(&mut document)).map_err(
                |source| DocumentError::OfLabel {
                    number,
                    of: data.len(),
                    rma_number: label.rma_number.clone(),
                    source: Box::new(source),
                },
            )?;
        }
        document.finish(&format!("{} RMA labels", data.len()), created_at)
    }

    /// The return instructions, over as many pages as the texts take.
    ///
    /// # Errors
    /// As for [`Typesetter::label`].
    pub fn instructions(
        &self,
        data: &InstructionsData,
        paper: Paper,
    ) -> Result<Vec<u8>, DocumentError> {
        Instructions::new(&self.fonts, data)?.draw(paper)
    }
}
