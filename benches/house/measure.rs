//! Taking two measures in turns, and the table they are printed in.

use std::time::Instant;

/// The printed table; its lines can be pasted into a page of Markdown.
#[derive(Default)]
pub struct Table {
    begun: bool,
    notes: Vec<String>,
}

/// What is wanted of ours beside the limit.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// Ours over the limit's, at the least: rates.
    AtLeast(f64),
    /// Ours over the limit's, at the most: durations.
    AtMost(f64),
    /// A figure without a limit.
    Nothing,
}

impl Table {
    /// Prints a line: `ours` and `limit` in `unit`.
    pub fn line(&mut self, name: &str, unit: &str, ours: f64, limit: f64, wanted: Wanted) {
        self.begin();
        let ratio = ours / limit;
        let (wanted, kept) = match wanted {
            Wanted::AtLeast(least) => (format!("≥ {least}"), ratio >= least),
            Wanted::AtMost(most) => (format!("≤ {most}"), ratio <= most),
            Wanted::Nothing => {
                println!("| {name} | {} {unit} | | | | |", number(ours));
                return;
            }
        };
        println!(
            "| {name} | {} {unit} | {} {unit} | {ratio:.2} | {wanted} | {} |",
            number(ours),
            number(limit),
            if kept { "ok" } else { "miss" }
        );
    }

    /// A figure that stands alone.
    pub fn figure(&mut self, name: &str, unit: &str, ours: f64) {
        self.line(name, unit, ours, f64::NAN, Wanted::Nothing);
    }

    /// What has to be said beside the table; printed at its end.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Says aloud that a measurement was not taken, and how to have it.
    pub fn aside(&mut self, what: &str, how: &str) {
        let require = std::env::var("HOMEWARD_REQUIRE_ALL").is_ok_and(|v| v == "1");
        assert!(!require, "{what} was not measured and HOMEWARD_REQUIRE_ALL=1: {how}");
        eprintln!("SKIPPED {what}: {how}");
    }

    pub fn notes(&mut self) {
        println!();
        for note in self.notes.drain(..) {
            println!("- {note}");
        }
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            println!("| what | ours | limit | ratio | wanted | |");
            println!("|---|---:|---:|---:|---:|---|");
        }
    }
}

/// With as many digits as tell something, and commas between thousands.
fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Runs both in turns, `rounds` times, and gives the median of each.
pub fn in_turns(
    rounds: usize,
    mut ours: impl FnMut() -> f64,
    mut limit: impl FnMut() -> f64,
) -> (f64, f64) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Who goes first finds the caches as the other left them: that too in turns.
        if round % 2 == 0 {
            a.push(ours());
            b.push(limit());
        } else {
            b.push(limit());
            a.push(ours());
        }
    }
    (median(a), median(b))
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Seconds `f` takes.
pub fn seconds(f: impl FnOnce()) -> f64 {
    let began = Instant::now();
    f();
    began.elapsed().as_secs_f64()
}
