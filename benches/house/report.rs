//! The non-return report of a million owed units, the whole process, beside the database's own CSV
//! export of the same columns (without the business days late, which it cannot count): its speed, in
//! 64 MiB.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::databases::{Bed, has};
use super::fill::{Copies, fill, template};
use super::measure::{Table, Wanted, in_turns, seconds};
use super::postgres::Server;

const ROWS: i64 = 1_000_000;
const ROUNDS: usize = 5;
/// What is owed today is asked for, and what was known at the end of this day.
const PAST_DAY: &str = "2026-11-17";
/// A day before which all windows had ended.
const TODAY: &str = "2026-11-18";
const NOW: &str = "SELECT r.number, CASE WHEN r.is_open THEN 'Open' ELSE 'Closed' END, r.account, \
    r.bill_to, r.site, r.country, r.case_number, r.serial_number, r.part_number, r.issued_on, \
    r.delivered_on, r.anchor, r.due_on, r.due_rule, r.due_calendar, r.exposure, r.list_price_minor, \
    r.currency, r.charged_minor - r.credited_minor, r.reminders_sent, r.last_event_at";
const THEN: &str = "SELECT r.number, p.status, r.account, \
    r.bill_to, r.site, r.country, r.case_number, r.serial_number, r.part_number, p.issued_on, \
    p.delivered_on, p.anchor, p.due_on, p.rule, p.calendar, p.exposure, r.list_price_minor, \
    r.currency, p.charged_minor, p.reminders_sent, p.last_event_at";

/// The database's own query for the same rows; of a past day with the key to put them in order.
fn query(past_day: bool) -> String {
    if !past_day {
        return format!("{NOW} FROM rmas r WHERE r.is_owed AND r.due_on < '{TODAY}' ORDER BY r.id");
    }
    let end = "2026-11-18 00:00:00";
    format!(
        "{NOW}, r.id FROM rmas r WHERE r.is_owed AND r.due_on < '{PAST_DAY}' \
         AND r.last_event_at < '{end}' UNION ALL {THEN}, p.rma_id FROM owed_positions p \
         JOIN rmas r ON r.id = p.rma_id WHERE p.due_on < '{PAST_DAY}' \
         AND p.recorded_from < '{end}' AND p.recorded_to >= '{end}' ORDER BY 22"
    )
}
const MEBIBYTE: f64 = 1024.0;

pub fn run(table: &mut Table) {
    if !has("sqlite3", "--version") {
        return table.aside("report", "apt-get install sqlite3");
    }
    for make in Bed::both(table, "report") {
        let bed = make();
        let app = bed.app();
        template(&app);
        let copies = Copies {
            first: 2,
            step: 1,
            count: ROWS,
            all_events: false,
            overdue: true,
            quiet_days: 0,
        };
        fill(&app, copies);
        drop(app);
        bed.settle();
        measure(table, &bed, false);
        measure(table, &bed, true);
    }
}

fn measure(table: &mut Table, bed: &Bed, past_day: bool) {
    let mut peak = 0.0_f64;
    let query = query(past_day);
    // Today is the machine's own day: all windows have ended by then.
    let day = past_day.then_some(PAST_DAY);
    let (ours, limit) = in_turns(
        ROUNDS,
        || ROWS as f64 / seconds(|| peak = peak.max(ours(bed, day))),
        || ROWS as f64 / seconds(|| limit(bed, &query)),
    );
    let which = if past_day { "of a past day" } else { "as of today" };
    let name = format!("non-return report {which}, {ROWS} rows, {}", bed.kind);
    table.line(&name, "rows/s", ours, limit, Wanted::AtLeast(1.0));
    let name = format!("its memory at the most, {}", bed.kind);
    table.line(&name, "MiB", peak / MEBIBYTE, 64.0, Wanted::AtMost(1.0));
}

/// The report; the most memory the process had, in KiB.
fn ours(bed: &Bed, day: Option<&str>) -> f64 {
    let out = bed.folder().join("ours.csv");
    let mut command = bed.homeward();
    command.args(["report", "run", "non-returns", "--out"]).arg(&out);
    if let Some(day) = day {
        command.args(["--as-of", day]);
    }
    let mut child = command.stderr(Stdio::piped()).spawn().expect("homeward");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    let began = Instant::now();
    while child.try_wait().expect("waiting").is_none() {
        // The kernel keeps the most itself; it is only read now and then.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed() < Duration::from_secs(300), "the report does not end");
    }
    let run = child.wait_with_output().expect("homeward");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    // The template itself was delivered after the past day's windows.
    assert!(said.contains(&format!("{ROWS} rows")), "{said}");
    peak
}

fn limit(bed: &Bed, query: &str) {
    let out = bed.folder().join("limit.csv");
    let run = if bed.is_sqlite() {
        Command::new("sqlite3")
            .args(["-csv", "-header", "-cmd", "PRAGMA cache_size = -16000"])
            .arg(bed.file())
            .arg(query)
            .stdout(File::create(&out).expect("a file"))
            .output()
            .expect("sqlite3")
    } else {
        let copy = format!("\\copy ({query}) to '{}' (format csv, header)", out.display());
        Server::get()
            .expect("the server is there")
            .psql(bed.name())
            .args(["-c", &copy])
            .output()
            .expect("psql")
    };
    assert!(run.status.success(), "{run:?}");
}
