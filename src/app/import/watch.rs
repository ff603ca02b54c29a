//! Watches the bytes of a CSV file on their way to the reader: where each record starts, and what
//! is wrong with its bytes. The CSV reader itself tells neither the line of a record that follows a
//! blank line or a CR LF, nor the place of a bad byte.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::RangeInclusive;

/// Longer than any honest record; a quote left open would otherwise swallow the rest of the file.
const LONGEST_RECORD: u64 = 1 << 20;

/// What is wrong with a record's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Flaw {
    /// Not UTF-8 from this byte of the file on (from 1), which has this value.
    NotUtf8 { byte: u64, value: u8 },
    /// A zero byte at this byte of the file (from 1).
    Zero { byte: u64 },
}

/// A record's first line (from 1), and its first flaw with the flaw's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub line: u64,
    pub flaw: Option<(u64, Flaw)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Plain,
    Quoted,
    /// A quote inside quotes: the end of the field, or the first of a doubled one.
    QuoteInQuoted,
}

/// What continuation bytes of a UTF-8 sequence are still to come.
struct Sequence {
    missing: u8,
    next: RangeInclusive<u8>,
    first: u8,
    began: u64,
    line: u64,
}

pub(super) struct Watch<R> {
    inner: R,
    /// Bytes of the file seen so far.
    seen: u64,
    line: u64,
    after_cr: bool,
    state: State,
    sequence: Option<Sequence>,
    marks: VecDeque<Mark>,
    record_began: u64,
    quote_opened: u64,
}

impl<R> Watch<R> {
    /// Watches what follows the first `skipped` bytes of a file.
    pub fn new(inner: R, skipped: u64) -> Self {
        Self {
            inner,
            seen: skipped,
            line: 1,
            after_cr: false,
            state: State::RecordStart,
            sequence: None,
            marks: VecDeque::new(),
            record_began: skipped,
            quote_opened: 0,
        }
    }

    /// What is watched.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Passes over plain lines that were read past the watch, between two records.
    pub fn skip(&mut self, lines: &[u8]) {
        self.line += memchr::memchr_iter(b'\n', lines).count() as u64;
        self.seen += lines.len() as u64;
    }

    /// The mark of the next record, in the order of the file.
    pub fn take_mark(&mut self) -> Option<Mark> {
        self.marks.pop_front()
    }

    /// The line of a quote that is open now; at the file's end it was never closed.
    pub fn open_quote(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.quote_opened)
    }

    /// Bytes seen so far.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    fn flaw(&mut self, line: u64, flaw: Flaw) {
        // The first of a record is enough: a Latin-1 file has one in every word.
        if let Some(mark) = self.marks.back_mut() {
            mark.flaw.get_or_insert((line, flaw));
        }
    }

    fn scan(&mut self, bytes: &[u8]) -> io::Result<()> {
        let between = !matches!(self.state, State::Quoted | State::QuoteInQuoted);
        if between && !self.after_cr && self.sequence.is_none() && is_plain(bytes) {
            self.scan_plain(bytes);
        } else {
            for &byte in bytes {
                self.follow(byte);
                self.check(byte);
                self.seen += 1;
            }
        }
        if self.state != State::RecordStart && self.seen - self.record_began > LONGEST_RECORD {
            let line = self.marks.back().map_or(self.line, |m| m.line);
            return Err(io::Error::other(format!(
                "the record that begins on line {line} is longer than 1 MiB; is a quote left open?"
            )));
        }
        Ok(())
    }

    /// The same for bytes without anything but plain fields and LF: only the lines' starts tell.
    fn scan_plain(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if self.state == State::RecordStart && *first != b'\n' {
                self.marks.push_back(Mark { line: self.line, flaw: None });
                self.record_began = self.seen;
                self.state = State::Plain;
            }
            let Some(end) = memchr::memchr(b'\n', rest) else {
                let open = rest.last() == Some(&b',');
                self.state = if open { State::FieldStart } else { State::Plain };
                self.seen += rest.len() as u64;
                return;
            };
            self.line += 1;
            self.state = State::RecordStart;
            self.seen += end as u64 + 1;
            rest = &rest[end + 1..];
        }
    }

    /// Follows lines, records and quotes exactly as the CSV reader does.
    fn follow(&mut self, byte: u8) {
        let ends = matches!(byte, b'\r' | b'\n');
        if self.state == State::RecordStart && !ends {
            self.marks.push_back(Mark { line: self.line, flaw: None });
            self.record_began = self.seen;
            self.state = State::FieldStart;
        }
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) => State::Quoted,
            (State::FieldStart, b'"') => {
                self.quote_opened = self.line;
                State::Quoted
            }
            (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, b',') => State::FieldStart,
            (_, b'\r' | b'\n') => State::RecordStart,
            _ => State::Plain,
        };
        if byte == b'\r' || byte == b'\n' && !self.after_cr {
            self.line += 1;
        }
        self.after_cr = byte == b'\r';
    }

    /// Follows UTF-8, and looks for zero bytes.
    fn check(&mut self, byte: u8) {
        if byte.is_ascii() && byte != 0 && self.sequence.is_none() {
            return;
        }
        if let Some(mut sequence) = self.sequence.take() {
            if sequence.next.contains(&byte) {
                sequence.missing -= 1;
                sequence.next = 0x80..=0xBF;
                self.sequence = (sequence.missing > 0).then_some(sequence);
                return;
            }
            self.broken(&sequence);
        }
        if byte == 0 {
            self.flaw(self.line, Flaw::Zero { byte: self.seen + 1 });
        } else if !byte.is_ascii() {
            let (missing, next) = match byte {
                0xC2..=0xDF => (1, 0x80..=0xBF),
                0xE0 => (2, 0xA0..=0xBF),
                0xED => (2, 0x80..=0x9F),
                0xE1..=0xEF => (2, 0x80..=0xBF),
                0xF0 => (3, 0x90..=0xBF),
                0xF1..=0xF3 => (3, 0x80..=0xBF),
                0xF4 => (3, 0x80..=0x8F),
                _ => (0, 0..=0),
            };
            let sequence =
                Sequence { missing, next, first: byte, began: self.seen, line: self.line };
            if missing == 0 {
                self.broken(&sequence);
            } else {
                self.sequence = Some(sequence);
            }
        }
    }

    fn broken(&mut self, sequence: &Sequence) {
        let flaw = Flaw::NotUtf8 { byte: sequence.began + 1, value: sequence.first };
        // The byte that broke it may be a line's end: the record is still the last one begun.
        self.flaw(sequence.line, flaw);
    }
}

/// ASCII without quotes, CR and zero bytes. Without a way out of the loop it takes many bytes at once.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |other, byte| {
        other | (*byte == b'"') | (*byte == b'\r') | (*byte == 0) | !byte.is_ascii()
    })
}

impl<R: Read> Read for Watch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.scan(&buffer[..count])?;
        if count == 0
            && let Some(sequence) = self.sequence.take()
        {
            self.broken(&sequence);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watched(bytes: &[u8], step: usize) -> Vec<Mark> {
        let mut watch = Watch::new(bytes, 0);
        let mut buffer = vec![0; step];
        while watch.read(&mut buffer).is_ok_and(|n| n > 0) {}
        std::iter::from_fn(|| watch.take_mark()).collect()
    }

    #[test]
    fn lines_count_quoted_newlines_blank_lines_and_every_line_end() {
        let text = "a,b\r\n\r\n\"x\r\ny\",1\n\n\n\"q\"\"\nr\",2\rlast,3";
        for step in [1, 2, 7, 64] {
            let lines: Vec<u64> = watched(text.as_bytes(), step).iter().map(|m| m.line).collect();
            assert_eq!(lines, [1, 3, 7, 9], "{step}");
        }
    }

    #[test]
    fn bad_bytes_are_named_by_line_and_place() {
        for (text, line, flaw) in [
            (&b"a\nM\xFCnchen,x\n"[..], 2, Flaw::NotUtf8 { byte: 4, value: 0xFC }),
            (&b"a\nb\xE4\xBB\n"[..], 2, Flaw::NotUtf8 { byte: 4, value: 0xE4 }),
            (&b"a\nb\xE4\xBB"[..], 2, Flaw::NotUtf8 { byte: 4, value: 0xE4 }),
            (&b"a\n\"x\ny\xC0\""[..], 3, Flaw::NotUtf8 { byte: 7, value: 0xC0 }),
            (&b"a\nb\0c\n"[..], 2, Flaw::Zero { byte: 4 }),
        ] {
            for step in [1, 3, 64] {
                let marks = watched(text, step);
                assert_eq!(marks[0].flaw, None, "{text:?}");
                assert_eq!(marks[1].flaw, Some((line, flaw)), "{text:?}");
            }
        }
    }

    proptest! {
        /// The watch and the CSV reader see the same records, and UTF-8 as the standard library does.
        #[test]
        fn agrees_with_the_csv_reader(
            pieces in prop::collection::vec(prop::sample::select(vec![
                &b"a"[..], b",", b"\"", b"\"\"", b"\n", b"\r\n", b"\r", b" ", "仓".as_bytes(), b"\xE4", b"\xFC",
            ]), 0..40),
            step in 1_usize..20,
        ) {
            let bytes: Vec<u8> = pieces.concat();
            let marks = watched(&bytes, step);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(bytes.as_slice());
            prop_assert_eq!(marks.len(), reader.byte_records().count());
            let flawed = marks.iter().any(|m| m.flaw.is_some());
            prop_assert_eq!(flawed, std::str::from_utf8(&bytes).is_err());
        }
    }
}
