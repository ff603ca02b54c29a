//! Code 128 and QR codes as rectangles of whole printer dots.

use barcoders::sym::code128::Code128;
use fast_qr::{ECL, QRBuilder};

use super::DocumentError;
use super::page::DotRect;

/// Clear modules on either side of a Code 128 (ISO/IEC 15417).
const BAR_QUIET: u32 = 10;
/// Clear modules around a QR code (ISO/IEC 18004).
const QR_QUIET: u32 = 4;

/// A code in modules, not yet sized.
#[derive(Debug, Clone)]
pub(super) struct Bars(Vec<bool>);

/// A matrix code in modules, not yet sized.
#[derive(Debug, Clone)]
pub(super) struct Matrix {
    side: usize,
    dark: Vec<bool>,
}

impl Bars {
    /// Encodes printable ASCII; none for any other text.
    pub fn encode(text: &str) -> Option<Self> {
        let printable = text.chars().all(|character| (' '..='~').contains(&character));
        if text.is_empty() || !printable {
            return None;
        }
        let bars = Code128::new(with_code_sets(text)).ok()?.encode();
        Some(Self(bars.into_iter().map(|module| module == 1).collect()))
    }

    /// Encodes a text that must be scannable.
    ///
    /// # Errors
    /// The first character that Code 128 cannot hold, naming `field`.
    pub fn encode_required(field: &str, text: &str) -> Result<Self, DocumentError> {
        Self::encode(text).ok_or_else(|| {
            let stray = text.chars().find(|character| !(' '..='~').contains(character));
            let field = field.to_owned();
            match stray {
                Some(character) => DocumentError::NotEncodable { field, character },
                None => DocumentError::Empty { field },
            }
        })
    }

    /// Width in dots with both quiet zones, at `module` dots.
    pub fn width(&self, module: u32) -> u32 {
        (self.0.len() as u32 + 2 * BAR_QUIET) * module
    }

    /// The first of the module widths at which the code and its quiet zones fit.
    pub fn fitting_module(&self, modules: &[u32], width: u32) -> Option<u32> {
        modules.iter().copied().find(|&module| self.width(module) <= width)
    }

    /// The bars; `x` is where the left quiet zone begins, `y` the bottom edge.
    pub fn draw(&self, x: u32, y: u32, module: u32, height: u32) -> Vec<DotRect> {
        let left = x + BAR_QUIET * module;
        runs(&self.0)
            .map(|(start, length)| DotRect {
                x: left + start * module,
                y,
                width: length * module,
                height,
            })
            .collect()
    }
}

impl Matrix {
    /// Encodes a link, with medium error correction.
    pub fn encode(field: &str, text: &str) -> Result<Self, DocumentError> {
        let code = QRBuilder::new(text)
            .ecl(ECL::M)
            .build()
            .map_err(|_| DocumentError::TooLong { field: field.to_owned() })?;
        let side = code.size;
        let rows = (0..side).flat_map(|row| code[row].iter().take(side));
        Ok(Self { side, dark: rows.map(|module| module.value()).collect() })
    }

    /// Side in dots with the quiet zones, at `module` dots.
    pub fn width(&self, module: u32) -> u32 {
        (self.side as u32 + 2 * QR_QUIET) * module
    }

    /// The largest module, of at least three dots (0.4 mm), at which code and quiet zones fit.
    pub fn fitting_module(&self, width: u32) -> Option<u32> {
        let module = width / self.width(1);
        (module >= 3).then_some(module)
    }

    /// The dark modules; `x` and `y` are the bottom left corner of the quiet zone.
    pub fn draw(&self, x: u32, y: u32, module: u32) -> Vec<DotRect> {
        let (left, top) = (x + QR_QUIET * module, y + self.width(module) - QR_QUIET * module);
        let rows = self.dark.chunks(self.side);
        let rows = rows.zip(1u32..).flat_map(|(row, number)| {
            runs(row).map(move |(start, length)| DotRect {
                x: left + start * module,
                y: top - number * module,
                width: length * module,
                height: module,
            })
        });
        rows.collect()
    }
}

/// The runs of dark modules: first module and length.
fn runs(modules: &[bool]) -> impl Iterator<Item = (u32, u32)> + '_ {
    let mut at = 0;
    modules.chunk_by(|a, b| a == b).filter_map(move |chunk| {
        let start = at;
        at += chunk.len() as u32;
        chunk[0].then_some((start, chunk.len() as u32))
    })
}

/// Adds the code set switches that barcoders wants: set C packs two digits in one symbol, which
/// pays from four digits at the ends of a text and from six within.
fn with_code_sets(text: &str) -> String {
    const SET_B: char = '\u{181}';
    const SET_C: char = '\u{106}';
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 4);
    let mut set = None;
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let at_an_end = at == 0 || at + digits == bytes.len();
        let packed = if digits >= if at_an_end { 4 } else { 6 } { digits / 2 * 2 } else { 0 };
        // An odd digit stays in front, where set B is current anyway.
        let plain = if packed > 0 { digits - packed } else { digits.max(1) };
        if plain > 0 {
            if set != Some(SET_B) {
                out.push(SET_B);
                set = Some(SET_B);
            }
            out.push_str(&text[at..at + plain]);
        }
        if packed > 0 {
            out.push(SET_C);
            set = Some(SET_C);
            out.push_str(&text[at + plain..at + plain + packed]);
        }
        at += plain + packed;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Bars, with_code_sets};

    #[test]
    fn digits_are_packed_where_it_pays() {
        for (text, expected) in [
            ("R0021056835", "\u{181}R\u{106}0021056835"),
            ("R21056835", "\u{181}R\u{106}21056835"),
            ("AB123", "\u{181}AB123"),
            ("12345", "\u{181}1\u{106}2345"),
            ("1234X", "\u{106}1234\u{181}X"),
            ("A12345B", "\u{181}A12345B"),
            ("A123456B", "\u{181}A\u{106}123456\u{181}B"),
        ] {
            assert_eq!(with_code_sets(text), expected);
        }
    }

    #[test]
    fn a_short_code_is_as_short_as_the_standard_makes_it() {
        // Start, R, code C, five pairs, check: nine symbols of 11 modules; stop has 13.
        let bars = Bars::encode("R0021056835").unwrap();
        assert_eq!(bars.width(1), 9 * 11 + 13 + 20);
    }
}
