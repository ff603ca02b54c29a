//! What kind of file some bytes are. The bytes alone decide: a name or a header that says otherwise is not
//! believed, and a file that is two things at once is none.

use crate::words;

/// The largest file that is kept, in bytes (SYS-13: larger ones go another way).
pub const FILE_LIMIT: usize = 10 << 20;

/// Where a reader of another kind may look for its beginning.
const HEAD: usize = 1024;

/// Where a reader of archives looks for their end.
const TAIL: usize = (1 << 16) + 22;

words! {
    /// The media types that are kept: none of them runs in a browser by itself.
    MediaType("media type that is kept") {
        Pdf = "application/pdf",
        Jpeg = "image/jpeg",
        Png = "image/png",
    }
}

/// Why bytes are not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {} MiB, the most that is kept", FILE_LIMIT >> 20)]
    TooLarge,
    #[error("a {kind} goes with messages and may be {} MiB; save it smaller", limit >> 20)]
    TooHeavy { kind: &'static str, limit: usize },
    #[error("the bytes are neither PDF, JPEG nor PNG; nothing else is kept")]
    Unknown,
    #[error("it begins as {found}, but is cut off or damaged; send it again")]
    Broken { found: MediaType },
    #[error("it is said to be {said}, but its bytes are {found}")]
    Lie { said: String, found: MediaType },
    #[error("it is {found} and {other} at once; save it anew as one of them")]
    Both { found: MediaType, other: &'static str },
}

impl MediaType {
    /// The kind of these bytes. `said` is what the sender calls them, if anything.
    ///
    /// # Errors
    /// Nothing, too much, another kind, a kind that was not said, or two kinds at once.
    pub fn of(bytes: &[u8], said: Option<&str>) -> Result<Self, BadFile> {
        if bytes.is_empty() {
            return Err(BadFile::Empty);
        }
        if bytes.len() > FILE_LIMIT {
            return Err(BadFile::TooLarge);
        }
        let found = Self::begun(bytes).ok_or(BadFile::Unknown)?;
        if let Some(said) = said.filter(|said| *said != found.as_str()) {
            return Err(BadFile::Lie { said: said.to_owned(), found });
        }
        let whole = match found {
            Self::Pdf => pdf_ends(bytes),
            Self::Jpeg => jpeg_ends(bytes),
            Self::Png => png_ends(bytes),
        };
        if !whole {
            return Err(BadFile::Broken { found });
        }
        match also(bytes, found) {
            Some(other) => Err(BadFile::Both { found, other }),
            None => Ok(found),
        }
    }

    fn begun(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            Some(Self::Pdf)
        } else if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// The endings a name of this kind may have; the first is the usual one.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &[".pdf"],
            Self::Jpeg => &[".jpg", ".jpeg"],
            Self::Png => &[".png"],
        }
    }

    /// The ending of a file of this kind, with its dot.
    pub fn ending(self) -> &'static str {
        self.endings()[0]
    }

    /// A name as it is handed out: one that ends otherwise than the bytes gets their ending.
    pub fn named(self, name: &str) -> String {
        let lower = name.to_ascii_lowercase();
        if self.endings().iter().any(|ending| lower.ends_with(ending)) {
            return name.to_owned();
        }
        format!("{name}{}", self.ending())
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

/// The mark of the end stands in the last kilobyte, where readers look for it.
fn pdf_ends(bytes: &[u8]) -> bool {
    holds(&bytes[bytes.len().saturating_sub(HEAD)..], b"%%EOF")
}

/// Segment after segment, from the beginning over a scan of the image to the end; a preview in front of it is
/// a segment's content. What follows the end is looked at in [`also`]: cameras put previews behind, too.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut rest = &bytes[2..];
    let mut scanned = false;
    loop {
        // In a scan FF 00 and the restart marks are the image's own; FF before a mark fills.
        let is_mark =
            |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0 | 1 | 0xD0..=0xD7 | 0xFF);
        let Some(at) = rest.windows(2).position(is_mark) else { return false };
        let (mark, after) = (rest[at + 1], &rest[at + 2..]);
        if mark == 0xD9 {
            return scanned;
        }
        // Its length counts the two bytes it is written in.
        let Some(&[high, low]) = after.get(..2) else { return false };
        let length = usize::from(u16::from_be_bytes([high, low])).max(2);
        let Some(next) = after.get(length..) else { return false };
        scanned |= mark == 0xDA;
        rest = next;
    }
}

/// Chunk after chunk, from the header to the end, and nothing behind it.
fn png_ends(bytes: &[u8]) -> bool {
    let mut rest = &bytes[8..];
    let mut first = true;
    loop {
        let Some((head, after)) = rest.split_at_checked(8) else { return false };
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let kind = &head[4..8];
        if first && kind != b"IHDR" {
            return false;
        }
        first = false;
        // Its sum of four bytes goes with it.
        let Some(skipped) = usize::try_from(length).ok().and_then(|l| l.checked_add(4)) else {
            return false;
        };
        let Some((_, next)) = after.split_at_checked(skipped) else { return false };
        if kind == b"IEND" {
            return next.is_empty();
        }
        rest = next;
    }
}

/// What else another reader would take the bytes for.
fn also(bytes: &[u8], found: MediaType) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(HEAD)];
    if found != MediaType::Pdf && holds(head, b"%PDF-") {
        return Some("PDF");
    }
    let head = head.to_ascii_lowercase();
    let pages: [&[u8]; 4] = [b"<!doctype html", b"<html", b"<script", b"<svg"];
    if pages.iter().any(|begin| holds(&head, begin)) {
        return Some("a web page");
    }
    if holds(&bytes[bytes.len().saturating_sub(TAIL)..], b"PK\x05\x06") {
        return Some("an archive");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_its_bytes_are() {
        assert_eq!(MediaType::Png.named("dock.PNG"), "dock.PNG");
        assert_eq!(MediaType::Jpeg.named("dock.jpeg"), "dock.jpeg");
        assert_eq!(MediaType::Png.named("page.html"), "page.html.png");
        assert_eq!(MediaType::Pdf.named("proof"), "proof.pdf");
    }

    #[test]
    fn a_chunk_that_claims_more_than_there_is_is_no_end() {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend([0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend(b"IHDR");
        assert_eq!(MediaType::of(&bytes, None), Err(BadFile::Broken { found: MediaType::Png }));
    }
}
