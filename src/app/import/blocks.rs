//! Whole lines of a CSV file, handed out as they stand for as long as that is all a CSV reader would see in
//! them: ASCII without quotes, CR and zero bytes, where a line is a record and a comma ends a cell. From the
//! first block on that is not, the reader has the rest.

use std::io::{self, Read};

use super::watch::is_plain;

/// How much is looked at together.
const BLOCK: usize = 1 << 16;

/// What follows a file's first line, in blocks or by the reader.
#[derive(Debug)]
pub(super) struct Blocks<R> {
    inner: R,
    /// What was read ahead, from `at` on.
    ahead: Vec<u8>,
    at: usize,
    /// There is no more to read.
    ended: bool,
    /// The reader is given one line and no more at a time, so that what follows the first is not its own.
    by_line: bool,
}

impl<R: Read> Blocks<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, ahead: Vec::new(), at: 0, ended: false, by_line: true }
    }

    /// The first line is read: the reader may be given as much as it asks for.
    pub fn pass_on(&mut self) {
        self.by_line = false;
    }

    /// Reads ahead until a block is full or there is no more; the end is not asked for twice, for somebody at
    /// a keyboard would have to give it twice.
    fn fill(&mut self) -> io::Result<()> {
        let room = BLOCK.saturating_sub(self.ahead.len());
        if !self.ended && room > 0 {
            let read = self.inner.by_ref().take(room as u64).read_to_end(&mut self.ahead)?;
            self.ended = read < room;
        }
        Ok(())
    }

    /// Puts the next whole lines into `lines`. `false`: what follows is for the reader, or there is no more.
    pub fn lines(&mut self, lines: &mut Vec<u8>) -> io::Result<bool> {
        lines.clear();
        self.ahead.drain(..self.at);
        self.at = 0;
        self.fill()?;
        if !is_plain(&self.ahead) {
            return Ok(false);
        }
        let Some(end) = memchr::memrchr(b'\n', &self.ahead) else { return Ok(false) };
        self.at = end + 1;
        lines.extend_from_slice(&self.ahead[..self.at]);
        Ok(true)
    }
}

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ahead.len() {
            if !self.by_line && !self.ended {
                return self.inner.read(buffer);
            }
            self.ahead.clear();
            self.at = 0;
            self.fill()?;
        }
        let rest = &self.ahead[self.at..];
        let mut count = rest.len().min(buffer.len());
        if self.by_line
            && let Some(end) = memchr::memchr(b'\n', &rest[..count])
        {
            count = end + 1;
        }
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The file again, from its lines and what is left to the reader, and how much of it were lines.
    fn put_together(file: &[u8]) -> (Vec<u8>, usize) {
        let mut blocks = Blocks::new(file);
        blocks.pass_on();
        let (mut all, mut lines) = (Vec::new(), Vec::new());
        while blocks.lines(&mut lines).expect("bytes") {
            assert!(lines.ends_with(b"\n") && is_plain(&lines), "{lines:?}");
            all.extend_from_slice(&lines);
        }
        let plain = all.len();
        blocks.read_to_end(&mut all).expect("bytes");
        (all, plain)
    }

    #[test]
    fn plain_lines_are_given_whole_and_what_is_left_goes_to_the_reader() {
        let line = b"advance_replacement,delivered,US\n";
        let plain = line.repeat(3 * BLOCK / line.len());
        assert_eq!(put_together(&plain), (plain.clone(), plain.len()));
        let unended = [&plain[..], b"the last"].concat();
        assert_eq!(put_together(&unended), (unended.clone(), plain.len()));
        for odd in ["a \"quote\"\n", "a,b\r\n", "naïve\n", "zero\0\n"] {
            let file = [&plain[..], odd.as_bytes(), &plain[..]].concat();
            let (again, lines) = put_together(&file);
            assert!(
                again == file && lines <= plain.len() && lines + BLOCK > plain.len(),
                "{odd:?}"
            );
        }
        let endless = vec![b'x'; 3 * BLOCK];
        assert_eq!(put_together(&endless), (endless.clone(), 0));
    }

    #[test]
    fn the_first_line_is_read_without_what_follows() {
        let file = b"a,b\n1,2\n3,4\n";
        let mut blocks = Blocks::new(&file[..]);
        let mut buffer = [0; 64];
        assert_eq!(blocks.read(&mut buffer).expect("a line"), 4);
        let mut lines = Vec::new();
        assert!(blocks.lines(&mut lines).expect("lines"));
        assert_eq!(lines, b"1,2\n3,4\n");
        // What was read ahead with the first line is looked at like the rest.
        let mut blocks = Blocks::new(&b"a,b\n\"1\",2\n"[..]);
        assert_eq!(blocks.read(&mut buffer).expect("a line"), 4);
        assert!(!blocks.lines(&mut lines).expect("none"));
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_or_moved(
            pieces in prop::collection::vec(prop::sample::select(vec!["a,b\n", "\n", "\"", "é", "\r\n", "x"]), 0..60)
        ) {
            let file = pieces.concat().into_bytes();
            prop_assert_eq!(put_together(&file).0, file);
        }
    }
}
