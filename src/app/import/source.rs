//! A CSV file, opened and its first line understood; then its records, one at a time.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use csv::{ByteRecord, StringRecord};

use super::blocks::Blocks;
use super::columns::{Column, locate};
use super::fields::Fields;
use super::problems::{Problem, Problems};
use super::watch::{Flaw, Mark, Watch};
use super::{ImportError, Progress};

type Input = Watch<Blocks<std::io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>>>;

/// A file whose first line named the columns it should.
pub(in crate::app) struct Source {
    name: String,
    reader: csv::Reader<Input>,
    columns: &'static [Column],
    places: Vec<Option<usize>>,
    header: StringRecord,
    size: u64,
    /// The reader holds no byte beyond the records it gave.
    is_between: bool,
}

/// A record as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Row {
    Good,
    /// Bytes that are no text; the record holds them all the same.
    Flawed(Flaw),
    End,
}

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

impl Source {
    pub fn open(path: &Path, columns: &'static [Column]) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let opened = open(path).map_err(|reason| ImportError::File { file: name.clone(), reason });
        let (file, size) = opened?;
        Self::of(name, Box::new(file), size, columns)
    }

    /// As [`open`](Self::open), for what did not come as a file.
    pub fn of(
        name: String,
        bytes: Box<dyn Read + Send>,
        size: u64,
        columns: &'static [Column],
    ) -> Result<Self, ImportError> {
        let refuse = |reason: String| ImportError::File { file: name.clone(), reason };
        let (input, marked) = look(bytes).map_err(refuse)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(input);
        let mut header = ByteRecord::new();
        let found = reader.read_byte_record(&mut header).map_err(|e| refuse(e.to_string()))?;
        if !found {
            return Err(refuse(format!(
                "the file is empty; its first line has to name the columns: {}",
                columns.iter().map(|c| c.name).collect::<Vec<_>>().join(", ")
            )));
        }
        if let Some(Mark { flaw: Some((line, flaw)), .. }) = reader.get_mut().take_mark() {
            return Err(refuse(format!("line {line}: {}", describe(flaw))));
        }
        let header = StringRecord::from_byte_record(header).map_err(|e| refuse(e.to_string()))?;
        let places = locate(columns, &header)
            .map_err(|problems| ImportError::Columns { file: name.clone(), problems })?;
        let is_between = marked + reader.position().byte() == reader.get_ref().seen();
        reader.get_mut().inner().pass_on();
        Ok(Self { name, reader, columns, places, header, size, is_between })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first line.
    pub fn header(&self) -> &StringRecord {
        &self.header
    }

    /// Where each of the columns stands in a record; none that the file does not have.
    pub fn places(&self) -> &[Option<usize>] {
        &self.places
    }

    /// Puts the next lines into `lines` as they stand in the file, where each is a record, its cells parted
    /// by commas, and none is quoted; a blank one is none. `false`: [`next`](Self::next) has the rest.
    pub fn lines(&mut self, lines: &mut Vec<u8>) -> Result<bool, ImportError> {
        if self.is_between {
            let blocks = self.reader.get_mut().inner();
            self.is_between = blocks.lines(lines).map_err(|e| self.failure(&e.to_string()))?;
        }
        if self.is_between {
            self.reader.get_mut().skip(lines);
        }
        Ok(self.is_between)
    }

    /// The next record as it stands in the file. One whose width is not that of the first line is given
    /// like any other.
    pub fn next(&mut self, record: &mut ByteRecord) -> Result<Row, ImportError> {
        let read = self.reader.read_byte_record(record);
        if !read.map_err(|e| self.failure(&reason(e)))? {
            return self.end().map(|()| Row::End);
        }
        // Every record the reader gives was begun under the watch.
        let mark = self.reader.get_mut().take_mark();
        Ok(match mark.and_then(|mark| mark.flaw) {
            None => Row::Good,
            Some((_, flaw)) => Row::Flawed(flaw),
        })
    }

    /// The end of the file, unless a quote was left open before it.
    fn end(&self) -> Result<(), ImportError> {
        match self.reader.get_ref().open_quote() {
            None => Ok(()),
            Some(quote) => Err(self.failure(&format!(
                "the quote opened on line {quote} is never closed, so the rows after it cannot be told apart"
            ))),
        }
    }

    /// Gives every record that can be read to `take`; what cannot goes to the problems. Says how
    /// many records there are.
    pub(super) fn each(
        mut self,
        problems: &mut Problems,
        progress: &mut dyn Progress,
        mut take: impl FnMut(&mut Fields<'_>),
    ) -> Result<u64, ImportError> {
        progress.begin("checking", self.size);
        let mut record = ByteRecord::new();
        let mut rows = 0;
        loop {
            let read = self.reader.read_byte_record(&mut record);
            if !read.map_err(|e| self.failure(&reason(e)))? {
                break;
            }
            rows += 1;
            // Every record the reader gives was begun under the watch.
            let Some(mark) = self.reader.get_mut().take_mark() else { break };
            if mark.flaw.is_some() {
                self.refuse_bytes(&record, mark, problems);
                continue;
            }
            // The watch saw UTF-8 throughout, so this does not fail.
            let text = StringRecord::from_byte_record(std::mem::take(&mut record))
                .map_err(|e| self.failure(&e.to_string()))?;
            self.give(&text, mark.line, problems, &mut take);
            record = text.into_byte_record();
            if rows % 4096 == 0 {
                progress.reach(self.reader.get_ref().seen());
            }
        }
        progress.end();
        self.end().map(|()| rows)
    }

    fn failure(&self, reason: &str) -> ImportError {
        ImportError::File { file: self.name.clone(), reason: reason.to_owned() }
    }

    fn give(
        &self,
        text: &StringRecord,
        line: u64,
        problems: &mut Problems,
        take: &mut impl FnMut(&mut Fields<'_>),
    ) {
        if text.len() != self.header.len() {
            let reason = wrong_width(text.len(), self.header.len());
            problems.add(Problem { line, column: None, reason });
            return problems.refuse_row();
        }
        let mut fields = Fields::new(line, self.columns, &self.places, text, problems);
        take(&mut fields);
        if fields.is_refused() {
            problems.refuse_row();
        }
    }

    fn refuse_bytes(&self, record: &ByteRecord, mark: Mark, problems: &mut Problems) {
        let Some((line, flaw)) = mark.flaw else { return };
        let has = |field: &[u8]| match flaw {
            Flaw::NotUtf8 { .. } => std::str::from_utf8(field).is_err(),
            Flaw::Zero { .. } => field.contains(&0),
        };
        let place = record.iter().position(has);
        let column = self.places.iter().position(|p| p.is_some() && *p == place);
        let column = column.and_then(|c| self.columns.get(c)).map(|c| c.name);
        problems.add(Problem { line, column, reason: describe(flaw) });
        problems.refuse_row();
    }
}

/// What an `io::Error` inside a CSV error says, without the reader's own words around it.
fn reason(error: csv::Error) -> String {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

/// What is said of a row that has more or fewer values than the first line.
pub(in crate::app) fn wrong_width(values: usize, columns: usize) -> String {
    format!("the row has {values} values, the first line {columns}")
}

pub(in crate::app) fn describe(flaw: Flaw) -> String {
    match flaw {
        Flaw::NotUtf8 { byte, value } => {
            format!("byte {byte} of the file (0x{value:02X}) is not UTF-8; save the file as UTF-8")
        }
        Flaw::Zero { byte } => format!("byte {byte} of the file is a zero byte; remove it"),
    }
}

fn open(path: &Path) -> Result<(File, u64), String> {
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("the file cannot be opened: {e}"),
    })?;
    let metadata = file.metadata().map_err(|e| e.to_string())?;
    if metadata.is_dir() {
        return Err("this is a folder, not a CSV file".to_owned());
    }
    Ok((file, metadata.len()))
}

/// Looks at the first bytes: a UTF-8 mark is passed over, and its length told; what is clearly no text in
/// UTF-8 is refused with a word on what it is.
fn look(mut file: Box<dyn Read + Send>) -> Result<(Input, u64), String> {
    let mut first = Vec::new();
    file.by_ref().take(4).read_to_end(&mut first).map_err(|e| e.to_string())?;
    let zero = |at: usize| first.get(at) == Some(&0);
    let utf16 = first.starts_with(b"\xFF\xFE") || first.starts_with(b"\xFE\xFF");
    if utf16 || zero(0) != zero(1) {
        return Err("the file is in UTF-16 or UTF-32; save it as UTF-8".to_owned());
    }
    if first.starts_with(b"PK\x03\x04") {
        return Err("this is a ZIP file or a workbook; export it as CSV in UTF-8".to_owned());
    }
    let marked = first.starts_with(UTF8_MARK);
    let skipped = if marked { UTF8_MARK.len() } else { 0 };
    first.drain(..skipped);
    // The length is a u64 everywhere; a mark is three bytes.
    let skipped = skipped as u64;
    Ok((Watch::new(Blocks::new(Cursor::new(first).chain(file)), skipped), skipped))
}
