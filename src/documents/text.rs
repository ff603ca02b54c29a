//! Untrusted text made fit to print, or refused: normal form, control characters, scripts.

use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use super::DocumentError;

/// Which of the national forms a Chinese character takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Region {
    China,
    Taiwan,
    HongKong,
    Japan,
    Korea,
}

impl Region {
    pub const ALL: [Region; 5] =
        [Region::China, Region::Taiwan, Region::HongKong, Region::Japan, Region::Korea];

    /// The region of an address: by its country, else by what its text shows, else China.
    pub fn of<'a>(country_code: &str, texts: impl Iterator<Item = &'a str>) -> Region {
        match country_code.to_ascii_uppercase().as_str() {
            "JP" => return Region::Japan,
            "KR" | "KP" => return Region::Korea,
            "TW" => return Region::Taiwan,
            "HK" | "MO" => return Region::HongKong,
            "CN" | "SG" | "MY" => return Region::China,
            _ => {}
        }
        for character in texts.flat_map(str::chars) {
            match character.script() {
                Script::Hiragana | Script::Katakana => return Region::Japan,
                Script::Hangul => return Region::Korea,
                Script::Bopomofo => return Region::Taiwan,
                _ => {}
            }
        }
        Region::China
    }
}

/// No text of a document is longer; more would be an attack, not an address.
const LONGEST: usize = 1000;

/// Text ready for setting: NFC, trimmed, without invisible characters.
///
/// # Errors
/// A control or bidirectional formatting character, a script that needs shaping, or more than 1,000
/// characters.
pub(super) fn clean(field: &str, raw: &str) -> Result<String, DocumentError> {
    if raw.chars().nth(LONGEST).is_some() {
        return Err(DocumentError::TooLong { field: field.to_owned() });
    }
    let mut text = String::with_capacity(raw.len());
    for character in raw.trim().nfc() {
        if is_invisible(character) {
            continue;
        }
        check(field, character)?;
        text.push(character);
    }
    // What was invisible may have stood between spaces and the edge.
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// As [`clean`], and the text must not be empty.
pub(super) fn clean_required(field: &str, raw: &str) -> Result<String, DocumentError> {
    let text = clean(field, raw)?;
    if text.is_empty() {
        return Err(DocumentError::Empty { field: field.to_owned() });
    }
    Ok(text)
}

/// Characters that leave no mark and change nothing that is read: soft hyphen, zero-width space,
/// word joiner, byte order mark and variation selectors (the default form is then printed).
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0100}'..='\u{E01EF}')
}

fn check(field: &str, character: char) -> Result<(), DocumentError> {
    let hides = matches!(character,
        '\u{200C}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2061}'..='\u{206F}' | '\u{61C}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    if character.is_control() || hides {
        return Err(DocumentError::ControlCharacter { field: field.to_owned(), character });
    }
    let script = character.script();
    let jamo = matches!(character,
        '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}');
    let sets_by_character = matches!(
        script,
        Script::Common
            | Script::Inherited
            | Script::Unknown
            | Script::Latin
            | Script::Greek
            | Script::Cyrillic
            | Script::Armenian
            | Script::Georgian
            | Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
            | Script::Hangul
    );
    if jamo || !sets_by_character {
        return Err(DocumentError::UnsupportedScript {
            field: field.to_owned(),
            script: script.full_name().replace('_', " "),
            character,
        });
    }
    Ok(())
}

/// Whether the character is of the kind that Chinese, Japanese and Korean fonts hold.
pub(super) fn is_cjk(character: char) -> bool {
    matches!(
        character.script(),
        Script::Han | Script::Hiragana | Script::Katakana | Script::Bopomofo | Script::Hangul
    ) || matches!(character,
        '\u{2E80}'..='\u{33FF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}')
}

/// Whether the character is drawn over the one before it.
pub(super) fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}
