//! CSV for people who open it in a spreadsheet: text that a spreadsheet would take for a formula is
//! disarmed, numbers and dates stay what they are. Quoting and line ends are the `csv` crate's.

use std::borrow::Cow;
use std::io::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Timelike};
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;
use crate::domain::zone::Zone;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvSummary {
    pub rows: u64,
    /// Of the whole file, as 64 hexadecimal digits.
    pub sha256: String,
}

/// A column's heading, and whether instants stand under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    pub name: &'static str,
    pub is_instant: bool,
}

/// A CSV file being written, field by field, in constant memory.
pub struct CsvOut<W: Write> {
    out: csv::Writer<Hashing<W>>,
    /// What instants are shown in; none: UTC.
    zone: Option<Zone>,
    rows: u64,
}

/// Hashes what passes through.
struct Hashing<W> {
    inner: W,
    digest: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> CsvOut<W> {
    /// Begins a file with its header. Instants are in UTC; in the zone a reader chose (AMB-18) the heading
    /// of their columns says which.
    pub fn new(
        out: W,
        header: impl IntoIterator<Item = Heading>,
        zone: Option<Zone>,
    ) -> std::io::Result<Self> {
        let out = Hashing { inner: out, digest: Sha256::new() };
        let mut out = csv::WriterBuilder::new()
            .buffer_capacity(1 << 16)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let text = |heading: &Heading| match zone {
            Some(zone) if heading.is_instant => Cow::Owned(format!("{} ({zone})", heading.name)),
            _ => Cow::Borrowed(heading.name),
        };
        for heading in header {
            out.write_field(text(&heading).as_bytes()).map_err(io)?;
        }
        out.write_record(None::<&[u8]>).map_err(io)?;
        Ok(Self { out, zone, rows: 0 })
    }

    /// Text of people or machines: what a spreadsheet would calculate is led by an apostrophe.
    pub fn text(&mut self, text: &str) -> std::io::Result<()> {
        if is_formula(text) {
            return self.out.write_field(format!("'{text}")).map_err(io);
        }
        self.out.write_field(text).map_err(io)
    }

    /// A word of ours, a code or a number: written as it is.
    pub fn plain(&mut self, word: &str) -> std::io::Result<()> {
        self.out.write_field(word).map_err(io)
    }

    pub fn number(&mut self, number: i64) -> std::io::Result<()> {
        self.out.write_field(itoa::Buffer::new().format(number)).map_err(io)
    }

    /// ISO 8601, or nothing.
    pub fn date(&mut self, date: Option<NaiveDate>) -> std::io::Result<()> {
        let Some(date) = date else { return self.plain("") };
        if !(0..=9999).contains(&date.year()) {
            return self.plain(&date.to_string());
        }
        let mut text = [b'-'; 10];
        put_date(&mut text, date);
        self.out.write_field(text).map_err(io)
    }

    /// An instant of UTC, to the second: `2026-11-16T09:30:00Z`, or with the offset of the zone chosen.
    pub fn instant(&mut self, at: NaiveDateTime) -> std::io::Result<()> {
        if let Some(zone) = self.zone {
            let there = at.and_utc().with_timezone(&zone.tz());
            return self.plain(&there.to_rfc3339_opts(SecondsFormat::Secs, false));
        }
        if !(0..=9999).contains(&at.year()) {
            return self.plain(&format!("{at}Z"));
        }
        let mut text = *b"0000-00-00T00:00:00Z";
        put_date(&mut text[..10], at.date());
        put(&mut text[11..13], at.hour());
        put(&mut text[14..16], at.minute());
        put(&mut text[17..19], at.second());
        self.out.write_field(text).map_err(io)
    }

    pub fn end_row(&mut self) -> std::io::Result<()> {
        self.rows += 1;
        self.out.write_record(None::<&[u8]>).map_err(io)
    }

    /// Everything is in the file's hands; what it holds.
    pub fn finish(self) -> std::io::Result<CsvSummary> {
        let mut out = self.out.into_inner().map_err(|error| error.into_error())?;
        out.inner.flush()?;
        let sha256 = hex(&out.digest.finalize());
        Ok(CsvSummary { rows: self.rows, sha256 })
    }
}

fn put_date(text: &mut [u8], date: NaiveDate) {
    put(&mut text[..4], date.year().unsigned_abs());
    put(&mut text[5..7], date.month());
    put(&mut text[8..10], date.day());
}

/// Decimal digits, filled with zeros from the left.
fn put(text: &mut [u8], mut number: u32) {
    for digit in text.iter_mut().rev() {
        // A remainder of ten fits a byte.
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// What the common spreadsheets start a formula with, their full-width forms included.
fn is_formula(text: &str) -> bool {
    matches!(
        text.chars().next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    )
}

fn io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}
