//! A file of questions answered in order. Threads take turns: each reads a piece of the file, answers it
//! by itself, and leaves it to be written after the pieces before it. Nothing but a few pieces is held.
//! Plain lines are taken as they stand; what has quotes in it, or more than ASCII, is read as CSV.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use csv::{ByteRecord, StringRecord};

use super::desk::Desk;
use super::given::Given;
use super::memory::Memory;
use super::questions::{self, Cells, Kind, Unanswered, WIDTH};
use super::window;
use crate::app::error::AppError;
use crate::app::import::{ImportError, Row, Source, describe, wrong_width};
use crate::domain::explain::Explanation;

/// Questions a piece has.
const PIECE: usize = 1024;
/// Pieces that may wait for those before them to be written.
const WAITING: usize = 4;

/// The columns every answer has, after its own.
const COMMON: [&str; 7] =
    ["rule", "anchor_on", "calendar", "zone", "programme", "because", "error"];

/// What was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub questions: u64,
    /// Those whose column `error` says why not.
    pub unanswered: u64,
}

/// Why a file was not answered to its end.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// It is no file of questions.
    #[error(transparent)]
    File(#[from] ImportError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the answers could not be written: {0}")]
    Output(#[from] io::Error),
}

/// What answers the rows of a file.
pub(super) trait Answers {
    /// Adds the cells of the answer to `row`, each after a comma, or says why there is none.
    fn answer(
        &mut self,
        cells: Cells<'_>,
        row: &mut Vec<u8>,
    ) -> Result<Result<(), Unanswered>, AppError>;
}

/// Answers of the rules alone.
struct Pure<'d> {
    kind: Kind,
    memory: Memory<'d>,
    given: Given,
    text: String,
}

impl Answers for Pure<'_> {
    fn answer(
        &mut self,
        cells: Cells<'_>,
        row: &mut Vec<u8>,
    ) -> Result<Result<(), Unanswered>, AppError> {
        if self.kind == Kind::ReturnWindow {
            let (memory, given) = (&mut self.memory, &mut self.given);
            return Ok(window::answer(memory, given, cells, &mut self.text, row));
        }
        let answer = questions::answer(&mut self.memory, self.kind, cells);
        Ok(answer.map(|explanation| push(self.kind, &explanation, row)))
    }
}

/// The cells of an explanation, in the order of the question's answers.
pub(super) fn push(kind: Kind, answer: &Explanation, row: &mut Vec<u8>) {
    let text = |value: Option<String>| value.unwrap_or_default();
    let day = |value: Option<chrono::NaiveDate>| text(value.map(|day| day.to_string()));
    for column in kind.own_answers() {
        let cell = match *column {
            "due_on" => day(answer.due_on),
            "due_at" => text(
                answer.due_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            ),
            "verdict" => answer.verdict.clone().unwrap_or_default(),
            "start_on" => day(answer.start_on),
            "last_covered_on" => day(answer.last_covered_on),
            "provisional" => text(answer.provisional.map(|is| is.to_string())),
            "service_level" => text(answer.service_level.map(|level| level.to_string())),
            "covered" => text(answer.covered.map(|is| is.to_string())),
            _ => String::new(),
        };
        push_cell(row, cell.as_bytes());
    }
    push_cell(row, answer.rule.as_bytes());
    push_cell(row, day(answer.anchor_on).as_bytes());
    push_cell(row, text(answer.calendar.as_ref().map(ToString::to_string)).as_bytes());
    push_cell(row, answer.zone.map_or("", |zone| zone.name()).as_bytes());
    push_cell(row, answer.programme.as_bytes());
    push_cell(row, answer.because.as_bytes());
}

/// A cell after a comma, in quotes where it needs them. By hand, for a record that the library gathers
/// first and then looks through cell by cell costs as much as answering it.
pub(super) fn push_cell(row: &mut Vec<u8>, cell: &[u8]) {
    row.push(b',');
    push_quoted(row, cell);
}

fn push_quoted(row: &mut Vec<u8>, cell: &[u8]) {
    if !needs_quotes(cell) {
        return row.extend_from_slice(cell);
    }
    row.push(b'"');
    let mut rest = cell;
    // Commas are common in sentences and quotes are not: what lies between quotes goes in one piece.
    while let Some(quote) = memchr::memchr(b'"', rest) {
        row.extend_from_slice(&rest[..=quote]);
        row.push(b'"');
        rest = &rest[quote + 1..];
    }
    row.extend_from_slice(rest);
    row.push(b'"');
}

/// Without a way out of the loop it takes many bytes at once.
fn needs_quotes(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |special, byte| {
        special | (*byte == b',') | (*byte == b'"') | (*byte == b'\n') | (*byte == b'\r')
    })
}

/// Answers a file of pure questions. `name` is the file's, for errors.
///
/// # Errors
/// The file is no CSV in UTF-8 with the question's columns, or cannot be read or written to its end. A
/// question that cannot be answered is none: its row says why.
pub fn run(
    desk: &Desk,
    kind: Kind,
    (name, input): (&str, Box<dyn Read + Send>),
    output: &mut (dyn Write + Send),
) -> Result<Summary, BatchError> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(2));
    let pure = || Pure {
        kind,
        memory: Memory::new(desk),
        given: Given::default(),
        text: String::with_capacity(256),
    };
    let answers = (0..threads).map(|_| pure()).collect();
    answer_all(kind, (name, input), output, answers)
}

/// Answers a file with one thread for each of `answers`.
pub(super) fn answer_all<A: Answers + Send>(
    kind: Kind,
    (name, input): (&str, Box<dyn Read + Send>),
    output: &mut (dyn Write + Send),
    mut answers: Vec<A>,
) -> Result<Summary, BatchError> {
    let source = Source::of(name.to_owned(), input, 0, kind.columns())?;
    let header = header(kind, source.header())?;
    output.write_all(&header)?;
    let file = File {
        width: source.header().len(),
        places: source.places().to_vec(),
        reading: Mutex::new(Reading { source, pieces: 0, ended: false }),
        writing: Mutex::new(Writing {
            output: Some(output),
            pieces: 0,
            waiting: BTreeMap::new(),
            free: Vec::new(),
            failure: None,
            summary: Summary::default(),
        }),
        written: Condvar::new(),
    };
    let last = answers.pop();
    std::thread::scope(|scope| {
        for mut answers in answers {
            let file = &file;
            scope.spawn(move || file.work(kind, &mut answers));
        }
        if let Some(mut answers) = last {
            file.work(kind, &mut answers);
        }
    });
    let writing = file.writing.into_inner().unwrap_or_else(PoisonError::into_inner);
    match writing.failure {
        Some(error) => Err(error),
        None => Ok(writing.summary),
    }
}

/// The first line: the question's columns as they came, then the answer's.
fn header(kind: Kind, asked: &StringRecord) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let answer = kind.own_answers().iter().chain(&COMMON).copied();
    writer.write_record(asked.iter().chain(answer))?;
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

struct Reading {
    source: Source,
    /// Pieces read.
    pieces: u64,
    ended: bool,
}

struct Writing<'o> {
    /// None while somebody writes: nobody waits for the disk who can read and answer meanwhile.
    output: Option<&'o mut (dyn Write + Send)>,
    /// Pieces written.
    pieces: u64,
    /// Answered pieces by their number.
    waiting: BTreeMap<u64, Done>,
    /// Room of pieces that are written.
    free: Vec<Vec<u8>>,
    failure: Option<BatchError>,
    summary: Summary,
}

/// The answers of a piece, or why there are none.
type Done = Result<(Vec<u8>, Summary), BatchError>;

/// The file all threads work at.
struct File<'o> {
    width: usize,
    places: Vec<Option<usize>>,
    reading: Mutex<Reading>,
    writing: Mutex<Writing<'o>>,
    /// A piece was written.
    written: Condvar,
}

/// A piece being answered.
struct Piece {
    /// Whole lines, where that is all there is to the piece.
    lines: Vec<u8>,
    /// Else its records with what is wrong with their bytes.
    records: Vec<(ByteRecord, Option<String>)>,
    used: usize,
}

/// A row as it was asked: its bytes, and where the cells stand in them.
struct Asked<'p> {
    bytes: &'p [u8],
    cells: &'p [Range<usize>],
    /// The bytes are the line itself, of plain cells.
    is_line: bool,
    /// What is wrong with the bytes.
    flaw: Option<&'p String>,
}

/// Where the cells of a plain line stand.
fn cut(line: &[u8], cells: &mut Vec<Range<usize>>) {
    cells.clear();
    let mut start = 0;
    for comma in memchr::memchr_iter(b',', line) {
        cells.push(start..comma);
        start = comma + 1;
    }
    cells.push(start..line.len());
}

impl Reading {
    /// The next lines, or else the next records.
    fn fill(&mut self, piece: &mut Piece) -> Result<(), ImportError> {
        piece.used = 0;
        if self.source.lines(&mut piece.lines)? {
            return Ok(());
        }
        piece.lines.clear();
        piece.records.resize_with(PIECE, Default::default);
        while piece.used < PIECE && !self.ended {
            let (record, flaw) = &mut piece.records[piece.used];
            *flaw = match self.source.next(record)? {
                Row::Good => None,
                Row::Flawed(found) => Some(describe(found)),
                Row::End => {
                    self.ended = true;
                    break;
                }
            };
            piece.used += 1;
        }
        Ok(())
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl File<'_> {
    /// Reads, answers and writes pieces until there are no more, or one failed.
    fn work(&self, kind: Kind, answers: &mut impl Answers) {
        let mut piece = Piece { lines: Vec::new(), records: Vec::new(), used: 0 };
        while let Some((number, read)) = self.read(&mut piece) {
            let mut row = held(&self.writing).free.pop().unwrap_or_default();
            let done = read.and_then(|()| self.answer(kind, answers, &piece, &mut row));
            if !self.hand_in(number, done.map(|summary| (row, summary))) {
                return;
            }
        }
    }

    /// Fills the piece. Gives its number, and a failure that came after its records.
    fn read(&self, piece: &mut Piece) -> Option<(u64, Result<(), BatchError>)> {
        let mut reading = held(&self.reading);
        if reading.ended {
            return None;
        }
        let read = reading.fill(piece);
        reading.ended |= read.is_err();
        let number = reading.pieces;
        reading.pieces += 1;
        Some((number, read.map_err(BatchError::from)))
    }

    fn answer(
        &self,
        kind: Kind,
        answers: &mut impl Answers,
        piece: &Piece,
        rows: &mut Vec<u8>,
    ) -> Result<Summary, BatchError> {
        rows.clear();
        let mut summary = Summary::default();
        let mut cells = Vec::with_capacity(self.width);
        let mut rest = piece.lines.as_slice();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if !line.is_empty() {
                cut(line, &mut cells);
                let asked = Asked { bytes: line, cells: &cells, is_line: true, flaw: None };
                self.answer_row(kind, answers, &asked, rows, &mut summary)?;
            }
        }
        for (record, flaw) in &piece.records[..piece.used] {
            cells.clear();
            cells.extend((0..record.len()).filter_map(|place| record.range(place)));
            let (bytes, flaw) = (record.as_slice(), flaw.as_ref());
            let asked = Asked { bytes, cells: &cells, is_line: false, flaw };
            self.answer_row(kind, answers, &asked, rows, &mut summary)?;
        }
        Ok(summary)
    }

    /// Adds the row as it was asked, and its answer or why there is none.
    fn answer_row(
        &self,
        kind: Kind,
        answers: &mut impl Answers,
        asked: &Asked<'_>,
        rows: &mut Vec<u8>,
        summary: &mut Summary,
    ) -> Result<(), AppError> {
        summary.questions += 1;
        self.repeat(asked, rows);
        let answer_at = rows.len();
        let answered = match asked.flaw {
            Some(flaw) => Err(flaw.clone()),
            None => self.answer_one(answers, asked, rows)?,
        };
        match answered {
            Ok(()) => rows.push(b','),
            Err(why) => {
                summary.unanswered += 1;
                rows.truncate(answer_at);
                rows.resize(answer_at + kind.own_answers().len() + COMMON.len() - 1, b',');
                push_cell(rows, why.as_bytes());
            }
        }
        rows.push(b'\n');
        Ok(())
    }

    /// The answer to one row, or why there is none.
    fn answer_one(
        &self,
        answers: &mut impl Answers,
        asked: &Asked<'_>,
        rows: &mut Vec<u8>,
    ) -> Result<Result<(), String>, AppError> {
        if asked.cells.len() != self.width {
            return Ok(Err(wrong_width(asked.cells.len(), self.width)));
        }
        // The watch over the file saw text throughout, so nothing is lost here.
        let text = std::str::from_utf8(asked.bytes).unwrap_or_default();
        let mut cells: Cells<'_> = [""; WIDTH];
        for (cell, place) in cells.iter_mut().zip(&self.places) {
            let within = place.and_then(|place| asked.cells.get(place));
            *cell = within.and_then(|within| text.get(within.clone())).unwrap_or_default();
        }
        Ok(answers.answer(cells, rows)?.map_err(|why| why.to_string()))
    }

    /// The question as it was asked; bytes that are no text are replaced.
    fn repeat(&self, asked: &Asked<'_>, rows: &mut Vec<u8>) {
        if asked.is_line && asked.cells.len() == self.width {
            return rows.extend_from_slice(asked.bytes);
        }
        // Looked through once for all cells: most need no quotes.
        let plain = asked.flaw.is_none() && !needs_quotes(asked.bytes);
        for place in 0..self.width {
            if place > 0 {
                rows.push(b',');
            }
            let within = asked.cells.get(place);
            let cell = within.and_then(|within| asked.bytes.get(within.clone()));
            let cell = cell.unwrap_or_default();
            match plain {
                true => rows.extend_from_slice(cell),
                false => push_quoted(rows, String::from_utf8_lossy(cell).as_bytes()),
            }
        }
    }

    /// Leaves a piece to be written after those before it, by whoever writes now or else by this thread.
    /// Says whether to go on.
    fn hand_in(&self, number: u64, done: Done) -> bool {
        let mut writing = held(&self.writing);
        while writing.is_full() && number != writing.pieces {
            writing = self.written.wait(writing).unwrap_or_else(PoisonError::into_inner);
        }
        writing.waiting.insert(number, done);
        while let Some((output, done)) = writing.next() {
            drop(writing);
            let written = done.and_then(|(answers, summary)| {
                output.write_all(&answers)?;
                Ok((answers, summary))
            });
            writing = held(&self.writing);
            writing.output = Some(output);
            writing.count(written);
            self.written.notify_all();
        }
        writing.failure.is_none()
    }
}

impl<'o> Writing<'o> {
    fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING && self.failure.is_none()
    }

    /// What to write next and where to; none while another writes, and after a failure.
    fn next(&mut self) -> Option<(&'o mut (dyn Write + Send), Done)> {
        if self.output.is_none() || self.failure.is_some() {
            return None;
        }
        let done = self.waiting.remove(&self.pieces)?;
        Some((self.output.take()?, done))
    }

    fn count(&mut self, written: Done) {
        match written {
            Ok((answers, summary)) => {
                self.pieces += 1;
                self.free.push(answers);
                self.summary.questions += summary.questions;
                self.summary.unanswered += summary.unanswered;
            }
            Err(error) => self.failure = Some(error),
        }
    }
}
