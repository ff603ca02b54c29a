//! What can be wrong with a document's data, said so that the person who typed it can put it right.

use std::path::PathBuf;

/// Why a label or a sheet of instructions was not made. The `field` is named in plain words.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A required text is empty.
    #[error("{field} is empty: fill it in, the document is of no use without it")]
    Empty { field: String },
    /// A control or invisible formatting character, which could hide or reorder what is printed.
    #[error("{field} contains the control character U+{:04X}: remove it", *character as u32)]
    ControlCharacter { field: String, character: char },
    /// A script that cannot be set right character by character.
    #[error(
        "{field} contains {script} script ('{character}', U+{:04X}), which needs joined or \
         right-to-left setting and cannot be printed: give it in Latin letters",
        *character as u32
    )]
    UnsupportedScript { field: String, script: String, character: char },
    /// A character that no available font holds.
    #[error(
        "{field} contains '{character}' (U+{:04X}), which no available font can print: write it \
         another way, or put a font that holds it into the configured fonts folder",
        *character as u32
    )]
    NoGlyph { field: String, character: char },
    /// A Chinese, Japanese or Korean character, and no font for these scripts was found.
    #[error(
        "{field} contains '{character}' (U+{:04X}) and no Chinese, Japanese or Korean font was \
         found: install one (Debian: apt-get install fonts-noto-cjk) or set the fonts folder in \
         the configuration to one that holds such a font",
        *character as u32
    )]
    NoCjkFont { field: String, character: char },
    /// The text does not fit even at the smallest legible size.
    #[error("{field} is too long to print at a legible size: shorten it")]
    TooLong { field: String },
    /// A character that Code 128 cannot hold in a text that must be scannable.
    #[error(
        "{field} contains '{character}' (U+{:04X}), which a Code 128 bar code cannot hold: only \
         printable ASCII is possible",
        *character as u32
    )]
    NotEncodable { field: String, character: char },
    /// An empty list of labels.
    #[error("no labels were asked for: choose at least one RMA")]
    NoLabels,
    /// One label among many was refused.
    #[error("label {number} of {of} (RMA {rma_number:?}): {source}")]
    OfLabel { number: usize, of: usize, rma_number: String, source: Box<DocumentError> },
    /// The configured fonts folder cannot be read.
    #[error("the fonts folder {} cannot be read: {source}", path.display())]
    FontsFolder { path: PathBuf, source: std::io::Error },
    /// A font file is damaged or has vanished.
    #[error("the font {font} cannot be used ({reason}): reinstall it or take it away")]
    Font { font: String, reason: String },
    /// The PDF library failed; this is a fault of the program.
    #[error("the PDF could not be written: {0}")]
    Write(String),
}
