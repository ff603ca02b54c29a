//! A million questions about return windows in one file, beside a bare read and write of the same file:
//! every record read by the `csv` crate and written back as it came. Ours writes the record and eight
//! columns more, on two threads; the processor's time of both is told too. And what it costs to add five
//! business days and five thousand.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use homeward::app::explain::{Desk, Kind, batch};
use homeward::domain::calendar::Calendars;

use super::measure::{Table, Wanted, in_turns, median, seconds};

const QUESTIONS: u64 = 1_000_000;
const ROUNDS: usize = 5;
const PLACES: [(&str, &str, &str); 8] = [
    ("US", "America/New_York", "-05:00"),
    ("US", "America/Los_Angeles", "-08:00"),
    ("NL", "Europe/Amsterdam", "+01:00"),
    ("MX", "America/Monterrey", "-06:00"),
    ("CN", "Asia/Shanghai", "+08:00"),
    ("SA", "Asia/Riyadh", "+03:00"),
    ("DE-BY", "Europe/Berlin", "+01:00"),
    ("IN", "Asia/Kolkata", "+05:30"),
];

pub fn run(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let questions = folder.path().join("questions.csv");
    write_questions(&questions);
    let (answers, copy) = (folder.path().join("answers.csv"), folder.path().join("copy.csv"));
    let desk = Desk::without_database("none is needed");
    let (mut our_time, mut bare_time) = (Vec::new(), Vec::new());
    let mut peak = 0.0_f64;
    let (ours, limit) = in_turns(
        ROUNDS,
        || timed(&mut our_time, &answers, || answer(&desk, &questions, &answers)),
        || timed(&mut bare_time, &copy, || bare(&questions, &copy)),
    );
    peak = peak.max(memory_of_a_run(&questions, &answers));
    let name =
        format!("{QUESTIONS} return windows explained, beside a bare read and write by `csv`");
    table.line(&name, "rows/s", ours, limit, Wanted::AtLeast(0.5));
    let processor = "the same by the processor's time of all threads";
    table.line(processor, "s", median(our_time), median(bare_time), Wanted::AtMost(4.0));
    table.line("its memory at the most, whole process", "MiB", peak, 64.0, Wanted::AtMost(1.0));
    let size = |path: &Path| std::fs::metadata(path).expect("a file").len() as f64 / 1e6;
    table.note(format!(
        "the questions are {:.0} MB, the answers {:.0} MB, the bare copy {:.0} MB",
        size(&questions),
        size(&answers),
        size(&copy)
    ));
    add_business_days(table);
}

fn write_questions(path: &Path) {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    writeln!(out, "kind,anchor,at,calendar,zone,programme").expect("writing");
    let first: DateTime<Utc> = "2024-01-01T00:00:00Z".parse().expect("an instant");
    for n in 0..QUESTIONS {
        // Spread over three years and all hours, so that neighbours share nothing.
        let at = first + TimeDelta::minutes((n.wrapping_mul(7919) % (3 * 365 * 1440)) as i64);
        let (calendar, zone, offset) = PLACES[(n % 8) as usize];
        let (kind, anchor) = match n % 5 {
            0 => ("return_to_factory", "issued"),
            1 => ("advance_replacement", "shipped"),
            _ => ("advance_replacement", "delivered"),
        };
        let at = at.format("%Y-%m-%dT%H:%M:%S");
        writeln!(out, "{kind},{anchor},{at}{offset},{calendar},{zone},").expect("writing");
    }
    out.flush().expect("writing");
}

fn answer(desk: &Desk, questions: &Path, answers: &Path) {
    let input = Box::new(File::open(questions).expect("the questions"));
    let mut output = BufWriter::with_capacity(1 << 16, File::create(answers).expect("a file"));
    let summary = batch::run(desk, Kind::ReturnWindow, ("questions.csv", input), &mut output);
    output.flush().expect("writing");
    let summary = summary.expect("answers");
    assert_eq!((summary.questions, summary.unanswered), (QUESTIONS, 0));
}

fn bare(questions: &Path, copy: &Path) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(1 << 16)
        .from_path(questions)
        .expect("the questions");
    let mut writer =
        csv::WriterBuilder::new().buffer_capacity(1 << 16).from_path(copy).expect("a file");
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).expect("a record") {
        writer.write_byte_record(&record).expect("writing");
    }
    writer.flush().expect("writing");
}

/// Rows a second by the clock on the wall; the processor's seconds go to `processor`. `out` is made anew:
/// to throw away what the round before wrote is no part of it.
fn timed(processor: &mut Vec<f64>, out: &Path, run: impl FnOnce()) -> f64 {
    let _ = std::fs::remove_file(out);
    let (began, before) = (Instant::now(), processor_seconds());
    run();
    processor.push(processor_seconds() - before);
    QUESTIONS as f64 / began.elapsed().as_secs_f64()
}

/// User and system time of this process so far; a hundredth of a second is the kernel's tick.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(") ").next().unwrap_or_default();
    let ticks = |at: usize| -> f64 {
        after_name.split(' ').nth(at).and_then(|field| field.parse().ok()).unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory the program itself has while it answers, in MiB.
fn memory_of_a_run(questions: &Path, answers: &Path) -> f64 {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_homeward"))
        .args(["explain", "return-window", "--batch"])
        .arg(questions)
        .arg("--out")
        .arg(answers)
        .env("HOMEWARD_DATABASE_URL", format!("sqlite://{}.db", answers.display()))
        .spawn()
        .expect("homeward");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().expect("waiting").is_none() {
        // The kernel keeps the most itself; it is only read now and then.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: Option<f64> = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    peak
}

fn add_business_days(table: &mut Table) {
    const COUNTS: u32 = 2_000_000;
    let calendar = Calendars::builtin().get(&"US".parse().expect("a code")).expect("a calendar");
    let first: NaiveDate = "2011-01-03".parse().expect("a date");
    let nanoseconds = |n: u32| {
        let took = seconds(|| {
            for at in 0..COUNTS {
                let from = first + Days::new(u64::from(at % 900));
                black_box(
                    calendar.add_business_days(black_box(from), black_box(n)).expect("a day"),
                );
            }
        });
        took * 1e9 / f64::from(COUNTS)
    };
    let (far, near) = in_turns(9, || nanoseconds(5_000), || nanoseconds(5));
    let name = "adding 5,000 business days, beside adding 5";
    table.line(name, "ns", far, near, Wanted::AtMost(1.2));
}
