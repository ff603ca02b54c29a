//! Progress on stderr: a bar on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::app::import::Progress;

/// Between two plain lines; what is done sooner says nothing.
const PACE: Duration = Duration::from_secs(2);

/// Shows how far a long command is.
pub struct Shown {
    terminal: bool,
    bar: Option<ProgressBar>,
    what: &'static str,
    total: u64,
    last: Instant,
}

impl Shown {
    pub fn on_stderr() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            bar: None,
            what: "",
            total: 0,
            last: Instant::now(),
        }
    }
}

impl Progress for Shown {
    fn begin(&mut self, what: &'static str, total: u64) {
        (self.what, self.total, self.last) = (what, total, Instant::now());
        if self.terminal {
            let bar = ProgressBar::new(total).with_message(what);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}");
            self.bar = Some(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        }
    }

    fn reach(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        } else if self.last.elapsed() >= PACE && self.total > 0 {
            self.last = Instant::now();
            eprintln!("{}: {} %", self.what, done.saturating_mul(100) / self.total);
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
